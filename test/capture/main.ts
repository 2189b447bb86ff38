/**
 * The check of a capture from the command line: prints what it counted and what is wrong; exit code 1 when anything is.
 *
 *   node test/capture/main.ts --traces F --metrics F --logs F      each may come several times (rotated files)
 *   node test/capture/main.ts --directory D                        all files of a file exporter's directory
 */
import { parseArgs } from "node:util";
import { type CaptureFiles, type CaptureRules, checkCapture, filesOf } from "./check-capture.ts";
import type { DataRules, Semconv } from "./data-rules.ts";
import { summaryOf } from "./summary.ts";

const USAGE = `usage: main.ts (--directory D | [--traces F]... [--metrics F]... [--logs F]...)
  --not-before MS   Unix ms before which nothing was sent (less jitter and backdating)
  --not-after MS    Unix ms after which nothing was sent
  --max-age MS      longest distance of two times in one request (60000)
  --tail MS         the run was cut off: what its last MS name may be missing (0)
  --rootless        rootless traces are expected
  --restarts        series may begin again with a later start time
  --seed N          the replayer's seed: decode ids, count complete traces
  --semconv MODE    attribute names of spans: stable (default), old, dup; none: the data itself is not looked at
  --custom PREFIX   of keys that are the user's own; may come several times (app. and fat.)
  --error-rate R    the share of failed spans that was configured
  --series A/B/C    series of a metric that were configured: min, default, max
  --log-shares A/B/C  percentages of access, application and system records that were configured
  --json            everything as JSON`;

const text = { type: "string" } as const;
const files = { type: "string", multiple: true, default: [] as string[] } as const;
const flag = { type: "boolean", default: false } as const;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      directory: text,
      traces: files,
      metrics: files,
      logs: files,
      "not-before": text,
      "not-after": text,
      "max-age": text,
      tail: text,
      rootless: flag,
      restarts: flag,
      seed: text,
      semconv: { type: "string", default: "stable" },
      custom: files,
      "error-rate": text,
      series: text,
      "log-shares": text,
      json: flag,
    },
  });
  const { directory, traces, metrics, logs } = values;
  const named: CaptureFiles = directory === undefined ? { traces, metrics, logs } : filesOf(directory);
  if (named.traces.length + named.metrics.length + named.logs.length === 0)
    throw new Error(`no files\n${USAGE}`);
  const rules: Partial<CaptureRules> = { rootless: values.rootless, restarts: values.restarts };
  const set = (
    name: "notBeforeMs" | "notAfterMs" | "maxAgeMs" | "tailMs" | "seed",
    given: string | undefined,
  ) => {
    if (given === undefined) return;
    if (!/^\d+$/.test(given)) throw new Error(`${given} is not a whole number\n${USAGE}`);
    rules[name] = Number(given);
  };
  set("notBeforeMs", values["not-before"]);
  set("notAfterMs", values["not-after"]);
  set("maxAgeMs", values["max-age"]);
  set("tailMs", values.tail);
  set("seed", values.seed);
  if (values.semconv !== "none") rules.data = dataRules(values);
  const report = await checkCapture(named, rules);
  // In KiB.
  const maxRssBytes = process.resourceUsage().maxRSS * 1024;
  process.stdout.write(
    values.json ? `${JSON.stringify({ ...report, maxRssBytes }, null, 2)}\n` : summaryOf(report, maxRssBytes),
  );
  process.exitCode = report.ok ? 0 : 1;
}

interface DataFlags {
  semconv: string;
  custom: string[];
  "error-rate"?: string | undefined;
  series?: string | undefined;
  "log-shares"?: string | undefined;
}

function dataRules(flags: DataFlags): Partial<DataRules> {
  if (!["stable", "old", "dup"].includes(flags.semconv))
    throw new Error(`${flags.semconv} is no mode\n${USAGE}`);
  const rules: Partial<DataRules> = { semconv: flags.semconv as Semconv };
  if (flags.custom.length > 0) rules.customPrefixes = flags.custom;
  if (flags["error-rate"] !== undefined) rules.errorRate = numbers(flags["error-rate"], 1)[0]!;
  if (flags.series !== undefined) {
    const [min, middle, max] = numbers(flags.series, 3);
    rules.seriesPerMetric = { min: min!, default: middle!, max: max! };
  }
  if (flags["log-shares"] !== undefined) {
    const [access, application, system] = numbers(flags["log-shares"], 3);
    rules.logShares = { access: access!, application: application!, system: system! };
  }
  return rules;
}

function numbers(text: string, count: number): number[] {
  const values = text.split("/").map(Number);
  if (values.length !== count || values.some((value) => !Number.isFinite(value))) {
    throw new Error(`${text}: ${count} numbers are wanted, with slashes between them\n${USAGE}`);
  }
  return values;
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
});
