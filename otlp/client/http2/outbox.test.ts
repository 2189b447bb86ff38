import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { frame, GREETING, settings, uint32 } from "../../../test/fuzz/http2-frames.ts";
import { END_STREAM, FRAME, INITIAL_WINDOW_BYTES, MAX_FRAME_BYTES } from "./frames.ts";
import { HEAD, Heard, LIST, type Meeting, meet, type Peer } from "./test-peer.ts";

const windowUpdate = (streamId: number, bytes: number): Buffer =>
  frame(FRAME.windowUpdate, 0, streamId, uint32(bytes));

/** Bytes that tell their place, and of which request they are. */
function bodyOf(length: number, seed: number): Buffer {
  const body = Buffer.allocUnsafe(length);
  for (let i = 0; i < length; i++) body[i] = (i * 31 + (i >> 8) * 7 + seed * 101) & 255;
  return body;
}

async function opened(greeting: Buffer): Promise<Meeting> {
  const meeting = await meet(greeting);
  onTestFinished(meeting.end);
  return meeting;
}

type Deed =
  | { does: "request"; bytes: number }
  | { does: "window"; bytes: number }
  | { does: "frame"; bytes: number }
  | { does: "widen"; stream: number; bytes: number }
  | { does: "widenAll"; bytes: number }
  | { does: "reset"; stream: number };

const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ does: fc.constant("request"), bytes: fc.nat({ max: 150_000 }) }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant("window"), bytes: fc.nat({ max: 150_000 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ does: fc.constant("frame"), bytes: fc.integer({ min: 16_384, max: 60_000 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      does: fc.constant("widen"),
      stream: fc.nat({ max: 5 }),
      bytes: fc.integer({ min: 1, max: 60_000 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ does: fc.constant("widenAll"), bytes: fc.integer({ min: 1, max: 150_000 }) }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("reset"), stream: fc.nat({ max: 5 }) }) },
) as fc.Arbitrary<Deed>;

/** What the other end counts of one stream. */
type Count = { id: number; bytes: number; sent: number; window: number; isReset: boolean };

/** Counts what a client may send, as RFC 9113, 5.2 and 6.9 tell, and looks at what it sends. */
class Counter {
  readonly streams: Count[] = [];
  window = INITIAL_WINDOW_BYTES;
  firstWindow = INITIAL_WINDOW_BYTES;
  maxFrame = MAX_FRAME_BYTES;
  #seen = 0;

  /** The frames that came since. */
  look(peer: Peer): void {
    for (const { type, streamId, payload, flags } of peer.frames.slice(this.#seen)) {
      if (type !== FRAME.data) continue;
      const stream = this.streams.find(({ id }) => id === streamId)!;
      stream.window -= payload.length;
      stream.sent += payload.length;
      this.window -= payload.length;
      expect(payload.length).toBeLessThanOrEqual(this.maxFrame);
      expect(payload.length).toBeGreaterThan(0);
      expect(stream.isReset).toBe(false);
      expect(stream.window).toBeGreaterThanOrEqual(0);
      expect(this.window).toBeGreaterThanOrEqual(0);
      expect(flags).toBe(stream.sent === stream.bytes ? END_STREAM : 0);
    }
    this.#seen = peer.frames.length;
    // Nothing is held back for which there is room.
    for (const { sent, bytes, window, isReset } of this.streams) {
      if (!isReset && sent < bytes && window > 0) expect(this.window).toBe(0);
    }
  }
}

describe("for any windows and frame sizes, whenever they change,", () => {
  test("no more is sent than they allow, no less, and in the end all of it in order and unchanged", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(deed, { minLength: 1, maxLength: 14 }), async (deeds) => {
        const { session, peer, end } = await meet(settings());
        try {
          const counter = new Counter();
          const bodies: Buffer[] = [];
          const { streams } = counter;
          for (const act of deeds) {
            const stream = "stream" in act ? streams[act.stream] : undefined;
            if (act.does === "request") {
              const { id } = session.request(LIST, HEAD, bodyOf(act.bytes, streams.length), new Heard());
              bodies.push(bodyOf(act.bytes, streams.length));
              const bytes = HEAD.length + act.bytes;
              streams.push({ id, bytes, sent: 0, window: counter.firstWindow, isReset: false });
            } else if (act.does === "window") {
              for (const each of streams) each.window += act.bytes - counter.firstWindow;
              counter.firstWindow = act.bytes;
              peer.send(settings([4, act.bytes]));
            } else if (act.does === "frame") {
              counter.maxFrame = act.bytes;
              peer.send(settings([5, act.bytes]));
            } else if (act.does === "widenAll") {
              counter.window += act.bytes;
              peer.send(windowUpdate(0, act.bytes));
            } else if (stream && act.does === "widen") {
              stream.window += act.bytes;
              peer.send(windowUpdate(stream.id, act.bytes));
            } else if (stream && act.does === "reset") {
              stream.isReset = true;
              peer.send(frame(FRAME.resetStream, 0, stream.id, uint32(8)));
            }
            await peer.fence();
            counter.look(peer);
          }
          peer.send(settings([4, 2 ** 24]), windowUpdate(0, 2 ** 30));
          counter.window += 2 ** 30;
          for (const each of streams) each.window += 2 ** 24 - counter.firstWindow;
          await peer.fence();
          counter.look(peer);
          for (const [i, { id, isReset }] of streams.entries()) {
            const message = Buffer.concat([HEAD, bodies[i]!]);
            const came = peer.message(id);
            expect(came.equals(isReset ? message.subarray(0, came.length) : message)).toBe(true);
          }
        } finally {
          end();
        }
      }),
      { numRuns: 60 },
    );
  });
});

test("the oldest stream goes first when the window of the connection opens", async () => {
  const { session, peer } = await opened(settings([4, 2 ** 20]));
  for (let i = 0; i < 3; i++) session.request(LIST, HEAD, bodyOf(40_000, i), new Heard());
  await peer.fence();
  expect([1, 3, 5].map((id) => peer.message(id).length)).toEqual([40_005, 25_530, 0]);
  peer.send(windowUpdate(0, 20_000));
  await peer.fence();
  expect([1, 3, 5].map((id) => peer.message(id).length)).toEqual([40_005, 40_005, 5525]);
});

test("of a stream that was reset while it was held back nothing leaves, and the next takes its room", async () => {
  const { session, peer } = await opened(settings([4, 2 ** 20]));
  for (let i = 0; i < 3; i++) session.request(LIST, HEAD, bodyOf(40_000, i), new Heard());
  await peer.fence();
  peer.send(frame(FRAME.resetStream, 0, 3, uint32(8)), windowUpdate(0, 100_000));
  await peer.fence();
  expect([1, 3, 5].map((id) => peer.message(id).length)).toEqual([40_005, 25_530, 40_005]);
});

test("a list of header fields longer than a frame leaves as HEADERS and CONTINUATION, unbroken", async () => {
  const { session, peer } = await opened(GREETING);
  const list = [...LIST, "x-long", "\u0001".repeat(40_000)];
  session.request(LIST, HEAD, bodyOf(10, 1), new Heard());
  session.request(list, HEAD, bodyOf(10, 2), new Heard());
  session.request(LIST, HEAD, bodyOf(10, 3), new Heard());
  await peer.fence();
  const frames = peer.frames.filter(({ streamId }) => streamId > 0);
  const ofLong = frames.filter(({ streamId }) => streamId === 3);
  expect(ofLong.map(({ type }) => type)).toEqual([1, ...ofLong.slice(2).map(() => 9), 0]);
  expect(ofLong.length).toBeGreaterThan(3);
  expect(ofLong.slice(0, -1).map(({ flags }) => flags)).toEqual([0, ...ofLong.slice(3).map(() => 0), 4]);
  for (const { payload } of ofLong) expect(payload.length).toBeLessThanOrEqual(16_384);
  // Nothing of another stream in between.
  expect(frames.map(({ streamId }) => streamId)).toEqual([1, 1, ...ofLong.map(() => 3), 5, 5]);
});

test("a window that opens byte by byte, of a peer that reads nothing, fills no memory", async () => {
  const { session, peer, socket } = await opened(settings([4, 2 ** 24]));
  peer.send(windowUpdate(0, 2 ** 30));
  await peer.fence();
  peer.socket.pause();
  // More than the sockets of both ends take.
  const first = session.request(LIST, HEAD, Buffer.alloc(2 ** 23), new Heard());
  await expect.poll(() => socket.writableLength).toBeGreaterThan(0);
  peer.send(settings([4, 0]));
  await expect.poll(() => first.windowBytes).toBeLessThan(0);
  const stream = session.request(LIST, HEAD, Buffer.alloc(100_000), new Heard());
  const byByte = Buffer.concat(Array.from({ length: 20_000 }, () => windowUpdate(stream.id, 1)));
  peer.send(byByte);
  await expect.poll(() => stream.windowBytes + stream.sentBytes, { timeout: 20_000 }).toBe(20_000);
  expect(stream.openWrites).toBeLessThan(1000);
  peer.socket.resume();
  await peer.until(() => peer.message(stream.id).length === 20_000);
});
