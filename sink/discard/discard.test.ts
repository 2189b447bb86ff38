import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Answer } from "../../otlp/answer.ts";
import { openTransport } from "../../otlp/client/transport.ts";
import { parseEndpoint } from "../../otlp/endpoint.ts";
import { encodeTemplateRequest } from "../../otlp/message/encode.ts";
import { COMPRESSIONS, PROTOCOLS } from "../../otlp/protocol.ts";
import { discardGrpc } from "./discard-grpc.ts";
import { discardHttp } from "./discard-http.ts";
import { type Read, readEvents, readInto } from "./read-into.ts";
import { Tally } from "./tally.ts";

async function serve(
  discard: (socket: Socket, tally: Tally, read: Read) => void,
  read: Read = readInto,
): Promise<{ port: number; tally: Tally }> {
  const tally = new Tally();
  const sockets = new Set<Socket>();
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    discard(socket, tally, (accepted, onBytes) => {
      const taken = read(accepted, onBytes);
      sockets.add(taken);
      return taken;
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: (server.address() as { port: number }).port, tally };
}

/** A request of so many spans. */
function body(spans: number): Buffer {
  const span = { name: "a".repeat(300), traceId: Buffer.alloc(16, 1), spanId: Buffer.alloc(8, 1) };
  return Buffer.from(
    encodeTemplateRequest("traces", {
      resourceSpans: [{ scopeSpans: [{ spans: Array.from({ length: spans }, () => span) }] }],
    } as Parameters<typeof encodeTemplateRequest>[1]),
  );
}

const CASES = PROTOCOLS.flatMap((protocol) =>
  [readInto, readEvents].map((read) => ({ protocol, read, way: read.name })),
);

describe.for(CASES)("a discarding receiver of $protocol, by $way", ({ protocol, read }) => {
  test.for(COMPRESSIONS)("accepts and counts everything, compressed by %s", async (compression) => {
    const { port, tally } = await serve(protocol === "grpc" ? discardGrpc : discardHttp, read);
    tally.begin("traces");
    const endpoint = parseEndpoint(`http://127.0.0.1:${port}`, { protocol });
    const transport = await openTransport({ endpoint, protocol, compression });
    const sizes = Array.from({ length: 40 }, (_, i) => 1 + i * 37);
    const answers = await Promise.all(
      sizes.map((spans) => new Promise<Answer>((resolve) => transport.send("traces", body(spans), resolve))),
    );
    await transport.close();
    expect(new Set(answers.map(({ kind }) => kind))).toEqual(new Set(["accepted"]));
    expect(tally).toMatchObject({ requests: 40, items: sizes.reduce((a, b) => a + b) });
    const onTheWire = answers.reduce((sum, { wireBytes }) => sum + wireBytes, 0);
    expect(tally.bodyBytes).toBe(onTheWire);
  });
});

describe("a discarding receiver of HTTP/1.1", () => {
  const packed = gzipSync(body(3));
  const head = "POST /v1/traces HTTP/1.1\r\nhost: a\r\n";
  const chunks = (step: number): Buffer[] => {
    const pieces: Buffer[] = [];
    for (let at = 0; at < packed.length; at += step) {
      const piece = packed.subarray(at, at + step);
      pieces.push(Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from("\r\n"));
    }
    return pieces;
  };
  const requests = Buffer.concat([
    Buffer.from(`${head}Content-Length: ${packed.length}\r\n\r\n`),
    packed,
    Buffer.from(`${head}Transfer-Encoding: chunked\r\n\r\n`),
    ...chunks(17),
    Buffer.from("0\r\n\r\n"),
    Buffer.from(`${head}content-length: 0\r\n\r\n`),
    Buffer.from(`${head}transfer-encoding: chunked\r\n\r\n`),
    ...chunks(50),
    Buffer.from("0\r\n\r\n"),
  ]);

  test.for([1, 2, 3, 7, 64, 100_000])("reads requests that come in pieces of %i bytes", async (step) => {
    const { port, tally } = await serve(discardHttp);
    tally.begin("traces");
    const socket = connect(port, "127.0.0.1");
    let answers = "";
    socket.setNoDelay(true).setEncoding("latin1");
    socket.on("data", (text: string) => {
      answers += text;
    });
    for (let at = 0; at < requests.length; at += step) {
      await new Promise((resolve) => socket.write(requests.subarray(at, at + step), resolve));
    }
    await expect.poll(() => answers.match(/200 OK/g)?.length).toBe(4);
    socket.destroy();
    expect(tally).toMatchObject({ requests: 4, items: 9, bodyBytes: packed.length * 3 });
  });
});
