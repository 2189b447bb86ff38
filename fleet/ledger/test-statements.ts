/** Statements for tests: whole lives of replicas in which every item has one fate. */
import fc from "fast-check";
import { type Counter, perCounter } from "../../ledger/counts.ts";
import type { SignalStatement, Statement } from "../../ledger/statement-schema.ts";

/** Counts of a signal with nothing in flight; what is not given is 0. */
export function signalWith(fates: Partial<Record<Counter, number>>): SignalStatement {
  const counts = { ...perCounter(() => 0), ...fates };
  counts.sent ||= counts.accepted + counts.rejected + counts.failed + counts.inDoubt;
  counts.intended ||= counts.unsent + counts.dropped + counts.sent;
  return { ...counts, latencyUs: [] };
}

/** A statement; what is not given is that of a replica that has just begun. */
export function statementWith(parts: Partial<Statement> = {}): Statement {
  return {
    version: 1,
    life: "0123456789ab",
    name: "replica-1",
    sequence: 0,
    startedAt: "2026-01-01T00:00:00.000Z",
    state: "running",
    share: { index: 0, count: 1 },
    elapsedMs: 1000,
    signals: { traces: signalWith({}) },
    targets: {},
    lagMs: 0,
    worstLagMs: 0,
    inFlight: 0,
    processes: 1,
    cpuSeconds: 0.5,
    rssBytes: 80e6,
    maxRssBytes: 90e6,
    incarnations: [],
    answers: [],
    ...parts,
  };
}

/** Name of life n. */
export const lifeName = (n: number): string => n.toString(16).padStart(12, "0");

/** What a replica did between two statements. */
const step = fc.record({
  accepted: fc.nat(1000),
  inDoubt: fc.nat(3),
  unsent: fc.nat(5),
  latencyUs: fc.integer({ min: 1, max: 10_000_000 }),
});

/** All statements of one life, in order; the last one may be its end. */
export function lifeOf(n: number): fc.Arbitrary<Statement[]> {
  return fc
    .record({ steps: fc.array(step, { minLength: 1, maxLength: 6 }), isEnded: fc.boolean() })
    .map(({ steps, isEnded }) => {
      let [accepted, inDoubt, unsent] = [0, 0, 0];
      const latencies = new Map<number, number>();
      return steps.map((one, sequence) => {
        accepted += one.accepted;
        inDoubt += one.inDoubt;
        unsent += one.unsent;
        latencies.set(one.latencyUs, (latencies.get(one.latencyUs) ?? 0) + 1);
        return statementWith({
          life: lifeName(n),
          name: `replica-${n % 7}`,
          sequence,
          state: isEnded && sequence === steps.length - 1 ? "ended" : "running",
          signals: {
            logs: {
              ...signalWith({ accepted, inDoubt, unsent }),
              latencyUs: [...latencies].sort(([a], [b]) => a - b).flat(),
            },
          },
          targets: { [`10.0.0.${n % 4}:4317`]: { requests: 1, accepted, rejected: 0, failed: 0, inDoubt } },
          answers: [{ code: `code ${n % 3}`, count: sequence, message: "so" }],
        });
      });
    });
}

/** Lives of 1 to `most` replicas. */
export const livesOf = (most: number): fc.Arbitrary<Statement[][]> =>
  fc
    .integer({ min: 1, max: most })
    .chain((count) => fc.tuple(...Array.from({ length: count }, (_, n) => lifeOf(n))));
