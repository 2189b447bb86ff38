/** Freezing traces: whole ones share requests, large ones have requests of their own, late roots have records of their own. */
import { readFrames } from "../../template/frames.ts";
import { TIME_STEP_NS } from "../../template/slots.ts";
import { Assembler } from "./assemble.ts";
import { FreezeError } from "./freeze-error.ts";
import { addFrame, countBody, explainWireErrors, type FreezeRun } from "./freeze-run.ts";
import { CONTINUES_TRACE } from "./frozen-file.ts";
import { traceJitterNs } from "./jitter.ts";
import { locateTraceSlots } from "./locate-traces.ts";
import { type ScannedTrace, scanTraces } from "./scan-traces.ts";
import { SlotTable } from "./slot-table.ts";

/**
 * Whole traces, up to batchSize of them, maxSpans and the byte limit, share a request. A trace that is larger than a request gets
 * requests of its own, so that what it takes to keep its base time over all of them touches no neighbour.
 *
 * Roots that leave later stand in records of their own. They are aligned as the rest of their traces is, so that under the same
 * base time the parts fit together.
 */
export function freezeTraces(run: FreezeRun): void {
  const { templatePath, writer, settings, summary } = run;
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
  let partsLowestSteps = 0;
  const { maxSpans = Number.POSITIVE_INFINITY, maxTraceSpans = Number.POSITIVE_INFINITY } = settings;
  const limits = { items: maxTraceSpans, bytes: settings.maxRequestBytes };
  const locate = (body: Buffer, items: number): void => {
    slots.reset();
    explainWireErrors(`span ${summary.items} or one behind it`, () =>
      locateTraceSlots(body, slots, (ordinal) => alignments.get(ordinal)!),
    );
    countBody(run, body, items);
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
    // All parts of a trace have its first base, which is to suit the earliest time of any of them.
    slots.reach(partsLowestSteps);
    writer.append(slots.layOut(body), items, continues ? CONTINUES_TRACE : 0);
    rootsLowestSteps = 0;
    continues = isAdding;
  });
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
      tracesInBody >= settings.batchSize ||
      assembler.items + trace.spans > maxSpans ||
      assembler.bytes + trace.bytesBound > settings.maxRequestBytes;
    if (isFull || isInParts) flush();
    isInParts = trace.bytesBound > settings.maxRequestBytes || trace.spans > maxTraceSpans;
    const alignment = trace.endNs + traceJitterNs(settings, trace.ordinal);
    alignments.set(trace.ordinal, alignment);
    partsLowestSteps = isInParts ? Math.floor(-alignment / TIME_STEP_NS) : 0;
    const delayMs = delays.get(trace.ordinal);
    if (delayMs !== undefined) {
      checkLateRoot(trace);
      if (delayMs !== rootsDelayMs) roots.flush();
      rootsDelayMs = delayMs;
      addFrame(run, roots, frames.next().value!, `trace ${trace.ordinal}`);
    }
    isAdding = true;
    for (let frame = delayMs === undefined ? 0 : 1; frame < trace.frames; frame++) {
      addFrame(run, assembler, frames.next().value!, `trace ${trace.ordinal}`);
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
