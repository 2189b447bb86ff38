/**
 * The reports that replicas leave in a directory, one JSON file each.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { COUNTERS, type Counter } from "../../ledger/counts.ts";
import { mergeReports, type Report } from "../../ledger/report.ts";
import { reportSchema } from "../../ledger/report-schema.ts";
import { type PerSignal, perSignal } from "../../otlp/signal.ts";

/** Sums of all replicas for one signal (see ledger/counts.ts). */
export type ReplicaItems = Record<Counter, number>;

/** A file that is no replica's report. */
export class ReplicaReportError extends Error {
  override readonly name = "ReplicaReportError";
  readonly code = "bad_replica_report";
}

/** Names of the report files in `directory`, sorted. A file that is being written has another ending than .json. */
export function listReports(directory: string): string[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith(".json"))
    .sort();
}

/**
 * The sum of the reports in `directory` that are called `names`; undefined when there are none.
 *
 * Throws ReplicaReportError naming the file when one is not a report.
 */
export function mergeReportFiles(directory: string, names: readonly string[]): Report | undefined {
  if (names.length === 0) return undefined;
  return mergeReports(names.map((name) => readReport(join(directory, name))));
}

/** Counters of every signal, 0 where the report has none. */
export function itemsOf(report: Report | undefined): PerSignal<ReplicaItems> {
  return perSignal(
    (signal) =>
      Object.fromEntries(
        COUNTERS.map((counter) => [counter, report?.signals[signal]?.[counter] ?? 0]),
      ) as ReplicaItems,
  );
}

function readReport(path: string): Report {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw new ReplicaReportError(`${path}: must be a report as JSON, ${(cause as Error).message}`, { cause });
  }
  const parsed = reportSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { path: where, message } = parsed.error.issues[0]!;
  throw new ReplicaReportError(
    `${path}: ${where.join(".")}: ${message}; it must be a report of stampede replay`,
  );
}
