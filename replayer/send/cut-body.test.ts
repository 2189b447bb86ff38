import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeRequest } from "../../otlp/message/decode.ts";
import { encodeRequest } from "../../otlp/message/encode.ts";
import { idKeyOf, NEVER_SENT_ORDINAL, SpanDecoder, spanIdOf, traceIdOf } from "../../template/ids.ts";
import { cutBody } from "./cut-body.ts";

interface SpanPlan {
  trace: number;
  ordinal: number;
  parent: number | undefined;
  link: boolean;
  service: number;
}

const idKey = idKeyOf(7);
const traceId = (trace: number) => traceIdOf(idKey, { incarnation: 5, pass: 3, ordinal: trace });

/** Traces whose spans come in any order: each plan says how many spans, and whose child each is. */
const tracePlans = fc.array(
  fc.record({
    parents: fc.array(fc.nat(), { maxLength: 12 }),
    order: fc.array(fc.nat(), { minLength: 13, maxLength: 13 }),
    services: fc.array(fc.nat(2), { minLength: 13, maxLength: 13 }),
    isRootless: fc.boolean(),
  }),
  { minLength: 1, maxLength: 5 },
);

function plansOf(traces: typeof tracePlans extends fc.Arbitrary<infer T> ? T : never): SpanPlan[][] {
  return traces.map(({ parents, order, services, isRootless }, trace) =>
    [undefined, ...parents]
      .map((parent, ordinal) => ({
        trace,
        ordinal,
        parent: parent === undefined ? (isRootless ? NEVER_SENT_ORDINAL : undefined) : parent % ordinal,
        link: ordinal > 0,
        service: services[ordinal]!,
        place: order[ordinal]!,
      }))
      .sort((a, b) => a.place - b.place),
  );
}

/** A stamped body of these traces: a ResourceSpans for each service, with spans of all traces. */
function bodyOf(traces: SpanPlan[][]): Buffer {
  const resourceSpans = [0, 1, 2].map((service) => {
    const own = traces.flatMap((spans) =>
      spans.filter((span) => span.service === service).map((span) => spanOf(span, spans.length)),
    );
    return { resource: {}, scopeSpans: [{ scope: { name: `service ${service}` }, spans: own }] };
  });
  return Buffer.from(encodeRequest("traces", { resourceSpans } as never));
}

function spanOf({ trace, ordinal, parent, link }: SpanPlan, count: number) {
  const id = traceId(trace);
  return {
    traceId: id,
    spanId: spanIdOf(id, ordinal, count),
    ...(parent !== undefined && { parentSpanId: spanIdOf(id, parent, count) }),
    name: `${trace}/${ordinal}`,
    startTimeUnixNano: "1",
    endTimeUnixNano: "2",
    ...(link && { links: [{ traceId: id, spanId: spanIdOf(id, 0, count) }] }),
  };
}

interface Found {
  trace: string;
  ordinal: number;
  count: number;
  parent: number | undefined;
  name: string;
}

function read(body: Buffer): Found[] {
  const decoder = new SpanDecoder();
  return decodeRequest("traces", body).resourceSpans!.flatMap(({ scopeSpans }) =>
    scopeSpans!.flatMap(({ spans }) =>
      spans!.map((span) => {
        const of = (id: Uint8Array) => {
          decoder.enter(Buffer.from(span.traceId!), 0);
          decoder.read(Buffer.from(id), 0);
          return { ordinal: decoder.ordinal, count: decoder.spanCount };
        };
        const parent = span.parentSpanId?.length ? of(span.parentSpanId).ordinal : undefined;
        for (const link of span.links ?? []) expect(of(link.spanId!).ordinal).toBe(0);
        return {
          trace: Buffer.from(span.traceId!).toString("hex"),
          ...of(span.spanId!),
          parent,
          name: span.name!,
        };
      }),
    ),
  );
}

describe("a cut body of traces", () => {
  test("has exactly so many spans, whole traces but for the last, which is a whole smaller one; nobody loses a parent", () => {
    fc.assert(
      fc.property(tracePlans, fc.double({ min: 0, max: 1, noNaN: true }), (plans, share) => {
        const traces = plansOf(plans);
        const total = traces.reduce((sum, spans) => sum + spans.length, 0);
        const items = 1 + Math.floor(share * (total - 1));
        const found = read(cutBody("traces", bodyOf(traces), items, idKey));
        expect(found.length).toBe(items);
        // One that goes on with a trace, whichever spans it holds, leaves each its id.
        for (const { count } of read(cutBody("traces", bodyOf([traces[0]!]), 1, idKey, 0, true)))
          expect(count).toBe(traces[0]!.length);
        const byTrace = Map.groupBy(found, ({ trace }) => trace);
        let left = items;
        // In the order of their ordinals, whichever stands first in the body.
        for (const [trace, spans] of traces.entries()) {
          const own = byTrace.get(Buffer.from(traceId(trace)).toString("hex")) ?? [];
          const expected = Math.min(left, spans.length);
          left -= expected;
          // Spans 0 to n - 1 of n: complete in itself.
          expect(own.map(({ ordinal }) => ordinal).sort((a, b) => a - b)).toEqual([
            ...Array(expected).keys(),
          ]);
          for (const span of own) {
            expect(span.count).toBe(expected);
            expect(span.name).toBe(`${trace}/${span.ordinal}`);
            if (span.parent !== undefined && span.parent < NEVER_SENT_ORDINAL) {
              expect(span.parent).toBeLessThan(span.ordinal);
            }
          }
        }
      }),
    );
  });

  test("leaves a trace that began in an earlier request the ids it has there", () => {
    const spans = Array.from({ length: 6 }, (_, ordinal) => ({
      trace: 0,
      ordinal,
      parent: ordinal - 1,
      link: false,
      service: 0,
    }));
    const id = traceId(0);
    const rest = spans.slice(3).map((span) => spanOf(span, 6));
    const body = encodeRequest("traces", { resourceSpans: [{ scopeSpans: [{ spans: rest }] }] } as never);
    const found = read(cutBody("traces", Buffer.from(body), 2, idKey));
    expect(found.map(({ ordinal, count, parent }) => [ordinal, count, parent])).toEqual([
      [3, 6, 2],
      [4, 6, 3],
    ]);
    expect(found[0]!.trace).toBe(Buffer.from(id).toString("hex"));
  });

  test("leaves the ids as they are where its spans are not the trace's first ones, for the rest has gaps", () => {
    const spans = [0, 3, 4, 7].map((ordinal) => ({
      trace: 0,
      ordinal,
      parent: ordinal > 0 ? 0 : undefined,
      link: false,
      service: 0,
    }));
    const part = spans.map((span) => spanOf(span, 9));
    const body = encodeRequest("traces", { resourceSpans: [{ scopeSpans: [{ spans: part }] }] } as never);
    const kept = (items: number) =>
      read(cutBody("traces", Buffer.from(body), items, idKey)).map(({ ordinal, count }) => [ordinal, count]);
    expect(kept(3)).toEqual([
      [0, 9],
      [3, 9],
      [4, 9],
    ]);
    expect(kept(1)).toEqual([[0, 1]]);
  });
});

describe("a cut body", () => {
  test("of logs has the first records, under the envelopes they came in", () => {
    const records = (names: string[]) =>
      names.map((text) => ({ body: { stringValue: text }, timeUnixNano: "1" }));
    const body = encodeRequest("logs", {
      resourceLogs: [
        {
          resource: { attributes: [] },
          scopeLogs: [{ scope: { name: "a" }, logRecords: records(["1", "2"]) }],
        },
        {
          resource: { attributes: [{ key: "host.name", value: { stringValue: "other" } }] },
          scopeLogs: [{ scope: { name: "b" }, logRecords: records(["3", "4"]) }],
        },
      ],
    } as never);
    const texts = (items: number) =>
      decodeRequest("logs", cutBody("logs", Buffer.from(body), items, idKey)).resourceLogs!.map(
        ({ scopeLogs }) =>
          scopeLogs!.map(({ scope, logRecords }) => [
            scope!.name,
            ...logRecords!.map((one) => one.body!.stringValue),
          ]),
      );
    expect(texts(1)).toEqual([[["a", "1"]]]);
    expect(texts(3)).toEqual([[["a", "1", "2"]], [["b", "3"]]]);
    expect(texts(4)).toEqual([[["a", "1", "2"]], [["b", "3", "4"]]]);
  });

  test("of metrics has the first points, in their metrics", () => {
    const gauge = (name: string, values: number[]) => ({
      name,
      gauge: { dataPoints: values.map((asInt) => ({ asInt: String(asInt), timeUnixNano: "1" })) },
    });
    const body = encodeRequest("metrics", {
      resourceMetrics: [{ scopeMetrics: [{ metrics: [gauge("a", [1, 2]), gauge("b", [3, 4])] }] }],
    } as never);
    const points = (items: number) =>
      decodeRequest("metrics", cutBody("metrics", Buffer.from(body), items, idKey)).resourceMetrics!.flatMap(
        ({ scopeMetrics }) =>
          scopeMetrics!.flatMap(({ metrics }) =>
            metrics!.map((one) => [one.name, one.gauge!.dataPoints!.length]),
          ),
      );
    expect(points(1)).toEqual([["a", 1]]);
    expect(points(3)).toEqual([
      ["a", 2],
      ["b", 1],
    ]);
  });
});
