/**
 * Values with units as people write them: durations (`10s`, `1h30m`) and sizes (`32MiB`), and their zod types.
 */
import { z } from "zod";

const MS_PER_UNIT: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Milliseconds of a duration such as `10s`, `5m`, `1h30m`, `250ms`, `1.5s` or `0`; undefined when it is none.
 * Only zero goes without a unit: a bare 10 could mean seconds or milliseconds.
 */
export function parseDuration(text: string): number | undefined {
  const compact = text.trim().replaceAll("_", "");
  if (/^0+(\.0+)?$/.test(compact)) return 0;
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(compact)) return undefined;
  let ms = 0;
  for (const [, amount, unit] of compact.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
    ms += Number(amount) * MS_PER_UNIT[unit!]!;
  }
  return Number.isFinite(ms) ? ms : undefined;
}

/** What a duration must look like, for error texts. */
export const DURATION_FORM = "a duration such as 500ms, 10s, 5m or 1h30m";

/** What `parseDuration` takes, blanks around it aside; for JSON Schema, so in the syntax of any engine. */
const DURATION_PATTERN = "^(0+(\\.0+)?|([0-9][0-9_]*(\\.[0-9]+)?(ms|s|m|h|d))+)$";

/** A duration in a config file; milliseconds in the parsed value. Give its default with `.prefault("10s")`. */
export function duration() {
  return (
    z
      .union([z.string(), z.number()])
      .transform((written, context) => {
        const ms = parseDuration(String(written));
        if (ms !== undefined) return ms;
        context.addIssue({ code: "custom", message: `must be ${DURATION_FORM}` });
        return z.NEVER;
      })
      // In JSON Schema a pattern concerns texts only, and a range numbers only.
      .meta({ expected: DURATION_FORM, short: "duration", pattern: DURATION_PATTERN, minimum: 0, maximum: 0 })
  );
}

const BYTES_PER_UNIT: Record<string, number> = {
  "": 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
};

/** Bytes of a size such as `3670016`, `3.5MiB`, `32 MiB` or `10_000`; undefined when it is none or not a whole number of bytes. */
export function parseBytes(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*(b|[kmg]i?b)?$/i.exec(text.trim().replaceAll("_", ""));
  if (!match) return undefined;
  const bytes = Number(match[1]) * BYTES_PER_UNIT[(match[2] ?? "").toLowerCase()]!;
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** The texts that `parseBytes` takes. */
const SIZE_PATTERN = "^[0-9][0-9_]*(\\.[0-9]+)?\\s*([bB]|[kKmMgG][iI]?[bB])?$";

/** A size in a config file, at least `min` bytes; bytes in the parsed value. Give its default with `.prefault("32MiB")`. */
export function byteSize(min: number, max = Number.MAX_SAFE_INTEGER) {
  const limits = max === Number.MAX_SAFE_INTEGER ? `of ${min} bytes or more` : `from ${min} to ${max} bytes`;
  const form = `a size such as 500kB or 32MiB, ${limits}`;
  return z
    .union([z.string(), z.number()])
    .transform((written, context) => {
      const bytes = parseBytes(String(written));
      if (bytes !== undefined && bytes >= min && bytes <= max) return bytes;
      context.addIssue({ code: "custom", message: `must be ${form}` });
      return z.NEVER;
    })
    .meta({ expected: form, short: `size ${limits}`, pattern: SIZE_PATTERN, minimum: min, maximum: max });
}
