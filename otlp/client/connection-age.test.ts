import http from "node:http";
import http2, { type ServerHttp2Stream } from "node:http2";
import type net from "node:net";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import type { Answer } from "../answer.ts";
import { parseEndpoint } from "../endpoint.ts";
import { PROTOCOLS, type Protocol } from "../protocol.ts";
import { whenOld } from "./connection-age.ts";
import type { Transport } from "./contract.ts";
import { openTransport } from "./transport.ts";

afterEach(async () => {
  vi.useRealTimers();
});

describe.for(PROTOCOLS)("over %s, a connection that is old", (protocol) => {
  test("finishes the request that it has, and the next one gets a new connection", async () => {
    const target = await serve(protocol);
    const transport = await open(protocol, target.port, 100);
    const first = send(transport);
    await expect.poll(() => target.waiting.length).toBe(1);
    // Longer than the age by more than both may differ.
    await new Promise<void>((resolve) => whenOld(140, resolve));
    expect(target.connections[0]!.destroyed).toBe(false);
    const second = send(transport);
    await expect.poll(() => target.waiting.length).toBe(2);
    expect(target.connections.length).toBe(2);
    for (const answer of target.waiting) answer();
    expect(await first).toMatchObject({ kind: "accepted" });
    expect(await second).toMatchObject({ kind: "accepted" });
    await expect.poll(() => target.connections[0]!.destroyed).toBe(true);
  });

  test("is closed where it is idle", async () => {
    const target = await serve(protocol);
    target.isPrompt = true;
    const transport = await open(protocol, target.port, 50);
    expect(await send(transport)).toMatchObject({ kind: "accepted" });
    await expect.poll(() => target.connections[0]!.destroyed).toBe(true);
    expect(await send(transport)).toMatchObject({ kind: "accepted" });
    expect(target.connections.length).toBe(2);
  });

  test("is kept where no age was asked for", async () => {
    const target = await serve(protocol);
    target.isPrompt = true;
    const transport = await open(protocol, target.port, 0);
    for (let n = 0; n < 5; n++) expect(await send(transport)).toMatchObject({ kind: "accepted" });
    expect(target.connections.length).toBe(1);
  });
});

test("connections made together grow old within a tenth of the age, and not together", () => {
  vi.useFakeTimers();
  const ages: number[] = [];
  for (let n = 0; n < 200; n++) whenOld(1000, () => ages.push(Date.now() - began));
  const began = Date.now();
  vi.advanceTimersByTime(1100);
  expect(ages).toHaveLength(200);
  expect(Math.min(...ages)).toBeGreaterThanOrEqual(900);
  expect(new Set(ages).size).toBeGreaterThan(50);
});

test("an age of months is not taken for none", () => {
  vi.useFakeTimers();
  let isOld = false;
  whenOld(90 * 86_400_000, () => {
    isOld = true;
  });
  vi.advanceTimersByTime(86_400_000);
  expect(isOld).toBe(false);
});

interface Served {
  port: number;
  connections: net.Socket[];
  /** Answers the requests that wait. */
  waiting: (() => void)[];
  /** Answers at once. */
  isPrompt: boolean;
}

async function serve(protocol: Protocol): Promise<Served> {
  const target: Served = { port: 0, connections: [], waiting: [], isPrompt: false };
  const take = (answer: () => void): void => {
    if (target.isPrompt) answer();
    else target.waiting.push(answer);
  };
  const server: net.Server =
    protocol === "grpc"
      ? http2.createServer().on("stream", (stream: ServerHttp2Stream) => take(() => succeed(stream.resume())))
      : http.createServer((request, response) => {
          request.resume().on("end", () => take(() => response.end()));
        });
  server.on("connection", (socket: net.Socket) =>
    target.connections.push(socket.on("error", () => undefined)),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of target.connections) socket.destroy();
    server.close();
  });
  target.port = (server.address() as AddressInfo).port;
  return target;
}

function succeed(stream: ServerHttp2Stream): void {
  stream.respond(
    { ":status": 200, "content-type": "application/grpc", "grpc-status": "0" },
    { endStream: true },
  );
}

async function open(protocol: Protocol, port: number, maxConnectionAgeMs: number): Promise<Transport> {
  const endpoint = parseEndpoint(`http://127.0.0.1:${port}`, { protocol });
  const transport = await openTransport({ endpoint, protocol, maxConnectionAgeMs });
  onTestFinished(() => transport.close());
  return transport;
}

function send(transport: Transport): Promise<Answer> {
  return new Promise((resolve) => transport.send("traces", Buffer.from("hello"), resolve));
}
