import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { afterEach, expect, test } from "vitest";
import { fetchJson, fetchText } from "./fetch-text.ts";

const servers: http.Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(answer: http.RequestListener): Promise<string> {
  const server = http.createServer(answer).listen(0, "127.0.0.1");
  servers.push(server);
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/page`;
}

const BOUNDS = { timeoutMs: 20_000, maxBytes: 1000, expected: "a page" };

test("an answer comes whole, whatever its pieces cut through", async () => {
  const bytes = Buffer.from("größe ✓".repeat(20));
  const url = await serve((_request, response) => {
    for (const byte of bytes) response.write(Buffer.of(byte));
    response.end();
  });
  expect(await fetchText(url, BOUNDS)).toBe(bytes.toString());
});

test.each([301, 302, 303, 307, 308])("a redirect (%i) leads nowhere", async (status) => {
  let asked = 0;
  const elsewhere = await serve((_request, response) => {
    asked++;
    response.end("hello");
  });
  const url = await serve((_request, response) => {
    response.writeHead(status, { location: elsewhere }).end();
  });
  await expect(fetchText(url, BOUNDS)).rejects.toThrow(
    `answered HTTP ${status}, a redirect, and redirects are not followed, expected a page`,
  );
  expect(asked).toBe(0);
});

test.each([
  ["plain", (bytes: Buffer) => bytes, {}],
  ["packed", gzipSync, { "content-encoding": "gzip" }],
])("an answer beyond all bounds, %s, is not read to its end", async (_, pack, headers) => {
  const url = await serve((_request, response) => {
    response.writeHead(200, headers).end(pack(Buffer.alloc(5_000_000, "x")));
  });
  await expect(fetchText(url, BOUNDS)).rejects.toThrow("answered more than 1000 bytes, expected a page");
});

test("an answer without an end is not waited for", async () => {
  const url = await serve((_request, response) => {
    response.write("it begins");
  });
  await expect(fetchText(url, { ...BOUNDS, timeoutMs: 200 })).rejects.toThrow("no answer within 0.2 s");
});

test("what is no success is told", async () => {
  const url = await serve((_request, response) => {
    response.writeHead(500).end("oh");
  });
  await expect(fetchText(url, BOUNDS)).rejects.toThrow(/^answered HTTP 500, expected a page$/);
});

test("why nobody answers is told, not that fetching failed", async () => {
  await expect(fetchText("http://127.0.0.1:1/", BOUNDS)).rejects.toThrow(/ECONNREFUSED|bad port/);
});

test("JSON is read, and what is none is told", async () => {
  const answering = (text: string) => serve((_request, response) => void response.end(text));
  expect(await fetchJson(await answering('{"a": [1]}'), BOUNDS)).toEqual({ a: [1] });
  await expect(fetchJson(await answering("<html>"), BOUNDS)).rejects.toThrow(
    "answered something else than a page",
  );
});
