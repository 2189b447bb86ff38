/** Who holds a server without need, over either protocol. Limits are short, and nothing is said of how soon they are kept. */
import { once } from "node:events";
import http from "node:http";
import http2 from "node:http2";
import { connect, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { GRPC_PATHS, HTTP_PATHS } from "../signal.ts";
import { frameMessage } from "./grpc/message.ts";
import { startGrpcServer } from "./grpc/server.ts";
import { startHttpServer } from "./http/server.ts";
import type { ServerLimits } from "./limits.ts";

const LONG_MS = 600_000;
const NO_LIMITS: ServerLimits = { connections: 100, headMs: LONG_MS, requestMs: LONG_MS, idleMs: LONG_MS };
const STARTERS = [
  { protocol: "HTTP", start: startHttpServer },
  { protocol: "gRPC", start: startGrpcServer },
];
const HEAD = `POST ${HTTP_PATHS.traces} HTTP/1.1\r\nhost: a\r\ncontent-type: application/x-protobuf\r\n`;

/** A port that such limits are kept at. */
async function serve(start: typeof startHttpServer, limits: Partial<ServerLimits>): Promise<number> {
  const server = await start({
    host: "127.0.0.1",
    port: 0,
    limits: { ...NO_LIMITS, ...limits },
    handle: () => ({ kind: "accepted" }),
    onFault: (fault) => {
      throw fault;
    },
  });
  onTestFinished(() => server.close(0));
  return Number(server.address.split(":")[1]);
}

/** A connection, and what came over it by its end. */
function open(port: number, says = ""): { socket: Socket; ended: Promise<string> } {
  const socket = connect(port, "127.0.0.1", () => socket.write(says));
  onTestFinished(() => void socket.destroy());
  let heard = "";
  socket.setEncoding("latin1").on("data", (part: string) => {
    heard += part;
  });
  // A letter that is under way when the server closes is answered by a reset: an end like any other.
  socket.on("error", () => {});
  return { socket, ended: new Promise((resolve) => socket.once("close", () => resolve(heard))) };
}

test.each(STARTERS)("who connects over $protocol and says nothing is left", async ({ start }) => {
  const { ended } = open(await serve(start, { headMs: 100 }));
  await ended;
});

test("a head that comes a letter at a time is not waited for", async () => {
  const { socket, ended } = open(await serve(startHttpServer, { headMs: 300 }), HEAD);
  const timer = setInterval(() => socket.write("x"), 50);
  expect(await ended).toBe("");
  clearInterval(timer);
});

test("a body over HTTP that has no end is not waited for, and gets no status that would be final", async () => {
  const port = await serve(startHttpServer, { headMs: 100, requestMs: 300 });
  const { socket, ended } = open(port, `${HEAD}content-length: 1000\r\n\r\n`);
  const timer = setInterval(() => socket.write("x"), 50);
  expect(await ended).toBe("");
  clearInterval(timer);
});

/** A client of HTTP/2 that is connected. */
async function h2(port: number): Promise<http2.ClientHttp2Session> {
  const client = http2.connect(`http://127.0.0.1:${port}`);
  onTestFinished(() => client.destroy());
  client.on("error", () => {});
  await once(client, "remoteSettings");
  return client;
}

const GRPC_HEAD = { ":method": "POST", ":path": GRPC_PATHS.traces, "content-type": "application/grpc" };

test("a message over gRPC that has no end is cancelled, and the connection goes on", async () => {
  const client = await h2(await serve(startGrpcServer, { headMs: 100, requestMs: 300 }));
  const slow = client.request(GRPC_HEAD);
  slow.on("error", () => {});
  slow.write(frameMessage(Buffer.alloc(1000)).subarray(0, 10));
  await once(slow, "close");
  expect(slow.rstCode).toBe(http2.constants.NGHTTP2_CANCEL);
  expect(await exported(client)).toBe("0");
});

/** grpc-status of a request. */
async function exported(client: http2.ClientHttp2Session): Promise<unknown> {
  const request = client.request(GRPC_HEAD);
  request.end(frameMessage(Buffer.alloc(0)));
  request.resume();
  const [trailers] = (await once(request, "trailers")) as [http2.IncomingHttpHeaders];
  return trailers["grpc-status"];
}

test("who speaks gRPC and is idle is told to go, in the way that loses nothing", async () => {
  const client = await h2(await serve(startGrpcServer, { headMs: 100, idleMs: 1000 }));
  const closed = once(client, "close");
  const [code] = (await once(client, "goaway")) as [number];
  expect(code).toBe(http2.constants.NGHTTP2_NO_ERROR);
  await closed;
});

test("who is slower than a head may be, between requests, stays", async () => {
  const limits = { headMs: 100 };
  const client = await h2(await serve(startGrpcServer, limits));
  const port = await serve(startHttpServer, limits);
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  const post = () =>
    new Promise<boolean>((resolve, reject) => {
      const headers = { "content-type": "application/x-protobuf" };
      const request = http.request(
        { port, host: "127.0.0.1", path: HTTP_PATHS.traces, method: "POST", agent, headers },
        (response) => response.resume().once("end", () => resolve(request.reusedSocket)),
      );
      request.once("error", reject).end();
    });
  expect([await exported(client), await post()]).toEqual(["0", false]);
  // Longer than is looked for what is overdue, twice.
  const silent = [startHttpServer, startGrpcServer].map(
    async (start) => open(await serve(start, limits)).ended,
  );
  await Promise.all(silent);
  expect([await exported(client), await post()]).toEqual(["0", true]);
});

test.each(STARTERS)(
  "connections over $protocol beyond the limit are closed, those that are there go on",
  async ({ start }) => {
    const port = await serve(start, { connections: 2 });
    const held = [open(port), open(port)];
    await Promise.all(held.map(({ socket }) => once(socket, "connect")));
    expect(await open(port).ended).toBe("");
    expect(held.map(({ socket }) => socket.destroyed)).toEqual([false, false]);
  },
);
