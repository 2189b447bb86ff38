/**
 * Numbers as people read them, in widths that do not jump. Every function writes a dash for what is not known: NaN, null, undefined.
 */
const UNKNOWN = "–";

type Known = number | null | undefined;

const isKnown = (value: Known): value is number => typeof value === "number" && Number.isFinite(value);

const GROUPED = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** `21,508,200`: counts, to the last item. */
export function grouped(count: Known): string {
  return isKnown(count) ? GROUPED.format(count) : UNKNOWN;
}

const SI_PREFIXES = ["", "k", "M", "G", "T"];

/** `998`, `1.02 k`, `12.3 M`: three digits and an SI prefix, for what changes faster than it is read. */
export function si(value: Known): string {
  if (!isKnown(value)) return UNKNOWN;
  let scaled = value;
  let prefix = 0;
  // 999.5 would be rounded to 1000, which is the next prefix's 1.00.
  while (Math.abs(scaled) >= 999.5 && prefix < SI_PREFIXES.length - 1) {
    scaled /= 1000;
    prefix++;
  }
  if (prefix === 0) return Number.isInteger(scaled) ? String(scaled) : threeDigits(scaled);
  return `${threeDigits(scaled)} ${SI_PREFIXES[prefix]}`;
}

/** `999,999`, and from a million on `1.02 M`: six digits at most. */
export function shortened(count: Known): string {
  return isKnown(count) && Math.abs(count) >= 999_999.5 ? si(count) : grouped(count);
}

/** `71.0 MB`: SI bytes. */
export function bytes(count: Known): string {
  if (!isKnown(count)) return UNKNOWN;
  const text = si(Math.round(count));
  return /[kMGT]$/.test(text) ? `${text}B` : `${text} B`;
}

/** `3.20 ms`, `14.0 s`: a latency or lag. */
export function milliseconds(ms: Known): string {
  if (!isKnown(ms)) return UNKNOWN;
  if (ms >= 99_950) return `${grouped(ms / 1000)} s`;
  if (ms >= 999.5) return `${threeDigits(ms / 1000)} s`;
  return ms < 0.005 ? "0 ms" : `${threeDigits(ms)} ms`;
}

/** `99.98 %`, and never `100 %` of what is not all: 0 <= share <= 1. */
export function percent(share: Known): string {
  if (!isKnown(share)) return UNKNOWN;
  if (share === 0 || share === 1) return `${share * 100} %`;
  const text = (share * 100).toFixed(share < 0.1 ? 2 : share > 0.99 ? 2 : 1);
  if (Number(text) === 100) return ">99.99 %";
  return Number(text) === 0 ? "<0.01 %" : `${text} %`;
}

/** `1.25`: cores, ratios. */
export function decimal(value: Known): string {
  return isKnown(value) ? threeDigits(value) : UNKNOWN;
}

/** `00:42`, `1:02:03`: time that runs. */
export function clock(ms: Known): string {
  if (!isKnown(ms)) return UNKNOWN;
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (part: number) => String(part).padStart(2, "0");
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  return hours > 0
    ? `${hours}:${two(minutes % 60)}:${two(seconds % 60)}`
    : `${two(minutes)}:${two(seconds % 60)}`;
}

/** `14:03:27` in the reader's time zone. */
export function timeOfDay(ms: number): string {
  const at = new Date(ms);
  const two = (part: number) => String(part).padStart(2, "0");
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

const DATE_AND_TIME = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });

/** `22 Nov 2026, 14:03:27` in the reader's time zone. */
export function dateAndTime(ms: number): string {
  return Number.isFinite(ms) ? DATE_AND_TIME.format(ms) : UNKNOWN;
}

/** `1 replica`, `1,204 replicas`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}

/** `a, b and c`. */
export function listed(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
}

function threeDigits(value: number): string {
  const size = Math.abs(value);
  if (size >= 99.95) return value.toFixed(0);
  return value.toFixed(size >= 9.995 ? 1 : 2);
}
