/**
 * A receiver that reads requests and throws them away, as fast as Node can: what is measured is the sender.
 *
 * Runs as a child process (fork) and sends its two ports to the parent: {http, grpc}. Ends when the parent disconnects.
 * HTTP/1.1 is read on bare sockets: header up to the blank line, content-length bytes skipped, a fixed answer.
 */
import { createServer as createHttp2Server, type ServerHttp2Stream } from "node:http2";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";

/** What the receiver tells its parent. */
export interface ReceiverPorts {
  http: number;
  grpc: number;
}

const OK = Buffer.from("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
/** HTTP/2's default of 64 kB would measure round trips; the Collector's Go server grows its windows too. */
const WINDOW_BYTES = 16 * 1024 * 1024;

/** Answer every request on a connection; bodies are counted, never kept. */
function discardHttp(socket: Socket): void {
  let bodyLeft = 0;
  let head = "";
  socket.on("error", () => undefined);
  socket.on("data", (chunk: Buffer) => {
    let at = 0;
    while (at < chunk.length) {
      if (bodyLeft === 0) {
        head += chunk.toString("latin1", at, Math.min(chunk.length, at + 2048));
        const end = head.indexOf("\r\n\r\n");
        if (end < 0) return;
        const headBefore = head.length - Math.min(chunk.length - at, 2048);
        at += end + 4 - headBefore;
        bodyLeft = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
        head = "";
      }
      const taken = Math.min(bodyLeft, chunk.length - at);
      bodyLeft -= taken;
      at += taken;
      if (bodyLeft === 0) socket.write(OK);
    }
  });
}

function discardGrpc(stream: ServerHttp2Stream): void {
  stream.on("error", () => undefined);
  stream.on("data", () => undefined);
  stream.on("end", () => {
    stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
    stream.end(Buffer.alloc(5));
  });
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}

const grpcServer = createHttp2Server({
  settings: { initialWindowSize: WINDOW_BYTES, maxFrameSize: 1024 * 1024 },
});
grpcServer.on("session", (session) => session.setLocalWindowSize(WINDOW_BYTES));
grpcServer.on("stream", (stream: ServerHttp2Stream) => discardGrpc(stream));
const httpServer = createServer({ highWaterMark: 1024 * 1024 }, discardHttp);

const ports: ReceiverPorts = {
  http: await listen(httpServer),
  grpc: await listen(grpcServer as unknown as Server),
};
process.on("disconnect", () => process.exit());
process.send?.(ports);
