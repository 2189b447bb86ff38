/**
 * Items as a replayer sends them: template ids and offsets turned into what stands on the wire, so that measuring compression
 * does not flatter a template, whose ids and times are mostly zeros. What is no template's (a capture) stays as it is.
 */
import Long from "long";
import type { Message } from "../../otlp/message/schema.ts";
import type { Signal } from "../../otlp/signal.ts";
import {
  idKeyOf,
  readTemplateSpanCount,
  readTemplateSpanOrdinal,
  readTemplateTraceId,
  SPAN_ID_BYTES,
  spanIdOf,
  TRACE_ID_BYTES,
  traceIdOf,
} from "../ids.ts";
import type { Envelope, Items, PlacedItem } from "../import/frame-packer.ts";
import { isTemplateTime } from "../import/template-time.ts";
import { mix } from "../mix.ts";
import { frozenInstanceId, TIME_STEP_NS, TIME_TEXTS } from "../slots.ts";
import { formatTime } from "../time-text.ts";
import { METRIC_KINDS } from "./metric-kinds.ts";

type Attributes = readonly Message<"KeyValue">[];

/** A send of no particular moment, always the same one: ids and times of two runs are equal. */
const ORIGIN = { incarnation: 0x5eed_c0de_f00d, pass: 1 } as const;
const BASE = Long.fromNumber(Math.floor(1_767_225_600e9 / TIME_STEP_NS), true).multiply(TIME_STEP_NS);
const START = BASE.subtract(Long.fromNumber(3600e9, true));
/** Logs lie up to a second before their request, at one of so many distances. */
const JITTERS = 64;
const JITTER_STEPS = Math.floor(1e9 / TIME_STEP_NS / JITTERS) || 1;

/** Gives items their sent form. One per body: resources are numbered in order of first appearance. */
export class SentForm<S extends Signal> {
  /** Whether an item had template times or ids. */
  isTemplate = false;
  readonly #signal: S;
  readonly #key = idKeyOf(0);
  readonly #traceIds = new Map<number, Uint8Array>();
  readonly #envelopes = new Map<Envelope, Envelope>();
  readonly #resources = new Map<Envelope["resource"], Envelope["resource"]>();
  #logs = 0;

  constructor(signal: S) {
    this.#signal = signal;
  }

  /** A changed copy; what does not change is shared with the argument. */
  of({ item, envelope }: PlacedItem<S>): PlacedItem<S> {
    switch (this.#signal) {
      case "traces":
        return { item: this.#span(item as Items["traces"]) as Items[S], envelope };
      case "logs":
        return { item: this.#record(item as Items["logs"]) as Items[S], envelope };
      default:
        return this.#metric(item as Items["metrics"], envelope) as PlacedItem<S>;
    }
  }

  #span(span: Items["traces"]): Items["traces"] {
    const sent: Items["traces"] = { ...span, ...this.#ids(span) };
    if (span.parentSpanId?.length) {
      const { spanId } = this.#ids({ traceId: span.traceId, spanId: span.parentSpanId });
      if (spanId) sent.parentSpanId = spanId;
    }
    sent.startTimeUnixNano = later(span.startTimeUnixNano);
    sent.endTimeUnixNano = later(span.endTimeUnixNano);
    if (span.events) {
      sent.events = span.events.map((event) => ({ ...event, timeUnixNano: later(event.timeUnixNano) }));
    }
    if (span.links) sent.links = span.links.map((link) => ({ ...link, ...this.#ids(link) }));
    return sent;
  }

  #record(record: Items["logs"]): Items["logs"] {
    const ids = this.#ids(record);
    const sent: Items["logs"] = { ...record, ...ids };
    if (!isTemplateTime(record.timeUnixNano)) return sent;
    this.isTemplate = true;
    const steps = (mix(this.#logs++) >>> 0) % (JITTERS * JITTER_STEPS);
    const time = BASE.subtract(Long.fromNumber(steps, true).multiply(TIME_STEP_NS));
    sent.timeUnixNano = time;
    sent.observedTimeUnixNano = BASE;
    const texts = replacements(record, ids, time);
    if (record.body?.stringValue !== undefined) {
      sent.body = { ...record.body, stringValue: replaced(record.body.stringValue, texts) };
    }
    if (record.attributes) sent.attributes = replacedAttributes(record.attributes, texts);
    return sent;
  }

  #metric(metric: Items["metrics"], envelope: Envelope): PlacedItem<"metrics"> {
    const sent: Items["metrics"] = { ...metric };
    for (const kind of METRIC_KINDS) {
      const data = metric[kind];
      if (data?.dataPoints === undefined) continue;
      const dataPoints = (data.dataPoints as Message<"NumberDataPoint">[]).map((point) => {
        if (!isTemplateTime(point.timeUnixNano)) return point;
        this.isTemplate = true;
        const start = point.startTimeUnixNano === undefined ? {} : { startTimeUnixNano: START };
        return { ...point, ...start, timeUnixNano: BASE };
      });
      (sent as Record<string, unknown>)[kind] = { ...data, dataPoints };
    }
    return { item: sent, envelope: this.isTemplate ? this.#numbered(envelope) : envelope };
  }

  /** Freezing gives each resource of a metric a service.instance.id, which tells its instances apart. */
  #numbered(envelope: Envelope): Envelope {
    let sent = this.#envelopes.get(envelope);
    if (sent !== undefined) return sent;
    let holder = this.#resources.get(envelope.resource);
    if (holder === undefined) {
      const { resource } = envelope.resource;
      const others = resource?.attributes?.filter(({ key }) => key !== "service.instance.id") ?? [];
      const stringValue = frozenInstanceId(this.#resources.size);
      const attributes = [...others, { key: "service.instance.id", value: { stringValue } }];
      holder = { ...envelope.resource, resource: { ...resource, attributes } };
      this.#resources.set(envelope.resource, holder);
    }
    sent = { resource: holder, scope: envelope.scope };
    this.#envelopes.set(envelope, sent);
    return sent;
  }

  /** The sent ids in place of a template's; nothing where there is none. */
  #ids(holder: { traceId?: Uint8Array | undefined; spanId?: Uint8Array | undefined }): {
    traceId?: Uint8Array;
    spanId?: Uint8Array;
  } {
    const { traceId, spanId } = holder;
    if (traceId?.length !== TRACE_ID_BYTES) return {};
    const ordinal = readTemplateTraceId(traceId, 0);
    if (ordinal < 0) return {};
    this.isTemplate = true;
    let sent = this.#traceIds.get(ordinal);
    if (sent === undefined) {
      sent = traceIdOf(this.#key, { ...ORIGIN, ordinal });
      this.#traceIds.set(ordinal, sent);
    }
    if (spanId?.length !== SPAN_ID_BYTES) return { traceId: sent };
    const [span, count] = [readTemplateSpanOrdinal(spanId, 0), readTemplateSpanCount(spanId, 0)];
    return { traceId: sent, spanId: spanIdOf(sent, span, count) };
  }
}

/** The moment of an offset; other times stay. */
function later(time: Long | undefined): Long | undefined {
  return time !== undefined && isTemplateTime(time) ? BASE.add(time) : time;
}

/** Texts of a record's template time and ids, and what is sent in their place. */
function replacements(
  { traceId, spanId }: Items["logs"],
  sent: { traceId?: Uint8Array; spanId?: Uint8Array },
  time: Long,
): [string, string][] {
  const seconds = time.divide(1e9);
  const nanoseconds = time.subtract(seconds.multiply(1e9)).toNumber();
  const texts = TIME_TEXTS.map(({ zero }, format): [string, string] => [
    zero,
    formatTime(format, seconds.toNumber(), nanoseconds),
  ]);
  if (traceId && sent.traceId) texts.push([hex(traceId), hex(sent.traceId)]);
  if (spanId && sent.spanId) texts.push([hex(spanId), hex(sent.spanId)]);
  return texts;
}

function replaced(text: string, texts: readonly [string, string][]): string {
  let result = text;
  for (const [from, to] of texts) if (result.includes(from)) result = result.replaceAll(from, to);
  return result;
}

function replacedAttributes(
  attributes: Attributes,
  texts: readonly [string, string][],
): Message<"KeyValue">[] {
  return attributes.map((attribute) => {
    const text = attribute.value?.stringValue;
    return text === undefined ? attribute : { ...attribute, value: { stringValue: replaced(text, texts) } };
  });
}

function hex(id: Uint8Array): string {
  return Buffer.from(id).toString("hex");
}
