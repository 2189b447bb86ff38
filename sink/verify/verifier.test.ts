import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { WireError } from "../../otlp/message/wire.ts";
import { SIGNALS } from "../../otlp/signal.ts";
import { idKeyOf, NEVER_SENT_ORDINAL, spanIdOf, traceIdOf } from "../../template/ids.ts";
import {
  logsBody,
  metricsBody,
  SAMPLE_INCARNATION,
  type SamplePoint,
  type SampleSpan,
  tracesBody,
  wholeTrace,
} from "../sample-bodies.ts";
import type { VerificationReport } from "./report.ts";
import { Verifier, type VerifierOptions } from "./verifier.ts";

function newVerifier(options: Partial<VerifierOptions> = {}): Verifier {
  const startedAt = Date.now() - 1_000_000;
  return new Verifier({
    seed: 0,
    doubtMs: 0,
    futureMs: 1000,
    maxAgeMs: 3_600_000,
    maxSeries: 1000,
    startedAt,
    ...options,
  });
}

function verify(requests: SampleSpan[][], options: Partial<VerifierOptions> = {}): VerificationReport {
  const verifier = newVerifier(options);
  for (const spans of requests) verifier.check("traces", tracesBody(spans), Date.now());
  return verifier.report();
}

function countsOf(report: VerificationReport): Record<string, number> {
  return Object.fromEntries(Object.entries(report.findings).map(([name, finding]) => [name, finding.count]));
}

/** All spans of `passes` passes of traces with these numbers of spans. */
function everything(passes: number, sizes: number[]): SampleSpan[] {
  return Array.from({ length: passes }, (_, pass) =>
    sizes.flatMap((of, trace) => wholeTrace(trace, of, { pass })),
  ).flat();
}

function shuffled<T>(items: T[], seed: number): T[] {
  let state = seed;
  const keyed = items.map((item) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return [state, item] as const;
  });
  return keyed.sort(([a], [b]) => a - b).map(([, item]) => item);
}

const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 30, max: 70 })), {
  minLength: 1,
  maxLength: 6,
});

describe("traces", () => {
  test("that arrive whole verify, in whatever order their spans come", () => {
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 4 }), fc.nat(), (traces, passes, order) => {
        const spans = shuffled(everything(passes, traces), order);
        const half = Math.floor(spans.length / 2);
        const report = verify([spans.slice(0, half), spans.slice(half)]);
        expect(report).toMatchObject({ ok: true, traces: { complete: traces.length * passes } });
        expect(report.incarnations[0]).toMatchObject({
          passes,
          spans: spans.length,
          incarnation: "abcdef012345",
        });
      }),
      { numRuns: 100 },
    );
  });

  test("that lack spans or did not come are named, all of them and no others", () => {
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 3 }), fc.nat(), fc.nat(), (traces, passes, order, n) => {
        const all = everything(passes, traces);
        // The last trace of the last pass tells how far the sender came.
        const lost = new Set(shuffled(all.slice(0, -traces.at(-1)!), n).slice(0, 1 + (n % 5)));
        const report = verify([
          shuffled(
            all.filter((span) => !lost.has(span)),
            order,
          ),
        ]);
        const { missing } = report;
        const name = (span: SampleSpan) => `${span.pass}/${span.trace}`;
        const arrived = new Set(all.filter((span) => !lost.has(span)).map(name));
        const touched = new Set([...lost].map(name));
        const absent = [...touched].filter((trace) => !arrived.has(trace));
        expect(missing.traces).toBe(absent.length);
        expect(missing.incompleteTraces).toBe(touched.size - absent.length);
        expect(missing.spans).toBe([...lost].filter((span) => arrived.has(name(span))).length);
        expect(report.ok).toBe(lost.size === 0);
      }),
      { numRuns: 200 },
    );
  });

  test("are named by pass and ordinal", () => {
    const spans = everything(3, [2, 2, 40, 2]).filter(
      ({ pass, trace, span }) => !(pass === 1 && (trace === 0 || trace === 1 || (trace === 2 && span === 0))),
    );
    const { incarnations } = verify([spans]);
    expect(incarnations[0]!.missing).toEqual({
      traces: 2,
      incompleteTraces: 1,
      spans: 1,
      parents: 1,
      passes: [{ pass: 1, traces: "0-1", incomplete: "2" }],
    });
  });

  test("of whole passes that never came are missing too", () => {
    const { incarnations } = verify([everything(6, [1, 1]).filter(({ pass }) => pass === 0 || pass! >= 4)]);
    expect(incarnations[0]!.missing).toMatchObject({
      traces: 6,
      passes: [{ pass: 1, lastPass: 3, traces: "0-1" }],
    });
  });

  test("that come twice are found, long after they were complete", () => {
    const report = verify([everything(5, [3, 3]), wholeTrace(1, 3, { pass: 2 })]);
    expect(countsOf(report)).toEqual({ duplicateSpans: 3 });
    expect(report.ok).toBe(false);
    expect(report.findings.duplicateSpans!.examples[0]).toMatch(
      /span 0 of trace 1 in pass 2 of abcdef012345$/,
    );
  });

  test("that come twice are found while they are incomplete, however large they are", () => {
    for (const spanCount of [3, 1000]) {
      const spans = wholeTrace(0, spanCount).slice(1);
      expect(countsOf(verify([spans, spans.slice(0, 2)]))).toEqual({ duplicateSpans: 2 });
    }
  });

  test("do not mix over incarnations", () => {
    const report = verify([wholeTrace(0, 3), wholeTrace(0, 3, { incarnation: 7 })]);
    expect(report.ok).toBe(true);
    expect(report.incarnations.map(({ incarnation }) => incarnation)).toEqual([
      "abcdef012345",
      "000000000007",
    ]);
  });

  test("take up a finished pass again when it turns out to have more traces", () => {
    const known = [...everything(3, [1, 1])];
    const report = verify([known, wholeTrace(2, 1, { pass: 0 }), wholeTrace(2, 1, { pass: 2 })]);
    expect(countsOf(report)).toEqual({});
    expect(report.incarnations[0]!.missing.passes).toEqual([{ pass: 1, traces: "2", incomplete: "" }]);
  });

  test("are told apart by block when there are many of them", () => {
    const spans = Array.from({ length: 5000 }, (_, trace) => ({ trace, span: 0, of: 1 }));
    const report = verify([spans.filter(({ trace }) => trace !== 1023 && trace !== 3000)]);
    expect(report.incarnations[0]!.missing.passes).toEqual([
      { pass: 0, traces: "1023,3000", incomplete: "" },
    ]);
    expect(countsOf(verify([spans, spans.slice(0, 10)]))).toEqual({ duplicateSpans: 10 });
  });

  test("that contradict their own span count are found", () => {
    const report = verify([[...wholeTrace(0, 2), { trace: 0, span: 2, of: 3, parent: 0 }]]);
    expect(countsOf(report)).toEqual({ contradictingSpans: 1 });
  });

  test("of another seed are foreign, and the report says what to do", () => {
    const report = verify([wholeTrace(0, 3, { seed: 1 })]);
    expect(countsOf(report)).toEqual({ foreignSpans: 3 });
    expect(report.hint).toContain("--seed");
    expect(verify([wholeTrace(0, 3, { seed: 1 })], { seed: 1 }).ok).toBe(true);
  });

  test("may have parents that are never sent, but no parents that are nobody", () => {
    const traceId = traceIdOf(idKeyOf(0), { incarnation: SAMPLE_INCARNATION, pass: 0, ordinal: 0 });
    const rootless = tracesBody([{ trace: 0, span: 0, of: 2, parent: NEVER_SENT_ORDINAL }]);
    const orphan = tracesBody([{ trace: 0, span: 1, of: 2, parent: 0 }]);
    orphan.fill(1, orphan.indexOf(spanIdOf(traceId, 0, 2)), orphan.indexOf(spanIdOf(traceId, 0, 2)) + 7);
    const verifier = newVerifier();
    verifier.check("traces", rootless, Date.now());
    verifier.check("traces", orphan, Date.now());
    const report = verifier.report();
    expect(report.traces.neverSentParents).toBe(1);
    expect(countsOf(report)).toEqual({ brokenParents: 1 });
  });
});

describe("what was in flight when its sender fell silent", () => {
  const now = Date.now();

  function silentAfter(gapMs: number): VerificationReport {
    const verifier = newVerifier({ doubtMs: 10_000, startedAt: now - 60_000 });
    const at = (ms: number, spans: SampleSpan[]) => {
      verifier.check("traces", tracesBody(spans.map((span) => ({ ...span, endMs: ms - 10 }))), ms);
    };
    at(now - 50_000, [...wholeTrace(0, 2), ...wholeTrace(2, 2)]);
    at(now - 50_000 + gapMs, [...wholeTrace(3, 3).slice(1), ...wholeTrace(5, 1)]);
    return verifier.report();
  }

  test("is doubtful, what lies further back is missing", () => {
    const report = silentAfter(20_000);
    expect(report.missing).toEqual({ traces: 1, incompleteTraces: 0, spans: 0, parents: 0 });
    expect(report.doubtful).toEqual({ traces: 1, incompleteTraces: 1, spans: 1, parents: 1 });
    expect(report.incarnations[0]!.missing.passes).toEqual([{ pass: 0, traces: "1", incomplete: "" }]);
    expect(report.incarnations[0]!.doubtful.passes).toEqual([{ pass: 0, traces: "4", incomplete: "3" }]);
  });

  test("is also the rest of a large trace that its sender stopped within, however long ago, but of no other", () => {
    const large = wholeTrace(1, 100);
    const cut = verify([[...wholeTrace(0, 3), ...large.slice(0, 60)]]);
    expect([cut.ok, cut.missing.spans, cut.doubtful.spans]).toEqual([true, 0, 40]);
    const headless = verify([[...wholeTrace(0, 3), ...large.slice(1)]]);
    expect([headless.ok, headless.missing.spans, headless.doubtful.spans]).toEqual([false, 1, 0]);
    const passed = verify([[...wholeTrace(0, 3), ...large.slice(0, 60), ...wholeTrace(2, 3)]]);
    expect([passed.ok, passed.missing.spans, passed.doubtful.spans]).toEqual([false, 40, 0]);
  });

  test("fails nothing when there is nothing else", () => {
    expect(silentAfter(5000)).toMatchObject({ ok: true, missing: { traces: 0 }, doubtful: { traces: 2 } });
  });
});

describe("times", () => {
  const span = { trace: 0, span: 0, of: 1 };
  test.each([
    ["that end before they start", { startMs: Date.now() - 5, endMs: Date.now() - 6 }, "invertedTimes"],
    ["in the future", { endMs: Date.now() + 60_000 }, "futureTimes"],
    ["older than expected", { endMs: Date.now() - 7_200_000 }, "oldTimes"],
    ["that are absent", { startMs: 0, endMs: 0 }, "absentTimes"],
  ])("%s are found", (_what, times, finding) => {
    expect(countsOf(verify([[{ ...span, ...times }]]))).toEqual({ [finding]: 1 });
  });
});

describe("log records", () => {
  test("are told apart: linked, on their own, dangling, foreign", () => {
    const verifier = newVerifier();
    const link = (trace: number, seed = 0): SampleSpan => ({ trace, span: 0, of: 2, seed });
    const records = [link(0), link(0), link(3), "unlinked" as const, "zeros" as const, link(0, 9)];
    verifier.check("logs", logsBody(records), Date.now());
    verifier.check("traces", tracesBody(wholeTrace(0, 2)), Date.now());
    const report = verifier.report();
    expect(report.logs).toEqual({ linked: 3, unlinked: 2, dangling: 1 });
    expect(countsOf(report)).toEqual({ foreignLogs: 1 });
    expect(report.missing.traces).toBe(0);
  });
});

describe("series", () => {
  const start = Date.now() - 100_000;
  const sum = (second: number, value: number, rest: Partial<SamplePoint> = {}): SamplePoint => ({
    kind: "sum",
    startMs: start,
    timeMs: start + second * 1000,
    value,
    ...rest,
  });

  test.each<[string, SamplePoint[], Record<string, number>]>([
    ["sums that grow", [sum(1, 5), sum(2, 5), sum(3, 9)], {}],
    ["sums that fall", [sum(1, 5), sum(2, 4)], { fallingSums: 1 }],
    ["sums that fall under a new start", [sum(1, 5), sum(3, 1, { startMs: start + 2000 })], {}],
    ["starts that move back", [sum(1, 5), sum(3, 9, { startMs: start - 2000 })], { startsMovedBack: 1 }],
    ["a point that is late and fits", [sum(1, 5), sum(3, 9), sum(2, 6)], {}],
    ["a point that is late and does not fit", [sum(1, 5), sum(3, 9), sum(2, 10)], { fallingSums: 1 }],
    ["the same point twice", [sum(1, 5), sum(1, 5)], { duplicatePoints: 1 }],
    ["two values at one time", [sum(1, 5), sum(1, 6)], { collidingPoints: 1 }],
    ["the same values of two hosts", [sum(1, 5), sum(1, 4, { host: "b" })], {}],
    [
      "delta points without a gap",
      [sum(1, 5, { temporality: 1 }), sum(2, 3, { temporality: 1, startMs: start + 1000 })],
      {},
    ],
    [
      "delta points with a gap",
      [sum(1, 5, { temporality: 1 }), sum(3, 3, { temporality: 1, startMs: start + 2000 })],
      { deltaGaps: 1 },
    ],
    [
      "delta points with a gap that is filled late",
      [
        sum(1, 5, { temporality: 1 }),
        sum(3, 3, { temporality: 1, startMs: start + 2000 }),
        sum(2, 3, { temporality: 1, startMs: start + 1000 }),
      ],
      {},
    ],
    [
      "delta points that overlap",
      [sum(1, 5, { temporality: 1 }), sum(3, 3, { temporality: 1 })],
      { deltaOverlaps: 1 },
    ],
    ["gauges that wander", [sum(1, 5, { kind: "gauge" }), sum(2, 3, { kind: "gauge" })], {}],
    ["histograms in order", [sum(1, 5, { kind: "histogram", buckets: [2, 3] })], {}],
    [
      "histograms whose buckets do not add up",
      [sum(1, 5, { kind: "histogram", buckets: [2, 2] }), sum(2, 7, { kind: "histogram", buckets: [7] })],
      { bucketMismatches: 1 },
    ],
    [
      "histograms that fall",
      [sum(1, 5, { kind: "histogram", buckets: [5] }), sum(2, 4, { kind: "histogram", buckets: [4] })],
      { fallingSums: 1 },
    ],
    [
      "exponential histograms whose buckets do not add up",
      [
        sum(1, 300, { kind: "exponentialHistogram", buckets: [100, 200] }),
        sum(2, 301, { kind: "exponentialHistogram", buckets: [100, 200] }),
      ],
      { bucketMismatches: 1 },
    ],
    ["points that end before they start", [sum(-1, 5)], { invertedTimes: 1 }],
  ])("judges %s", (_what, points, findings) => {
    const verifier = newVerifier();
    for (const point of points) verifier.check("metrics", metricsBody([point]), Date.now());
    expect(countsOf(verifier.report())).toEqual(findings);
  });

  test("beyond the number that is tracked are counted as such", () => {
    const verifier = newVerifier({ maxSeries: 10 });
    const points = Array.from({ length: 15 }, (_, host) => sum(1, 5, { host: `host-${host}` }));
    verifier.check("metrics", metricsBody(points), Date.now());
    expect(verifier.report().metrics).toMatchObject({ series: 10, untrackedPoints: 5 });
  });

  test("stay apart when there are hundreds of thousands of them", () => {
    const verifier = newVerifier({ maxSeries: 1_000_000 });
    for (let block = 0; block < 10; block++) {
      const points = Array.from({ length: 5000 }, (_, n) => sum(1, 5, { host: `host-${block}-${n}` }));
      verifier.check("metrics", metricsBody(points), Date.now());
    }
    expect(verifier.report()).toMatchObject({ ok: true, metrics: { series: 50_000 } });
  });
});

describe("hostile bodies", () => {
  test("end in WireError or are taken for what they are, and leave the state sound", () => {
    const bodies = {
      traces: tracesBody(wholeTrace(0, 3)),
      logs: logsBody(["unlinked", { trace: 0, span: 0, of: 3 }]),
      metrics: metricsBody([{ kind: "exponentialHistogram", timeMs: Date.now(), value: 5 }]),
    };
    const verifier = newVerifier();
    fc.assert(
      fc.property(
        fc.constantFrom(...SIGNALS),
        fc.nat(),
        fc.nat({ max: 255 }),
        fc.nat(),
        (signal, at, byte, cut) => {
          const body = Buffer.from(bodies[signal]);
          body[at % body.length] = byte;
          const bytes = cut % 3 === 0 ? body.subarray(0, cut % body.length) : body;
          try {
            verifier.check(signal, bytes, Date.now());
          } catch (error) {
            expect(error).toBeInstanceOf(WireError);
          }
        },
      ),
      { numRuns: 3000 },
    );
    expect(verifier.report().ok).toBe(false);
  });

  test("that break half way count for nothing", () => {
    const verifier = newVerifier();
    const body = tracesBody(wholeTrace(0, 3));
    expect(() => verifier.check("traces", body.subarray(0, -1), Date.now())).toThrow(WireError);
    verifier.check("traces", body, Date.now());
    expect(verifier.report()).toMatchObject({ ok: true, traces: { complete: 1 } });
  });
});
