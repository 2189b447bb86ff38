import { once } from "node:events";
import { readFileSync, rmSync } from "node:fs";
import net, { type AddressInfo, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import tls from "node:tls";
import { afterAll, expect, test } from "vitest";
import type { Answer } from "../../answer.ts";
import { parseEndpoint } from "../../endpoint.ts";
import { makeCertificates } from "../../test-certificates.ts";
import { readTlsFiles } from "../../tls.ts";
import { openGrpcTransport } from "./grpc-transport.ts";

const made = makeCertificates();
afterAll(() => rmSync(made.directory, { recursive: true }));

const EMPTY_SETTINGS = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
/** Every stream is answered still; NO_ERROR. */
const GOAWAY = Buffer.from([0, 0, 8, 7, 0, 0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0]);
/** A frame longer than any may be. */
const GARBAGE = Buffer.alloc(64, 0xff);
/** Longer than any test may take: who waits for it fails. */
const DEADLINE_MS = 300_000;
const AGE_MS = 200;

test.for([
  { why: "a GOAWAY of the target", scheme: "http", last: GARBAGE, message: /keep to HTTP\/2/ },
  { why: "a GOAWAY of the target", scheme: "https", last: GARBAGE, message: /keep to HTTP\/2/ },
  { why: "a GOAWAY of the target", scheme: "http", last: Buffer.alloc(0), message: /was closed/ },
  { why: "the end of its age", scheme: "http", last: GARBAGE, message: /keep to HTTP\/2/ },
  { why: "the end of its age", scheme: "https", last: GARBAGE, message: /keep to HTTP\/2/ },
])(
  "after $why, a connection over $scheme that gets $last.length bytes and is closed answers its call at once",
  async ({ why, scheme, last, message }) => {
    const isAged = why === "the end of its age";
    const serve = (socket: Socket): void => {
      socket.on("error", () => undefined);
      socket.write(EMPTY_SETTINGS);
      socket.once("data", async () => {
        if (!isAged) socket.write(GOAWAY);
        await sleep(2 * AGE_MS);
        socket.end(last);
      });
    };
    const secrets = { cert: readFileSync(made.serverCert), key: readFileSync(made.serverKey) };
    const server =
      scheme === "http"
        ? net.createServer(serve)
        : tls.createServer({ ...secrets, ALPNProtocols: ["h2"] }, serve);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const transport = openGrpcTransport({
      endpoint: parseEndpoint(`${scheme}://127.0.0.1:${port}`, { protocol: "grpc" }),
      protocol: "grpc",
      timeoutMs: DEADLINE_MS,
      tls: readTlsFiles({ ca: made.ca }),
      maxConnectionAgeMs: isAged ? AGE_MS : 0,
    });
    const answer = await new Promise<Answer>((resolve) =>
      transport.send("traces", Buffer.from("hello"), resolve),
    );
    expect(answer).toMatchObject({ kind: "lost", sent: true, code: "connection_lost" });
    expect(answer).toHaveProperty("message", expect.stringMatching(message));
    await transport.close();
    server.close();
  },
);
