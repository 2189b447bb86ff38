/**
 * The trace file: traces of usual size, and among them the high-span ones, streamed frame by frame.
 */
import type { GeneratorConfig } from "../config.ts";
import { FirstUse } from "../first-use.ts";
import { FrameGroups, type ResourceGroup } from "../frame-groups.ts";
import type { FrameSink } from "../frame-sink.ts";
import type { Random } from "../random.ts";
import { encodeResource, encodeScope, SCHEMA_URL, serviceAttributes } from "../resource.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { ServiceInstance } from "../scenario/services.ts";
import type { Semconv } from "../semconv/naming.ts";
import { CLIENT, PRODUCER } from "../span-role.ts";
import type { SpanSample, SpanSamples } from "../span-sample.ts";
import { ErrorLaw } from "./error-law.ts";
import { SpanEncoder } from "./span-encoder.ts";
import { hasException, originOf } from "./span-exceptions.ts";
import { traceSizes } from "./trace-sizes.ts";
import { TraceWalk } from "./walk.ts";
import type { WalkedSpan } from "./walked-span.ts";

/** What the trace file holds, for metadata.yaml. */
export interface TraceTotals {
  traces: number;
  spans: number;
  frames: number;
  maxSpansPerTrace: number;
  spanEvents: number;
  spanLinks: number;
  lateRoots: { trace: number; delayMs: number }[];
}

/** A frame of a large trace is closed at this size: with the largest span on top it stays below MAX_FRAME_BYTES. */
const FRAME_BYTES = 480 * 1024;

/**
 * Write all traces of a config, one frame or more each.
 *
 * samples     filled with spans that logs may belong to
 * onProgress  called after each frame with the spans written so far
 */
export async function writeTraces(
  config: GeneratorConfig,
  scenario: Scenario,
  random: Random,
  sink: FrameSink,
  samples: SpanSamples,
  onProgress?: (spans: number) => void,
): Promise<TraceTotals> {
  const { spans: wanted, root } = config.traces;
  const roots = random.fork("roots");
  const walk = new TraceWalk(
    scenario,
    random.fork("walk"),
    new ErrorLaw(random.fork("errors"), wanted.error_rate),
  );
  const encoder = new SpanEncoder(config, scenario, random.fork("attributes"));
  const groups = new FirstUse(scenario.instances, (instance) =>
    resourceGroupOf(instance, config.traces.semconv),
  );
  const frame = new FrameGroups(sink);
  const totals: TraceTotals = {
    traces: 0,
    spans: 0,
    frames: 0,
    maxSpansPerTrace: 0,
    spanEvents: 0,
    spanLinks: 0,
    lateRoots: [],
  };
  for (const spanCount of traceSizes(config.traces, random.fork("sizes"))) {
    const trace = totals.traces++;
    const rootless = root.rootless.enabled && roots.chance(root.rootless.percentage / 100);
    const late = root.late_root.enabled && roots.chance(root.late_root.percentage / 100);
    const lateRoot = late && !rootless && spanCount > 1;
    if (lateRoot) totals.lateRoots.push({ trace, delayMs: root.late_root.delay_ms });
    // The root that is never sent is walked too, so that those below it hang together; it gets no ordinal.
    walk.begin(rootless ? spanCount + 1 : spanCount);
    encoder.beginTrace(trace, spanCount, rootless);
    if (rootless) walk.next(-1);
    for (let ordinal = 0; ordinal < spanCount; ordinal++) {
      const span = walk.next(ordinal)!;
      encoder.write(frame.open(groups.of(span.instance), libraryOf(span)), span, ordinal);
      sample(samples.any, span, trace, ordinal, spanCount);
      if (hasException(span)) sample(samples.failures, span, trace, ordinal, spanCount);
      if (span.parent < 0 && !rootless) {
        sample(samples.requests, span, trace, ordinal, spanCount);
        if (lateRoot) await frame.flush();
      }
      if (frame.bytes >= FRAME_BYTES) {
        await frame.flush();
        onProgress?.(totals.spans + ordinal + 1);
      }
    }
    const wait = frame.flush();
    if (wait) await wait;
    totals.spans += spanCount;
    totals.maxSpansPerTrace = Math.max(totals.maxSpansPerTrace, spanCount);
    onProgress?.(totals.spans);
  }
  totals.frames = frame.frames;
  totals.spanEvents = encoder.events;
  totals.spanLinks = encoder.links;
  return totals;
}

/** The instrumentation that made a span, as a place in its service's libraries. */
function libraryOf(span: WalkedSpan): number {
  const { service } = span.instance;
  switch (span.role) {
    case CLIENT:
      return span.operation!.protocol === "grpc" ? service.rpcClientLibrary : service.clientLibrary;
    case PRODUCER:
      return span.topic!.library;
    default:
      return (span.operation ?? span.database ?? span.external ?? span.step ?? span.consumer)!.library;
  }
}

function resourceGroupOf(instance: ServiceInstance, semconv: Semconv): ResourceGroup {
  return {
    resource: encodeResource(serviceAttributes(instance)),
    scopes: instance.service.libraries.map(({ name, version }) => encodeScope(name, version)),
    schemaUrl: semconv === "stable" ? SCHEMA_URL : "",
  };
}

function sample(
  samples: SpanSample,
  span: WalkedSpan,
  trace: number,
  ordinal: number,
  spanCount: number,
): void {
  const place = samples.offer();
  if (place < 0) return;
  const subject =
    span.consumer ?? span.operation ?? span.database ?? span.external ?? span.step ?? span.topic;
  const record = samples.at(place);
  record.trace = trace;
  record.ordinal = ordinal;
  record.spanCount = spanCount;
  record.instance = span.instance.index;
  record.caller = span.caller?.index ?? -1;
  record.role = span.role;
  record.what = subject!.index;
  record.statusCode = span.statusCode;
  record.durationNs = span.end - span.start;
  record.word = span.word;
  record.traceWord = span.context;
  record.failed = span.failed;
  record.exception = hasException(span) ? originOf(span, record.exception) : undefined;
}
