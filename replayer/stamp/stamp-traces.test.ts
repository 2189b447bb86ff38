import fc from "fast-check";
import Long from "long";
import { describe, expect, test } from "vitest";
import type { Message, RequestOf } from "../../otlp/message/schema.ts";
import { idKeyOf, originOf, SpanDecoder } from "../../template/ids.ts";
import { HEADER, TIME_STEP_NS } from "../../template/slots.ts";
import { freezeSettings, lateTraces, spanIdBytes, traceIdBytes, traceRequests } from "../freeze/arbitrary.ts";
import type { FreezeSettings } from "../freeze/freeze.ts";
import type { FrozenFile } from "../freeze/frozen-file.ts";
import { traceJitterNs } from "../freeze/jitter.ts";
import type { StampKey } from "./stamp-key.ts";
import { baseNs, bigOf, decodedTemplate, stampKey, withFrozen } from "./stamped.ts";

type Span = Message<"Span">;
interface PlacedSpan {
  resource: unknown;
  scope: unknown;
  span: Span;
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

describe("a stamped pass of traces", () => {
  test("holds every span once, under what says the same, and differs from the template in ids and times only", () => {
    fc.assert(
      fc.property(traceRequests, freezeSettings, stampKey, (requests, settings, key) => {
        const template = decodedTemplate("traces", requests).flatMap(spansOf);
        const ends = endsOf(template);
        withFrozen("traces", requests, settings, (frozen) => {
          const sent = frozen
            .requests(key)
            .flatMap(spansOf)
            .map((placed) => ({ ...placed, span: unstamp(placed.span, settings, key, ends) }));
          expect(sent.length).toBe(frozen.summary.items);
          expect(sent.length + frozen.summary.droppedItems).toBe(template.length);
          const ids = new Set(sent.map(({ span }) => spanKey(span)));
          expect(ids.size).toBe(sent.length);
          expect(byKey(sent)).toEqual(byKey(template.filter(({ span }) => ids.has(spanKey(span)))));
        });
      }),
      { numRuns: 200 },
    );
  });

  test("ends each trace at the base time less its jitter, and puts nothing behind it", () => {
    fc.assert(
      fc.property(traceRequests, freezeSettings, stampKey, (requests, settings, key) => {
        withFrozen("traces", requests, settings, (frozen) => {
          if (frozen.summary.droppedItems > 0) return;
          const ends = new Map<number, bigint>();
          for (const { span } of frozen.requests(key).flatMap(spansOf)) {
            const { ordinal } = originOf(idKeyOf(settings.seed), span.traceId!);
            for (const time of timesOf(span)) {
              if (time > (ends.get(ordinal) ?? 0n)) ends.set(ordinal, time);
            }
          }
          for (const [ordinal, end] of ends) {
            const before = baseNs(key) - end;
            expect(before).toBe(BigInt(traceJitterNs(settings, ordinal)));
            expect(before).toBeGreaterThanOrEqual(0n);
            expect(before).toBeLessThanOrEqual(BigInt(settings.jitterMs) * 1_000_000n);
          }
        });
      }),
      { numRuns: 100 },
    );
  });

  test("keeps the low three bytes of every time over all keys", () => {
    fc.assert(
      fc.property(traceRequests, freezeSettings, stampKey, stampKey, (requests, settings, one, other) => {
        withFrozen("traces", requests, settings, (frozen) => {
          const low = (key: StampKey) =>
            frozen
              .requests(key)
              .flatMap(spansOf)
              .flatMap(({ span }) => timesOf(span).map((time) => time & 0xff_ffffn));
          expect(low(one)).toEqual(low(other));
        });
      }),
      { numRuns: 50 },
    );
  });

  test("links spans only to parents and traces of the same pass, and has no id of zeros", () => {
    fc.assert(
      fc.property(traceRequests, freezeSettings, stampKey, (requests, settings, key) => {
        withFrozen("traces", requests, settings, (frozen) => {
          const spans = frozen
            .requests(key)
            .flatMap(spansOf)
            .map(({ span }) => span);
          const sent = new Set(spans.map(spanKey));
          const decoder = new SpanDecoder();
          for (const span of spans) {
            expect(hex(span.traceId!)).toMatch(/[^0]/);
            expect(hex(span.spanId!)).toMatch(/[^0]/);
            if (frozen.summary.droppedItems > 0) continue;
            for (const link of span.links ?? []) expect(sent).toContain(spanKey(link));
            if (!span.parentSpanId) continue;
            decoder.enter(span.traceId!, 0);
            expect(decoder.read(span.parentSpanId, 0)).toBe(true);
            const isSent = sent.has(hex(span.traceId!) + hex(span.parentSpanId));
            expect(isSent).toBe(decoder.ordinal < decoder.spanCount);
          }
        });
      }),
      { numRuns: 100 },
    );
  });

  test("keeps to batch size, spans and bytes of a request, and parts only a trace that is too large for one request", () => {
    fc.assert(
      fc.property(traceRequests, freezeSettings, stampKey, (requests, settings, key) => {
        withFrozen("traces", requests, settings, (frozen) => {
          const { maxSpans = Number.POSITIVE_INFINITY, maxTraceSpans = Number.POSITIVE_INFINITY } = settings;
          const batchesOf = new Map<string, number[]>();
          const spansIn = new Map<string, number>();
          frozen.bodies(key).forEach((body, batch) => {
            expect(body.length).toBeLessThanOrEqual(settings.maxRequestBytes);
            expect(frozen.file.recordBytes(batch)).toBeLessThanOrEqual(frozen.summary.maxRecordBytes);
          });
          let last = "";
          frozen.requests(key).forEach((request, batch) => {
            const spans = spansOf(request);
            expect(frozen.file.items(batch)).toBe(spans.length);
            for (const { span } of spans) {
              spansIn.set(hex(span.traceId!), 1 + (spansIn.get(hex(span.traceId!)) ?? 0));
            }
            const traces = new Set(spans.map(({ span }) => hex(span.traceId!)));
            expect(traces.size).toBeLessThanOrEqual(settings.batchSize);
            expect(spans.length).toBeLessThanOrEqual(traces.size > 1 ? maxSpans : maxTraceSpans);
            for (const trace of traces) batchesOf.set(trace, [...(batchesOf.get(trace) ?? []), batch]);
            expect(frozen.file.continuesTrace(batch)).toBe(traces.has(last));
            last = hex(spans.at(-1)!.span.traceId!);
            if (frozen.file.continuesTrace(batch)) expect(traces.size).toBe(1);
          });
          if (settings.maxRequestBytes > 1_000_000) {
            for (const [trace, batches] of batchesOf) {
              expect(batches.length).toBe(Math.ceil(Math.max(1, spansIn.get(trace)! / maxTraceSpans)));
            }
          }
        });
      }),
      { numRuns: 200 },
    );
  });

  test("is the same bytes for the same key, and has the same lengths for any", () => {
    fc.assert(
      fc.property(traceRequests, freezeSettings, stampKey, stampKey, (requests, settings, one, other) => {
        withFrozen("traces", requests, settings, (frozen) => {
          const first = frozen.bodies(one);
          const lengths = frozen.bodies(other).map((body) => body.length);
          expect(lengths).toEqual(first.map((body) => body.length));
          expect(Buffer.concat(frozen.bodies(one)).equals(Buffer.concat(first))).toBe(true);
        });
      }),
      { numRuns: 50 },
    );
  });

  test("shares no id with another incarnation or pass", () => {
    fc.assert(
      fc.property(traceRequests, freezeSettings, stampKey, (requests, settings, key) => {
        withFrozen("traces", requests, settings, (frozen) => {
          const others = [
            { ...key, pass: (key.pass + 1) % 2 ** 40 },
            { ...key, incarnation: key.incarnation === 1 ? 2 : key.incarnation - 1 },
          ];
          const ids = (k: StampKey) =>
            new Set(
              frozen
                .requests(k)
                .flatMap(spansOf)
                .map(({ span }) => hex(span.traceId!)),
            );
          const own = ids(key);
          for (const other of others) for (const id of ids(other)) expect(own).not.toContain(id);
        });
      }),
      { numRuns: 50 },
    );
  });
});

describe("roots that leave later", () => {
  test("hold, with the batches, every span once, and fit them under the same base time", () => {
    fc.assert(
      fc.property(lateTraces, freezeSettings, stampKey, ({ requests, lateRoots }, settings, key) => {
        const template = decodedTemplate("traces", requests).flatMap(spansOf);
        const ends = endsOf(template);
        withFrozen("traces", requests, { ...settings, lateRoots }, (frozen) => {
          const sent = batchesOf(frozen).flatMap((batch) =>
            [...frozen.lateRootsOf(batch), batch].flatMap((record) =>
              spansOf(frozen.request({ ...key, batch: record })),
            ),
          );
          const unstamped = sent.map((placed) => ({
            ...placed,
            span: unstamp(placed.span, settings, key, ends),
          }));
          expect(sent.length).toBe(frozen.summary.items);
          expect(sent.length + frozen.summary.droppedItems).toBe(template.length);
          const byId = new Map(template.map((placed) => [spanKey(placed.span), placed]));
          for (const placed of unstamped) expect(placed).toEqual(byId.get(spanKey(placed.span)));
          expect(new Set(unstamped.map(({ span }) => spanKey(span))).size).toBe(sent.length);
        });
      }),
      { numRuns: 200 },
    );
  });

  test("stand in records of their own, by delay, which follow the batch that their traces begin in", () => {
    fc.assert(
      fc.property(lateTraces, freezeSettings, stampKey, ({ requests, lateRoots }, settings, key) => {
        withFrozen("traces", requests, { ...settings, lateRoots }, (frozen) => {
          const { file, summary } = frozen;
          const delays = new Map(lateRoots.map(({ trace, delayMs }) => [trace, delayMs]));
          const decoder = new SpanDecoder();
          const placesOf = (record: number) =>
            spansOf(frozen.request({ ...key, batch: record })).map(({ span }) => {
              decoder.enter(span.traceId!, 0);
              decoder.read(span.spanId!, 0);
              return {
                trace: originOf(idKeyOf(settings.seed), span.traceId!).ordinal,
                ordinal: decoder.ordinal,
              };
            });
          let roots = 0;
          const begun = new Map<number, number>();
          for (const batch of batchesOf(frozen)) {
            for (const { trace, ordinal } of placesOf(batch)) {
              if (!begun.has(trace)) begun.set(trace, batch);
              if (delays.has(trace)) expect(ordinal).toBeGreaterThan(0);
            }
          }
          for (const batch of batchesOf(frozen)) {
            expect(file.isLateRoots(batch)).toBe(false);
            for (const record of frozen.lateRootsOf(batch)) {
              const places = placesOf(record);
              expect(file.isLateRoots(record)).toBe(true);
              expect(file.items(record)).toBe(places.length);
              for (const { trace, ordinal } of places) {
                expect([ordinal, delays.get(trace)]).toEqual([0, file.delayMs(record)]);
                if (summary.droppedItems === 0) expect(begun.get(trace)).toBe(batch);
              }
              roots += places.length;
            }
          }
          expect(summary.lateRoots).toBe(roots);
          if (summary.droppedItems === 0) expect(roots).toBe(lateRoots.length);
        });
      }),
      { numRuns: 200 },
    );
  });

  test("keep the base time clear of edges, as if they were in the batch", () => {
    fc.assert(
      fc.property(lateTraces, freezeSettings, stampKey, ({ requests, lateRoots }, settings, key) => {
        withFrozen("traces", requests, { ...settings, lateRoots }, (frozen) => {
          if (frozen.summary.droppedItems > 0) return;
          for (const batch of batchesOf(frozen)) {
            const spans = [...frozen.lateRootsOf(batch), batch].flatMap((record) =>
              spansOf(frozen.request({ ...key, batch: record })),
            );
            const steps = spans
              .flatMap(({ span }) => timesOf(span))
              .map((time) => Number((time - baseNs(key)) / BigInt(TIME_STEP_NS)));
            const lowest = frozen.header(batch)[HEADER.lowestSteps]!;
            // Steps are rounded down, division towards zero.
            expect(lowest).toBeLessThan(Math.min(...steps) + 2);
            // All parts of a trace have one base, which is to suit them all, and its first moment.
            if (frozen.file.continuesTrace(batch)) {
              expect(lowest).toBe(frozen.header(batch - 1)[HEADER.lowestSteps]!);
            }
            if (new Set(spans.map(({ span }) => hex(span.traceId!))).size > 1) {
              expect(lowest).toBeGreaterThan(Math.min(...steps) - 2);
            }
          }
        });
      }),
      { numRuns: 100 },
    );
  });
});

function batchesOf({ file }: { file: FrozenFile }): number[] {
  return Array.from({ length: file.batches }, (_, batch) => batch);
}

function spansOf(request: RequestOf<"traces">): PlacedSpan[] {
  return (request.resourceSpans ?? []).flatMap(({ resource, schemaUrl, scopeSpans }) =>
    (scopeSpans ?? []).flatMap(({ scope, schemaUrl: scopeSchema, spans }) =>
      (spans ?? []).map((span) => ({ resource: [resource, schemaUrl], scope: [scope, scopeSchema], span })),
    ),
  );
}

function spanKey({ traceId, spanId }: Pick<Span, "traceId" | "spanId">): string {
  return hex(traceId!) + hex(spanId!);
}

/** In an order that does not depend on which envelope came first. */
function byKey<T extends { span: Span }>(placed: T[]): T[] {
  return placed.toSorted((a, b) => (spanKey(a.span) < spanKey(b.span) ? -1 : 1));
}

function timesOf(span: Span): bigint[] {
  return [
    bigOf(span.startTimeUnixNano),
    bigOf(span.endTimeUnixNano),
    ...(span.events ?? []).map((event) => bigOf(event.timeUnixNano)),
  ];
}

/** When each trace of a template ends, by its template trace id. */
function endsOf(template: PlacedSpan[]): Map<string, bigint> {
  const ends = new Map<string, bigint>();
  for (const { span } of template) {
    const id = hex(span.traceId!);
    for (const time of timesOf(span)) if (time > (ends.get(id) ?? -1n)) ends.set(id, time);
  }
  return ends;
}

/** The template span that a sent span decodes to. */
function unstamp(span: Span, settings: FreezeSettings, key: StampKey, ends: Map<string, bigint>): Span {
  const decoder = new SpanDecoder();
  const templateIds = (traceId: Uint8Array) => {
    const origin = originOf(idKeyOf(settings.seed), traceId);
    expect([origin.incarnation, origin.pass]).toEqual([key.incarnation, key.pass]);
    decoder.enter(traceId, 0);
    return traceIdBytes(origin.ordinal);
  };
  const templateSpanId = (spanId: Uint8Array) => {
    expect(decoder.read(spanId, 0)).toBe(true);
    return Buffer.from(spanIdBytes(decoder.ordinal, decoder.spanCount));
  };
  const traceId = Buffer.from(templateIds(span.traceId!));
  const { ordinal } = originOf(idKeyOf(settings.seed), span.traceId!);
  const end = baseNs(key) - BigInt(traceJitterNs(settings, ordinal));
  const templateTime = (time: Long | undefined) =>
    Long.fromString((bigOf(time) - end + ends.get(hex(traceId))!).toString(), true);
  const own = {
    traceId,
    spanId: templateSpanId(span.spanId!),
    ...(span.parentSpanId && { parentSpanId: templateSpanId(span.parentSpanId) }),
    startTimeUnixNano: templateTime(span.startTimeUnixNano),
    endTimeUnixNano: templateTime(span.endTimeUnixNano),
  };
  const parts: Partial<Span> = {};
  if (span.events) {
    parts.events = span.events.map((event) => ({
      ...event,
      timeUnixNano: templateTime(event.timeUnixNano),
    }));
  }
  if (span.links) {
    parts.links = span.links.map((link) => ({
      ...link,
      traceId: Buffer.from(templateIds(link.traceId!)),
      spanId: templateSpanId(link.spanId!),
    }));
  }
  return { ...span, ...own, ...parts };
}
