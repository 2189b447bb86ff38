import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { settings } from "../../../test/fuzz/http2-frames.ts";
import { ERROR, FRAME_HEAD_BYTES, Http2Error } from "./frames.ts";
import { clientSettings, DEFAULT_PEER_SETTINGS, settingsAfter } from "./peer-settings.ts";

type Pairs = readonly (readonly [number, number])[];

const payloadOf = (pairs: Pairs): Buffer => settings(...pairs).subarray(FRAME_HEAD_BYTES);
const taken = (...pairs: Pairs) => settingsAfter(DEFAULT_PEER_SETTINGS, payloadOf(pairs));

describe("of what the other end says", () => {
  test.each([
    ["its header table", 1, 0, { headerTableBytes: 0 }],
    ["its header table", 1, 2 ** 32 - 1, { headerTableBytes: 2 ** 32 - 1 }],
    ["that nothing is pushed", 2, 0, {}],
    ["how many streams it takes", 3, 0, { maxStreams: 0 }],
    ["how many streams it takes", 3, 2 ** 32 - 1, { maxStreams: 2 ** 32 - 1 }],
    ["the first window of a stream", 4, 0, { windowBytes: 0 }],
    ["the first window of a stream", 4, 2 ** 31 - 1, { windowBytes: 2 ** 31 - 1 }],
    ["its longest frame", 5, 16_384, { maxFrameBytes: 16_384 }],
    ["its longest frame", 5, 2 ** 24 - 1, { maxFrameBytes: 2 ** 24 - 1 }],
    ["the longest list of header fields", 6, 10, {}],
    ["what nobody has heard of", 0xf000, 1, {}],
  ])("%s (%i = %i) is taken, and nothing else changes", (_what, id, value, change) => {
    expect(taken([id, value])).toEqual({ ...DEFAULT_PEER_SETTINGS, ...change });
  });

  test.each([
    ["that it wants to be pushed to", 2, 1, ERROR.protocol],
    ["a window that there is not", 4, 2 ** 31, ERROR.flowControl],
    ["a longest frame below the least", 5, 16_383, ERROR.protocol],
    ["a longest frame above the most", 5, 2 ** 24, ERROR.protocol],
  ])("%s (%i = %i) is refused", (_what, id, value, errorCode) => {
    expect(() => taken([id, value])).toThrow(expect.objectContaining({ name: "Http2Error", errorCode }));
  });

  test("the last counts of what comes twice, and what it does not speak of stays", () => {
    const first = taken([4, 10], [3, 7], [4, 20]);
    expect(first).toMatchObject({ windowBytes: 20, maxStreams: 7 });
    expect(settingsAfter(first, payloadOf([[4, 5]]))).toEqual({ ...first, windowBytes: 5 });
    expect(first.windowBytes).toBe(20);
  });

  test.each([1, 5, 7, 13])("%i bytes are no settings", (length) => {
    expect(() => settingsAfter(DEFAULT_PEER_SETTINGS, Buffer.alloc(length))).toThrow(
      expect.objectContaining({ errorCode: ERROR.frameSize }),
    );
  });

  test("any bytes are settings within their bounds, or refused", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          const result = settingsAfter(DEFAULT_PEER_SETTINGS, Buffer.from(bytes));
          expect(result.windowBytes).toBeLessThan(2 ** 31);
          expect(result.maxFrameBytes).toBeGreaterThanOrEqual(16_384);
          expect(result.maxFrameBytes).toBeLessThan(2 ** 24);
        } catch (error) {
          if (!(error instanceof Http2Error)) throw error;
        }
      }),
    );
  });
});

test("a client says that nothing may be pushed, and how large a list of header fields it keeps", () => {
  expect(clientSettings(65_536)).toEqual(
    payloadOf([
      [2, 0],
      [6, 65_536],
    ]),
  );
});
