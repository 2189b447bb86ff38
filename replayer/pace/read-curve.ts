/**
 * A curve from a CSV file: `seconds,events_per_second` a line, such as any tool exports. The first line may be a heading; empty lines
 * and those that begin with # say nothing.
 */
import { readFileSync, statSync } from "node:fs";
import { MAX_RATE } from "../config/values.ts";
import type { CurvePoint } from "./laws/curve.ts";

/** A file that holds no curve. */
export class CurveError extends Error {
  override readonly name = "CurveError";
  readonly code = "bad_curve";
}

/** A point a second for ten days; more than that is another file than was meant. */
const MAX_BYTES = 16 * 1024 * 1024;
const NUMBER = /^[+]?\d[\d_]*(\.\d+)?(e[-+]?\d+)?$/i;
const FORM = "must be SECONDS,EVENTS_PER_SECOND, two numbers of 0 or more";

/** Read the points of a file, relative to the working directory. Throws CurveError with file and line. */
export function readCurve(file: string): CurvePoint[] {
  return parseCurve(textOf(file), file);
}

/** The points of a text; `file` is its name in errors. Throws CurveError. */
export function parseCurve(text: string, file: string): CurvePoint[] {
  const points: CurvePoint[] = [];
  let isFirst = true;
  for (const [index, line] of text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .entries()) {
    const place = `${file}:${index + 1}`;
    if (/^\s*(#|$)/.test(line)) continue;
    const cells = line.split(/[,;\t]/).map((cell) => cell.trim());
    const isHeading = isFirst && !cells.some((cell) => /^[-+.\d]/.test(cell));
    isFirst = false;
    if (isHeading) continue;
    const point = pointOf(cells);
    if (!point) throw new CurveError(`${place} ${FORM}, got ${shown(line)}`);
    if (point.rate > MAX_RATE) {
      throw new CurveError(`${place} must be at most ${MAX_RATE} events per second, got ${point.rate}`);
    }
    const before = points.at(-1);
    if (before && point.atMs < before.atMs) {
      throw new CurveError(
        `${place} must not go back in time: ${point.atMs / 1000} s comes after ${before.atMs / 1000} s; sort the lines by their first column`,
      );
    }
    points.push(point);
  }
  if (points.length === 0) throw new CurveError(`${file}: has no points; each line ${FORM}`);
  if (points.every(({ rate }) => rate === 0)) {
    throw new CurveError(`${file}: every rate is 0, so nothing would ever be sent`);
  }
  return points;
}

function pointOf(cells: readonly string[]): CurvePoint | undefined {
  if (cells.length !== 2 || !cells.every((cell) => NUMBER.test(cell))) return undefined;
  const [seconds, rate] = cells.map((cell) => Number(cell.replaceAll("_", "")));
  if (!Number.isFinite(seconds) || !Number.isFinite(rate)) return undefined;
  return { atMs: seconds! * 1000, rate: rate! };
}

function textOf(file: string): string {
  try {
    if (statSync(file).size > MAX_BYTES)
      throw new CurveError(`${file}: is larger than 16 MiB; is it a curve?`);
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof CurveError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    const what =
      code === "ENOENT"
        ? "no such file"
        : code === "EISDIR"
          ? "is a directory; name a CSV file"
          : `cannot be read (${code})`;
    throw new CurveError(`${file}: ${what}; it is the curve of sending.rate_limit.law.curve or --curve`, {
      cause: error,
    });
  }
}

function shown(line: string): string {
  return JSON.stringify(line.length > 60 ? `${line.slice(0, 60)}...` : line);
}
