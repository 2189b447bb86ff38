import { describe, expect, test } from "vitest";
import type { Counter } from "../ledger/counts.ts";
import { Latencies } from "../ledger/latency.ts";
import { makeReport, type Report } from "../ledger/report.ts";
import type { Snapshot } from "../ledger/snapshot.ts";
import { countsOf, testSnapshot } from "../ledger/test-snapshot.ts";
import { perSignal, type Signal } from "../otlp/signal.ts";
import { ledgerTable } from "./ledger-table.ts";

function snapshot(
  counts: Partial<Record<Signal, Partial<Record<Counter, number>>>>,
  more: Partial<Snapshot> = {},
): Snapshot {
  const latencies = new Latencies();
  latencies.record(2.1);
  latencies.record(14.2);
  return testSnapshot({
    elapsedMs: 60_012,
    counts: perSignal((signal) => countsOf(counts[signal])),
    latencies: perSignal(() => latencies.counts()),
    lagMs: 3,
    worstLagMs: 1200,
    inFlight: 2,
    cpuSeconds: 14.2,
    rssBytes: 70e6,
    maxRssBytes: 90e6,
    incarnations: ["0123456789ab"],
    ...more,
  });
}

const report = (snapshots: Snapshot[], signals: Signal[]): Report =>
  makeReport(snapshots, {
    version: "0.1.0",
    startedAt: "2026-11-21T10:00:00Z",
    replicas: 1,
    config: {},
    signals,
  });

const plain = {
  intended: 3_000_000,
  sent: 3_000_000,
  accepted: 3_000_000,
  requests: 3000,
  bodyBytes: 1.38e9,
  wireBytes: 1.66e8,
  compressedRequests: 3000,
  compiledRequests: 2820,
};
const lossy = {
  intended: 1_000_010,
  unsent: 4,
  dropped: 1,
  sent: 1_000_005,
  accepted: 1_000_000,
  rejected: 1,
  failed: 3,
  inDoubt: 1,
  requests: 1001,
  retriedRequests: 2,
};

describe("the ledger", () => {
  test("of a run with losses", () => {
    const target = { requests: 1, accepted: 1, rejected: 0, failed: 0, inDoubt: 0 };
    const run = snapshot(
      { traces: plain, logs: lossy },
      {
        targets: { "127.0.0.1:4317": target },
        answers: [{ code: "UNAVAILABLE", count: 3, message: "busy\u001B[2J" }],
        notes: ["linked logs go out unlinked: the mix leaves traces out"],
      },
    );
    expect(ledgerTable(report([run], ["traces", "logs"]))).toMatchInlineSnapshot(`
      "  4,000,005 events to 127.0.0.1:4317 in 01:00, 66,653 a second
        14.2 s of CPU, 90.0 MB of memory, at most 1.20 s behind schedule

                                    traces          logs         total
        intended                 3,000,000     1,000,010     4,000,010
          unsent                         0             4             4
          dropped                        0             1             1
          sent                   3,000,000     1,000,005     4,000,005
            accepted             3,000,000     1,000,000     4,000,000
            rejected                     0             1             1
            failed                       0             3             3
            in doubt                     0             1             1

        requests                     3,000         1,001         4,001
          tried again                    0             2             2
          bytes                    1.38 GB           0 B       1.38 GB
          bytes on the wire         166 MB           0 B        166 MB
          compressed             94 % once            no     70 % once
          bytes an item       55.3 (8.3 x)                41.5 (8.3 x)
        latency  p50               2.10 ms       2.10 ms
                 p99               14.2 ms       14.2 ms
                 max               14.2 ms       14.2 ms

        3 x UNAVAILABLE  busy [2J

        note: linked logs go out unlinked: the mix leaves traces out

        balanced  intended = unsent + dropped + sent
                  sent = accepted + rejected + failed + in doubt
      "
    `);
  });

  test("of one signal has no total", () => {
    expect(ledgerTable(report([snapshot({ logs: plain })], ["logs"]))).toMatchInlineSnapshot(`
      "  3,000,000 events in 01:00, 49,990 a second
        14.2 s of CPU, 90.0 MB of memory, at most 1.20 s behind schedule

                                      logs
        intended                 3,000,000
          unsent                         0
          dropped                        0
          sent                   3,000,000
            accepted             3,000,000
            rejected                     0
            failed                       0
            in doubt                     0

        requests                     3,000
          tried again                    0
          bytes                    1.38 GB
          bytes on the wire         166 MB
          compressed             94 % once
          bytes an item       55.3 (8.3 x)
        latency  p50               2.10 ms
                 p99               14.2 ms
                 max               14.2 ms

        balanced  intended = unsent + dropped + sent
                  sent = accepted + rejected + failed + in doubt
      "
    `);
  });

  test("that does not add up names the signal and by how much", () => {
    const text = ledgerTable(report([snapshot({ logs: { intended: 10, sent: 8, accepted: 7 } })], ["logs"]));
    expect(text).toContain("not balanced  logs: intended is off by 2\n");
    expect(text).toContain("not balanced  logs: sent is off by 1\n");
  });

  test("fits in 80 columns with all signals, and has colour only when asked for", () => {
    const all = report(
      [snapshot({ traces: plain, metrics: plain, logs: lossy })],
      ["traces", "metrics", "logs"],
    );
    for (const line of ledgerTable(all).split("\n")) expect(line.length).toBeLessThanOrEqual(80);
    expect(ledgerTable(all)).not.toContain("\u001B");
    expect(ledgerTable(all, { colour: true })).toContain("\u001B[32m");
  });
});
