/**
 * The reports that replicas leave in a directory, one JSON file each, and their sum.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { COUNTERS, type Counter } from "../../ledger/counts.ts";
import { type PerSignal, perSignal, SIGNALS } from "../../otlp/signal.ts";

/** Sums of all replicas for one signal, in items (see ledger/counts.ts). */
export type ReplicaItems = Record<Counter, number>;

/** A file that is no replica's report. */
export class ReplicaReportError extends Error {
  override readonly name = "ReplicaReportError";
  readonly code = "bad_replica_report";
}

const counters = z.object(
  Object.fromEntries(COUNTERS.map((name) => [name, z.number()])) as Record<Counter, z.ZodNumber>,
);
const reportShape = z.object({
  signals: z.object(Object.fromEntries(SIGNALS.map((signal) => [signal, counters.optional()]))),
});

/** Names of the report files in `directory`, sorted. A file that is being written has another ending than .json. */
export function listReports(directory: string): string[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith(".json"))
    .sort();
}

/**
 * Add up the reports in `directory` that are called `names`.
 *
 * Throws ReplicaReportError naming the file when one is not a report.
 */
export function sumReports(directory: string, names: readonly string[]): PerSignal<ReplicaItems> {
  const sums = perSignal(() => Object.fromEntries(COUNTERS.map((counter) => [counter, 0])) as ReplicaItems);
  for (const name of names) {
    const { signals } = readReport(join(directory, name));
    for (const signal of SIGNALS) {
      for (const counter of COUNTERS) sums[signal][counter] += signals[signal]?.[counter] ?? 0;
    }
  }
  return sums;
}

function readReport(path: string): z.infer<typeof reportShape> {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw new ReplicaReportError(`${path}: must be a report as JSON, ${(cause as Error).message}`, { cause });
  }
  const parsed = reportShape.safeParse(value);
  if (parsed.success) return parsed.data;
  const { path: where, message } = parsed.error.issues[0]!;
  throw new ReplicaReportError(
    `${path}: ${where.join(".")}: ${message}; is this a report of stampede replay?`,
  );
}
