/**
 * Times in the text of logs. Written from the formats' own definitions, not from Stampede's code for them:
 * Common Log Format (Apache mod_log_config, %t), RFC 3339, RFC 3164 (4.1.2), klog (Kubernetes), Python's logging (ISO with comma).
 */

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const MONTH = `(?:${MONTHS.join("|")})`;

/** Formats by name: what such a text looks like, and the text of a moment with as many digits as the found one has. */
const FORMATS = [
  {
    name: "common log",
    pattern: new RegExp(String.raw`\b\d\d/${MONTH}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}`, "g"),
    write: (at: Moment) => `${at.day}/${at.month}/${at.year}:${at.time} +0000`,
  },
  {
    name: "RFC 3339",
    pattern: /\b\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)/g,
    write: (at: Moment, found: string) => {
      const digits = /\.(\d+)/.exec(found)?.[1]?.length ?? 0;
      const fraction = digits === 0 ? "" : `.${at.nanoseconds.slice(0, digits).padEnd(digits, "0")}`;
      return `${at.date}T${at.time}${fraction}Z`;
    },
  },
  {
    name: "RFC 3164",
    pattern: new RegExp(String.raw`\b${MONTH} [ \d]\d \d\d:\d\d:\d\d`, "g"),
    write: (at: Moment) => `${at.month} ${String(Number(at.day)).padStart(2)} ${at.time}`,
  },
  {
    name: "ISO with comma",
    pattern: /\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}/g,
    write: (at: Moment) => `${at.date} ${at.time},${at.nanoseconds.slice(0, 3)}`,
  },
  {
    name: "klog",
    pattern: /(?<=\b[IWEF])\d{4} \d\d:\d\d:\d\d\.\d{6}/g,
    write: (at: Moment) =>
      `${at.date.slice(5, 7)}${at.date.slice(8)} ${at.time}.${at.nanoseconds.slice(0, 6)}`,
  },
] as const;

export const TEXT_TIME_FORMATS = FORMATS.map(({ name }) => name);

interface Moment {
  date: string;
  year: string;
  month: string;
  day: string;
  time: string;
  /** Nine digits. */
  nanoseconds: string;
}

export interface TextTime {
  format: string;
  found: string;
  /** What it would have to be for the moment it was compared with. */
  expected: string;
}

/** The times that stand in `text`, each next to how `nanos` (since the epoch) reads in its format, in UTC. */
export function textTimes(text: string, nanos: bigint): TextTime[] {
  const times: TextTime[] = [];
  let at: Moment | undefined;
  for (const { name, pattern, write } of FORMATS) {
    for (const [found] of text.matchAll(pattern)) {
      at ??= momentOf(nanos);
      times.push({ format: name, found, expected: write(at, found) });
    }
  }
  return times;
}

/** The text with every time in it replaced by its format's name. */
export function blankTimes(text: string): string {
  return FORMATS.reduce((blank, { name, pattern }) => blank.replace(pattern, `<${name}>`), text);
}

function momentOf(nanos: bigint): Moment {
  const date = new Date(Number(nanos / 1_000_000n));
  const two = (value: number) => String(value).padStart(2, "0");
  const year = String(date.getUTCFullYear());
  const day = two(date.getUTCDate());
  return {
    date: `${year}-${two(date.getUTCMonth() + 1)}-${day}`,
    year,
    month: MONTHS[date.getUTCMonth()]!,
    day,
    time: `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`,
    nanoseconds: String(nanos % 1_000_000_000n).padStart(9, "0"),
  };
}
