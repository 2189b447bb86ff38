/** A plain host name that stands for an IPv6 address and an IPv4 one, of which one alone is listened on. */
import dns from "node:dns";
import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import type { Answer } from "../answer.ts";
import { parseEndpoint } from "../endpoint.ts";
import { PROTOCOLS } from "../protocol.ts";
import { startGrpcServer } from "../server/grpc/server.ts";
import { startHttpServer } from "../server/http/server.ts";
import { openTransport } from "./transport.ts";
import { waitForTarget } from "./wait-for-target.ts";

afterEach(async () => {
  vi.restoreAllMocks();
});

describe.for(PROTOCOLS)("over %s, a name with addresses of two families", (protocol) => {
  test.for(["127.0.0.1", "::1"])("is reached where only %s is listened on", async (host) => {
    // What the system's resolver says on machines whose hosts file has localhost twice.
    vi.spyOn(dns, "lookup").mockImplementation(((_name: string, _options: unknown, callback: Found) => {
      callback(null, [
        { address: "::1", family: 6 },
        { address: "127.0.0.1", family: 4 },
      ]);
    }) as never);
    const start = protocol === "grpc" ? startGrpcServer : startHttpServer;
    const server = await start({
      host,
      port: 0,
      handle: () => ({ kind: "accepted" }),
      onFault: (fault) => {
        throw fault;
      },
    });
    onTestFinished(() => server.close(0));
    const port = server.address.slice(server.address.lastIndexOf(":") + 1);
    const endpoint = parseEndpoint(`http://two-families.test:${port}`, { protocol });
    const transport = await openTransport({ endpoint, protocol });
    onTestFinished(() => transport.close());
    const answer = await new Promise<Answer>((resolve) =>
      transport.send("traces", Buffer.from("hello"), resolve),
    );
    expect(answer).toMatchObject({ kind: "accepted", address: server.address });
    const waited = await waitForTarget({ endpoints: [endpoint], protocol }, { timeoutMs: 1000 });
    expect(waited).toMatchObject({ reached: true, address: server.address });
  });
});

type Found = (error: null, addresses: { address: string; family: number }[]) => void;
