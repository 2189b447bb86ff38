import { rmSync } from "node:fs";
import net, { type AddressInfo } from "node:net";
import tls from "node:tls";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { parseEndpoints } from "../endpoint.ts";
import { makeCertificates } from "../test-certificates.ts";
import { readTlsFiles, type TlsFiles } from "../tls.ts";
import type { Target } from "./contract.ts";
import { waitForTarget } from "./wait-for-target.ts";

const made = makeCertificates();
afterAll(() => rmSync(made.directory, { recursive: true }));

test("a target that is there is reached at once", async () => {
  const port = await listen(net.createServer((socket) => socket.on("error", () => undefined)));
  const reasons: string[] = [];
  const result = await waitForTarget(at(`http://127.0.0.1:${port}`), {
    timeoutMs: 1000,
    onWaiting: (reason) => reasons.push(reason),
  });
  expect(result).toEqual({ reached: true, address: `127.0.0.1:${port}`, missing: [] });
  expect(reasons).toEqual([]);
});

test("a target that comes later is waited for, and each failure is told", async () => {
  const port = await unusedPort();
  const reasons: string[] = [];
  const result = await waitForTarget(at(`http://127.0.0.1:${port}`), {
    timeoutMs: 10_000,
    onWaiting: (reason) => {
      reasons.push(reason);
      if (reasons.length === 2) void listen(net.createServer(), port);
    },
  });
  expect(result).toEqual({ reached: true, address: `127.0.0.1:${port}`, missing: [] });
  expect(reasons.slice(0, 2)).toEqual(Array(2).fill(`connect ECONNREFUSED 127.0.0.1:${port}`));
});

test("a target that never comes is given up with the reason", async () => {
  const port = await unusedPort();
  const result = await waitForTarget(at(`http://127.0.0.1:${port}`), { timeoutMs: 150 });
  expect(result).toEqual({
    reached: false,
    aborted: false,
    reason: `connect ECONNREFUSED 127.0.0.1:${port}`,
  });
});

test("no time at all still means one attempt", async () => {
  const result = await waitForTarget(at(`http://127.0.0.1:${await unusedPort()}`), { timeoutMs: 0 });
  expect(result.reached).toBe(false);
});

test("waiting stops when told so", async () => {
  const stop = new AbortController();
  const result = await waitForTarget(at(`http://127.0.0.1:${await unusedPort()}`), {
    timeoutMs: 60_000,
    signal: stop.signal,
    onWaiting: () => stop.abort(),
  });
  expect(result).toMatchObject({ reached: false, aborted: true });
});

test("over TLS the handshake counts", async () => {
  const material = readTlsFiles({ cert: made.serverCert, key: made.serverKey });
  const server = tls.createServer({ ...material, ALPNProtocols: ["h2", "http/1.1"] });
  const port = await listen(server.on("tlsClientError", () => undefined));
  const url = `https://localhost:${port}`;
  expect(await waitForTarget(at(url, { ca: made.ca }), { timeoutMs: 5000 })).toMatchObject({ reached: true });
  expect(await waitForTarget(at(url), { timeoutMs: 0 })).toMatchObject({
    reached: false,
    reason: expect.stringMatching(/^TLS: the target's certificate is from /),
  });
});

test("one address of several is enough, and those that are not there are told", async () => {
  const port = await listen(net.createServer((socket) => socket.on("error", () => undefined)));
  const missing = await unusedPort();
  const result = await waitForTarget(at(`http://127.0.0.1:${missing},http://127.0.0.1:${port}`), {
    timeoutMs: 1000,
  });
  expect(result).toEqual({
    reached: true,
    address: `127.0.0.1:${port}`,
    missing: [{ place: `127.0.0.1:${missing}`, reason: `connect ECONNREFUSED 127.0.0.1:${missing}` }],
  });
});

test("when none of several addresses is there, the reasons of all are told", async () => {
  const [one, other] = [await unusedPort(), await unusedPort()];
  const result = await waitForTarget(at(`http://127.0.0.1:${one},http://127.0.0.1:${other}`), {
    timeoutMs: 0,
  });
  expect(result).toMatchObject({
    reached: false,
    reason: `connect ECONNREFUSED 127.0.0.1:${one}; connect ECONNREFUSED 127.0.0.1:${other}`,
  });
});

test("a name is resolved to its addresses, and one without any is told as it was written", async () => {
  const port = await listen(net.createServer((socket) => socket.on("error", () => undefined)));
  const result = await waitForTarget(at(`dns:///localhost:${port},dns:///no-such-name.invalid:1`, {}, true), {
    timeoutMs: 5000,
  });
  expect(result).toMatchObject({
    reached: true,
    address: `127.0.0.1:${port}`,
    missing: [{ place: "dns:///no-such-name.invalid:1" }],
  });
});

test("TLS towards a target without it is recognised", async () => {
  const plain = net.createServer((socket) =>
    socket.on("error", () => undefined).end("HTTP/1.1 400 Bad\r\n\r\n"),
  );
  const url = `https://127.0.0.1:${await listen(plain)}`;
  expect(await waitForTarget(at(url), { timeoutMs: 0 })).toMatchObject({
    reached: false,
    reason: "the target does not speak TLS here; write http:// or set insecure",
  });
});

function at(url: string, files: TlsFiles = {}, insecure = false): Target {
  return {
    endpoints: parseEndpoints(url, { protocol: "grpc", insecure }),
    protocol: "grpc",
    tls: readTlsFiles(files),
  };
}

async function listen(server: net.Server, port = 0): Promise<number> {
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

async function unusedPort(): Promise<number> {
  const server = net.createServer();
  const port = await new Promise<number>((resolve) =>
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port)),
  );
  await new Promise((resolve) => server.close(resolve));
  return port;
}
