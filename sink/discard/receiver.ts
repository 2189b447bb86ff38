/**
 * A receiver that reads requests and throws them away, as fast as Node can: what is measured is who sends.
 *
 * Runs as a child process (sink/discard/start-receiver.ts). Arguments: certificate and key, then it listens with TLS too.
 * Ends when the parent disconnects.
 */
import { readFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import type { Signal } from "../../otlp/signal.ts";
import { discardGrpc } from "./discard-grpc.ts";
import { discardHttp } from "./discard-http.ts";
import { readEvents } from "./read-into.ts";
import { Tally } from "./tally.ts";

/** First message to the parent. */
export interface ReceiverPorts {
  http: number;
  grpc: number;
  /** With TLS; 0 without a certificate. */
  https: number;
  grpcs: number;
}

/** From the parent: begin to count anew, or tell what was counted. */
export type ReceiverOrder = { begin: { counted?: Signal } } | { tell: true };

/** Since the last `begin`. */
export interface Received {
  requests: number;
  bodyBytes: number;
  /** 0 unless they were to be counted. */
  items: number;
  cpuSeconds: number;
}

const tally = new Tally();
const [certFile, keyFile] = process.argv.slice(2);
const tls =
  certFile !== undefined && keyFile !== undefined
    ? { cert: readFileSync(certFile), key: readFileSync(keyFile) }
    : undefined;
/** See readInto. */
const PAUSED = { pauseOnConnect: true };

let before = process.cpuUsage();
process.on("disconnect", () => process.exit());
process.on("message", (order: ReceiverOrder) => {
  if ("begin" in order) {
    tally.begin(order.begin.counted);
    before = process.cpuUsage();
    process.send!("begun");
    return;
  }
  const { user, system } = process.cpuUsage(before);
  const { requests, bodyBytes, items } = tally;
  process.send!({ requests, bodyBytes, items, cpuSeconds: (user + system) / 1e6 } satisfies Received);
});
void openPorts().then((ports) => process.send!(ports));

/** A function, for what the image runs is CommonJS, where nothing else may wait. */
async function openPorts(): Promise<ReceiverPorts> {
  return {
    http: await listen(createServer(PAUSED, (socket) => discardHttp(socket, tally))),
    grpc: await listen(createServer(PAUSED, (socket) => discardGrpc(socket, tally))),
    https: tls ? await listen(createTlsServer(tls, (socket) => discardHttp(socket, tally, readEvents))) : 0,
    grpcs: tls
      ? await listen(
          createTlsServer({ ...tls, ALPNProtocols: ["h2"] }, (socket) =>
            discardGrpc(socket, tally, readEvents),
          ),
        )
      : 0,
  };
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}
