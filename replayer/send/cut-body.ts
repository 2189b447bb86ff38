/**
 * Cutting a stamped body to its first items, so that a run sends exactly as many as it is to.
 *
 * Happens once per signal and run. Traces stay in the order of their ordinals, so that a receiver, which counts ordinals, misses none;
 * a body has them in the order of their services. Of the last trace the spans with the lowest ordinals stay: a parent's ordinal is
 * below its children's, so nobody loses a parent. Its span ids are made those of a trace of so many spans; it is a smaller trace then,
 * and nobody misses the rest of it. A trace whose root was to follow, and will not, becomes one whose root is never sent. Of a trace
 * that several requests carry, that goes for the first only, and only where its spans are the trace's first ones: else other parts
 * have left, or the rest leaves gaps. Ids then stay as they are, and the trace is one that was not sent to its end.
 */
import { FieldCursor } from "../../otlp/message/wire.ts";
import type { Signal } from "../../otlp/signal.ts";
import {
  type IdKey,
  NEVER_SENT_ORDINAL,
  originOf,
  SPAN_ID_BYTES,
  SpanDecoder,
  spanIdOf,
  TRACE_ID_BYTES,
} from "../../template/ids.ts";
import { Assembler } from "../freeze/assemble.ts";

/**
 * A request with `items` (>= 1) of the body's items; a new buffer. Span ids in `body` are changed.
 * idKey      what the trace ids were made with
 * lateRoots  of the traces whose roots are to follow, so many get theirs, the first ones
 * continues  the body goes on with a trace of which parts have left
 */
export function cutBody(
  signal: Signal,
  body: Buffer,
  items: number,
  idKey: IdKey,
  lateRoots = Number.POSITIVE_INFINITY,
  continues = false,
): Buffer {
  let cut: Buffer | undefined;
  const keep = (bytes: Buffer) => {
    cut ??= Buffer.from(bytes);
  };
  const limits = { items, bytes: Number.POSITIVE_INFINITY };
  const assembler = new Assembler(
    signal,
    limits,
    keep,
    signal === "traces" ? { accept: chooseSpans(body, items, idKey, lateRoots, continues) } : {},
  );
  assembler.add(body);
  assembler.flush();
  return cut!;
}

interface Span {
  /** Offset of the span's message in the body. */
  from: number;
  to: number;
  traceId: Buffer;
  ordinal: number;
}

/** Whether a span stays, by where it stands. */
function chooseSpans(
  body: Buffer,
  items: number,
  idKey: IdKey,
  lateRoots: number,
  continues: boolean,
): (message: Uint8Array, from: number) => boolean {
  const traces = new Map<string, [Span, ...Span[]]>();
  for (const span of spansOf(body)) {
    const id = span.traceId.toString("hex");
    const spans = traces.get(id);
    if (spans) spans.push(span);
    else traces.set(id, [span]);
  }
  const kept = new Set<number>();
  let left = items;
  let rootsLeft = lateRoots;
  const ordinalOf = ([{ traceId }]: [Span, ...Span[]]) => originOf(idKey, traceId).ordinal;
  for (const spans of [...traces.values()].toSorted((a, b) => ordinalOf(a) - ordinalOf(b))) {
    if (left <= 0) break;
    spans.sort((a, b) => a.ordinal - b.ordinal);
    const stay = spans.slice(0, left);
    for (const { from } of stay) kept.add(from);
    left -= stay.length;
    const first = spans[0]!.ordinal;
    if (continues || stay.at(-1)!.ordinal !== first + stay.length - 1) continue;
    if (first === 0 && stay.length < spans.length) renameSpans(body, stay, 0);
    if (first === 1 && rootsLeft-- <= 0) renameSpans(body, stay, 1);
  }
  return (_, from) => kept.has(from);
}

function spansOf(body: Buffer): Span[] {
  const [request, resource, scope, field] = [
    new FieldCursor(),
    new FieldCursor(),
    new FieldCursor(),
    new FieldCursor(),
  ];
  const decoder = new SpanDecoder();
  const spans: Span[] = [];
  request.enter(body, 0, body.length);
  while (request.next()) {
    resource.enter(body, request.from, request.to);
    while (resource.next()) {
      if (resource.field !== 2) continue;
      scope.enter(body, resource.from, resource.to);
      while (scope.next()) {
        if (scope.field !== 2) continue;
        const span: Span = {
          from: scope.from,
          to: scope.to,
          traceId: Buffer.alloc(TRACE_ID_BYTES),
          ordinal: -1,
        };
        field.enter(body, scope.from, scope.to);
        while (field.next()) {
          if (field.field === 1) body.copy(span.traceId, 0, field.from, field.to);
          if (field.field !== 2) continue;
          decoder.enter(span.traceId, 0);
          decoder.read(body, field.from);
          span.ordinal = decoder.ordinal;
        }
        spans.push(span);
      }
    }
  }
  return spans;
}

/**
 * Give spans `first` to `first` + n - 1 of a trace, and their references to each other, the ids of a trace of n spans. Ordinals
 * below `first` become that of a parent that is never sent.
 */
function renameSpans(body: Buffer, spans: readonly Span[], first: number): void {
  const field = new FieldCursor();
  const inLink = new FieldCursor();
  const decoder = new SpanDecoder();
  const rename = (traceId: Buffer, at: number, bytes: number) => {
    if (bytes !== SPAN_ID_BYTES) return;
    decoder.enter(traceId, 0);
    decoder.read(body, at);
    if (decoder.ordinal >= NEVER_SENT_ORDINAL) return;
    const ordinal = decoder.ordinal < first ? NEVER_SENT_ORDINAL : decoder.ordinal - first;
    body.set(spanIdOf(traceId, ordinal, spans.length), at);
  };
  for (const { from, to, traceId } of spans) {
    field.enter(body, from, to);
    while (field.next()) {
      if (field.field === 2 || field.field === 4) rename(traceId, field.from, field.to - field.from);
      if (field.field !== 13) continue;
      let isOwn = false;
      inLink.enter(body, field.from, field.to);
      while (inLink.next()) {
        if (inLink.field === 1) isOwn = body.subarray(inLink.from, inLink.to).equals(traceId);
        if (inLink.field === 2 && isOwn) rename(traceId, inLink.from, inLink.to - inLink.from);
      }
    }
  }
}
