import { once } from "node:events";
import { readFileSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import tls from "node:tls";
import { describe, expect, onTestFinished, test } from "vitest";
import { frame, GREETING, goodAnswer, headers, settings, uint32 } from "../../../test/fuzz/http2-frames.ts";
import { parseEndpoint } from "../../endpoint.ts";
import { makeCertificates } from "../../test-certificates.ts";
import { readTlsFiles } from "../../tls.ts";
import { openSocket, readingInto } from "../open-socket.ts";
import { END_HEADERS, END_STREAM, ERROR, FRAME } from "./frames.ts";
import { Session } from "./session.ts";
import { ask, HEAD, Heard, LIST, type Meeting, meet } from "./test-peer.ts";

async function opened(greeting: Buffer = GREETING): Promise<Meeting> {
  const meeting = await meet(greeting);
  onTestFinished(meeting.end);
  return meeting;
}

const reset = (streamId: number, code: number): Buffer => frame(FRAME.resetStream, 0, streamId, uint32(code));
const goAway = (lastStreamId: number): Buffer =>
  frame(FRAME.goAway, 0, 0, Buffer.concat([uint32(lastStreamId), uint32(0)]));
const ok = (streamId: number, flags = END_HEADERS): Buffer => headers(streamId, [[":status", "200"]], flags);
/** Longer than the sockets of both ends take together. */
const LARGE_BYTES = 24 * 1024 * 1024;

describe("a request that is cancelled", () => {
  test("while it is held back by a window is over at once, and its rest never leaves", async () => {
    const meeting = await opened(settings([4, 3]));
    const [stream, heard] = ask(meeting);
    await meeting.peer.fence();
    meeting.session.cancel(stream);
    expect(heard.words).toEqual(["close"]);
    meeting.session.cancel(stream);
    meeting.peer.send(frame(FRAME.windowUpdate, 0, 1, uint32(100)), settings([4, 1000]));
    await meeting.peer.fence();
    expect(meeting.peer.message(1)).toHaveLength(3);
    expect(meeting.peer.resets(1)).toEqual([ERROR.cancel]);
    expect(heard.closes).toBe(1);
  });

  test("in the turn that made it waits until it was handed over", async () => {
    const meeting = await opened();
    const [stream, heard] = ask(meeting);
    meeting.session.cancel(stream);
    expect(heard.words).toEqual([]);
    await heard.closed;
    expect(heard.words).toEqual(["close"]);
    await meeting.peer.fence();
    expect(meeting.peer.resets(1)).toEqual([ERROR.cancel]);
    expect(meeting.session).toMatchObject({ active: 0, isUsable: true });
  });

  test.each([
    ["when it is sent", []],
    ["in the middle of its answer", [ok(1)]],
  ])("%s is over at once, and the rest of its answer is nothing", async (_what, before) => {
    const meeting = await opened();
    const [stream, heard] = ask(meeting);
    meeting.peer.send(...before);
    await meeting.peer.fence();
    const { words } = heard;
    const wordsBefore = [...words];
    meeting.session.cancel(stream);
    expect(words).toEqual([...wordsBefore, "close"]);
    meeting.peer.send(goodAnswer(1), reset(1, 8));
    await meeting.peer.fence();
    expect(words).toEqual([...wordsBefore, "close"]);
    expect(meeting.session.isUsable).toBe(true);
  });

  test("when it has been answered, or its connection was cut, is nothing", async () => {
    const meeting = await opened();
    const [answered, heard] = ask(meeting);
    const [other, otherHeard] = ask(meeting);
    await meeting.peer.hear(FRAME.data, 3);
    meeting.peer.send(goodAnswer(1));
    await heard.closed;
    meeting.session.cancel(answered);
    await meeting.peer.fence();
    expect(meeting.peer.resets(1)).toEqual([]);
    meeting.session.destroy();
    meeting.session.cancel(other);
    expect(otherHeard.closes).toBe(0);
    await meeting.gone;
    meeting.session.cancel(other);
    expect([heard.closes, otherHeard.closes]).toEqual([1, 1]);
  });

  test("with its message half in the socket lets go of it when the socket does, and the peer gets it unchanged", async () => {
    const meeting = await opened();
    meeting.peer.socket.pause();
    const body = Buffer.alloc(LARGE_BYTES, 1);
    const [stream, heard] = ask(meeting, body, (word) => word === "close" && body.fill(2));
    await expect.poll(() => meeting.socket.writableLength).toBeGreaterThan(0);
    meeting.session.cancel(stream);
    await new Promise(setImmediate);
    expect(heard.words).toEqual([]);
    meeting.peer.socket.resume();
    await heard.closed;
    await meeting.peer.fence();
    expect(heard.words).toEqual(["close"]);
    const got = meeting.peer.message(1).subarray(HEAD.length);
    expect(got.length).toBeGreaterThan(0);
    expect(got.equals(Buffer.alloc(got.length, 1))).toBe(true);
    expect(meeting.session.isUsable).toBe(true);
  });

  test("while a peer does not read takes the connection with it, a second later and not before", async () => {
    const meeting = await opened();
    meeting.peer.socket.pause();
    const [stream, heard] = ask(meeting, Buffer.alloc(LARGE_BYTES));
    const [, other] = ask(meeting);
    await expect.poll(() => meeting.socket.writableLength).toBeGreaterThan(0);
    const startedAt = performance.now();
    meeting.session.cancel(stream);
    await heard.closed;
    expect(performance.now() - startedAt).toBeGreaterThan(990);
    await meeting.gone;
    expect(heard.words).toEqual(["close"]);
    expect(other.closes).toBe(1);
    expect(meeting.session.failure?.message).toBe("the target does not read what it is sent");
  });
});

describe("a body", () => {
  test("may change once it was flushed or its stream closed: the peer got it as it was", async () => {
    const meeting = await opened();
    let wrong = 0;
    for (let i = 0; i < 8; i++) {
      const id = 1 + 2 * i;
      const body = Buffer.alloc(3_000_000, 1);
      const [, heard] = ask(meeting, body, () => body.fill(2));
      if (i % 2) meeting.peer.send(goodAnswer(id));
      await meeting.peer.until(() => meeting.peer.message(id).length === body.length + HEAD.length);
      if (meeting.peer.message(id).subarray(HEAD.length).includes(2)) wrong++;
      expect(heard.words.length).toBeGreaterThan(0);
    }
    expect(wrong).toBe(0);
  });

  test("belongs to the socket while that has not taken it, even where the answer is there", async () => {
    const meeting = await opened();
    meeting.peer.socket.pause();
    const body = Buffer.alloc(LARGE_BYTES, 1);
    const [, heard] = ask(meeting, body, (word) => word === "close" && body.fill(2));
    await expect.poll(() => meeting.socket.writableLength).toBeGreaterThan(0);
    meeting.peer.send(goodAnswer(1));
    await expect.poll(() => heard.words.at(-1)).toBe("end");
    meeting.peer.socket.resume();
    await heard.closed;
    await meeting.peer.fence();
    expect(heard.words).toEqual(["fields", "data", "fields", "end", "close"]);
    expect(meeting.peer.message(1).subarray(HEAD.length).includes(2)).toBe(false);
  });
});

describe("each exchange hears of its end once, and of nothing behind it,", () => {
  /** Streams in every phase: answered in part, sent, in the socket, held back, waiting. */
  async function inAllPhases(onWord?: (word: string) => void): Promise<[Meeting, Heard[]]> {
    const meeting = await opened(settings([4, 2 ** 25], [3, 4]));
    meeting.peer.send(frame(FRAME.windowUpdate, 0, 0, uint32(LARGE_BYTES)));
    const asked = [ask(meeting, undefined, onWord), ask(meeting, undefined, onWord)];
    await meeting.peer.hear(FRAME.data, 3);
    meeting.peer.send(ok(1));
    await meeting.peer.fence();
    meeting.peer.socket.pause();
    for (let i = 0; i < 4; i++) asked.push(ask(meeting, Buffer.alloc(LARGE_BYTES), onWord));
    await expect.poll(() => meeting.socket.writableLength).toBeGreaterThan(0);
    return [meeting, asked.map(([, heard]) => heard)];
  }

  test.each([
    ["the session is cut", ({ session }: Meeting) => session.destroy()],
    [
      "the session is cut twice",
      ({ session }: Meeting) => [session.destroy(), session.destroy(new Error("no"))],
    ],
    ["the peer breaks the connection", ({ peer }: Meeting) => peer.socket.resetAndDestroy()],
    ["the peer says no more", ({ peer }: Meeting) => peer.socket.end()],
    ["the peer breaks the protocol", ({ peer }: Meeting) => peer.send(frame(0, 0, 0, Buffer.alloc(0)))],
    [
      "the peer gives up all, and then breaks off",
      ({ peer }: Meeting) => [peer.send(goAway(0)), peer.socket.end()],
    ],
    [
      "the peer resets the one in the socket, and then breaks off",
      ({ peer }: Meeting) => [peer.send(reset(5, 2)), peer.socket.end()],
    ],
  ])("when %s", async (_what, happens) => {
    const [meeting, heard] = await inAllPhases();
    happens(meeting);
    await meeting.gone;
    await sleep(20);
    expect(heard.map(({ closes }) => closes)).toEqual(heard.map(() => 1));
    for (const { words } of heard) expect(words.indexOf("close")).toBe(words.length - 1);
    expect(meeting.session.active).toBe(0);
    expect(meeting.owner.closed).toBe(1);
  });

  test.each(["fields", "data", "end", "flushed", "close"])(
    "when whoever hears %s cancels it and all the others, or cuts the connection",
    async (at) => {
      for (const cut of [false, true]) {
        for (const bytes of [
          [ok(1, END_HEADERS | END_STREAM)],
          [goodAnswer(1)],
          [ok(1), frame(FRAME.data, END_STREAM, 1, HEAD)],
          [reset(1, 2)],
          [goAway(0)],
        ]) {
          const meeting = await opened(settings([3, 3]));
          const asked: ReturnType<typeof ask>[] = [];
          const onWord = (word: string): void => {
            if (word !== at) return;
            for (const [stream] of asked) meeting.session.cancel(stream);
            if (cut) meeting.session.destroy();
          };
          for (let i = 0; i < 6; i++) asked.push(ask(meeting, undefined, onWord));
          meeting.peer.send(...bytes);
          await asked[0]![1].closed;
          meeting.session.destroy();
          await meeting.gone;
          for (const [, { closes, words }] of asked) {
            expect(closes).toBe(1);
            expect(words.indexOf("close")).toBe(words.length - 1);
          }
          meeting.end();
        }
      }
    },
  );

  test("when whoever hears its fields cuts the connection, whatever came with them", async () => {
    const meeting = await opened();
    const [, heard] = ask(meeting, undefined, (word) => word === "fields" && meeting.session.destroy());
    await meeting.peer.hear(FRAME.data, 1);
    meeting.peer.send(goodAnswer(1));
    await meeting.gone;
    expect(heard.words).toEqual(["flushed", "fields", "close"]);
  });

  test("when whoever hears of it makes the next request, as long as the session takes one", async () => {
    const meeting = await opened(settings([3, 2]));
    const all: Heard[] = [];
    const onWord = (word: string): void => {
      if (word === "close" && meeting.session.isUsable && all.length < 30)
        all.push(ask(meeting, undefined, onWord)[1]);
    };
    for (let i = 0; i < 5; i++) all.push(ask(meeting, undefined, onWord)[1]);
    for (let id = 1; id < 41; id += 2) {
      await meeting.peer.hear(FRAME.data, id);
      meeting.peer.send(id % 3 ? goodAnswer(id) : reset(id, 7));
    }
    await meeting.peer.fence();
    meeting.peer.send(goAway(41));
    meeting.peer.socket.end();
    await meeting.gone;
    expect(all.length).toBeGreaterThan(20);
    expect(all.map(({ closes }) => closes)).toEqual(all.map(() => 1));
    expect(meeting.session.active).toBe(0);
  });

  test("when a TLS connection is cut with messages under way", async () => {
    const made = makeCertificates();
    onTestFinished(() => rmSync(made.directory, { recursive: true }));
    const secrets = {
      cert: readFileSync(made.serverCert),
      key: readFileSync(made.serverKey),
      ALPNProtocols: ["h2"],
    };
    const server = tls.createServer(secrets, (socket) => {
      socket.on("error", () => undefined);
      socket.write(GREETING);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const endpoint = parseEndpoint(`https://127.0.0.1:${port}`, { protocol: "grpc" });
    const socket = openSocket(
      endpoint,
      "grpc",
      readTlsFiles({ ca: made.ca }),
      readingInto(16_384, (memory, length) => session.read(memory.subarray(0, length))),
    );
    await once(socket, "secureConnect");
    let tellGone = (): void => undefined;
    const gone = new Promise<void>((resolve) => {
      tellGone = resolve;
    });
    const asked: Heard[] = [];
    const session: Session = new Session(socket, {
      onReady: () => {
        for (let i = 0; i < 4; i++) {
          const heard = new Heard();
          asked.push(heard);
          const stream = session.request(LIST, HEAD, Buffer.alloc(LARGE_BYTES), heard);
          if (i === 2) session.cancel(stream);
        }
        setTimeout(() => session.destroy(), 50);
      },
      onClose: tellGone,
    });
    await gone;
    await sleep(20);
    expect(asked.map(({ closes }) => closes)).toEqual([1, 1, 1, 1]);
    expect(session.active).toBe(0);
  });
});
