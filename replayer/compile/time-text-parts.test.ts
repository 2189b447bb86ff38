import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TIME_TEXTS } from "../../template/slots.ts";
import { formatTime } from "../../template/time-text.ts";
import { TIME_TEXT_PARTS } from "./time-text-parts.ts";

const HOUR_SECONDS = 3600;

/** Two moments of one hour: seconds and nanoseconds. */
const moments = fc
  .tuple(
    fc.integer({ min: 0, max: 4_102_444_800 / HOUR_SECONDS }),
    fc.tuple(fc.nat(HOUR_SECONDS - 1), fc.nat(999_999_999)),
    fc.tuple(fc.nat(HOUR_SECONDS - 1), fc.nat(999_999_999)),
  )
  .map(([hour, ...both]) => both.map(([second, ns]) => [hour * HOUR_SECONDS + second, ns] as const));

const format = fc.nat(TIME_TEXTS.length - 1);

describe("the parts of a time in text", () => {
  test("are the same in all texts of an hour, or of a moment, as they say", () => {
    fc.assert(
      fc.property(moments, format, format, ([first, second], one, other) => {
        const texts = [
          formatTime(one, ...first!),
          formatTime(other, ...second!),
          formatTime(other, ...first!),
        ];
        for (const part of TIME_TEXT_PARTS[one]!) {
          const end = part.from + part.length;
          const like = TIME_TEXT_PARTS[other]!.find(({ letter }) => letter === part.letter);
          if (like === undefined) continue;
          const ofOther = part.isOfRequest ? texts[1]! : texts[2]!;
          expect(ofOther.slice(like.from, like.from + like.length)).toBe(texts[0]!.slice(part.from, end));
        }
      }),
    );
  });

  test.each(TIME_TEXTS.map(({ name, zero }, index) => ({ name, zero, index })))(
    "of $name are all that ever changes in it",
    ({ zero, index }) => {
      const inParts = new Set(
        TIME_TEXT_PARTS[index]!.flatMap(({ from, length }) => Array.from({ length }, (_, n) => from + n)),
      );
      fc.assert(
        fc.property(moments, ([moment]) => {
          const text = formatTime(index, ...moment!);
          for (let at = 0; at < zero.length; at++) if (!inParts.has(at)) expect(text[at]).toBe(zero[at]);
        }),
      );
    },
  );
});
