/**
 * The check of a capture from the command line: prints what it counted and what is wrong as JSON; exit code 1 when anything is.
 *
 *   node test/capture/main.ts --traces F --metrics F --logs F      each may come several times (rotated files)
 *   node test/capture/main.ts --directory D                        all files of a file exporter's directory
 */
import { parseArgs } from "node:util";
import { type CaptureFiles, type CaptureRules, checkCapture, filesOf } from "./check-capture.ts";

const USAGE = `usage: main.ts (--directory D | [--traces F]... [--metrics F]... [--logs F]...)
  --not-before MS   Unix ms before which nothing was sent (less jitter and backdating)
  --not-after MS    Unix ms after which nothing was sent
  --max-age MS      longest distance of two times in one request (60000)
  --tail MS         the run was cut off: what its last MS name may be missing (0)
  --rootless        rootless traces are expected
  --restarts        series may begin again with a later start time
  --seed N          the replayer's seed: decode ids, count complete traces`;

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
  const report = await checkCapture(named, rules);
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  process.exitCode = report.ok ? 0 : 1;
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
});
