import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TIME_TEXTS } from "./slots.ts";
import { formatTime } from "./time-text.ts";

const formats = TIME_TEXTS.map(({ name, zero }, format) => ({ name, zero, format }));
const seconds = fc.integer({ min: 0, max: 4_102_444_799 });
const nanoseconds = fc.nat({ max: 999_999_999 });

describe.each(formats)("$name", ({ name, zero, format }) => {
  test("of time 0 is the text that templates hold", () => {
    expect(formatTime(format, 0, 0)).toBe(zero);
  });

  test("has one width for all times until 2100", () => {
    fc.assert(
      fc.property(seconds, nanoseconds, (s, ns) => {
        expect(formatTime(format, s, ns).length).toBe(zero.length);
      }),
      { numRuns: 1000 },
    );
  });

  test("reads back as the time, cut to the digits that it shows", () => {
    fc.assert(
      fc.property(seconds, nanoseconds, (s, ns) => {
        const text = formatTime(format, s, ns);
        const digits = {
          "RFC 3339 milliseconds": 3,
          "RFC 3339 microseconds": 6,
          "RFC 3339 nanoseconds": 9,
          "ISO, blank and comma": 3,
          klog: 6,
        };
        const shown = digits[name as keyof typeof digits] ?? 0;
        const utcYear = new Date(s * 1000).getUTCFullYear();
        const year = name === "RFC 3164" ? ` ${utcYear} UTC` : "";
        const isoLike = text
          .replace(/^(\d{4}-\d\d-\d\d) (.*),(\d+)$/, "$1T$2.$3Z")
          .replace(/^(\d\d)(\d\d) (\d\d:.*)$/, `${utcYear}-$1-$2T$3Z`);
        const parsed = Date.parse(isoLike.replace(/^(\d\d)\/(\w{3})\/(\d{4}):/, "$1 $2 $3 ") + year);
        const milliseconds = shown === 0 ? 0 : Math.floor(ns / 1e6);
        expect(parsed).toBe(s * 1000 + milliseconds);
        if (shown > 0) {
          const fraction = ns.toString().padStart(9, "0").slice(0, shown);
          expect(text).toMatch(new RegExp(`[.,]${fraction}Z?$`));
        }
      }),
      { numRuns: 1000 },
    );
  });
});

test("a moment has the same text however many others were asked for before it", () => {
  fc.assert(
    fc.property(fc.array(seconds, { minLength: 2, maxLength: 20 }), (moments) => {
      const first = moments.map((s) => formatTime(3, s, 0));
      expect(moments.toReversed().map((s) => formatTime(3, s, 0))).toEqual(first.toReversed());
    }),
  );
});
