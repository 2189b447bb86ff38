import { describe, expect, onTestFinished, test } from "vitest";
import {
  frame,
  GREETING,
  goodAnswer,
  headerBlock,
  headers,
  settings,
  uint32,
} from "../../../test/fuzz/http2-frames.ts";
import { ACK, END_HEADERS, END_STREAM, ERROR, FRAME, PADDED, PREFACE } from "./frames.ts";
import type { SessionOwner } from "./session.ts";
import { ask, BODY, HEAD, Heard, LIST, type Meeting, meet } from "./test-peer.ts";

async function opened(greeting: Buffer = GREETING, owner?: Partial<SessionOwner>): Promise<Meeting> {
  const meeting = await meet(greeting, owner);
  onTestFinished(meeting.end);
  return meeting;
}

const reset = (streamId: number, code: number): Buffer => frame(FRAME.resetStream, 0, streamId, uint32(code));
const goAway = (lastStreamId: number, code = 0): Buffer =>
  frame(FRAME.goAway, 0, 0, Buffer.concat([uint32(lastStreamId), uint32(code)]));
const windowUpdate = (streamId: number, bytes: number): Buffer =>
  frame(FRAME.windowUpdate, 0, streamId, uint32(bytes));
const data = (streamId: number, bytes: Buffer | string, flags = 0): Buffer =>
  frame(FRAME.data, flags, streamId, Buffer.from(bytes));
const ok = (streamId: number, flags = END_HEADERS): Buffer => headers(streamId, [[":status", "200"]], flags);
const trailers = (streamId: number): Buffer =>
  headers(streamId, [["grpc-status", "0"]], END_HEADERS | END_STREAM);
const CLOSING = ["fields", "data", "fields", "end", "close"];

describe("a session begins", () => {
  test("with the preface and its settings, and says no more before those of the peer", async () => {
    const meeting = await opened(Buffer.alloc(0));
    const { peer, owner } = meeting;
    expect(await peer.preface).toEqual(PREFACE);
    await peer.until(() => peer.frames.length > 0);
    expect(owner.ready).toBe(0);
    peer.send(settings());
    await meeting.ready;
    await peer.fence();
    expect(peer.frames.map(({ type, flags, streamId }) => [type, flags, streamId])).toEqual([
      [FRAME.settings, 0, 0],
      [FRAME.settings, ACK, 0],
    ]);
    expect(peer.frames[0]!.payload).toHaveLength(12);
    expect(peer.frames[1]!.payload).toHaveLength(0);
  });

  test("once, however often settings come, each of which it acknowledges", async () => {
    const { peer, owner } = await opened(settings());
    peer.send(settings([4, 1]), settings([4, 2]));
    await peer.fence();
    expect(peer.heard(FRAME.settings).map(({ flags }) => flags)).toEqual([0, ACK, ACK, ACK]);
    expect(owner.ready).toBe(1);
  });

  test.each([
    ["a ping", frame(FRAME.ping, 0, 0, Buffer.alloc(8))],
    ["an acknowledgement", frame(FRAME.settings, ACK, 0, Buffer.alloc(0))],
    ["a frame nobody knows", frame(99, 0, 0, Buffer.alloc(0))],
    ["a GOAWAY", goAway(0)],
  ])("never with a peer that says %s first", async (_what, first) => {
    const { peer, owner, gone, session } = await opened(Buffer.alloc(0));
    peer.send(first);
    await gone;
    await peer.ended;
    expect(peer.goAways()).toEqual([ERROR.protocol]);
    expect(owner).toEqual({ ready: 0, closed: 1 });
    expect(session.failure?.message).toBe("what it says first are not its settings");
  });
});

describe("a request", () => {
  test("has the next odd id, and ends its stream with its last DATA frame", async () => {
    const meeting = await opened();
    for (let i = 0; i < 3; i++) ask(meeting, Buffer.alloc(i * 20_000, i));
    await meeting.peer.fence();
    const frames = meeting.peer.frames.filter(({ streamId }) => streamId > 0);
    expect(frames.map(({ type, flags, streamId }) => [streamId, type, flags])).toEqual([
      [1, FRAME.headers, END_HEADERS],
      [1, FRAME.data, END_STREAM],
      [3, FRAME.headers, END_HEADERS],
      [3, FRAME.data, 0],
      [3, FRAME.data, END_STREAM],
      [5, FRAME.headers, END_HEADERS],
      [5, FRAME.data, 0],
      [5, FRAME.data, 0],
      [5, FRAME.data, END_STREAM],
    ]);
    expect(meeting.peer.message(5)).toEqual(Buffer.concat([HEAD, Buffer.alloc(40_000, 2)]));
  });

  test("is flushed before it is answered, and hears its answer in order, and nothing afterwards", async () => {
    const meeting = await opened();
    const [stream, heard] = ask(meeting);
    await expect.poll(() => heard.words).toEqual(["flushed"]);
    expect(meeting.session.active).toBe(1);
    meeting.peer.send(goodAnswer(1), goodAnswer(1), reset(1, 2), windowUpdate(1, 1), data(1, "x"));
    await heard.closed;
    await meeting.peer.fence();
    expect(heard.words).toEqual(["flushed", ...CLOSING]);
    expect(heard.fields.map((fields) => [...fields][0])).toEqual([
      [":status", "200"],
      ["grpc-status", "0"],
    ]);
    expect(stream).toMatchObject({ fault: undefined, resetCode: undefined, isRefused: false });
    expect(meeting.session).toMatchObject({ active: 0, answers: 1, isUsable: true, failure: undefined });
  });

  test("takes an answer in one frame, padding left out, words between left out, unknown frames left out", async () => {
    const meeting = await opened();
    const [, refusal] = ask(meeting);
    const [, padded] = ask(meeting);
    const { peer } = meeting;
    peer.send(ok(1, END_HEADERS | END_STREAM));
    peer.send(headers(3, [[":status", "103"]]), headers(3, [[":status", "100"]]), frame(77, 255, 3, BODY));
    peer.send(ok(3), data(3, Buffer.from("\x03hello\0\0\0"), PADDED), data(3, ""), data(3, "\0", PADDED));
    peer.send(frame(FRAME.priority, 0, 3, Buffer.alloc(5)), data(3, "", END_STREAM));
    await Promise.all([refusal.closed, padded.closed]);
    expect(refusal.words).toEqual(["flushed", "fields", "end", "close"]);
    expect(padded.words).toEqual(["flushed", "fields", "data", "end", "close"]);
    expect(padded.dataBytes).toBe(5);
  });

  test("whose answer has its fields in pieces is answered all the same", async () => {
    const meeting = await opened();
    const [, heard] = ask(meeting);
    const block = headerBlock([[":status", "200"]]);
    meeting.peer.send(
      frame(FRAME.headers, END_STREAM, 1, block.subarray(0, 2)),
      frame(FRAME.continuation, 0, 1, block.subarray(2, 3)),
      frame(FRAME.continuation, END_HEADERS, 1, block.subarray(3)),
    );
    await heard.closed;
    expect(heard.words).toEqual(["flushed", "fields", "end", "close"]);
  });

  test("of which only 1 byte in 2 can be sent gets the whole answer, and what is unsent is cancelled", async () => {
    const meeting = await opened(settings());
    const [stream, heard] = ask(meeting, Buffer.alloc(100_000));
    await meeting.peer.fence();
    meeting.peer.send(goodAnswer(1));
    await heard.closed;
    meeting.peer.send(windowUpdate(0, 100_000), windowUpdate(1, 100_000));
    await meeting.peer.fence();
    expect(meeting.peer.resets(1)).toEqual([ERROR.cancel]);
    expect(meeting.peer.message(1)).toHaveLength(65_535);
    expect(heard.words).toEqual(CLOSING);
    expect(stream.fault).toBeUndefined();
    expect(meeting.session.isUsable).toBe(true);
  });

  test("that is held back is never called flushed", async () => {
    const meeting = await opened(settings([4, 6]));
    const [, heard] = ask(meeting);
    await meeting.peer.fence();
    expect(heard.words).toEqual([]);
    meeting.peer.send(windowUpdate(1, 3));
    await expect.poll(() => heard.words).toEqual(["flushed"]);
    await meeting.peer.fence();
    expect(meeting.peer.heard(FRAME.data, 1).map(({ flags }) => flags)).toEqual([0, END_STREAM]);
  });
});

describe("an answer", () => {
  test("of 5 MB flows: the peer hears of each byte that was taken, of stream and connection", async () => {
    const meeting = await opened();
    const { peer } = meeting;
    const [, heard] = ask(meeting);
    peer.send(ok(1));
    const windows = { 0: 65_535, 1: 65_535 };
    let counted = 0;
    const count = (): void => {
      const updates = peer.heard(FRAME.windowUpdate);
      for (const { streamId, payload } of updates.slice(counted))
        windows[streamId as 0 | 1] += payload.readUInt32BE(0);
      counted = updates.length;
    };
    const bytes = Buffer.alloc(16_384);
    for (let left = 5_000_000; left > 0; ) {
      const most = Math.min(left, bytes.length);
      await peer.until(() => {
        count();
        return windows[0] >= most && windows[1] >= most;
      });
      peer.send(data(1, bytes.subarray(0, most)));
      windows[0] -= most;
      windows[1] -= most;
      left -= most;
    }
    peer.send(trailers(1));
    await heard.closed;
    await peer.fence();
    count();
    expect(heard.dataBytes).toBe(5_000_000);
    for (const window of Object.values(windows)) {
      expect(window).toBeLessThanOrEqual(65_535);
      expect(window).toBeGreaterThan(32_767);
    }
  });

  test("that nobody waits for any more still counts for the window of the connection, with its padding", async () => {
    const meeting = await opened();
    const { peer, session } = meeting;
    const [stream, heard] = ask(meeting);
    await expect.poll(() => heard.words).toEqual(["flushed"]);
    session.cancel(stream);
    peer.send(ok(1));
    for (let i = 0; i < 8; i++) peer.send(data(1, Buffer.alloc(16_384, 255), PADDED));
    await peer.fence();
    const told = peer.heard(FRAME.windowUpdate);
    expect(told.map(({ streamId }) => streamId)).toEqual(told.map(() => 0));
    const bytes = told.reduce((sum, { payload }) => sum + payload.readUInt32BE(0), 0);
    expect(bytes).toBe(8 * 16_384);
    expect(heard.words).toEqual(["flushed", "close"]);
  });
});

describe("streams that the peer has no room for", () => {
  test("wait, and begin in the order they came when others end", async () => {
    const meeting = await opened(settings([3, 2]));
    const heard = Array.from({ length: 5 }, () => ask(meeting)[1]);
    await meeting.peer.fence();
    const begun = () => meeting.peer.heard(FRAME.headers).map(({ streamId }) => streamId);
    expect(begun()).toEqual([1, 3]);
    expect(meeting.session.active).toBe(5);
    meeting.peer.send(goodAnswer(3));
    await meeting.peer.fence();
    expect(begun()).toEqual([1, 3, 5]);
    expect(heard.map(({ closes }) => closes)).toEqual([0, 1, 0, 0, 0]);
    meeting.peer.send(goodAnswer(5), goodAnswer(1));
    await meeting.peer.fence();
    expect(begun()).toEqual([1, 3, 5, 7, 9]);
    expect(heard.map(({ closes }) => closes)).toEqual([1, 1, 1, 0, 0]);
  });

  test("are not overtaken by a request that is made when another ends", async () => {
    const meeting = await opened(settings([3, 1]));
    const order: string[] = [];
    ask(meeting, BODY, (word) => {
      if (word === "close") ask(meeting, Buffer.from("late"), () => order.push("late"));
    });
    ask(meeting, BODY, (word) => word === "close" && order.push("first"));
    for (const id of [1, 3, 5]) {
      await meeting.peer.hear(FRAME.data, id);
      meeting.peer.send(goodAnswer(id));
    }
    await meeting.peer.fence();
    expect(order[0]).toBe("first");
    expect([3, 5].map((id) => meeting.peer.message(id).subarray(5).toString())).toEqual(["body", "late"]);
  });

  test("wait until so many have ended, where the peer takes fewer in the middle, and go on where it takes more", async () => {
    const meeting = await opened(settings([3, 3]));
    for (let i = 0; i < 8; i++) ask(meeting);
    const { peer } = meeting;
    const begun = () => peer.heard(FRAME.headers).length;
    peer.send(settings([3, 1]), goodAnswer(1), goodAnswer(3));
    await peer.fence();
    expect(begun()).toBe(3);
    peer.send(goodAnswer(5));
    await peer.fence();
    expect(begun()).toBe(4);
    peer.send(settings([3, 3]));
    await peer.fence();
    expect(begun()).toBe(6);
    peer.send(settings([3, 0]), goodAnswer(7), goodAnswer(9), goodAnswer(11));
    await peer.fence();
    expect(begun()).toBe(6);
    expect(meeting.session.active).toBe(2);
  });

  test.each([
    ["the connection breaks", (meeting: Meeting) => meeting.peer.socket.resetAndDestroy()],
    ["the peer says no more", (meeting: Meeting) => meeting.peer.socket.end()],
    ["the peer goes away", (meeting: Meeting) => meeting.peer.send(goAway(2 ** 31 - 1))],
    ["the peer goes away for a reason", (meeting: Meeting) => meeting.peer.send(goAway(1, 11))],
    ["the session is cut", (meeting: Meeting) => meeting.session.destroy()],
  ])("have no id, so were not looked at, when %s", async (_what, happens) => {
    const meeting = await opened(settings([3, 1]));
    const [, begun] = ask(meeting);
    const waiting = [ask(meeting), ask(meeting)];
    await meeting.peer.hear(FRAME.data, 1);
    happens(meeting);
    await Promise.all(waiting.map(([, { closed }]) => closed));
    for (const [stream, heard] of waiting) {
      expect(stream.id).toBe(0);
      expect(heard.words).toEqual(["close"]);
    }
    meeting.session.destroy();
    await begun.closed;
    await meeting.gone;
    expect([begun, ...waiting.map(([, heard]) => heard)].map(({ closes }) => closes)).toEqual([1, 1, 1]);
    expect(meeting.session.active).toBe(0);
  });

  test("begin when others are cancelled, and their ids never come a second time", async () => {
    const meeting = await opened(settings([3, 1]));
    const asked = Array.from({ length: 4 }, () => ask(meeting));
    await meeting.peer.fence();
    meeting.session.cancel(asked[1]![0]);
    expect(asked[1]![1].words).toEqual(["close"]);
    meeting.session.cancel(asked[1]![0]);
    meeting.session.cancel(asked[0]![0]);
    await meeting.peer.fence();
    expect(asked.map(([{ id }]) => id)).toEqual([1, 0, 3, 0]);
    expect(meeting.peer.heard(FRAME.resetStream).map(({ streamId }) => streamId)).toEqual([1]);
    expect(asked[1]![1].closes).toBe(1);
  });
});

describe("a ping", () => {
  test("is answered with what it said, and an answer that nobody asked for is nothing", async () => {
    const { peer } = await opened();
    const text = Buffer.from("12345678");
    peer.send(frame(FRAME.ping, 0, 0, text), frame(FRAME.ping, ACK, 0, text));
    await peer.fence();
    expect(peer.heard(FRAME.ping)).toEqual([{ type: FRAME.ping, flags: ACK, streamId: 0, payload: text }]);
  });

  test("of ours is heard to be answered, once, and may lead to the next", async () => {
    const { peer, session } = await opened();
    const pongs: number[] = [];
    session.ping(() => {
      pongs.push(1);
      session.ping(() => pongs.push(2));
    });
    const { payload } = await peer.hear(FRAME.ping);
    expect(pongs).toEqual([]);
    const pong = frame(FRAME.ping, ACK, 0, payload);
    peer.send(pong);
    await peer.fence();
    expect(pongs).toEqual([1]);
    peer.send(pong, pong);
    await peer.fence();
    expect(pongs).toEqual([1, 2]);
  });
});

describe("the connection is ended, and the peer told why, for", () => {
  const { protocol, frameSize, flowControl, compression, enhanceYourCalm } = ERROR;
  const many = (count: number, one: Buffer): Buffer =>
    Buffer.concat(Array.from({ length: count }, () => one));
  test.each([
    ["a frame that is too long", frameSize, frame(0, 0, 1, Buffer.alloc(0), 16_385)],
    ["a push", protocol, frame(FRAME.pushPromise, END_HEADERS, 1, Buffer.alloc(4))],
    ["data of no stream", protocol, data(0, "x")],
    ["data of a stream that was not begun", protocol, data(5, "x")],
    ["data of a stream of its own", protocol, data(2, "x")],
    ["fields of a stream that was not begun", protocol, ok(5)],
    ["fields of no stream", protocol, ok(0)],
    ["a reset of a stream that was not begun", protocol, reset(5, 0)],
    ["a reset of no stream", protocol, reset(0, 0)],
    ["a reset of 3 bytes", frameSize, frame(FRAME.resetStream, 0, 1, Buffer.alloc(3))],
    ["a window of a stream that was not begun", protocol, windowUpdate(5, 1)],
    ["a window of 5 bytes", frameSize, frame(FRAME.windowUpdate, 0, 1, Buffer.alloc(5))],
    ["a window that grows by nothing", protocol, windowUpdate(0, 0)],
    ["a window that grows beyond what there is", flowControl, windowUpdate(0, 2 ** 31 - 1)],
    [
      "windows of streams that grow beyond what there is",
      flowControl,
      [settings([4, 65_535]), windowUpdate(1, 2 ** 30), settings([4, 2 ** 31 - 1])],
    ],
    ["settings of a stream", protocol, frame(FRAME.settings, 0, 1, Buffer.alloc(0))],
    ["settings of 7 bytes", frameSize, frame(FRAME.settings, 0, 0, Buffer.alloc(7))],
    ["an acknowledgement that says more", frameSize, frame(FRAME.settings, ACK, 0, Buffer.alloc(6))],
    ["a window that there is not", flowControl, settings([4, 2 ** 31])],
    ["a ping of a stream", protocol, frame(FRAME.ping, 0, 1, Buffer.alloc(8))],
    ["a ping of 7 bytes", frameSize, frame(FRAME.ping, 0, 0, Buffer.alloc(7))],
    ["a GOAWAY of a stream", protocol, frame(FRAME.goAway, 0, 1, Buffer.alloc(8))],
    ["a GOAWAY of 7 bytes", frameSize, frame(FRAME.goAway, 0, 0, Buffer.alloc(7))],
    ["padding longer than the data", protocol, [ok(1), data(1, "\x05abc", PADDED)]],
    ["padding longer than the fields", protocol, frame(FRAME.headers, PADDED, 1, Buffer.from([9, 0]))],
    ["fields that are no HPACK", compression, frame(FRAME.headers, END_HEADERS, 1, Buffer.from([0xff]))],
    ["a continuation of nothing", protocol, frame(FRAME.continuation, END_HEADERS, 1, Buffer.alloc(0))],
    [
      "a continuation of another stream",
      protocol,
      [ok(1, 0), frame(FRAME.continuation, 4, 3, Buffer.alloc(0))],
    ],
    ["fields broken off by data", protocol, [ok(1, 0), data(1, "x")]],
    ["fields broken off by a ping", protocol, [ok(1, 0), frame(FRAME.ping, 0, 0, Buffer.alloc(8))]],
    ["fields broken off by fields", protocol, [ok(1, 0), ok(1)]],
    ["fields broken off by a frame nobody knows", protocol, [ok(1, 0), frame(99, 0, 0, Buffer.alloc(0))]],
    [
      "endless continuations",
      enhanceYourCalm,
      [ok(1, 0), many(8000, frame(FRAME.continuation, 0, 1, Buffer.alloc(0)))],
    ],
  ])("%s", async (_what, code, bytes) => {
    const meeting = await opened();
    const asked = [ask(meeting), ask(meeting)];
    await meeting.peer.hear(FRAME.data, 3);
    // In one piece, so that nothing is left unread, for which a connection is broken off rather than ended.
    meeting.peer.send(...[bytes].flat());
    await meeting.gone;
    await meeting.peer.ended;
    expect(meeting.peer.goAways()).toEqual([code]);
    expect(meeting.session.failure).toMatchObject({ name: "Http2Error", errorCode: code });
    expect(meeting.session.isUsable).toBe(false);
    for (const [, { words, closes }] of asked) {
      expect(closes).toBe(1);
      expect(words.at(-1)).toBe("close");
      expect(words).not.toContain("end");
    }
    expect(meeting.owner.closed).toBe(1);
  });
});

describe("a stream is reset, and the others go on, for", () => {
  test.each([
    ["data before the answer", ERROR.protocol, [data(1, "x")]],
    ["an answer without a status", ERROR.protocol, [headers(1, [["a", "b"]])]],
    ["a status that there is not", ERROR.protocol, [headers(1, [[":status", "2000"]])]],
    [
      "a word between that ends",
      ERROR.protocol,
      [headers(1, [[":status", "100"]], END_HEADERS | END_STREAM)],
    ],
    ["fields in the middle of the answer", ERROR.protocol, [ok(1), headers(1, [["a", "b"]])]],
    ["a window that grows by nothing", ERROR.protocol, [windowUpdate(1, 0)]],
    ["a window that grows beyond what there is", ERROR.flowControl, [windowUpdate(1, 2 ** 31 - 1)]],
  ])("%s", async (_what, code, frames) => {
    const meeting = await opened();
    const [stream, heard] = ask(meeting);
    const [other, otherHeard] = ask(meeting);
    await meeting.peer.hear(FRAME.data, 3);
    meeting.peer.send(...frames, goodAnswer(1), goodAnswer(3));
    await Promise.all([heard.closed, otherHeard.closed]);
    await meeting.peer.fence();
    expect(meeting.peer.resets(1)).toEqual([code]);
    expect(stream.fault).toMatchObject({ name: "Http2Error", errorCode: code });
    expect(heard.words).not.toContain("end");
    expect(heard.closes).toBe(1);
    expect(otherHeard.words).toEqual(["flushed", ...CLOSING]);
    expect(other.fault).toBeUndefined();
    expect(meeting.peer.resets(3)).toEqual([]);
    expect(meeting.session).toMatchObject({ isUsable: true, failure: undefined });
  });
});

describe("a reset by the peer", () => {
  test.each([
    ["that waits for a window", settings([4, 3]), []],
    ["that is sent", GREETING, []],
    ["whose answer has begun", GREETING, [ok(1), data(1, "x")]],
  ])("ends a request %s, and no other", async (_what, greeting, before) => {
    const meeting = await opened(greeting);
    const [stream, heard] = ask(meeting);
    const [, other] = ask(meeting);
    await meeting.peer.fence();
    meeting.peer.send(...before, reset(1, 2), reset(1, 2));
    await heard.closed;
    expect(stream).toMatchObject({ resetCode: 2, isRefused: false });
    expect(heard.words).not.toContain("end");
    meeting.peer.send(windowUpdate(1, 1000));
    await meeting.peer.fence();
    expect(meeting.peer.message(1).length).toBe(greeting === GREETING ? 9 : 3);
    expect(meeting.peer.resets(1)).toEqual([]);
    expect(other.closes).toBe(0);
    expect(meeting.session.active).toBe(1);
  });

  test("as refused says that it was not looked at", async () => {
    const meeting = await opened();
    const [stream, heard] = ask(meeting);
    await meeting.peer.hear(FRAME.data, 1);
    meeting.peer.send(reset(1, ERROR.refusedStream));
    await heard.closed;
    expect(stream).toMatchObject({ resetCode: ERROR.refusedStream, isRefused: true });
  });
});

describe("a GOAWAY", () => {
  test.each([0, 11])("with code %i lets those finish that it names, and no other begins", async (code) => {
    const meeting = await opened(settings([3, 3]));
    const asked = Array.from({ length: 4 }, () => ask(meeting));
    await meeting.peer.hear(FRAME.data, 5);
    meeting.peer.send(goAway(1, code));
    await Promise.all(asked.slice(1).map(([, { closed }]) => closed));
    expect(meeting.session).toMatchObject({ isUsable: false, active: 1 });
    expect(asked.map(([{ id, isRefused }]) => [id, isRefused])).toEqual([
      [1, false],
      [3, true],
      [5, true],
      [0, false],
    ]);
    // A second one changes nothing for what it does not speak of.
    meeting.peer.send(goAway(1, code), goodAnswer(1));
    await meeting.gone;
    expect(asked.map(([, { words }]) => words.at(-2))).toEqual(["end", "flushed", "flushed", undefined]);
    expect(asked.map(([, { closes }]) => closes)).toEqual([1, 1, 1, 1]);
    expect(meeting.session.failure?.message).toBe(
      code === 0 ? undefined : "the target goes away: ENHANCE_YOUR_CALM",
    );
    await meeting.peer.ended;
    expect(meeting.peer.goAways()).toEqual([0]);
  });

  test("the second of which names fewer gives up those, too", async () => {
    const meeting = await opened();
    const asked = Array.from({ length: 3 }, () => ask(meeting));
    await meeting.peer.hear(FRAME.data, 5);
    meeting.peer.send(goAway(2 ** 31 - 1));
    await meeting.peer.fence();
    expect(meeting.session.active).toBe(3);
    meeting.peer.send(goAway(3));
    await asked[2]![1].closed;
    expect(asked.map(([{ isRefused }]) => isRefused)).toEqual([false, false, true]);
    expect(meeting.session.active).toBe(2);
  });

  test("on a session with nothing under way ends it at once", async () => {
    const { peer, gone, session } = await opened();
    peer.send(goAway(0));
    await gone;
    expect(session.failure).toBeUndefined();
  });
});

describe("a session that is retired", () => {
  test("takes nothing new, brings what it has to its end, waiting ones as well, and ends", async () => {
    const meeting = await opened(settings([3, 1]));
    const asked = [ask(meeting), ask(meeting)];
    meeting.session.retire();
    expect(meeting.session.isUsable).toBe(false);
    await meeting.peer.hear(FRAME.data, 1);
    meeting.peer.send(goodAnswer(1));
    await meeting.peer.hear(FRAME.data, 3);
    expect(meeting.peer.goAways()).toEqual([]);
    meeting.peer.send(goodAnswer(3));
    await meeting.gone;
    await meeting.peer.ended;
    expect(meeting.peer.goAways()).toEqual([0]);
    expect(asked.map(([, { words }]) => words)).toEqual([
      ["flushed", ...CLOSING],
      ["flushed", ...CLOSING],
    ]);
    expect(meeting.session.failure).toBeUndefined();
    expect(meeting.owner.closed).toBe(1);
  });

  test("with nothing under way ends at once, even where the peer does not hang up", async () => {
    const { session, gone, peer } = await opened();
    session.retire();
    session.retire();
    await gone;
    await peer.ended;
    expect(peer.goAways()).toEqual([0]);
  });

  test("ends even where the peer reads nothing of it", async () => {
    const { session, gone, peer, socket } = await opened(settings([4, 0]));
    peer.socket.pause();
    const list = [...LIST, "x-long", "~".repeat(20_000)];
    while (socket.writableLength < 1_000_000) {
      const stream = session.request(list, HEAD, BODY, new Heard());
      await new Promise(setImmediate);
      session.cancel(stream);
    }
    session.retire();
    await gone;
    expect(session.active).toBe(0);
  });
});

test("a peer that says no more is heard of at once by all", async () => {
  const meeting = await opened();
  const asked = [ask(meeting), ask(meeting)];
  await meeting.peer.hear(FRAME.data, 3);
  meeting.peer.send(ok(1));
  meeting.peer.socket.end();
  await meeting.gone;
  expect(asked.map(([, { words }]) => words)).toEqual([
    ["flushed", "fields", "close"],
    ["flushed", "close"],
  ]);
});

describe("a peer that asks and asks and reads no answers", () => {
  test.each([
    ["pings", frame(FRAME.ping, 0, 0, Buffer.alloc(8))],
    ["settings", settings()],
  ])("%s loses the connection, and little is kept for it", async (_what, one) => {
    const meeting = await opened();
    const { peer, session, socket } = meeting;
    const [, heard] = ask(meeting);
    peer.socket.pause();
    let most = 0;
    const some = Buffer.concat(Array.from({ length: Math.ceil(16_000 / one.length) }, () => one));
    for (let i = 0; i < 5000 && heard.closes === 0; i++) {
      most = Math.max(most, socket.writableLength);
      await new Promise((resolve) => peer.socket.write(some, resolve));
    }
    await heard.closed;
    expect(most).toBeLessThan(100_000);
    expect(session.failure).toMatchObject({ errorCode: ERROR.enhanceYourCalm });
  });

  test("and answers what it has not read loses the connection", async () => {
    const meeting = await opened(settings([4, 0]));
    const { peer, session } = meeting;
    peer.socket.pause();
    // Too long for any table, so that the sockets of both ends are soon full.
    const list = [...LIST, "x-long", "~".repeat(20_000)];
    let asked = 0;
    let closed = 0;
    const askOne = (): void => {
      asked++;
      const heard = new Heard((word) => {
        if (word !== "close") return;
        closed++;
        if (session.isUsable) askOne();
      });
      session.request(list, HEAD, BODY, heard);
    };
    askOne();
    // The next begins while the last is heard of, so its id is known.
    for (let id = 1; id < 20_000; id += 2) peer.send(ok(id, END_HEADERS | END_STREAM));
    await meeting.gone;
    expect(session.failure).toMatchObject({ errorCode: ERROR.enhanceYourCalm });
    expect(closed).toBe(asked);
  });
});

test("a peer that asks as often as one read has room for, again and again, and reads, is answered", async () => {
  const { peer, session } = await opened();
  for (let i = 0; i < 3; i++) {
    peer.send(...Array.from({ length: 1820 }, () => settings()));
    await peer.fence();
  }
  expect(peer.heard(FRAME.settings)).toHaveLength(2 + 3 * 1820);
  expect(session.isUsable).toBe(true);
});
