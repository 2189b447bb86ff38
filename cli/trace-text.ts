/** A trace as an on-call engineer reads it: a tree of spans with when they began and how long they took. */
import type Long from "long";
import type { Message } from "../otlp/message/schema.ts";
import type { DrawnSpan, DrawnTrace } from "../template/inspect/draw-traces.ts";
import { nameOf } from "../template/inspect/tally.ts";
import { printable } from "../terminal/cell.ts";
import { grouped } from "../terminal/figures.ts";

/** Spans that are shown of a trace. */
const SHOWN_SPANS = 300;
/** Attributes that say in a word what came of a span. */
const OUTCOMES = [
  "http.response.status_code",
  "http.status_code",
  "rpc.response.status_code",
  "rpc.grpc.status_code",
  "error.type",
];
/** Attributes that say in a word what a span is about. */
const SYSTEMS = ["db.system.name", "db.system", "messaging.system", "rpc.system.name", "rpc.system"];

/** Lines of one trace without a line break at the end: offset, duration, the span under its parent, service, kind, outcome. */
export function traceText({ traceId, spans, count }: DrawnTrace): string {
  const ids = new Set(spans.map(({ span }) => hex(span.spanId)));
  const children = Map.groupBy(spans, ({ span }) => {
    const parent = hex(span.parentSpanId);
    return ids.has(parent) ? parent : "";
  });
  const start = earliest(spans.map(({ span }) => span.startTimeUnixNano));
  const lines: string[] = [];
  let shown = 0;
  const print = (id: string, level: number): void => {
    const siblings = (children.get(id) ?? []).toSorted((a, b) => order(a.span, b.span));
    // A circle of parents hangs on no top, so it is never walked into.
    for (const drawn of siblings) {
      if (shown >= SHOWN_SPANS) return;
      shown++;
      lines.push(...spanLines(drawn, level, start).map(printable));
      print(hex(drawn.span.spanId), level + 1);
    }
  };
  print("", 0);
  const services = new Set(spans.map(({ service }) => service)).size;
  const head = `trace ${traceId}: ${grouped(count)} spans of ${grouped(services)} ${services === 1 ? "service" : "services"}`;
  const tail = shown < count ? [`  and ${grouped(count - shown)} spans more`] : [];
  return [head, ...lines, ...tail].join("\n");
}

function spanLines({ span, service }: DrawnSpan, level: number, start: Long | undefined): string[] {
  const began = start && span.startTimeUnixNano ? ms(span.startTimeUnixNano.subtract(start)) : 0;
  const took =
    span.startTimeUnixNano && span.endTimeUnixNano
      ? ms(span.endTimeUnixNano.subtract(span.startTimeUnixNano))
      : 0;
  const indent = "  ".repeat(level);
  const system = firstOf(span, SYSTEMS);
  const outcome = firstOf(span, OUTCOMES);
  const failed = span.status?.code === 2;
  const words = [
    service,
    nameOf("SpanKind", span.kind),
    system ?? "",
    outcome ?? "",
    failed ? "ERROR" : "",
  ].filter(Boolean);
  const links = span.links?.length ? [`-> ${span.links.length} linked`] : [];
  const margin = " ".repeat(26);
  const lines = [
    `${figure(began)} ${figure(took)} ms  ${indent}${span.name ?? ""}  [${[...words, ...links].join(", ")}]`,
  ];
  if (failed && span.status?.message) lines.push(`${margin}${indent}  status: ${span.status.message}`);
  for (const event of span.events ?? []) {
    const type = attribute(event.attributes, "exception.type");
    const message = attribute(event.attributes, "exception.message");
    lines.push(`${margin}${indent}  event ${event.name}${type ? `: ${type}: ${message ?? ""}` : ""}`);
  }
  return lines;
}

function figure(value: number): string {
  return value.toFixed(2).padStart(10);
}

function ms(ns: Long): number {
  return ns.toSigned().toNumber() / 1e6;
}

function earliest(times: readonly (Long | undefined)[]): Long | undefined {
  return times.reduce((first, time) => (first && (!time || first.lessThanOrEqual(time)) ? first : time));
}

function order(a: Message<"Span">, b: Message<"Span">): number {
  return a.startTimeUnixNano && b.startTimeUnixNano ? a.startTimeUnixNano.compare(b.startTimeUnixNano) : 0;
}

function firstOf({ attributes }: Message<"Span">, keys: readonly string[]): string | undefined {
  return keys.map((key) => attribute(attributes, key)).find((text) => text !== undefined);
}

function attribute(attributes: readonly Message<"KeyValue">[] | undefined, key: string): string | undefined {
  const value = attributes?.find((each) => each.key === key)?.value;
  return value?.stringValue ?? value?.intValue?.toString();
}

function hex(id: Uint8Array | undefined): string {
  return Buffer.from(id ?? []).toString("hex");
}
