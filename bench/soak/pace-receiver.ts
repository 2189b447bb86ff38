/**
 * A receiver that notes when how many items came, by its own clock, in a process of its own. It is told to begin anew, and to tell.
 */
import { countItems } from "../../otlp/message/count.ts";
import { startGrpcServer } from "../../otlp/server/grpc/server.ts";
import type { ExportRequest } from "../../otlp/server/handler.ts";
import { startHttpServer } from "../../otlp/server/http/server.ts";

/** Its first message. */
export interface PaceReceiverPorts {
  grpc: string;
  "http/protobuf": string;
}

/** Its answer to `tell`: moments in ms since the Unix epoch, with fractions, and the items of the request that came then. */
export interface Arrivals {
  atMs: number[];
  items: number[];
}

const arrivals: Arrivals = { atMs: [], items: [] };

const options = {
  host: "127.0.0.1",
  port: 0,
  handle({ signal, body }: ExportRequest) {
    arrivals.atMs.push(performance.timeOrigin + performance.now());
    arrivals.items.push(countItems(signal, body));
    return { kind: "accepted" } as const;
  },
  onFault(fault: unknown) {
    throw fault;
  },
};

const [grpc, http] = await Promise.all([startGrpcServer(options), startHttpServer(options)]);
process.on("message", (order: "begin" | "tell") => {
  if (order === "tell") process.send!(arrivals);
  else {
    arrivals.atMs.length = 0;
    arrivals.items.length = 0;
    process.send!("begun");
  }
});
process.on("disconnect", () => process.exit());
process.send!({ grpc: grpc.address, "http/protobuf": http.address } satisfies PaceReceiverPorts);
