/**
 * A long run into a real Collector, with everything checked that can be: rate, the counts of report and Collector, memory and
 * CPU of the replayer, and with the file exporter what it wrote. docs/measuring.md has the runs that matter.
 *
 *   node bench/soak/main.ts --backend nop --protocol grpc --rate 100000 --duration 60s
 *   node bench/soak/main.ts --backend file --protocol http/protobuf --compression zstd --rate 5000 --duration 60s
 *
 * Prints one JSON document; exit code 1 when something does not hold. --keep leaves the capture, and says where.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Report } from "../../ledger/report.ts";
import { SIGNALS } from "../../otlp/signal.ts";
import { type CaptureReport, checkCapture, filesOf } from "../../test/capture/check-capture.ts";
import { startCollector } from "../../test/collector.ts";
import { stampede } from "../../test/stampede.ts";

/** Largest difference from the rate that was asked for. */
const RATE_TOLERANCE = 0.01;
/** Largest memory of the replayer. */
const MAX_RSS_BYTES = 100e6;
/** Templates' jitter, twice, and a step: how far before the start of the run a moment may lie. */
const BEFORE_MS = 2 * 1000 + 17;

const { values: flags } = parseArgs({
  options: {
    backend: { type: "string", default: "nop" },
    protocol: { type: "string", default: "grpc" },
    compression: { type: "string", default: "none" },
    rate: { type: "string", default: "100000" },
    duration: { type: "string", default: "60s" },
    processes: { type: "string", default: "1" },
    input: { type: "string" },
    config: { type: "string" },
    keep: { type: "boolean", default: false },
  },
});

const directory = mkdtempSync(join(tmpdir(), "stampede-soak-"));
const exports = join(directory, "exports");
mkdirSync(exports);
const collector = await startCollector(flags.backend, { COLLECTOR_EXPORT_DIRECTORY: exports });
try {
  const file = join(directory, "report.json");
  const endpoint = flags.protocol === "grpc" ? collector.grpc : collector.http;
  const optional = [
    ...(flags.input === undefined ? [] : [`--input=${flags.input}`]),
    ...(flags.config === undefined ? [] : [`--config=${flags.config}`]),
  ];
  const beganMs = Date.now();
  const ran = await stampede(
    "replay",
    ...optional,
    `--endpoint=${endpoint}`,
    `--protocol=${flags.protocol}`,
    `--compression=${flags.compression}`,
    `--rate=${flags.rate}`,
    `--duration=${flags.duration}`,
    `--processes=${flags.processes}`,
    `--report=${file}`,
  );
  const endedMs = Date.now();
  process.stderr.write(ran.stderr);
  if (ran.exitCode !== 0 && ran.exitCode !== 1) throw new Error(`replay ended with ${ran.exitCode}`);
  const report = JSON.parse(readFileSync(file, "utf8")) as Report;
  const received = (await collector.selfMetrics()).counters
    .filter(({ kind, outcome }) => kind === "receiver" && outcome === "accepted")
    .reduce((sum, { items }) => sum + items, 0);
  await collector.stop();
  const window = { notBeforeMs: beganMs - BEFORE_MS, notAfterMs: endedMs };
  // The run is cut at its duration: what its last pass names may be missing.
  const capture =
    flags.backend === "file"
      ? await checkCapture(filesOf(exports), { ...window, tailMs: 10_000, seed: 0 })
      : undefined;
  const result = judge(report, ran.exitCode, received, capture);
  process.stdout.write(`${JSON.stringify({ flags, ...result, capture }, null, 2)}\n`);
  process.exitCode = Object.values(result.holds).every(Boolean) ? 0 : 1;
} finally {
  await collector.dispose();
  if (flags.keep) process.stderr.write(`kept: ${directory}\n`);
  else rmSync(directory, { recursive: true, force: true });
}

/** The figures of a run, and what holds of it. */
function judge(report: Report, exitCode: number, received: number, capture: CaptureReport | undefined) {
  const total = (counter: "sent" | "accepted") =>
    SIGNALS.reduce((sum, signal) => sum + (report.signals[signal]?.[counter] ?? 0), 0);
  const [sent, accepted] = [total("sent"), total("accepted")];
  const eventsPerSecond = sent / (report.durationMs / 1000);
  const captured =
    capture && (capture.traces?.spans ?? 0) + (capture.metrics?.points ?? 0) + (capture.logs?.records ?? 0);
  return {
    figures: {
      eventsPerSecond: Math.round(eventsPerSecond),
      sent,
      accepted,
      received,
      captured,
      maxRssMegabytes: Math.round(report.maxRssBytes / 1e6),
      cpuSeconds: report.cpuSeconds,
      worstLagMs: report.lagMs,
      latencyMs: Object.fromEntries(SIGNALS.map((signal) => [signal, report.signals[signal]?.latencyMs])),
    },
    holds: {
      exitCode: exitCode === 0,
      balanced: report.balanced,
      rate: Math.abs(eventsPerSecond / Number(flags.rate) - 1) <= RATE_TOLERANCE,
      counts: sent === accepted && accepted === received && (captured === undefined || captured === sent),
      memory: report.maxRssBytes <= MAX_RSS_BYTES,
      ...(capture && { capture: capture.ok }),
    },
  };
}
