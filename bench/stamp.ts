/**
 * Stamp speed per signal: reading records from a frozen file (page cache), and reading and stamping them.
 *
 * Templates come from the generator and are frozen into requests of about 1,000 items. The records are repeated up to
 * FILE_BYTES, so that they do not stay in the CPU's caches.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generatorConfigSchema } from "../generator/config.ts";
import { generate } from "../generator/generate.ts";
import { decodeRequest } from "../otlp/message/decode.ts";
import { encodeTemplateRequest } from "../otlp/message/encode.ts";
import type { Signal } from "../otlp/signal.ts";
import { freezeTemplate } from "../replayer/freeze/freeze.ts";
import { FrozenFile, FrozenFileWriter } from "../replayer/freeze/frozen-file.ts";
import { SendBuffer } from "../replayer/stamp/send-buffer.ts";
import { stamp } from "../replayer/stamp/stamp.ts";
import { newStampKey } from "../replayer/stamp/stamp-key.ts";
import { encodeFrame, readFrames } from "../template/frames.ts";
import { idKeyOf } from "../template/ids.ts";
import type { TemplateMetadata } from "../template/metadata.ts";
import type { Cell, CellRun } from "./cell.ts";

const FILE_BYTES = 96 * 1024 * 1024;

/** Spans of some 460 bytes, 15 a trace, without one trace that fills requests of its own. */
const CONFIG = generatorConfigSchema.parse({
  traces: {
    count: 4000,
    spans: { high_span_traces: { enabled: false } },
    custom_attributes: { count: 0, probability: 0 },
  },
  metrics: {
    metric_count: 300,
    timeseries_per_metric: { min: 100, max: 400, default: 200 },
    types: ["host_metrics", "k8s_node", "k8s_pod", "k8s_container", "application", "runtime", "database"],
  },
  logs: { count: 40_000 },
});
const TRACES_PER_REQUEST = 67;
const ITEMS_PER_REQUEST = 1000;

type MetricKind = "gauge" | "sum" | "histogram" | "exponentialHistogram";

/** What is stamped: a signal, of metrics only some kinds. */
const SUBJECTS: readonly { name: string; signal: Signal; kinds?: readonly MetricKind[] }[] = [
  { name: "traces", signal: "traces" },
  { name: "logs", signal: "logs" },
  { name: "metrics, as generated", signal: "metrics" },
  { name: "metrics, numbers", signal: "metrics", kinds: ["gauge", "sum"] },
  { name: "metrics, histograms", signal: "metrics", kinds: ["histogram"] },
  { name: "metrics, exponential histograms", signal: "metrics", kinds: ["exponentialHistogram"] },
];

/** Two cells a subject: reading alone, reading and stamping. */
export const stampCells: readonly Cell[] = SUBJECTS.flatMap((subject) => [
  { name: `stamp ${subject.name}: read`, prepare: () => prepare(subject, false) },
  {
    name: `stamp ${subject.name}: read, stamp`,
    against: `stamp ${subject.name}: read`,
    prepare: () => prepare(subject, true),
  },
]);

async function prepare({ signal, kinds }: (typeof SUBJECTS)[number], isStamping: boolean): Promise<CellRun> {
  const { directory, metadata } = await templates();
  const all = join(directory, metadata.signals[signal]!.file);
  const template = kinds ? filterMetrics(all, join(directory, "some.pb"), kinds) : all;
  const once = join(directory, "once.frozen");
  const summary = freezeTemplate(signal, template, once, {
    batchSize: signal === "traces" ? TRACES_PER_REQUEST : ITEMS_PER_REQUEST,
    maxRequestBytes: 3_670_016,
    seed: 0,
    jitterMs: 1000,
    linkLogs: true,
    lateRoots: [],
    models: metadata.metrics,
  });
  const often = join(directory, "often.frozen");
  repeat(once, often);
  const file = new FrozenFile(often);
  const perItem = (bytes: number) => (bytes / summary.items).toFixed(0);
  const recordBytes = Array.from({ length: file.batches }, (_, n) => file.recordBytes(n) / file.items(n));
  const slots = recordBytes.reduce((a, b) => a + b, 0) / file.batches - summary.bodyBytes / summary.items;
  return {
    fixture: `${perItem(summary.bodyBytes)} B an item and ${slots.toFixed(0)} of slots`,
    step: stepThrough(file, new SendBuffer(summary.maxRecordBytes), isStamping),
    close: () => file.close(),
  };
}

/** A step is one batch; times move on by one step of 16.8 ms each 20 batches. */
function stepThrough(file: FrozenFile, buffer: SendBuffer, isStamping: boolean): () => number {
  const idKey = idKeyOf(0);
  const key = newStampKey();
  key.incarnation = 0x1234_5678_9abc;
  key.runSteps = 107_000_000_000;
  let batch = 0;
  let requests = 0;
  return () => {
    file.read(batch, buffer.bytes);
    if (isStamping) {
      key.batch = batch;
      key.baseSteps = key.runSteps + Math.floor(requests / 20);
      key.previousSteps = key.baseSteps - 1;
      stamp(buffer, idKey, key);
    }
    const items = file.items(batch);
    requests++;
    if (++batch === file.batches) {
      batch = 0;
      key.pass++;
      key.instance++;
    }
    return items;
  };
}

let made: Promise<{ directory: string; metadata: TemplateMetadata }> | undefined;

/** The generated templates, made once a process in a directory that goes with it. */
function templates(): Promise<{ directory: string; metadata: TemplateMetadata }> {
  made ??= (async () => {
    const directory = mkdtempSync(join(tmpdir(), "stampede-bench-"));
    process.once("exit", () => rmSync(directory, { recursive: true, force: true }));
    const createdAt = "2026-01-01T00:00:00.000Z";
    return { directory, metadata: await generate(CONFIG, { outputDir: directory, createdAt }) };
  })();
  return made;
}

/** A copy of a metrics template that holds these kinds only. */
function filterMetrics(from: string, to: string, kinds: readonly MetricKind[]): string {
  const frames: Buffer[] = [];
  for (const { message } of readFrames(from)) {
    const request = decodeRequest("metrics", message);
    for (const { scopeMetrics } of request.resourceMetrics ?? []) {
      for (const scope of scopeMetrics ?? []) {
        scope.metrics = (scope.metrics ?? []).filter((metric) => kinds.some((kind) => metric[kind]));
      }
    }
    frames.push(encodeFrame(encodeTemplateRequest("metrics", request)));
  }
  writeFileSync(to, Buffer.concat(frames));
  return to;
}

/** A frozen file of the same batches, again and again, up to FILE_BYTES. */
function repeat(from: string, to: string): void {
  const source = new FrozenFile(from);
  const writer = new FrozenFileWriter(to);
  for (let bytes = 0, batch = 0; bytes < FILE_BYTES; batch = (batch + 1) % source.batches) {
    const record = Buffer.alloc(source.recordBytes(batch));
    source.read(batch, record);
    writer.append(record, source.items(batch), 0);
    bytes += record.length;
  }
  writer.finish(source.summary);
  source.close();
}
