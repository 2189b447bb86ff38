import { createHash } from "node:crypto";
import { once } from "node:events";
import http2, { type Http2Server, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { parseEndpoint } from "../../endpoint.ts";
import { openSocket, readingInto } from "../open-socket.ts";
import { Session } from "./session.ts";
import { HEAD, Heard, LIST } from "./test-peer.ts";

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

const REQUEST_LIST = [...LIST, ":scheme", "http", ":authority", "here", "x-team", "a b"];
const sum = (...bytes: readonly Buffer[]): string =>
  bytes.reduce((hash, part) => hash.update(part), createHash("sha1")).digest("hex");

type Answerer = (stream: ServerHttp2Stream, message: Buffer) => void;

/** A server of Node's, and a session with it that is ready. */
async function serve(
  settings: http2.Settings,
  answer: Answerer,
): Promise<[Session, Http2Server, Promise<void>]> {
  const server = http2.createServer({ settings });
  server.on("session", (session) => {
    session.on("error", () => undefined);
    ends.push(() => session.destroy());
  });
  server.on("stream", (stream: ServerHttp2Stream) => {
    const parts: Buffer[] = [];
    stream.on("error", () => undefined);
    stream.on("data", (part: Buffer) => parts.push(part));
    stream.on("end", () => answer(stream, Buffer.concat(parts)));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const endpoint = parseEndpoint(`http://127.0.0.1:${port}`, { protocol: "grpc" });
  const socket = openSocket(
    endpoint,
    "grpc",
    {},
    readingInto(16 * 1024, (memory, length) => session.read(memory.subarray(0, length))),
  );
  await once(socket, "connect");
  let tellGone = (): void => undefined;
  const gone = new Promise<void>((resolve) => {
    tellGone = resolve;
  });
  let tellReady = (): void => undefined;
  const ready = new Promise<void>((resolve) => {
    tellReady = resolve;
  });
  const session = new Session(socket, { onReady: tellReady, onClose: tellGone });
  ends.push(() => {
    socket.destroy();
    server.close();
  });
  await ready;
  return [session, server, gone];
}

/** The sum of what came, in a field of the trailers, behind an answer of some bytes. */
const sayWhatCame: Answerer = (stream, message) => {
  stream.respond({ ":status": 200 }, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers({ "x-sum": sum(message) }));
  stream.end(Buffer.alloc(100, 1));
};

describe("a server of another make gets every request whole, and is heard,", () => {
  test.each([
    ["as it comes", {}],
    ["with room for one stream", { maxConcurrentStreams: 1 }],
    ["with small windows", { initialWindowSize: 1000 }],
    [
      "with windows that are closed at first, and long frames",
      { initialWindowSize: 1, maxFrameSize: 100_000 },
    ],
    ["with wide windows and long frames", { initialWindowSize: 2 ** 24, maxFrameSize: 2 ** 24 - 1 }],
    ["without a table for header fields", { headerTableSize: 0 }],
  ])("%s", async (_what, settings) => {
    const [session, , gone] = await serve(settings, sayWhatCame);
    // With a window of one byte, each of which costs a frame and one more, no large one.
    const isNarrow = "initialWindowSize" in settings && settings.initialWindowSize < 65_535;
    const lengths = [
      0,
      1,
      16_379,
      16_380,
      65_530,
      65_531,
      100_000,
      ...(isNarrow ? [] : [1_000_000, 5_000_000]),
    ];
    const asked = [...lengths, ...Array.from({ length: 60 }, (_, i) => i * 37)].map((length, i) => {
      const body = Buffer.alloc(length, `${i} of ${length} `);
      const heard = new Heard();
      session.request(REQUEST_LIST, HEAD, body, heard);
      return { expected: sum(HEAD, body), heard };
    });
    await Promise.all(asked.map(({ heard }) => heard.closed));
    for (const { expected, heard } of asked) {
      expect(heard.fields.map((fields) => fields.get("x-sum"))).toEqual([undefined, expected]);
      expect(heard.dataBytes).toBe(100);
      expect(heard.words.slice(-2)).toEqual(["end", "close"]);
    }
    expect(session.answers).toBe(asked.length);
    session.retire();
    await gone;
    expect(session.failure).toBeUndefined();
  });

  test("by 600 requests at a time, 3,000 altogether", async () => {
    const [session] = await serve({ maxConcurrentStreams: 600 }, sayWhatCame);
    let answered = 0;
    await new Promise<void>((resolve) => {
      const askOne = (i: number): void => {
        const body = Buffer.alloc(i % 500, i);
        const expected = sum(HEAD, body);
        const heard: Heard = new Heard((word) => {
          if (word !== "close") return;
          if (heard.fields[1]?.get("x-sum") === expected) answered++;
          if (i + 600 < 3000) askOne(i + 600);
          else if (session.active === 0) resolve();
        });
        session.request(REQUEST_LIST, HEAD, body, heard);
      };
      for (let i = 0; i < 600; i++) askOne(i);
    });
    expect(answered).toBe(3000);
  });

  test("with an answer of 5 MB", async () => {
    const [session] = await serve({}, (stream) => {
      stream.respond({ ":status": 200 });
      stream.end(Buffer.alloc(5_000_000));
    });
    const heard = new Heard();
    session.request(REQUEST_LIST, HEAD, Buffer.alloc(0), heard);
    await heard.closed;
    expect(heard.dataBytes).toBe(5_000_000);
    expect(heard.words).toContain("end");
  });

  test("with long header fields, which it gets unchanged and sends back in pieces", async () => {
    const [session, server] = await serve({ maxHeaderListSize: 60_000 }, () => undefined);
    server.on("stream", (stream: ServerHttp2Stream, headers) =>
      stream.respond({ "x-long": headers["x-long"]! }, { endStream: true }),
    );
    const long = "~\u007e<>".repeat(8000);
    const heard = new Heard();
    session.request([...REQUEST_LIST, "x-long", long], HEAD, Buffer.alloc(10), heard);
    await heard.closed;
    expect(heard.fields[0]?.get("x-long")).toBe(long);
  });

  test("while it changes its mind about windows, and takes more streams", async () => {
    let streams = 0;
    const [session, server] = await serve({ maxConcurrentStreams: 3 }, sayWhatCame);
    server.on("stream", ({ session: other }: ServerHttp2Stream) => {
      const initialWindowSize = [1, 100_000, 5000, 65_535][streams % 4]!;
      // Never fewer: a server refuses those that were begun before it was heard.
      if (streams++ % 5 === 0) other?.settings({ initialWindowSize, maxConcurrentStreams: 3 + streams });
    });
    const asked = Array.from({ length: 80 }, (_, i) => {
      const heard = new Heard();
      const body = Buffer.alloc(i * 700, i);
      session.request(REQUEST_LIST, HEAD, body, heard);
      return { expected: sum(HEAD, body), heard };
    });
    await Promise.all(asked.map(({ heard }) => heard.closed));
    for (const { expected, heard } of asked) expect(heard.fields[1]?.get("x-sum")).toBe(expected);
  });
});
