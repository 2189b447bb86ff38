/**
 * Generate a set of templates: up to three frame files and the metadata that describes them.
 *
 * The same release, config and seed give the same bytes of every .pb file, on any machine. Existing files stay untouched until
 * all new ones are complete.
 */
import { rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SIGNALS, type Signal } from "../otlp/signal.ts";
import packageJson from "../package.json" with { type: "json" };
import { METADATA_FILE, type TemplateMetadata } from "../template/metadata.ts";
import type { GeneratorConfig } from "./config.ts";
import { FrameFile, type FrameFileTotals } from "./frame-file.ts";
import { writeLogs } from "./logs/write-logs.ts";
import { metadataText } from "./metadata-text.ts";
import { writeMetrics } from "./metrics/write-metrics.ts";
import { checkPlaces, checkSpace, makeDirectory, removeDirectories } from "./output-directory.ts";
import { writingTo } from "./output-error.ts";
import { Random } from "./random.ts";
import { buildScenario, type Scenario } from "./scenario/scenario.ts";
import { makeSamples, type SpanSamples } from "./span-sample.ts";
import { writeTraces } from "./traces/write-traces.ts";

/** How far a signal is. */
export interface GenerateProgress {
  signal: Signal;
  /** Spans, data points or log records written. */
  items: number;
  /** About how many there will be. */
  expected: number;
}

export interface GenerateOptions {
  /** Where to; the config's `output.directory` by default. Made if it is not there. */
  outputDir?: string;
  /** Whether to write OTLP/JSON twins of the files too. */
  json?: boolean;
  /** The time to note in the metadata, ISO 8601. An argument, as nothing in here reads a clock. */
  createdAt: string;
  onProgress?: (progress: GenerateProgress) => void;
  /** Ends the work early: `generate` throws the signal's reason and leaves no file behind. */
  abort?: AbortSignal;
}

/** The attribute by which metric resources are multiplied when they are sent. */
const INSTANCE_ATTRIBUTE = "service.instance.id";

/** Path of a signal's template file in a set. */
export function templatePath(directory: string, prefix: string, signal: Signal): string {
  return join(directory, templateName(prefix, signal));
}

function templateName(prefix: string, signal: Signal): string {
  return `${prefix}-${signal}.pb`;
}

/**
 * Write a set of templates; returns what `metadata.yaml` says.
 *
 * A signal of which the config asks nothing gets no file, and one of an earlier set with the same prefix is removed.
 * Throws OutputError when the file system refuses; then no file has changed, unless the last step, the renaming, failed half way.
 */
export async function generate(config: GeneratorConfig, options: GenerateOptions): Promise<TemplateMetadata> {
  const directory = options.outputDir ?? config.output.directory;
  const made = await makeDirectory(directory);
  const random = new Random(config.seed);
  const scenario = buildScenario(config, random);
  const files = new Map<Signal, FrameFile>();
  const metadataPath = join(directory, METADATA_FILE);
  const temporary = `${metadataPath}.${process.pid}.tmp`;
  try {
    await checkPlaces(directory, outputNames(config, options.json ?? false));
    await checkSpace(directory, expectedBytes(config, options.json ?? false));
    const metadata = await writeSignals(config, scenario, random, options, async (signal) => {
      const path = templatePath(directory, config.output.prefix, signal);
      const file = await FrameFile.create(
        signal,
        path,
        options.json ? jsonTwin(path) : undefined,
        options.abort,
      );
      files.set(signal, file);
      return file;
    });
    await writingTo(metadataPath, () => writeFile(temporary, metadataText(metadata)));
    for (const file of files.values()) await file.publish();
    await writingTo(metadataPath, () => rename(temporary, metadataPath));
    await removeStale(config, directory, files, options.json ?? false);
    return metadata;
  } catch (error) {
    for (const file of files.values()) await file.discard();
    await rm(temporary, { force: true }).catch(() => {});
    await removeDirectories(made);
    throw error;
  }
}

/** Write the files of all signals, one after the other: logs need spans that traces have shown. */
async function writeSignals(
  config: GeneratorConfig,
  scenario: Scenario,
  random: Random,
  options: GenerateOptions,
  create: (signal: Signal) => Promise<FrameFile>,
): Promise<TemplateMetadata> {
  const samples = makeSamples(config.logs.count, random.fork("samples"));
  const metadata: TemplateMetadata = {
    format: 1,
    generator: `stampede ${packageJson.version}`,
    createdAt: options.createdAt,
    seed: config.seed,
    config,
    signals: {},
    lateRoots: [],
    instanceAttribute: INSTANCE_ATTRIBUTE,
    metrics: {},
  };
  const expected = expectedItems(config);
  const report = (signal: Signal) => (items: number) =>
    options.onProgress?.({ signal, items, expected: expected[signal] });
  if (expected.traces > 0) await writeTraceFile(await create("traces"), report("traces"));
  if (expected.metrics > 0) await writeMetricFile(await create("metrics"), report("metrics"));
  if (expected.logs > 0) await writeLogFile(await create("logs"), samples, report("logs"));
  return metadata;

  async function writeTraceFile(file: FrameFile, onProgress: (items: number) => void): Promise<void> {
    const totals = await writeTraces(config, scenario, random.fork("traces"), file, samples, onProgress);
    const { traces, maxSpansPerTrace, spanEvents, spanLinks, lateRoots } = totals;
    metadata.lateRoots = lateRoots;
    metadata.signals.traces = {
      ...fileEntry(config, "traces", await file.close()),
      traces,
      maxSpansPerTrace,
      spanEvents,
      spanLinks,
    };
  }

  async function writeMetricFile(file: FrameFile, onProgress: (items: number) => void): Promise<void> {
    let items = 0;
    const counting = {
      write(message: Uint8Array, count: number) {
        items += count;
        onProgress(items);
        return file.write(message, count);
      },
    };
    const { metrics, series, models } = await writeMetrics(
      config,
      scenario,
      random.fork("metrics"),
      counting,
    );
    metadata.metrics = models;
    metadata.signals.metrics = { ...fileEntry(config, "metrics", await file.close()), metrics, series };
  }

  async function writeLogFile(
    file: FrameFile,
    spans: SpanSamples,
    onProgress: (items: number) => void,
  ): Promise<void> {
    const { linked } = await writeLogs(config, scenario, random.fork("logs"), file, spans, onProgress);
    metadata.signals.logs = { ...fileEntry(config, "logs", await file.close()), linked };
  }
}

/** Items that a config asks for, exact for logs, about right for the others. */
export function expectedItems({ traces, metrics, logs }: GeneratorConfig): Record<Signal, number> {
  const { avg_per_trace, high_span_traces: large } = traces.spans;
  return {
    traces: traces.count * avg_per_trace + (large.enabled ? large.count * large.span_count : 0),
    metrics: metrics.metric_count * metrics.timeseries_per_metric.default,
    logs: logs.count,
  };
}

/** Bytes of a usual item in a file, in protobuf and as OTLP/JSON. */
const ITEM_BYTES = {
  traces: { pb: 600, json: 2500 },
  metrics: { pb: 150, json: 600 },
  logs: { pb: 380, json: 1500 },
} as const;

/** What the files of a config will take, about. */
function expectedBytes(config: GeneratorConfig, json: boolean): number {
  const items = expectedItems(config);
  const { per_span_min, per_span_max, value_bytes } = config.traces.custom_attributes;
  const fatBytes = ((per_span_min + per_span_max) / 2) * (value_bytes + 20);
  let bytes = items.traces * fatBytes * (json ? 2 : 1);
  for (const signal of SIGNALS) {
    bytes += items[signal] * (ITEM_BYTES[signal].pb + (json ? ITEM_BYTES[signal].json : 0));
  }
  return bytes;
}

/** Names of all files of a set. */
function outputNames(config: GeneratorConfig, json: boolean): string[] {
  const items = expectedItems(config);
  const signals = SIGNALS.filter((signal) => items[signal] > 0);
  const names = signals.map((signal) => templateName(config.output.prefix, signal));
  return [...names, ...(json ? names.map(jsonTwin) : []), METADATA_FILE];
}

function fileEntry(config: GeneratorConfig, signal: Signal, totals: FrameFileTotals) {
  const { bytes, frames, items, sha256 } = totals;
  return { file: templateName(config.output.prefix, signal), sha256, bytes, frames, items };
}

function jsonTwin(path: string): string {
  return path.replace(/\.pb$/, ".json");
}

/** Remove files of an earlier set that the new metadata does not describe. */
async function removeStale(
  config: GeneratorConfig,
  directory: string,
  files: ReadonlyMap<Signal, unknown>,
  json: boolean,
): Promise<void> {
  for (const signal of SIGNALS) {
    const path = templatePath(directory, config.output.prefix, signal);
    if (!files.has(signal)) await rm(path, { force: true });
    if (!files.has(signal) || !json) await rm(jsonTwin(path), { force: true });
  }
}
