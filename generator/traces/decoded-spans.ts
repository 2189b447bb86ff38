/**
 * Traces written and read back, span by span: for tests of what the trace section writes.
 */
import { readTemplateSpanCount, readTemplateSpanOrdinal, readTemplateTraceId } from "../../template/ids.ts";
import { CollectedFrames } from "../collected-frames.ts";
import { generatorConfigSchema } from "../config.ts";
import { Random } from "../random.ts";
import { buildScenario, type Scenario } from "../scenario/scenario.ts";
import { makeSamples, type SpanSamples } from "../span-sample.ts";
import { type TraceTotals, writeTraces } from "./write-traces.ts";

/** One span as a receiver sees it, ids as the ordinals that they stand for. */
export interface DecodedSpan {
  readonly frame: number;
  readonly service: string;
  readonly instance: string;
  readonly scope: string;
  readonly trace: number;
  readonly ordinal: number;
  readonly spanCount: number;
  /** -1 for a root. */
  readonly parent: number;
  readonly name: string;
  /** As in OTLP: 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  readonly kind: number;
  readonly start: number;
  readonly end: number;
  readonly attributes: ReadonlyMap<string, unknown>;
  readonly events: readonly {
    readonly name: string;
    readonly time: number;
    readonly attributes: ReadonlyMap<string, unknown>;
  }[];
  readonly links: readonly { readonly trace: number; readonly ordinal: number; readonly spanCount: number }[];
  readonly error: boolean;
  readonly description: string;
  readonly flags: number;
}

export interface WrittenTraces {
  readonly totals: TraceTotals;
  readonly frames: CollectedFrames<"traces">;
  readonly scenario: Scenario;
  readonly samples: SpanSamples;
  readonly spans: DecodedSpan[];
}

const STATUS_ERROR = 2;

/** Write the traces of a config's `traces` section, and read them. */
export async function writeAndRead(traces: object, seed = 42): Promise<WrittenTraces> {
  const config = generatorConfigSchema.parse({ seed, traces });
  const random = new Random(config.seed);
  const scenario = buildScenario(config, random);
  const frames = new CollectedFrames("traces");
  const samples = makeSamples(1000, random.fork("samples"));
  const totals = await writeTraces(config, scenario, random.fork("traces"), frames, samples);
  return { totals, frames, scenario, samples, spans: spansOf(frames) };
}

/** The spans of a list by trace. */
export function byTrace(spans: readonly DecodedSpan[]): Map<number, DecodedSpan[]> {
  return Map.groupBy(spans, ({ trace }) => trace);
}

function spansOf(frames: CollectedFrames<"traces">): DecodedSpan[] {
  return frames.requests.flatMap(({ resourceSpans }, frame) =>
    resourceSpans!.flatMap(({ resource, scopeSpans }) => {
      const who = valuesOf(resource!.attributes!);
      return scopeSpans!.flatMap(({ scope, spans }) =>
        spans!.map((span) => ({
          frame,
          service: String(who.get("service.name")),
          instance: String(who.get("service.instance.id")),
          scope: scope!.name!,
          trace: readTemplateTraceId(span.traceId!, 0),
          ordinal: readTemplateSpanOrdinal(span.spanId!, 0),
          spanCount: readTemplateSpanCount(span.spanId!, 0),
          parent: span.parentSpanId?.length ? readTemplateSpanOrdinal(span.parentSpanId, 0) : -1,
          name: span.name!,
          kind: span.kind!,
          start: Number(span.startTimeUnixNano!),
          end: Number(span.endTimeUnixNano!),
          attributes: valuesOf(span.attributes!),
          events: (span.events ?? []).map((event) => ({
            name: event.name!,
            time: Number(event.timeUnixNano!),
            attributes: valuesOf(event.attributes ?? []),
          })),
          links: (span.links ?? []).map((link) => ({
            trace: readTemplateTraceId(link.traceId!, 0),
            ordinal: readTemplateSpanOrdinal(link.spanId!, 0),
            spanCount: readTemplateSpanCount(link.spanId!, 0),
          })),
          error: span.status?.code === STATUS_ERROR,
          description: span.status?.message ?? "",
          flags: span.flags!,
        })),
      );
    }),
  );
}

// biome-ignore lint/suspicious/noExplicitAny: whatever an attribute holds
function valuesOf(attributes: readonly any[]): Map<string, unknown> {
  return new Map(
    attributes.map(({ key, value }) => [
      key,
      value.stringValue ??
        value.boolValue ??
        value.doubleValue ??
        (value.intValue === undefined ? value : Number(value.intValue)),
    ]),
  );
}
