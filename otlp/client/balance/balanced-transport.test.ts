import { rmSync } from "node:fs";
import http2 from "node:http2";
import net, { type AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import type { Answer } from "../../answer.ts";
import { parseEndpoints } from "../../endpoint.ts";
import { PROTOCOLS, type Protocol } from "../../protocol.ts";
import { startGrpcServer } from "../../server/grpc/server.ts";
import type { ExportHandler, ExportRequest, OtlpServer } from "../../server/handler.ts";
import { startHttpServer } from "../../server/http/server.ts";
import type { Signal } from "../../signal.ts";
import { makeCertificates } from "../../test-certificates.ts";
import { readTlsFiles } from "../../tls.ts";
import type { Target, Transport } from "../contract.ts";
import { openGrpcTransport } from "../grpc/grpc-transport.ts";
import { openHttpTransport } from "../http/http-transport.ts";
import { openTarget } from "../transport.ts";
import { openBalanced } from "./balanced-transport.ts";
import type { Resolve } from "./watch-addresses.ts";

const made = makeCertificates();
afterAll(() => rmSync(made.directory, { recursive: true }));

const ACCEPTED = { kind: "accepted" } as const;
const BODY = Buffer.alloc(100);

test.for<[Protocol, string, string]>([
  ["grpc", "collector:4317", "GrpcTransport"],
  ["http/protobuf", "collector:4318", "HttpTransport"],
  ["http/protobuf", "dns:///[::1]:4318", "HttpTransport"],
  ["http/protobuf", "collector:4318,other:4318", "BalancedTransport"],
  ["grpc", "dns:///localhost:4317", "BalancedTransport"],
])("over %s to %s there is a %s and nothing before it", async ([protocol, written, name]) => {
  const transport = await openTarget({ endpoints: parseEndpoints(written, { protocol }), protocol });
  onTestFinished(() => transport.close());
  expect(transport.constructor.name).toBe(name);
});

describe.for(PROTOCOLS)("over %s, several addresses", (protocol) => {
  test("get the same number of bytes of each signal, whatever the rhythm of sizes and signals", async () => {
    const servers = [await receiver(protocol), await receiver(protocol), await receiver(protocol)];
    const transport = await open(protocol, servers);
    // Every third request is a short one, and every third is of another signal: a plain round would meet both.
    const signals = ["traces", "metrics", "logs"] as const;
    const all: Promise<Answer>[] = [];
    for (let n = 0; n < 270; n++) {
      all.push(send(transport, Buffer.alloc(n % 9 < 3 ? 10 : 100), signals[n % 3]!));
    }
    expect(new Set((await Promise.all(all)).map((answer) => answer.kind))).toEqual(new Set(["accepted"]));
    for (const signal of signals) {
      const bytes = servers.map((server) =>
        server.requests
          .filter((request) => request.signal === signal)
          .reduce((sum, { body }) => sum + body.length, 0),
      );
      expect(Math.max(...bytes) - Math.min(...bytes)).toBeLessThanOrEqual(100);
    }
  });

  test("have equal shares however fast each of them answers", async () => {
    const slow = await receiver(protocol, async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      return ACCEPTED;
    });
    const fast = await receiver(protocol);
    const transport = await open(protocol, [slow, fast]);
    await concurrently(10, 200, () => send(transport));
    expect([slow.requests.length, fast.requests.length]).toEqual([100, 100]);
  });

  test("leave only a few requests to one that does not answer", async () => {
    let onArrival = (): void => undefined;
    const silent = await receiver(protocol, () => {
      onArrival();
      return { kind: "silence" };
    });
    const transport = await open(protocol, [silent, await receiver(protocol)]);
    let answered = 0;
    for (let n = 0; n < 300; n++) {
      await new Promise<void>((resolve) => {
        onArrival = resolve;
        transport.send("traces", BODY, () => {
          answered++;
          resolve();
        });
      });
    }
    expect(silent.requests.length).toBeGreaterThan(10);
    expect(silent.requests.length).toBeLessThan(30);
    expect(answered).toBe(300 - silent.requests.length);
  });

  test("are left out while nobody listens there, at no cost to any request, and used again", async () => {
    const here = await receiver(protocol);
    const gone = await receiver(protocol);
    const transport = await open(protocol, [here, gone]);
    await send(transport);
    await send(transport);
    await gone.close(0);
    const answers = await concurrently(10, 100, () => send(transport));
    // A request may have left on the idle connection before word came that it is closed.
    const lost = answers.filter((answer) => answer.kind !== "accepted");
    expect(lost.filter((answer) => answer.kind !== "lost" || !answer.sent)).toEqual([]);
    expect(lost.length).toBeLessThanOrEqual(1);
    expect(here.requests).toHaveLength(101 - lost.length);

    const back = await receiver(protocol, undefined, gone.port);
    await expect
      .poll(
        async () => {
          await send(transport);
          return back.requests.length;
        },
        { timeout: 15_000 },
      )
      .toBeGreaterThan(0);
    const [before, beforeThere] = [here.requests.length, back.requests.length];
    await concurrently(1, 40, () => send(transport));
    expect([here.requests.length - before, back.requests.length - beforeThere]).toEqual([20, 20]);
  });

  test("that are all gone answer with the last reason, and nothing was sent", async () => {
    const [one, other] = [await receiver(protocol), await receiver(protocol)];
    const transport = await open(protocol, [one, other]);
    await one.close(0);
    await other.close(0);
    const released: boolean[] = [];
    for (let n = 0; n < 5; n++) {
      const answer = await new Promise<Answer>((resolve) =>
        transport.send("logs", BODY, resolve, (intact) => released.push(intact !== true)),
      );
      expect(answer).toMatchObject({ kind: "lost", sent: false, code: "unreachable", wireBytes: 0 });
      expect(answer).toMatchObject({ message: expect.stringContaining("ECONNREFUSED") });
      expect([one.address, other.address]).toContain(answer.address);
    }
    expect(released).toEqual(Array(5).fill(true));
  });

  test("get a request with its bytes as they were when another had no connection for it", async () => {
    const here = await receiver(protocol);
    const transport = await open(protocol, [{ address: `127.0.0.1:1` }, here], { compression: "gzip" });
    const bodies = Array.from({ length: 20 }, (_, n) => Buffer.alloc(1000, n));
    let held = 0;
    await Promise.all(
      bodies.map(
        (body) =>
          new Promise<Answer>((resolve) => {
            held++;
            // Whoever gets the body back writes into it.
            transport.send("traces", Buffer.from(body), resolve, () => held--);
          }),
      ),
    );
    expect(held).toBe(0);
    expect(
      here.requests.map(({ body, compression }) => [body[0], body.length, compression]).sort(byFirst),
    ).toEqual(bodies.map((body) => [body[0], 1000, "gzip"]));
  });

  test("do not get a request again that they have refused for now, where there is another", async () => {
    const busy = await receiver(protocol, () => ({ kind: "refused", code: "UNAVAILABLE", message: "full" }));
    const free = await receiver(protocol);
    const transport = await open(protocol, [busy, free]);
    for (let n = 0; n < 10; n++) {
      const first = await send(transport);
      if (first.kind === "accepted") continue;
      expect(first).toMatchObject({ kind: "retryable", address: busy.address });
      expect(await send(transport, BODY, "traces", first.address)).toMatchObject({ kind: "accepted" });
    }
    // An address that refuses is there, and keeps its share.
    expect(busy.requests.length).toBeGreaterThanOrEqual(4);
  });

  test("that accept connections and lose every request are left out too", async () => {
    const broken = await receiver(protocol, () => ({ kind: "cut" }));
    const here = await receiver(protocol);
    const transport = await open(protocol, [broken, here]);
    const answers = await concurrently(1, 60, () => send(transport));
    const lost = answers.filter((answer) => answer.kind === "lost");
    expect(lost.length).toBeGreaterThanOrEqual(3);
    // Three in a row, and one each time that it has shown signs of life meanwhile.
    expect(lost.length).toBeLessThan(8);
    expect(here.requests.length).toBe(60 - lost.length);
  });

  test("that lose a request now and then keep their share", async () => {
    let n = 0;
    const shaky = await receiver(protocol, () => (++n % 5 === 0 ? { kind: "cut" } : ACCEPTED));
    const here = await receiver(protocol);
    const transport = await open(protocol, [shaky, here]);
    await concurrently(1, 100, () => send(transport));
    expect([shaky.requests.length, here.requests.length]).toEqual([50, 50]);
  });

  test("lose what is in flight with a connection that breaks, and keep their share", async () => {
    let isBreaking = true;
    const gate = Promise.withResolvers<void>();
    const breaks = await receiver(protocol, async () => {
      if (!isBreaking) return ACCEPTED;
      await gate.promise;
      return { kind: "cut" };
    });
    const here = await receiver(protocol);
    const transport = await open(protocol, [breaks, here]);
    const all = Promise.all(Array.from({ length: 20 }, () => send(transport)));
    await expect.poll(() => breaks.requests.length).toBe(10);
    isBreaking = false;
    gate.resolve();
    const kinds = (await all).map(({ kind }) => kind).sort();
    expect(kinds).toEqual([...Array(10).fill("accepted"), ...Array(10).fill("lost")]);
    await concurrently(1, 20, () => send(transport));
    expect([breaks.requests.length, here.requests.length]).toEqual([20, 20]);
  });

  test("answer what is in flight when the transport is closed, and all that comes later", async () => {
    const silent = await receiver(protocol, () => ({ kind: "silence" }));
    const transport = await open(protocol, [silent, await receiver(protocol)]);
    const answers = Promise.all([send(transport), send(transport)]);
    await expect.poll(() => silent.requests.length).toBe(1);
    await transport.close();
    expect(new Set((await answers).map((answer) => answer.kind))).toContain("lost");
    let isBack = false;
    const late = new Promise<Answer>((resolve) =>
      transport.send("logs", BODY, (answer) => {
        expect(isBack).toBe(true);
        resolve(answer);
      }),
    );
    isBack = true;
    expect(await late).toMatchObject({ kind: "lost", sent: false, code: "closed" });
  });

  test("whose connections do not come to stand are as good as gone", async () => {
    const port = await serveTls([], "127.0.0.1");
    const mute = net.createServer((socket) => void socket.on("error", () => undefined));
    await new Promise<void>((resolve) => mute.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void mute.close());
    const written = [`127.0.0.1:${(mute.address() as AddressInfo).port}`, `127.0.0.1:${port}`];
    const endpoints = parseEndpoints(written, { protocol });
    const transport = await openTarget({ endpoints, protocol, tls: readTlsFiles({ ca: made.ca }) });
    onTestFinished(() => transport.close());
    const answers = await concurrently(4, 20, () => send(transport));
    expect(answers.map((answer) => [answer.kind, answer.address])).toEqual(
      Array(20).fill(["accepted", `127.0.0.1:${port}`]),
    );
  });

  test("answer each request once and give its body back once, whatever they do meanwhile", async () => {
    let n = 0;
    const ways = ["accepted", "accepted", "cut", "silence"] as const;
    const moody = () => receiver(protocol, () => ({ kind: ways[n++ % ways.length]! }));
    const servers = [await moody(), await moody(), await moody()];
    const transport = await open(protocol, servers, { timeoutMs: 100 });
    const ends: string[] = [];
    const sending = concurrently(
      20,
      400,
      () =>
        new Promise<Answer>((resolve) => {
          let isReleased = false;
          const id = ends.push("") - 1;
          transport.send(
            "traces",
            BODY,
            (answer) => {
              ends[id] += isReleased ? " done" : " done too early";
              resolve(answer);
            },
            () => {
              isReleased = true;
              ends[id] += "released";
            },
          );
        }),
    );
    await expect.poll(() => ends.length).toBeGreaterThan(100);
    await servers[0]!.close(0);
    await receiver(protocol, undefined, servers[0]!.port);
    expect((await sending).length).toBe(400);
    expect(new Set(ends)).toEqual(new Set(["released done"]));
  });

  test("have the compression that was changed to", async () => {
    const server = await receiver(protocol);
    const transport = await open(protocol, [server, await receiver(protocol)], { compression: "gzip" });
    await send(transport);
    await send(transport);
    transport.setCompression("none");
    await send(transport);
    await send(transport);
    expect(server.requests.map(({ compression }) => compression)).toEqual(["gzip", "none"]);
  });
});

describe.for(PROTOCOLS)("over %s, a name that stands for its addresses", (protocol) => {
  test("is followed: new ones get their share, those removed get nothing and finish what they have", async () => {
    const gate = Promise.withResolvers<void>();
    const first = await receiver(protocol, async ({ signal }) => {
      if (signal === "logs") await gate.promise;
      return ACCEPTED;
    });
    const second = await receiver(protocol, undefined, first.port, "127.0.0.2");
    const third = await receiver(protocol, undefined, first.port, "127.0.0.3");
    const dns = resolver(["127.0.0.1"]);
    const transport = await openName(protocol, `dns:///fleet.test:${first.port}`, dns.resolve);
    await concurrently(1, 10, () => send(transport));
    expect(first.requests).toHaveLength(10);

    const inFlight = send(transport, BODY, "logs");
    await expect.poll(() => first.requests.length).toBe(11);
    await dns.change(["127.0.0.1", "127.0.0.2", "127.0.0.3"]);
    await concurrently(1, 30, () => send(transport));
    expect([first, second, third].map(({ requests }) => requests.length)).toEqual([21, 10, 10]);

    await dns.change(["127.0.0.2", "127.0.0.3"]);
    await concurrently(1, 20, () => send(transport));
    expect([first, second, third].map(({ requests }) => requests.length)).toEqual([21, 20, 20]);
    gate.resolve();
    expect(await inFlight).toMatchObject({ kind: "accepted", address: first.address });
  });

  test("answers what a removed address still has when the transport is closed", async () => {
    const silent = await receiver(protocol, () => ({ kind: "silence" }));
    await receiver(protocol, undefined, silent.port, "127.0.0.2");
    const dns = resolver(["127.0.0.1"]);
    const transport = await openName(protocol, `dns:///fleet.test:${silent.port}`, dns.resolve);
    const inFlight = send(transport);
    await expect.poll(() => silent.requests.length).toBe(1);
    await dns.change(["127.0.0.2"]);
    await transport.close();
    expect(await inFlight).toMatchObject({ kind: "lost", sent: true, address: silent.address });
  });

  test("keeps the addresses that it had while nobody can tell them, or tells none", async () => {
    const server = await receiver(protocol);
    const dns = resolver(["127.0.0.1"]);
    const transport = await openName(protocol, `dns:///fleet.test:${server.port}`, dns.resolve);
    await dns.change(new Error("SERVFAIL"));
    expect(await send(transport)).toMatchObject({ kind: "accepted" });
    await dns.change([]);
    expect(await send(transport)).toMatchObject({ kind: "accepted", address: server.address });
  });

  test("that nobody knows yet makes requests unreachable, and is used from when it is known", async () => {
    const server = await receiver(protocol);
    const dns = resolver(new Error("ENOTFOUND"));
    const transport = await openName(protocol, `dns:///no-such-name.invalid:${server.port}`, dns.resolve);
    expect(await send(transport)).toMatchObject({ kind: "lost", sent: false, code: "unreachable" });
    await dns.change(["127.0.0.1"]);
    expect(await send(transport)).toMatchObject({ kind: "accepted" });
  });

  test("is what TLS is told and checks, whatever the address", async () => {
    const seen: unknown[] = [];
    const port = await serveTls(seen);
    const tls = readTlsFiles({ ca: made.ca });
    const dns = resolver(["127.0.0.2"]);
    const endpoints = parseEndpoints(`dns:///localhost:${port}`, { protocol });
    const transport = await openBoth({ endpoints, protocol, tls }, dns.resolve);
    expect(await send(transport)).toMatchObject({ kind: "accepted", address: `127.0.0.2:${port}` });
    expect(seen).toEqual(["localhost", `localhost:${port}`]);
  });
});

interface Receiver {
  address: string;
  port: number;
  requests: ExportRequest[];
  close(graceMs?: number): Promise<void>;
}

/** A server of Stampede's own that notes what comes, on a port of its own. */
async function receiver(
  protocol: Protocol,
  handle: ExportHandler = () => ACCEPTED,
  port = 0,
  host = "127.0.0.1",
): Promise<Receiver> {
  const requests: ExportRequest[] = [];
  const start = protocol === "grpc" ? startGrpcServer : startHttpServer;
  const server: OtlpServer = await start({
    host,
    port,
    handle: (request) => {
      requests.push(request);
      return handle(request);
    },
    onFault: (fault) => {
      throw fault;
    },
  });
  onTestFinished(() => server.close(0));
  const { address } = server;
  return { address, port: Number(address.split(":")[1]), requests, close: (ms) => server.close(ms) };
}

/** A transport to all of these. */
async function open(
  protocol: Protocol,
  servers: readonly { address: string }[],
  settings: Partial<Target> = {},
): Promise<Transport> {
  const written = servers.map(({ address }) => address);
  const endpoints = parseEndpoints(written, { protocol, insecure: true });
  const transport = await openTarget({ endpoints, protocol, ...settings });
  onTestFinished(() => transport.close());
  return transport;
}

/** A transport to a name, whose addresses `resolve` knows. */
function openName(protocol: Protocol, written: string, resolve: Resolve): Promise<Transport> {
  const endpoints = parseEndpoints(written, { protocol, insecure: true });
  return openBoth({ endpoints, protocol }, resolve);
}

async function openBoth(target: Target, resolve: Resolve): Promise<Transport> {
  const opener = target.protocol === "grpc" ? openGrpcTransport : openHttpTransport;
  const transport = await openBalanced(target, opener, resolve);
  onTestFinished(() => transport.close());
  return transport;
}

/** A resolver that says what it is told to. */
function resolver(first: string[] | Error) {
  let answer = first;
  let onAsked = (): void => undefined;
  const resolve: Resolve = async () => {
    onAsked();
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return {
    resolve,
    /** Change the answer, and wait until it has been asked for. */
    change: async (to: string[] | Error): Promise<void> => {
      answer = to;
      await new Promise<void>((asked) => {
        onAsked = asked;
      });
      await new Promise((later) => setImmediate(later));
    },
  };
}

/** A server of both protocols over TLS; its certificate does not know 127.0.0.2. Notes the names that it is called by. */
async function serveTls(seen: unknown[], host = "127.0.0.2"): Promise<number> {
  const { cert, key } = readTlsFiles({ cert: made.serverCert, key: made.serverKey });
  const server = http2.createSecureServer({ cert: cert!, key: key!, allowHTTP1: true });
  server.on("secureConnection", (socket: TLSSocket) => seen.push(socket.servername));
  server.on("request", (request, response) => {
    const isGrpc = request.httpVersionMajor === 2;
    seen.push(isGrpc ? request.headers[":authority"] : request.headers.host);
    request.resume().on("end", () => {
      if (isGrpc) response.writeHead(200, { "content-type": "application/grpc", "grpc-status": "0" });
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

function send(transport: Transport, body = BODY, signal: Signal = "traces", avoid?: string): Promise<Answer> {
  return new Promise((resolve) => transport.send(signal, body, resolve, undefined, undefined, avoid));
}

/** `total` sends, so many at a time. */
async function concurrently(width: number, total: number, act: () => Promise<Answer>): Promise<Answer[]> {
  const answers: Answer[] = [];
  let begun = 0;
  const worker = async (): Promise<void> => {
    while (begun++ < total) answers.push(await act());
  };
  await Promise.all(Array.from({ length: width }, worker));
  return answers;
}

function byFirst(a: readonly unknown[], b: readonly unknown[]): number {
  return Number(a[0]) - Number(b[0]);
}
