/** Targets below any protocol: ports where nobody listens or nobody answers, and peers that speak something else. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import http2 from "node:http2";
import net from "node:net";
import { freePorts } from "../../fleet/local-collectors/free-ports.ts";
import type { Cell, Target } from "./row.ts";

/** A port where nobody listens: connections are refused. */
export async function nobody(): Promise<Target> {
  const [port] = await freePorts(1);
  return { address: `127.0.0.1:${port}`, received: () => 0, close: () => Promise.resolve() };
}

const LISTENER = `require("node:net").createServer().listen({ port: 0, host: "127.0.0.1", backlog: 1 }, function () {
  console.log(this.address().port);
});`;
/** A connection that does not stand by then will not, on loopback. */
const STUCK_MS = 500;

/**
 * A port that swallows connections: a process that listens, but is stopped, so nobody takes the connections off its queue; once that is
 * full, the kernel leaves every SYN unanswered.
 */
export async function blackHole(): Promise<Target> {
  const child = spawn(process.execPath, ["-e", LISTENER], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  const port = Number(line.toString());
  child.kill("SIGSTOP");
  const fillers: net.Socket[] = [];
  while (await stands(port, fillers));
  return {
    address: `127.0.0.1:${port}`,
    received: () => 0,
    close: async () => {
      for (const filler of fillers) filler.destroy();
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}

async function stands(port: number, fillers: net.Socket[]): Promise<boolean> {
  const socket = net.connect(port, "127.0.0.1").on("error", () => undefined);
  fillers.push(socket);
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), STUCK_MS);
    socket.once("connect", () => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}

/** A server whose status is no number, over either protocol. It takes nothing. */
export function badStatus(cell: Cell): Promise<Target> {
  if (cell.protocol === "grpc") return serving(badGrpcStatus());
  return serving(
    net.createServer((socket) => socket.on("data", () => socket.end("HTTP/1.1 abc OK\r\n\r\n"))),
  );
}

function badGrpcStatus(): net.Server {
  const server = http2.createServer();
  server.on("stream", (stream: http2.ServerHttp2Stream) => {
    stream.on("error", () => undefined).resume();
    stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "abc" }));
    stream.end(Buffer.alloc(5));
  });
  return server;
}

/** A server of bytes: `speak` has each connection. It takes nothing. */
export function speaking(speak: (socket: net.Socket) => void): () => Promise<Target> {
  return () => serving(net.createServer(speak));
}

async function serving(server: net.Server): Promise<Target> {
  const sockets = new Set<net.Socket>();
  server.on("connection", (socket: net.Socket) => {
    sockets.add(socket.on("error", () => undefined));
    socket.on("close", () => sockets.delete(socket));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    address: `127.0.0.1:${(server.address() as net.AddressInfo).port}`,
    received: () => 0,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
