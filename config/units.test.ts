import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { byteSize, duration, parseBytes, parseDuration } from "./units.ts";

describe("parseDuration", () => {
  test.each([
    ["10s", 10_000],
    ["5m", 300_000],
    ["1h30m", 5_400_000],
    ["250ms", 250],
    ["1.5s", 1500],
    ["1m500ms", 60_500],
    ["2d", 172_800_000],
    ["0", 0],
    ["0s", 0],
    [" 10s ", 10_000],
    ["10_000ms", 10_000],
  ])("%s is %d ms", (text, ms) => expect(parseDuration(text)).toBe(ms));

  test.each(["", "10", "s", "10 s", "-1s", "1e3s", "10S", "10x", "10s5", "fast", "Infinity", "∞"])(
    "%j is none",
    (text) => expect(parseDuration(text)).toBeUndefined(),
  );

  test("hours, minutes, seconds and milliseconds add up", () => {
    const part = fc.nat(1000);
    fc.assert(
      fc.property(part, part, part, part, (h, m, s, ms) => {
        expect(parseDuration(`${h}h${m}m${s}s${ms}ms`)).toBe(((h * 60 + m) * 60 + s) * 1000 + ms);
      }),
    );
  });

  test("any text gives a number of 0 or more, or nothing", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const ms = parseDuration(text);
        if (ms !== undefined) expect(ms).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe("parseBytes", () => {
  test.each([
    ["3670016", 3_670_016],
    ["3.5MiB", 3_670_016],
    ["32 MiB", 33_554_432],
    ["500kB", 500_000],
    ["1gib", 1_073_741_824],
    ["10_000", 10_000],
    ["0", 0],
  ])("%s is %d bytes", (text, bytes) => expect(parseBytes(text)).toBe(bytes));

  test.each(["", "1.5", "MiB", "-1", "1MM", "1 2", "99999999999GiB"])("%j is none", (text) => {
    expect(parseBytes(text)).toBeUndefined();
  });
});

test("a duration in a schema takes 0 as a number, and no other number", () => {
  expect(duration().safeParse(0)).toMatchObject({ success: true, data: 0 });
  expect(duration().safeParse(10).success).toBe(false);
  expect(duration().prefault("10s").parse(undefined)).toBe(10_000);
});

test("a size in a schema holds its limits, both ends included", () => {
  const schema = byteSize(1024, 2048);
  expect([1023, 1024, 2048, 2049].map((bytes) => schema.safeParse(bytes).success)).toEqual([
    false,
    true,
    true,
    false,
  ]);
});

describe("the patterns for JSON Schema", () => {
  /** Texts that are nearly of the form. Grouping underscores aside: the parsers are more generous with them than the patterns. */
  const text = fc.stringMatching(/^[0-9]{1,4}(\.[0-9]{0,2})? ?[a-zA-Z]{0,3}[0-9]?[a-z]?$/);
  const patternOf = (schema: { meta(): unknown }) =>
    new RegExp((schema.meta() as { pattern: string }).pattern);

  test("take the durations that are durations", () => {
    const pattern = patternOf(duration());
    // Blanks around it are the parser's own generosity.
    const isLike = (each: string) => pattern.test(each.trim()) === (parseDuration(each) !== undefined);
    fc.assert(fc.property(text, isLike));
    expect(["10_000ms", "1h30m", "0"].every((each) => pattern.test(each))).toBe(true);
  });

  test("take every size that is one, and nothing without a number", () => {
    const pattern = patternOf(byteSize(0));
    fc.assert(fc.property(text, (each) => parseBytes(each) === undefined || pattern.test(each)));
    expect(["3.5MiB", "32 MiB", "10_000", "500kB"].every((each) => pattern.test(each))).toBe(true);
    expect(["MiB", "-1", "1 potato", "0x10", ""].some((each) => pattern.test(each))).toBe(false);
  });
});
