/**
 * Freeze: compile a template file into batches that are ready but for their slots.
 *
 * Runs ahead of the clock, in bounded memory: frames are read one by one, a batch is assembled, its slots are located, its
 * record is appended to the frozen file. See template/slots.ts for the record and docs/template-format.md for the input.
 */

import { WireError } from "../../otlp/message/wire.ts";
import type { Signal } from "../../otlp/signal.ts";
import { type Frame, FrameError, readFrames } from "../../template/frames.ts";
import type { LateRoot, ValueModel } from "../../template/metadata.ts";
import { frozenInstanceId } from "../../template/slots.ts";
import { Assembler } from "./assemble.ts";
import { FreezeError } from "./freeze-error.ts";
import { CONTINUES_TRACE, FrozenFileWriter, type FrozenSummary } from "./frozen-file.ts";
import { logJitterNs, traceJitterNs } from "./jitter.ts";
import { locateLogSlots } from "./locate-logs.ts";
import { locateMetricSlots, type MetricFindings } from "./locate-metrics.ts";
import { locateTraceSlots } from "./locate-traces.ts";
import { ResourceNumbers } from "./resource-numbers.ts";
import { type ScannedTrace, scanTraces } from "./scan-traces.ts";
import { SlotTable } from "./slot-table.ts";

/** Everything besides the template that decides what a frozen file holds. */
export interface FreezeSettings {
  /** Traces, data points or log records of one request. */
  batchSize: number;
  /** Largest body of a request. */
  maxRequestBytes: number;
  seed: number;
  jitterMs: number;
  /** False: log records go out without the ids of the spans they belong to. */
  linkLogs: boolean;
  /** Value models by metric name, from the template's metadata. */
  models: Readonly<Record<string, ValueModel>>;
  /** Traces whose root leaves later than the rest, from the template's metadata. */
  lateRoots: readonly LateRoot[];
}

/** Called now and then with the bytes of the template that are done. */
export type FreezeProgress = (bytes: number) => void;

/**
 * Freeze the template file of one signal into `target`, which appears only when it is complete.
 * Throws FreezeError, FrameError: the template breaks its contract; the text names the file.
 */
export function freezeTemplate(
  signal: Signal,
  templatePath: string,
  target: string,
  settings: FreezeSettings,
  onProgress: FreezeProgress = () => {},
): FrozenSummary {
  const writer = new FrozenFileWriter(target);
  const summary: FrozenSummary = {
    signal,
    items: 0,
    droppedItems: 0,
    dropped: [],
    traces: 0,
    lateRoots: 0,
    bodyBytes: 0,
    maxRecordBytes: 0,
    series: 0,
    metricNames: Object.keys(settings.models).length,
    lifetimeSeconds: null,
    hasDelta: false,
    linked: 0,
  };
  try {
    FREEZE[signal](templatePath, writer, settings, summary, onProgress);
    if (writer.batches === 0) throw new FreezeError("the file holds nothing that can be sent");
    summary.maxRecordBytes = writer.maxRecordBytes;
    writer.finish(summary);
    return summary;
  } catch (error) {
    writer.abandon();
    if (error instanceof FreezeError) {
      throw new FrameError(`${templatePath}: ${error.message}`, { cause: error });
    }
    throw error;
  }
}

type FreezeSignal = (
  templatePath: string,
  writer: FrozenFileWriter,
  settings: FreezeSettings,
  summary: FrozenSummary,
  onProgress: FreezeProgress,
) => void;

const FREEZE: Record<Signal, FreezeSignal> = {
  traces: freezeTraces,
  metrics: freezeMetrics,
  logs: freezeLogs,
};

/**
 * Whole traces, up to batchSize of them and the byte limit, share a request. A trace that is larger than a request gets
 * requests of its own, so that what it takes to keep its base time over all of them touches no neighbour.
 *
 * Roots that leave later stand in records of their own. They are aligned as the rest of their traces is, so that under the same
 * base time the parts fit together.
 */
function freezeTraces(
  templatePath: string,
  writer: FrozenFileWriter,
  settings: FreezeSettings,
  summary: FrozenSummary,
  onProgress: FreezeProgress,
): void {
  const slots = new SlotTable();
  const delays = new Map(settings.lateRoots.map(({ trace, delayMs }) => [trace, delayMs]));
  const alignments = new Map<number, number>();
  let tracesInBody = 0;
  let isInParts = false;
  // A body that closes while a trace is being added is followed by one that goes on with this trace.
  let isAdding = false;
  let continues = false;
  let rootsDelayMs = 0;
  let rootsLowestSteps = 0;
  const limits = { items: Number.POSITIVE_INFINITY, bytes: settings.maxRequestBytes };
  const locate = (body: Buffer, items: number): void => {
    slots.reset();
    explainWireErrors(`span ${summary.items} or one behind it`, () =>
      locateTraceSlots(body, slots, (ordinal) => alignments.get(ordinal)!),
    );
    summary.items += items;
    summary.bodyBytes += body.length;
  };
  const roots = new Assembler("traces", limits, (body, items) => {
    locate(body, items);
    writer.appendLateRoots(slots.layOut(body), items, rootsDelayMs);
    rootsLowestSteps = Math.min(rootsLowestSteps, slots.lowestSteps);
    summary.lateRoots += items;
  });
  const assembler = new Assembler("traces", limits, (body, items) => {
    roots.flush();
    locate(body, items);
    slots.reach(rootsLowestSteps);
    writer.append(slots.layOut(body), items, continues ? CONTINUES_TRACE : 0);
    rootsLowestSteps = 0;
    continues = isAdding;
  });
  const add = (to: Assembler, { message, index, position }: Frame, trace: number): void => {
    const before = to.oversizedItems;
    explainWireErrors(`frame ${index}`, () => to.add(message));
    noteDropped(summary, to.oversizedItems - before, `${settings.maxRequestBytes}`, `trace ${trace}`);
    onProgress(position);
  };
  const flush = (): void => {
    assembler.flush();
    // Roots whose traces had nothing else that could be sent: they go with the next batch.
    roots.flush();
    alignments.clear();
    tracesInBody = 0;
    isInParts = false;
    continues = false;
  };
  const frames = readFrames(templatePath);
  for (const trace of scanTraces(templatePath)) {
    const isFull =
      tracesInBody >= settings.batchSize || assembler.bytes + trace.bytesBound > settings.maxRequestBytes;
    if (isFull || isInParts) flush();
    isInParts = trace.bytesBound > settings.maxRequestBytes;
    alignments.set(trace.ordinal, trace.endNs + traceJitterNs(settings, trace.ordinal));
    const delayMs = delays.get(trace.ordinal);
    if (delayMs !== undefined) {
      checkLateRoot(trace);
      if (delayMs !== rootsDelayMs) roots.flush();
      rootsDelayMs = delayMs;
      add(roots, frames.next().value!, trace.ordinal);
    }
    isAdding = true;
    for (let frame = delayMs === undefined ? 0 : 1; frame < trace.frames; frame++) {
      add(assembler, frames.next().value!, trace.ordinal);
    }
    isAdding = false;
    tracesInBody++;
    summary.traces++;
  }
  flush();
  frames.return(undefined);
}

function checkLateRoot({ ordinal, frames, firstFrameSpans }: ScannedTrace): void {
  if (frames > 1 && firstFrameSpans === 1) return;
  throw new FreezeError(
    `trace ${ordinal}: is in lateRoots of metadata.yaml, so its first frame must hold its root alone and others the rest; found ${firstFrameSpans} spans in the first of ${frames} frames`,
  );
}

function freezeLogs(
  templatePath: string,
  writer: FrozenFileWriter,
  settings: FreezeSettings,
  summary: FrozenSummary,
  onProgress: FreezeProgress,
): void {
  const slots = new SlotTable();
  const assembler = new Assembler(
    "logs",
    { items: settings.batchSize, bytes: settings.maxRequestBytes },
    (body, items) => {
      slots.reset();
      const context = {
        firstRecord: summary.items,
        jitterNs: (record: number) => logJitterNs(settings, record),
        isLinked: settings.linkLogs,
      };
      summary.linked += explainWireErrors(`log record ${summary.items} or one behind it`, () =>
        locateLogSlots(body, slots, context),
      );
      writer.append(slots.layOut(body), items, 0);
      summary.items += items;
      summary.bodyBytes += body.length;
    },
  );
  assembleAll(templatePath, assembler, settings, summary, onProgress);
}

function freezeMetrics(
  templatePath: string,
  writer: FrozenFileWriter,
  settings: FreezeSettings,
  summary: FrozenSummary,
  onProgress: FreezeProgress,
): void {
  const slots = new SlotTable();
  const findings: MetricFindings = { series: 0, lifetimeSeconds: Number.POSITIVE_INFINITY, hasDelta: false };
  const numbers = new ResourceNumbers();
  const assembler = new Assembler(
    "metrics",
    { items: settings.batchSize, bytes: settings.maxRequestBytes },
    (body, items) => {
      slots.reset();
      explainWireErrors(`data point ${summary.items} or one behind it`, () =>
        locateMetricSlots(body, slots, settings.models, findings),
      );
      writer.append(slots.layOut(body), items, 0);
      summary.items += items;
      summary.bodyBytes += body.length;
    },
    { rewriteResource: (resource, append) => numbers.rewrite(resource, frozenInstanceId, append) },
  );
  assembleAll(templatePath, assembler, settings, summary, onProgress);
  summary.series = findings.series;
  summary.hasDelta = findings.hasDelta;
  summary.lifetimeSeconds = Number.isFinite(findings.lifetimeSeconds)
    ? Math.floor(findings.lifetimeSeconds)
    : null;
}

function assembleAll(
  templatePath: string,
  assembler: Assembler,
  settings: FreezeSettings,
  summary: FrozenSummary,
  onProgress: FreezeProgress,
): void {
  for (const { message, position, index } of readFrames(templatePath)) {
    const before = assembler.oversizedItems;
    explainWireErrors(`frame ${index}`, () => assembler.add(message));
    noteDropped(summary, assembler.oversizedItems - before, `${settings.maxRequestBytes}`, `frame ${index}`);
    onProgress(position);
  }
  assembler.flush();
}

/** Say where in the file bytes are damaged: what walks them knows only its own message. */
function explainWireErrors<T>(where: string, walk: () => T): T {
  try {
    return walk();
  } catch (error) {
    if (error instanceof WireError) throw new FreezeError(`${where}: ${error.message}`, { cause: error });
    throw error;
  }
}

const DROPPED_NAMED = 10;

function noteDropped(summary: FrozenSummary, items: number, limit: string, where: string): void {
  if (items === 0) return;
  summary.droppedItems += items;
  if (summary.dropped.length < DROPPED_NAMED) {
    summary.dropped.push(`${items} in ${where}, each larger than max_request_bytes (${limit})`);
  }
}
