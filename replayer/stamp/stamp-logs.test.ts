import fc from "fast-check";
import Long from "long";
import { describe, expect, test } from "vitest";
import type { Message, RequestOf } from "../../otlp/message/schema.ts";
import { idKeyOf, originOf, SpanDecoder } from "../../template/ids.ts";
import { HEADER, TIME_TEXTS } from "../../template/slots.ts";
import { freezeSettings, logRequests, spanIdBytes, traceIdBytes } from "../freeze/arbitrary.ts";
import { settleBase } from "./stamp-key.ts";
import { baseNs, bigOf, decodedTemplate, stampKey, withFrozen } from "./stamped.ts";

type LogRecord = Message<"LogRecord">;
interface PlacedRecord {
  resource: unknown;
  scope: unknown;
  record: LogRecord;
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

describe("a stamped pass of logs", () => {
  test("holds every record once, those of one envelope in order, with times and ids of this pass in fields and texts alike", () => {
    fc.assert(
      fc.property(logRequests, freezeSettings, stampKey, (requests, settings, key) => {
        const records = decodedTemplate("logs", requests).flatMap(recordsOf);
        withFrozen("logs", requests, settings, (frozen) => {
          const bodies = frozen.requests(key).map(recordsOf);
          const sent = bodies.flat();
          expect(sent.length).toBe(frozen.summary.items);
          expect(sent.length + frozen.summary.droppedItems).toBe(records.length);
          if (frozen.summary.droppedItems > 0) return;
          const template = bodies.flatMap(({ length }) => grouped(records.splice(0, length)));
          sent.forEach((placed, n) => {
            const { record } = template[n]!;
            const linked = settings.linkLogs ? originIds(record, placed.record, settings.seed) : {};
            expect(placed).toEqual({ ...template[n], record: expectedRecord(record, placed.record) });
            if (record.traceId && settings.linkLogs) {
              expect(linked).toEqual({
                incarnation: key.incarnation,
                pass: key.pass,
                traceId: hex(record.traceId),
                spanId: hex(record.spanId!),
              });
            }
            if (record.traceId && !settings.linkLogs) {
              expect(hex(placed.record.traceId!) + hex(placed.record.spanId!)).toMatch(/^0{48}$/);
            }
          });
          const linked = settings.linkLogs ? template.filter(({ record }) => record.traceId).length : 0;
          expect(frozen.summary.linked).toBe(linked);
        });
      }),
      { numRuns: 300 },
    );
  });

  test("observes records at the base time, after jitters from a pool of at most 64", () => {
    fc.assert(
      fc.property(logRequests, freezeSettings, stampKey, (requests, settings, key) => {
        withFrozen("logs", requests, settings, (frozen) => {
          const jitters = new Set<bigint>();
          for (const { record } of frozen.requests(key).flatMap(recordsOf)) {
            expect(bigOf(record.observedTimeUnixNano)).toBe(baseNs(key));
            const jitter = baseNs(key) - bigOf(record.timeUnixNano);
            expect(jitter).toBeGreaterThanOrEqual(0n);
            expect(jitter).toBeLessThanOrEqual(BigInt(settings.jitterMs) * 1_000_000n);
            jitters.add(jitter);
          }
          expect(jitters.size).toBeLessThanOrEqual(64);
        });
      }),
      { numRuns: 100 },
    );
  });

  test("keeps to batch size and byte limit; the same key gives the same bytes, any key the same lengths", () => {
    fc.assert(
      fc.property(logRequests, freezeSettings, stampKey, stampKey, (requests, settings, one, other) => {
        withFrozen("logs", requests, settings, (frozen) => {
          const bodies = frozen.bodies(one);
          for (const body of bodies) expect(body.length).toBeLessThanOrEqual(settings.maxRequestBytes);
          frozen.requests(one).forEach((request, batch) => {
            const records = recordsOf(request).length;
            expect(records).toBeLessThanOrEqual(settings.batchSize);
            expect(frozen.file.items(batch)).toBe(records);
          });
          const lengths = frozen.bodies(other).map((body) => body.length);
          expect(lengths).toEqual(bodies.map((body) => body.length));
          expect(Buffer.concat(frozen.bodies(one)).equals(Buffer.concat(bodies))).toBe(true);
        });
      }),
      { numRuns: 100 },
    );
  });

  test("on a settled base has one hour in all times, and one value of their bytes 5 to 7", () => {
    fc.assert(
      fc.property(logRequests, freezeSettings, stampKey, (requests, settings, key) => {
        withFrozen("logs", requests, settings, (frozen) => {
          for (let batch = 0; batch < frozen.file.batches; batch++) {
            const header = frozen.header(batch);
            const base = settleBase(key.baseSteps, header[HEADER.lowestSteps]!, true);
            const times = recordsOf(frozen.request({ ...key, batch, baseSteps: base })).flatMap(
              ({ record }) => [bigOf(record.timeUnixNano), bigOf(record.observedTimeUnixNano)],
            );
            expect(new Set(times.map((time) => time / 3_600_000_000_000n)).size).toBe(1);
            expect(new Set(times.map((time) => time >> 40n)).size).toBe(1);
          }
        });
      }),
      { numRuns: 100 },
    );
  });
});

/** Records of one request in the order in which their envelopes came up. */
function grouped(records: PlacedRecord[]): PlacedRecord[] {
  const byResource = Map.groupBy(records, ({ resource }) => JSON.stringify(resource ?? null));
  return [...byResource.values()].flatMap((of) => [
    ...[...Map.groupBy(of, ({ scope }) => JSON.stringify(scope ?? null)).values()].flat(),
  ]);
}

function recordsOf(request: RequestOf<"logs">): PlacedRecord[] {
  return (request.resourceLogs ?? []).flatMap(({ resource, scopeLogs }) =>
    (scopeLogs ?? []).flatMap(({ scope, logRecords }) =>
      (logRecords ?? []).map((record) => ({ resource, scope, record })),
    ),
  );
}

/** What the ids of a sent record decode to, as template ids. */
function originIds(template: LogRecord, sent: LogRecord, seed: number): object {
  if (!template.traceId) return {};
  const { incarnation, pass, ordinal } = originOf(idKeyOf(seed), sent.traceId!);
  const decoder = new SpanDecoder();
  decoder.enter(sent.traceId!, 0);
  expect(decoder.read(sent.spanId!, 0)).toBe(true);
  return {
    incarnation,
    pass,
    traceId: hex(traceIdBytes(ordinal)),
    spanId: hex(spanIdBytes(decoder.ordinal, decoder.spanCount)),
  };
}

/** The template's record with the fields of the sent one, its texts rewritten to agree with these fields. */
function expectedRecord(template: LogRecord, sent: LogRecord): LogRecord {
  const { timeUnixNano, observedTimeUnixNano, traceId, spanId } = sent;
  const texts = new Map<string, string>(
    TIME_TEXTS.map(({ zero }, format) => [zero, textOf(format, bigOf(timeUnixNano))]),
  );
  if (template.traceId) {
    texts.set(hex(template.traceId), hex(traceId!));
    texts.set(hex(template.spanId!), hex(spanId!));
  }
  const ids = template.traceId ? { traceId: traceId!, spanId: spanId! } : {};
  return {
    ...(replaceTexts(template, texts) as LogRecord),
    timeUnixNano: timeUnixNano!,
    observedTimeUnixNano: observedTimeUnixNano!,
    ...ids,
  };
}

function replaceTexts(value: unknown, texts: Map<string, string>): unknown {
  if (typeof value === "string") {
    let text = value;
    for (const [from, to] of texts) text = text.replaceAll(from, to);
    return text;
  }
  if (Array.isArray(value)) return value.map((element) => replaceTexts(element, texts));
  if (typeof value !== "object" || value === null || value instanceof Uint8Array || Long.isLong(value))
    return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, replaceTexts(field, texts)]));
}

/** A time as text, by another way than the code under test: through Date's UTC string. */
function textOf(format: number, ns: bigint): string {
  const date = new Date(Number(ns / 1_000_000n));
  const [, day, month, year, time] = date.toUTCString().split(" ");
  const fraction = (ns % 1_000_000_000n).toString().padStart(9, "0");
  const isoDate = date.toISOString().slice(0, 10);
  const texts: Record<(typeof TIME_TEXTS)[number]["name"], string> = {
    "common log": `${day}/${month}/${year}:${time} +0000`,
    "RFC 3339 microseconds": `${isoDate}T${time}.${fraction.slice(0, 6)}Z`,
    "RFC 3339 milliseconds": `${isoDate}T${time}.${fraction.slice(0, 3)}Z`,
    "RFC 3339 seconds": `${isoDate}T${time}Z`,
    "RFC 3164": `${month} ${String(Number(day)).padStart(2)} ${time}`,
    "ISO, blank and comma": `${isoDate} ${time},${fraction.slice(0, 3)}`,
    "RFC 3339 nanoseconds": `${isoDate}T${time}.${fraction}Z`,
    klog: `${isoDate.slice(5).replace("-", "")} ${time}.${fraction.slice(0, 6)}`,
  };
  return texts[TIME_TEXTS[format]!.name];
}
