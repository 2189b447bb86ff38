import fc from "fast-check";
import { expect, test } from "vitest";
import { makeReport, type Report } from "../../ledger/report.ts";
import { countsOf, testSnapshot } from "../../ledger/test-snapshot.ts";
import { perSignal, SIGNALS } from "../../otlp/signal.ts";
import { newSinkCounts } from "../../sink/counts.ts";
import type { SinkReport } from "../../sink/report.ts";
import { Verifier } from "../../sink/verify/verifier.ts";
import { accountsOf, claimsOf } from "./accounts.ts";

/** What became of so many items of one signal. */
const FATES = [
  "unsent",
  "dropped",
  "accepted",
  "failed",
  "failedButTaken",
  "inDoubt",
  "inDoubtButTaken",
] as const;
type Fates = Record<(typeof FATES)[number], number>;

const anyFates = fc.record(
  Object.fromEntries(FATES.map((fate) => [fate, fc.nat(1e9)])) as Record<keyof Fates, fc.Arbitrary<number>>,
);

/** Both books of a run in which each signal had these fates. */
function booksOf(fates: Fates): { report: Report; sink: SinkReport; intended: number } {
  const { unsent, dropped, accepted, failedButTaken, inDoubtButTaken } = fates;
  const failed = fates.failed + failedButTaken;
  const inDoubt = fates.inDoubt + inDoubtButTaken;
  const sent = accepted + failed + inDoubt;
  const intended = unsent + dropped + sent;
  const counts = { intended, unsent, dropped, sent, accepted, failed, inDoubt };
  const snapshot = testSnapshot({ elapsedMs: 1, counts: perSignal(() => countsOf(counts)) });
  const context = { version: "1", startedAt: "", replicas: 1, config: {}, signals: SIGNALS };
  const received = newSinkCounts();
  for (const signal of SIGNALS)
    received.signals[signal].received = accepted + failedButTaken + inDoubtButTaken;
  const nothing = new Verifier({ seed: 0, doubtMs: 0, futureMs: 0, maxAgeMs: 0, maxSeries: 1, startedAt: 0 });
  const verification = nothing.report();
  const lost = fates.failed + fates.inDoubt;
  verification.missing.traces = Math.ceil(lost / 2);
  verification.findings = lost > 0 ? { deltaGaps: { count: lost, examples: [] } } : {};
  const sink = { ...received, startedAt: "", durationMs: 1, faults: {}, verification, exitCode: 0 as const };
  return { report: makeReport([snapshot], context), sink, intended: SIGNALS.length * intended };
}

const failing = (...books: Parameters<typeof claimsOf>) =>
  claimsOf(...books).flatMap(({ claim, holds }) => (holds ? [] : [claim]));

test("whatever becomes of items, true books hold", () => {
  fc.assert(
    fc.property(anyFates, (fates) => {
      const { report, sink, intended } = booksOf(fates);
      expect(failing(report, sink, intended)).toEqual([]);
      const { total } = accountsOf(report, sink);
      expect(total!.lost).toBe(SIGNALS.length * (fates.failed + fates.inDoubt));
      expect(total!.unacknowledged).toBe(SIGNALS.length * (fates.failedButTaken + fates.inDoubtButTaken));
    }),
  );
});

const FATE: Fates = {
  unsent: 5,
  dropped: 1,
  accepted: 1000,
  failed: 10,
  failedButTaken: 2,
  inDoubt: 20,
  inDoubtButTaken: 7,
};

test.each<[what: string, forge: (books: ReturnType<typeof booksOf>) => void, claim: RegExp]>([
  ["an item that was never intended", (books) => books.intended++, /was intended/],
  ["an item between intended and sent", ({ report }) => report.signals.logs!.unsent++, /^intended =/],
  ["an item between sent and its answer", ({ report }) => report.signals.logs!.failed++, /^sent =/],
  [
    "an accepted item that did not arrive",
    ({ sink }) => {
      sink.signals.metrics.received = FATE.accepted - 1;
    },
    /^accepted <= received/,
  ],
  [
    "an item that arrived out of nowhere",
    ({ sink }) => {
      sink.signals.metrics.received = 1000 + 10 + 2 + 20 + 7 + 1;
    },
    /^accepted <= received/,
  ],
  [
    "more traces missing than spans were lost",
    ({ sink }) => {
      sink.verification!.missing.traces = 31;
    },
    /misses of traces/,
  ],
  [
    "lost spans that nobody misses",
    ({ sink }) => {
      sink.verification!.missing.traces = 0;
    },
    /misses of traces/,
  ],
  [
    "a finding that no loss explains",
    ({ sink }) => {
      sink.verification!.findings.duplicateSpans = { count: 1, examples: [] };
    },
    /double or broken/,
  ],
])("%s is found", (_, forge, claim) => {
  const books = booksOf(FATE);
  forge(books);
  expect(failing(books.report, books.sink, books.intended)).toContainEqual(expect.stringMatching(claim));
});
