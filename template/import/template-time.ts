/** Telling template times, which are offsets, from times of the clock. */
import Long from "long";
import { ImportError } from "./import-error.ts";

/**
 * Nanoseconds from which on a time cannot be an offset: 9.5 years. As a time of the clock that would be in the year 1979, before
 * anything was traced.
 */
const MAX_OFFSET_NS = Long.fromString("300000000000000000", true);

/** Whether a time is there and an offset. */
export function isTemplateTime(time: Long | undefined): boolean {
  return time?.lessThanOrEqual(MAX_OFFSET_NS) === true;
}

/** Throws ImportError when a time is one of the clock. place: where it stands. */
export function refuseAbsolute(time: Long | undefined, place: string): void {
  if (time === undefined || isTemplateTime(time)) return;
  const date = new Date(time.divide(1_000_000).toNumber()).toISOString();
  throw new ImportError(
    "absolute_times",
    `${place}: times are absolute (${time} ns, ${date}), templates need offsets; record it as a template first (recording comes with a later release)`,
  );
}
