/**
 * Numbers as people read them. Every function takes NaN for "not known" and writes a dash.
 */
const UNKNOWN = "-";

/** `21,508,200`: counts, to the last item. */
export function grouped(count: number): string {
  if (!Number.isFinite(count)) return UNKNOWN;
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ",");
}

const SI_PREFIXES = ["", "k", "M", "G", "T"];

/** `998 k`, `1.02 M`, `42`: three digits and an SI prefix, for what changes faster than it is read. */
export function si(value: number): string {
  if (!Number.isFinite(value)) return UNKNOWN;
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

/** `71 MB`: SI bytes. */
export function bytes(count: number): string {
  if (!Number.isFinite(count)) return UNKNOWN;
  const text = si(Math.round(count));
  return /[kMGT]$/.test(text) ? `${text}B` : `${text} B`;
}

/** `3.2 ms`, `14 s`: a latency or lag. */
export function milliseconds(ms: number): string {
  if (!Number.isFinite(ms)) return UNKNOWN;
  if (ms >= 99_950) return `${grouped(ms / 1000)} s`;
  if (ms >= 999.5) return `${threeDigits(ms / 1000)} s`;
  return ms < 0.005 ? "0 ms" : `${threeDigits(ms)} ms`;
}

/** `00:42`, `1:02:03`: time that runs. */
export function clock(ms: number): string {
  if (!Number.isFinite(ms)) return UNKNOWN;
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (part: number) => String(part).padStart(2, "0");
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  return hours > 0
    ? `${hours}:${two(minutes % 60)}:${two(seconds % 60)}`
    : `${two(minutes)}:${two(seconds % 60)}`;
}

function threeDigits(value: number): string {
  const size = Math.abs(value);
  if (size >= 99.95) return value.toFixed(0);
  return value.toFixed(size >= 9.995 ? 1 : 2);
}
