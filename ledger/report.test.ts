import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { perSignal } from "../otlp/signal.ts";
import { COUNTER_INDEX, COUNTERS } from "./counts.ts";
import { Latencies } from "./latency.ts";
import { imbalance, makeReport, type Report } from "./report.ts";
import { reportSchema } from "./report-schema.ts";
import type { Snapshot } from "./snapshot.ts";
import { countsOf, testSnapshot } from "./test-snapshot.ts";

const context = {
  version: "0.0.0",
  startedAt: "2026-01-01T00:00:00.000Z",
  replicas: 1,
  config: {},
  signals: ["traces", "logs"] as const,
};

/** A snapshot in which every item has one fate. */
const snapshot = fc
  .record({
    fates: fc.array(fc.nat(1000), { minLength: 6, maxLength: 6 }),
    latencies: fc.array(fc.double({ min: 0.01, max: 1000, noNaN: true }), { maxLength: 20 }),
    address: fc.constantFrom("127.0.0.1:1", "127.0.0.1:2"),
  })
  .map(({ fates, latencies, address }): Snapshot => {
    const [unsent, dropped, accepted, rejected, failed, inDoubt] = fates as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    const sent = accepted + rejected + failed + inDoubt;
    const intended = unsent + dropped + sent;
    const traces = { intended, unsent, dropped, sent, accepted, rejected, failed, inDoubt };
    const histogram = new Latencies();
    for (const latency of latencies) histogram.record(latency);
    return testSnapshot({
      elapsedMs: 1000,
      counts: perSignal((signal) => countsOf(signal === "traces" ? traces : {})),
      latencies: perSignal((signal) => (signal === "traces" ? histogram.counts() : [])),
      worstLagMs: 5,
      cpuSeconds: 1,
      rssBytes: 1,
      maxRssBytes: 2,
      incarnations: ["0123456789ab"],
      targets: { [address]: { requests: 1, accepted: 1, rejected: 0, failed: 0, inDoubt: 0 } },
    });
  });

describe("a report", () => {
  test("of several processes is the sum of the reports of each", () => {
    fc.assert(
      fc.property(fc.array(snapshot, { minLength: 1, maxLength: 5 }), (snapshots) => {
        const together = makeReport(snapshots, context);
        const apart = snapshots.map((one) => makeReport([one], context));
        const sumOf = (of: (report: Report) => number | undefined) =>
          apart.reduce((sum, report) => sum + (of(report) ?? 0), 0);
        for (const counter of COUNTERS) {
          expect(together.signals.traces![counter]).toBe(sumOf(({ signals }) => signals.traces![counter]));
        }
        for (const [address, { requests }] of Object.entries(together.targets)) {
          expect(requests).toBe(sumOf(({ targets }) => targets[address]?.requests));
        }
        expect(together.exitCode).toBe(Math.max(...apart.map(({ exitCode }) => exitCode)));
      }),
    );
  });

  test("is balanced when every item has one fate, and says by its exit code whether all were accepted", () => {
    fc.assert(
      fc.property(snapshot, (one) => {
        const report = makeReport([one], context);
        const traces = report.signals.traces!;
        expect(report.balanced).toBe(true);
        expect(imbalance(traces)).toEqual({ intended: 0, sent: 0 });
        const isWhole = traces.rejected + traces.failed + traces.inDoubt + traces.dropped === 0;
        expect(report.exitCode).toBe(isWhole ? 0 : 1);
      }),
    );
  });

  test("is not balanced, and fails, when an item is missing", () => {
    fc.assert(
      fc.property(snapshot, (one) => {
        one.counts.traces[COUNTER_INDEX.accepted]! += 1;
        const report = makeReport([one], context);
        expect([report.balanced, report.exitCode]).toEqual([false, 1]);
      }),
    );
  });

  test("keeps to its schema, with only the signals of the run", () => {
    fc.assert(
      fc.property(snapshot, (one) => {
        const report = reportSchema.parse(JSON.parse(JSON.stringify(makeReport([one], context))));
        expect(Object.keys(report.signals)).toEqual(["traces", "logs"]);
      }),
    );
  });
});
