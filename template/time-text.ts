/**
 * Times as the texts that logs carry: every format has a fixed width, so a text can be overwritten in place.
 * All are UTC, as the records' own times are.
 */
import { TIME_TEXTS } from "./slots.ts";

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/**
 * Text of a moment in the format TIME_TEXTS[format].
 *
 * seconds      since the Unix epoch, an integer >= 0
 * nanoseconds  within the second, 0 to 999,999,999; formats cut it to the digits they show
 */
export function formatTime(format: number, seconds: number, nanoseconds: number): string {
  const iso = isoTextOf(seconds);
  const date = iso.slice(0, 10);
  const time = iso.slice(11, 19);
  const month = MONTHS[Number(iso.slice(5, 7)) - 1]!;
  const day = iso.slice(8, 10);
  switch (TIME_TEXTS[format]!.name) {
    case "common log":
      return `${day}/${month}/${iso.slice(0, 4)}:${time} +0000`;
    case "RFC 3339 microseconds":
      return `${date}T${time}.${digits(nanoseconds / 1000, 6)}Z`;
    case "RFC 3339 milliseconds":
      return `${date}T${time}.${digits(nanoseconds / 1_000_000, 3)}Z`;
    case "RFC 3339 seconds":
      return `${date}T${time}Z`;
    case "RFC 3164":
      return `${month} ${day.replace(/^0/, " ")} ${time}`;
    case "ISO, blank and comma":
      return `${date} ${time},${digits(nanoseconds / 1_000_000, 3)}`;
    case "RFC 3339 nanoseconds":
      return `${date}T${time}.${digits(nanoseconds, 9)}Z`;
    case "klog":
      return `${iso.slice(5, 7)}${day} ${time}.${digits(nanoseconds / 1000, 6)}`;
  }
}

function digits(value: number, width: number): string {
  return Math.floor(value).toString().padStart(width, "0");
}

/** The latest few seconds: texts of one moment are asked for in many formats and fractions, and a Date is most of the cost. */
const KEPT = 4;
const keptSeconds = new Float64Array(KEPT).fill(-1);
const keptTexts: string[] = [];

function isoTextOf(seconds: number): string {
  const place = seconds % KEPT;
  if (keptSeconds[place] !== seconds) {
    keptTexts[place] = new Date(seconds * 1000).toISOString();
    keptSeconds[place] = seconds;
  }
  return keptTexts[place]!;
}
