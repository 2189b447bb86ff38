/**
 * The example configs, run unchanged: those of the generator write what they ask for, and what the one with every key wrote goes out by
 * the replayer's file with every key.
 */
import { globSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { loadConfig } from "../config/load.ts";
import { generatorConfigSchema } from "../generator/config.ts";
import type { Report } from "../ledger/report.ts";
import { SIGNALS } from "../otlp/signal.ts";
import { startSink } from "../sink/sink.ts";
import type { TemplateMetadata } from "../template/metadata.ts";
import { run, stampede } from "./stampede.ts";

const EXAMPLES = fileURLToPath(new URL("../examples", import.meta.url));
const ALL = globSync("*.yaml", { cwd: EXAMPLES }).toSorted();
/** Said to be large in its first lines, and run by hand. */
const LARGE = "generator-full-size.yaml";
const OF_GENERATOR = ALL.filter((file) => file.includes("generator") && file !== LARGE);

let directory = "";
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "stampede-examples-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test("check accepts every example, and tells which command it is for", async () => {
  const files = ALL.map((file) => join(EXAMPLES, file));
  const launcher = fileURLToPath(new URL("../scripts/stampede", import.meta.url));
  const { exitCode, stdout } = await run(launcher, ["check", ...files], { HONEYCOMB_API_KEY: "key" });
  expect(exitCode).toBe(0);
  const kind = (file: string) => (file.includes("generator") ? "generator" : "replayer");
  expect(stdout.trimEnd().split("\n")).toEqual(
    files.map((file) => `${file}: ok (${kind(basename(file))} config)`),
  );
});

describe.each(OF_GENERATOR)("generate --config %s", (file) => {
  const config = loadConfig(join(EXAMPLES, file), generatorConfigSchema).value;
  let output = "";
  let metadata: TemplateMetadata;
  beforeAll(async () => {
    output = join(directory, basename(file, ".yaml"));
    const ran = await stampede("generate", "--config", join(EXAMPLES, file), "--output-dir", output);
    expect(ran.exitCode, ran.stderr).toBe(0);
    metadata = parse(readFileSync(join(output, "metadata.yaml"), "utf8"));
  });

  test("writes a file for each signal that is asked for, and no other", () => {
    const { spans, count } = config.traces;
    const asked = {
      traces: count > 0 || (spans.high_span_traces.enabled && spans.high_span_traces.count > 0),
      metrics: config.metrics.metric_count > 0,
      logs: config.logs.count > 0,
    };
    expect(Object.keys(metadata.signals)).toEqual(SIGNALS.filter((signal) => asked[signal]));
    for (const [signal, entry] of Object.entries(metadata.signals)) {
      expect(entry!.file).toBe(`${config.output.prefix}-${signal}.pb`);
      expect(statSync(join(output, entry!.file)).size).toBe(entry!.bytes);
    }
  });

  test("writes as many traces, spans, series and records as asked", () => {
    const { traces, metrics, logs } = metadata.signals;
    const { spans, count } = config.traces;
    const large = spans.high_span_traces;
    if (traces) {
      const largeCount = large.enabled ? large.count : 0;
      expect(traces.traces).toBe(count + largeCount);
      if (largeCount > 0) expect(traces.maxSpansPerTrace).toBe(large.span_count);
      const mean = (traces.items - largeCount * large.span_count) / count;
      // Five deviations of the mean of so many traces.
      expect(Math.abs(mean - spans.avg_per_trace)).toBeLessThan((5 * spans.std_dev) / Math.sqrt(count));
    }
    if (metrics) {
      const { min, max, default: usual } = config.metrics.timeseries_per_metric;
      expect(metrics.metrics).toBe(config.metrics.metric_count);
      expect(metrics.series).toBeGreaterThanOrEqual(min * metrics.metrics);
      expect(metrics.series).toBeLessThanOrEqual(max * metrics.metrics);
      expect(Math.abs(metrics.series / metrics.metrics - usual) / usual).toBeLessThan(0.05);
    }
    expect(logs?.items ?? 0).toBe(config.logs.count);
  });

  test("writes late roots in the share that is asked for", () => {
    const { enabled, percentage, delay_ms } = config.traces.root.late_root;
    const share = enabled ? percentage / 100 : 0;
    const count = config.traces.count;
    const deviation = Math.sqrt(count * share * (1 - share));
    // Rootless traces and those of one span have no late root: a few less than asked for.
    const rootless = config.traces.root.rootless.percentage / 100;
    expect(metadata.lateRoots.length).toBeGreaterThanOrEqual(
      count * share * (1 - rootless) * 0.95 - 5 * deviation,
    );
    expect(metadata.lateRoots.length).toBeLessThanOrEqual(count * share + 5 * deviation);
    expect(metadata.lateRoots.every(({ delayMs }) => delayMs === delay_ms)).toBe(true);
  });
});

test("replayer-every-key.yaml sends what generator-every-key.yaml wrote, and a sink with its seed finds nothing wrong", async () => {
  const sink = await startSink({ grpc: false, http: "127.0.0.1:0", seed: 7, doubtMs: 0 });
  const file = join(directory, "report.json");
  const { exitCode, stderr } = await stampede(
    "replay",
    ...["--config", join(EXAMPLES, "replayer-every-key.yaml")],
    // What the file names is another machine's: the port, the directory, and twenty seconds of time.
    ...["--endpoint", `http://${sink.httpAddress}`, "--input", join(directory, "generator-every-key")],
    ...["--report", file, "--duration", "5s"],
  );
  await sink.close();
  expect(exitCode, stderr).toBe(0);
  const report = JSON.parse(readFileSync(file, "utf8")) as Report;
  expect(report.balanced).toBe(true);
  expect(report.signals.traces!.accepted).toBeGreaterThan(1000);
  const { verification } = sink.report();
  expect(verification).toMatchObject({ ok: true, findings: {} });
});
