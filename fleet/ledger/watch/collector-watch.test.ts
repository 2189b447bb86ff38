import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { CollectorBook } from "../books/collector-book.ts";
import { SinkBook } from "../books/sink-book.ts";
import { parseSources, type Round, readCollectors, readSinks } from "./collector-watch.ts";

const servers: http.Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

const always = () => true;
const READERS: [string, (url: string) => Promise<Round>][] = [
  ["sink", (url) => readSinks(parseSources(url, "/ledger"), new SinkBook(), always, false)],
  ["Collector", (url) => readCollectors(parseSources(url, "/metrics"), new CollectorBook(), always)],
];

test.each([
  ...READERS.map(
    (reader) =>
      [
        ...reader,
        "points elsewhere",
        (response: http.ServerResponse) => response.writeHead(302, { location: "/" }).end(),
        /: answered HTTP 302, a redirect, and redirects are not followed, expected /,
      ] as const,
  ),
  ...READERS.map(
    (reader) =>
      [
        ...reader,
        "never stops to speak",
        (response: http.ServerResponse) => response.end(Buffer.alloc(10_000_000, "[")),
        /: answered more than \d+ bytes, expected /,
      ] as const,
  ),
])(
  "a %s that is not what it should be is not read, and it is said why: %s",
  async (_, read, _what, answer, said) => {
    const server = http.createServer((_request, response) => void answer(response)).listen(0, "127.0.0.1");
    servers.push(server);
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const { reached, troubles } = await read(`http://127.0.0.1:${port}`);
    expect({ reached, troubles }).toEqual({ reached: 0, troubles: [expect.stringMatching(said)] });
  },
);

test.each([
  ["http://u:s3cret@h:1/metrics", '"http://***@h:1/metrics": holds a user name'],
  ["u:s3cret@h:1", '"***@h:1": must begin with'],
  ["http://u:s3/cret@h:1", '"http://***@h:1": is no URL'],
  ["a,dns:///u:s3@cret@h", '"***@h": must begin with'],
  ["http://u:s3cret,x@h", '"http://***@h": is no URL'],
  ["dns:///u:s3@cret@h", '"dns:///***@h": holds a user name'],
])("%s is refused without its password", (text, said) => {
  expect(() => parseSources(text, "/metrics")).toThrow(said);
  expect(() => parseSources(text, "/metrics")).not.toThrow(/cret/);
});
