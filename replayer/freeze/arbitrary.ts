/**
 * fast-check arbitraries of template files that keep the contract of docs/template-format.md, traces and logs. For tests.
 *
 * fast-check draws small plans (who is whose parent, which text stands where); a plain function turns a plan into requests.
 */
import fc from "fast-check";
import { encodeTemplateRequest } from "../../otlp/message/encode.ts";
import type { Int64Input, Message, RequestOf } from "../../otlp/message/schema.ts";
import type { Signal } from "../../otlp/signal.ts";
import { encodeFrame } from "../../template/frames.ts";
import {
  NEVER_SENT_ORDINAL,
  SPAN_ID_BYTES,
  TRACE_ID_BYTES,
  writeTemplateSpanId,
  writeTemplateTraceId,
} from "../../template/ids.ts";
import type { LateRoot } from "../../template/metadata.ts";
import { TIME_TEXTS } from "../../template/slots.ts";
import type { FreezeSettings } from "./freeze.ts";

/** A request whose 64-bit fields may be plain numbers. */
export type TemplateRequest<S extends Signal> = RequestOf<S, Int64Input>;

/** The bytes of a template file of these requests, a frame each. */
export function templateFile<S extends Signal>(signal: S, requests: readonly TemplateRequest<S>[]): Buffer {
  return Buffer.concat(requests.map((request) => encodeFrame(encodeTemplateRequest(signal, request))));
}

/** Settings under which bodies close by batch size, by bytes, or hardly ever; some items are too large to be sent. */
const maxSpans = fc.oneof(
  fc.constant({}),
  fc
    .tuple(fc.integer({ min: 1, max: 12 }), fc.nat(4))
    .map(([most, more]) => ({ maxSpans: most, maxTraceSpans: most + more })),
);

export const freezeSettings: fc.Arbitrary<FreezeSettings> = fc
  .tuple(
    maxSpans,
    fc.record({
      batchSize: fc.oneof(fc.integer({ min: 1, max: 8 }), fc.constant(1000)),
      maxRequestBytes: fc.oneof(fc.integer({ min: 300, max: 4000 }), fc.constant(3_670_016)),
      seed: fc.nat(),
      jitterMs: fc.oneof(fc.constant(0), fc.constant(1000), fc.integer({ min: 1, max: 60_000 })),
      linkLogs: fc.boolean(),
      models: fc.constant({}),
      lateRoots: fc.constant([]),
    }),
  )
  .map(([cap, settings]) => ({ ...settings, ...cap }));

export function traceIdBytes(ordinal: number): Uint8Array {
  const id = new Uint8Array(TRACE_ID_BYTES);
  writeTemplateTraceId(id, 0, ordinal);
  return id;
}

export function spanIdBytes(ordinal: number, spanCount: number): Uint8Array {
  const id = new Uint8Array(SPAN_ID_BYTES);
  writeTemplateSpanId(id, 0, ordinal, spanCount);
  return id;
}

// ---- attributes ----------------------------------------------------------------------------------------------

const anyValue: fc.Arbitrary<Message<"AnyValue", Int64Input>> = fc.oneof(
  fc.record({ stringValue: fc.string({ maxLength: 40 }) }),
  fc.record({ intValue: fc.integer() }),
  fc.record({ doubleValue: fc.double({ noNaN: true }) }),
  fc.record({ boolValue: fc.boolean() }),
  fc.record({ bytesValue: fc.uint8Array({ maxLength: 20 }) }),
  fc.record({
    arrayValue: fc.record({
      values: fc.array(fc.record({ stringValue: fc.string({ maxLength: 5 }) }), { maxLength: 3 }),
    }),
  }),
);

/** Attributes with distinct keys. */
export const attributes: fc.Arbitrary<Message<"KeyValue", Int64Input>[]> = fc
  .dictionary(fc.constantFrom("a", "http.route", "k8s.pod.name", "x.y"), anyValue, { maxKeys: 3 })
  .map((values) => Object.entries(values).map(([key, value]) => ({ key, value })));

export function textAttribute(key: string, stringValue: string): Message<"KeyValue", Int64Input> {
  return { key, value: { stringValue } };
}

// ---- traces --------------------------------------------------------------------------------------------------

const timeNs = fc.oneof(fc.nat({ max: 5_000_000_000 }), fc.nat({ max: 2 ** 47 }), fc.constant(0));

const spanPlan = fc.record({
  service: fc.nat({ max: 3 }),
  scope: fc.nat({ max: 1 }),
  parent: fc.oneof(fc.nat(), fc.constantFrom<"none" | "never sent">("none", "never sent")),
  startNs: timeNs,
  durationNs: timeNs,
  attributes,
  events: fc.array(fc.record({ afterNs: timeNs, attributes }), { maxLength: 2 }),
  links: fc.array(fc.record({ trace: fc.nat(), span: fc.nat(), attributes }), { maxLength: 2 }),
  status: fc.option(fc.record({ code: fc.nat({ max: 2 }) }), { nil: undefined }),
  flags: fc.constantFrom(undefined, 0x101, 0x301),
});
const tracePlan = fc.record({
  spans: fc.array(spanPlan, { minLength: 1, maxLength: 12 }),
  spansPerFrame: fc.integer({ min: 1, max: 12 }),
});
type TracePlan = typeof tracePlan extends fc.Arbitrary<infer Plan> ? Plan : never;

/** A traces file in which some roots, alone in the first frames of their traces, are said to leave later. */
export const lateTraces: fc.Arbitrary<{ requests: TemplateRequest<"traces">[]; lateRoots: LateRoot[] }> = fc
  .array(fc.tuple(tracePlan, fc.constantFrom(undefined, 0, 1500, 1500, 60_000)), {
    minLength: 1,
    maxLength: 12,
  })
  .map((plans) => {
    const traces = plans.map(([trace]) => trace);
    const delays = plans.map(([{ spans }, delayMs]) => (spans.length > 1 ? delayMs : undefined));
    return {
      requests: traces.flatMap((trace, ordinal) =>
        buildTrace(trace, ordinal, traces, delays[ordinal] !== undefined),
      ),
      lateRoots: delays.flatMap((delayMs, trace) => (delayMs === undefined ? [] : { trace, delayMs })),
    };
  });

/** The requests of a traces file: several services, several frames a trace, links, events, rootless traces. */
export const traceRequests: fc.Arbitrary<TemplateRequest<"traces">[]> = fc
  .array(tracePlan, { minLength: 1, maxLength: 8 })
  .map((traces) => traces.flatMap((trace, ordinal) => buildTrace(trace, ordinal, traces)));

function buildTrace(
  trace: TracePlan,
  ordinal: number,
  traces: TracePlan[],
  isRootAlone = false,
): TemplateRequest<"traces">[] {
  const spanCount = trace.spans.length;
  const spans = trace.spans.map((plan, place) => {
    const parent = parentOrdinal(plan.parent, place);
    const span: Message<"Span", Int64Input> = {
      traceId: traceIdBytes(ordinal),
      spanId: spanIdBytes(place, spanCount),
      ...(parent !== undefined && { parentSpanId: spanIdBytes(parent, spanCount) }),
      name: `GET /orders/${place}`,
      kind: 1 + (place % 5),
      startTimeUnixNano: plan.startNs,
      endTimeUnixNano: plan.startNs + plan.durationNs,
      attributes: plan.attributes,
      events: plan.events.map((event) => ({
        timeUnixNano: plan.startNs + event.afterNs,
        name: "exception",
        attributes: event.attributes,
      })),
      links: plan.links.map((link) => {
        const other = link.trace % traces.length;
        const count = traces[other]!.spans.length;
        return {
          traceId: traceIdBytes(other),
          spanId: spanIdBytes(link.span % count, count),
          attributes: link.attributes,
        };
      }),
      ...(plan.status && { status: plan.status }),
      ...(plan.flags !== undefined && { flags: plan.flags }),
    };
    return { span, service: plan.service, scope: plan.scope };
  });
  const requests: TemplateRequest<"traces">[] = [];
  if (isRootAlone) requests.push({ resourceSpans: groupSpans(spans.splice(0, 1)) });
  for (let from = 0; from < spans.length; from += trace.spansPerFrame) {
    requests.push({ resourceSpans: groupSpans(spans.slice(from, from + trace.spansPerFrame)) });
  }
  return requests;
}

function parentOrdinal(parent: number | "none" | "never sent", place: number): number | undefined {
  if (parent === "none") return undefined;
  if (parent === "never sent") return NEVER_SENT_ORDINAL + place;
  return place === 0 ? undefined : parent % place;
}

function groupSpans(
  spans: { span: Message<"Span", Int64Input>; service: number; scope: number }[],
): Message<"ResourceSpans", Int64Input>[] {
  return [...new Set(spans.map(({ service }) => service))].map((service) => {
    const own = spans.filter((span) => span.service === service);
    return {
      resource: { attributes: [textAttribute("service.name", `service-${service}`)] },
      scopeSpans: [...new Set(own.map(({ scope }) => scope))].map((scope) => ({
        scope: { name: `scope-${scope}`, version: "1.0" },
        spans: own.filter((span) => span.scope === scope).map(({ span }) => span),
        schemaUrl: "https://opentelemetry.io/schemas/1.37.0",
      })),
      schemaUrl: "https://opentelemetry.io/schemas/1.37.0",
    };
  });
}

// ---- logs ----------------------------------------------------------------------------------------------------

/** One word of a text: plain, a time in TIME_TEXTS[format], or an id of the record in hex. */
const word = fc.oneof(
  fc.record({ plain: fc.string({ maxLength: 12 }) }),
  fc.record({ format: fc.nat({ max: TIME_TEXTS.length - 1 }) }),
  fc.record({ id: fc.constantFrom<"traceId" | "spanId">("traceId", "spanId") }),
);
const words = fc.array(word, { maxLength: 6 });
type Word = { plain: string } | { format: number } | { id: "traceId" | "spanId" };

const logPlan = fc.record({
  resource: fc.nat({ max: 2 }),
  link: fc.option(
    fc.record({ trace: fc.nat(), count: fc.integer({ min: 1, max: 2 ** 31 - 1 }), span: fc.nat() }),
    {
      nil: undefined,
    },
  ),
  severity: fc.integer({ min: 1, max: 24 }),
  body: words,
  bodyKind: fc.constantFrom("text", "map"),
  message: words,
  attributes,
});
type LogPlan = typeof logPlan extends fc.Arbitrary<infer Plan> ? Plan : never;

/** The requests of a logs file: records with and without a span, times in every format and ids in bodies and attributes. */
export const logRequests: fc.Arbitrary<TemplateRequest<"logs">[]> = fc.array(
  fc
    .array(logPlan, { minLength: 1, maxLength: 10 })
    .map((plans): TemplateRequest<"logs"> => ({ resourceLogs: groupRecords(plans) })),
  { minLength: 1, maxLength: 4 },
);

function groupRecords(plans: LogPlan[]): Message<"ResourceLogs", Int64Input>[] {
  return [...new Set(plans.map(({ resource }) => resource))].map((resource) => ({
    resource: { attributes: [textAttribute("service.name", `service-${resource}`)] },
    scopeLogs: [
      {
        scope: { name: "logs" },
        logRecords: plans.filter((plan) => plan.resource === resource).map(buildRecord),
      },
    ],
  }));
}

function buildRecord({
  link,
  severity,
  body,
  bodyKind,
  message,
  attributes,
}: LogPlan): Message<"LogRecord", Int64Input> {
  const ids = link && {
    traceId: traceIdBytes(link.trace),
    spanId: spanIdBytes(link.span % link.count, link.count),
  };
  const text = (words: Word[]) => words.map((word) => wordText(word, ids)).join(" ");
  return {
    timeUnixNano: 0,
    observedTimeUnixNano: 0,
    severityNumber: severity,
    body:
      bodyKind === "text"
        ? { stringValue: text(body) }
        : { kvlistValue: { values: [textAttribute("event", text(body))] } },
    attributes: [...attributes, textAttribute("message", text(message))],
    ...ids,
  };
}

function wordText(word: Word, ids: Record<"traceId" | "spanId", Uint8Array> | undefined): string {
  if ("plain" in word) return word.plain;
  if ("format" in word) return TIME_TEXTS[word.format]!.zero;
  return ids ? Buffer.from(ids[word.id]).toString("hex") : "none";
}
