/**
 * A small set of traces and logs, written and decoded: for tests of what logs say, and of what they say of spans.
 */
import { CollectedFrames } from "../collected-frames.ts";
import { generatorConfigSchema } from "../config.ts";
import { Random } from "../random.ts";
import { buildScenario, type Scenario } from "../scenario/scenario.ts";
import { makeSamples } from "../span-sample.ts";
import { writeTraces } from "../traces/write-traces.ts";
import { type LogTotals, writeLogs } from "./write-logs.ts";

/** Attributes by key; whole numbers as numbers, lists as arrays. */
export type Values = ReadonlyMap<string, unknown>;

export interface WrittenRecord {
  /** Ordinal of its frame. */
  frame: number;
  kind: "access" | "application" | "system";
  scope: string;
  resource: Values;
  severity: number;
  severityText: string;
  /** Empty for none. */
  event: string;
  body: string;
  attributes: Values;
  times: readonly [number, number];
  /** Ids in hex; empty for none. */
  trace: string;
  span: string;
}

export interface WrittenSpan {
  instance: unknown;
  name: string;
  kind: number;
  attributes: Values;
  /** Attributes of its exception event. */
  exception: Values | undefined;
  error: boolean;
  durationNs: number;
}

export interface WrittenLogs {
  scenario: Scenario;
  totals: LogTotals;
  frames: CollectedFrames<"logs">;
  records: readonly WrittenRecord[];
  /** By trace id and span id in hex. */
  spans: ReadonlyMap<string, WrittenSpan>;
}

/** Write traces and logs of these parts of a config. */
export async function writtenLogs(
  traces: object,
  logs: object,
  seed = 42,
  metrics: object = {},
): Promise<WrittenLogs> {
  const config = generatorConfigSchema.parse({ seed, traces, logs, metrics });
  const random = new Random(config.seed);
  const scenario = buildScenario(config, random);
  const traceFrames = new CollectedFrames("traces");
  const samples = makeSamples(config.logs.count, random.fork("samples"));
  await writeTraces(config, scenario, random.fork("traces"), traceFrames, samples);
  const frames = new CollectedFrames("logs");
  const totals = await writeLogs(config, scenario, random.fork("logs"), frames, samples);
  return { scenario, totals, frames, records: recordsOf(frames), spans: spansOf(traceFrames) };
}

/** The type of each key's values, as OTLP has them: one where all is well. */
export function typesOf(frames: CollectedFrames<"logs">): Map<string, Set<string>> {
  const types = new Map<string, Set<string>>();
  for (const { resourceLogs } of frames.requests) {
    for (const { resource, scopeLogs } of resourceLogs!) {
      const attributes = scopeLogs!.flatMap(({ logRecords }) =>
        logRecords!.flatMap((record) => record.attributes ?? []),
      );
      for (const { key, value } of [...resource!.attributes!, ...attributes]) {
        const known = types.get(key!) ?? new Set();
        types.set(key!, known.add(Object.keys(value!).join()));
      }
    }
  }
  return types;
}

function recordsOf(frames: CollectedFrames<"logs">): WrittenRecord[] {
  return frames.requests.flatMap(({ resourceLogs }, frame) =>
    resourceLogs!.flatMap(({ resource, scopeLogs }) =>
      scopeLogs!.flatMap(({ scope, logRecords }) => {
        const values = valuesOf(resource!.attributes!);
        const kind = values.has("service.name")
          ? scope!.name === "access-log"
            ? "access"
            : "application"
          : "system";
        return logRecords!.map((record) => ({
          frame,
          kind,
          scope: scope!.name!,
          resource: values,
          severity: record.severityNumber!,
          severityText: record.severityText!,
          event: record.eventName ?? "",
          body: record.body!.stringValue!,
          attributes: valuesOf(record.attributes!),
          times: [Number(record.timeUnixNano), Number(record.observedTimeUnixNano)] as const,
          trace: Buffer.from(record.traceId ?? []).toString("hex"),
          span: Buffer.from(record.spanId ?? []).toString("hex"),
        }));
      }),
    ),
  );
}

function spansOf(frames: CollectedFrames<"traces">): Map<string, WrittenSpan> {
  return new Map(
    frames.requests.flatMap(({ resourceSpans }) =>
      resourceSpans!.flatMap(({ resource, scopeSpans }) =>
        scopeSpans!.flatMap(({ spans }) =>
          spans!.map((span) => {
            const event = span.events?.find(({ name }) => name === "exception");
            return [
              Buffer.from(span.traceId!).toString("hex") + Buffer.from(span.spanId!).toString("hex"),
              {
                instance: valuesOf(resource!.attributes!).get("service.instance.id"),
                name: span.name!,
                kind: span.kind!,
                attributes: valuesOf(span.attributes!),
                exception: event && valuesOf(event.attributes!),
                error: span.status?.code === 2,
                durationNs: Number(span.endTimeUnixNano) - Number(span.startTimeUnixNano),
              },
            ] as const;
          }),
        ),
      ),
    ),
  );
}

// biome-ignore lint/suspicious/noExplicitAny: whatever an attribute holds
function valuesOf(attributes: any[]): Map<string, unknown> {
  return new Map(attributes.map(({ key, value }) => [key, plain(value)]));
}

// biome-ignore lint/suspicious/noExplicitAny: whatever an attribute holds
function plain(value: any): unknown {
  if (value.intValue !== undefined) return Number(value.intValue);
  if (value.arrayValue) return value.arrayValue.values.map(plain);
  return value.stringValue ?? value.doubleValue ?? value.boolValue;
}
