/**
 * Which characters of a time in text are the same in which other texts of a request.
 *
 * The base of a request keeps its texts in one hour (stamp-key.ts, settleBase), so all of them share their date, as it is spelt, and their
 * hour. Minutes to fractions are shared by texts of the same moment, whatever their format.
 */
import { TIME_TEXTS } from "../../template/slots.ts";

/**
 * One letter a character. Equal letters are equal characters: capitals A to D, the spellings of a date, and H, the hour, in all texts of a
 * request; s (minute and second), m, u and n (milli-, micro- and nanoseconds) in those of one moment. Dots never change.
 */
const PATTERNS: Record<(typeof TIME_TEXTS)[number]["name"], string> = {
  "common log": "AAAAAAAAAAA.HH.sssss......",
  "RFC 3339 microseconds": "BBBBBBBBBB.HH.sssss.mmmuuu.",
  "RFC 3339 milliseconds": "BBBBBBBBBB.HH.sssss.mmm.",
  "RFC 3339 seconds": "BBBBBBBBBB.HH.sssss.",
  "RFC 3164": "CCCCCC.HH.sssss",
  "ISO, blank and comma": "BBBBBBBBBB.HH.sssss.mmm",
  "RFC 3339 nanoseconds": "BBBBBBBBBB.HH.sssss.mmmuuunnn.",
  klog: "DDDD.HH.sssss.mmmuuu",
};

/** Characters of a time in text that change together. */
export interface TimeTextPart {
  readonly letter: string;
  /** First character, and how many there are. */
  readonly from: number;
  readonly length: number;
  /** Shared by all texts of a request, not only by those of the same moment. */
  readonly isOfRequest: boolean;
}

/** The parts of each of TIME_TEXTS, in the order of the text. */
export const TIME_TEXT_PARTS: readonly (readonly TimeTextPart[])[] = TIME_TEXTS.map(({ name }) =>
  [...PATTERNS[name].matchAll(/([A-Za-z])\1*/g)].map(({ 0: letters, 1: letter, index }) => ({
    letter: letter!,
    from: index,
    length: letters.length,
    isOfRequest: letter! < "a",
  })),
);
