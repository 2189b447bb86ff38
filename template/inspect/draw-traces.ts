/** Whole traces of a file, drawn at random: all spans of a few, wherever in the file they stand. */
import type { Message } from "../../otlp/message/schema.ts";
import { readRequests } from "../import/read-requests.ts";
import { mix } from "../mix.ts";
import { serviceOf } from "./tally.ts";

/** Spans of a trace that are kept; of a larger one the first. */
export const KEPT_SPANS = 2000;

/** A span and who made it. */
export interface DrawnSpan {
  span: Message<"Span">;
  service: string;
}

export interface DrawnTrace {
  traceId: string;
  /** In order of the file, KEPT_SPANS at most. */
  spans: DrawnSpan[];
  /** How many spans it has. */
  count: number;
}

/**
 * `count` traces of a file, in order of first appearance. The same file and seed give the same traces.
 *
 * A trace is drawn by a hash of its id, so what is drawn is known before its last span is read: one trip, and only the spans of
 * the traces that are ahead so far are held, of twice as many at most.
 */
export function drawTraces(path: string, count: number, seed = 0): DrawnTrace[] {
  const drawn = new Map<string, { place: number; trace: DrawnTrace }>();
  let limit = Number.POSITIVE_INFINITY;
  for (const { signal, request } of readRequests(path)) {
    if (signal !== "traces") continue;
    for (const { resource, scopeSpans = [] } of request.resourceSpans ?? []) {
      const service = serviceOf(resource);
      for (const span of scopeSpans.flatMap(({ spans = [] }) => spans)) take(span, service);
    }
  }
  keepFirst();
  return [...drawn.values()].map(({ trace }) => trace);

  function take(span: Message<"Span">, service: string): void {
    const place = placeOf(span.traceId, seed);
    if (place > limit) return;
    const traceId = Buffer.from(span.traceId ?? []).toString("hex");
    let entry = drawn.get(traceId);
    if (entry === undefined) {
      entry = { place, trace: { traceId, spans: [], count: 0 } };
      drawn.set(traceId, entry);
      // Sorting them at each new trace would take longer than reading the file.
      if (drawn.size >= 2 * count) keepFirst();
    }
    entry.trace.count++;
    if (entry.trace.spans.length < KEPT_SPANS) entry.trace.spans.push({ span, service });
  }

  /** Leave out whoever is not among the first `count` places. */
  function keepFirst(): void {
    const places = [...drawn].toSorted(([, a], [, b]) => a.place - b.place);
    for (const [id] of places.slice(count)) drawn.delete(id);
    limit = places[count - 1]?.[1].place ?? Number.NEGATIVE_INFINITY;
  }
}

/** A trace's place in the order of drawing: 53 bits that look random. */
function placeOf(traceId: Uint8Array | undefined, seed: number): number {
  let [high, low] = [mix(seed | 0), mix(~seed)];
  for (const byte of traceId ?? []) {
    high = mix(high ^ byte);
    low = mix(low + byte);
  }
  return (high >>> 0) * 2 ** 21 + (low >>> 11);
}
