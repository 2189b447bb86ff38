import fc from "fast-check";
import { expect, test } from "vitest";
import type { HistoryPoint, SignalStep } from "../../../ledger/history.ts";
import type { Statement } from "../../../ledger/statement-schema.ts";
import { makeAccount } from "../books/account.ts";
import { ReplicaBook } from "../books/replica-book.ts";
import { replicasAlone } from "../books/replicas-alone.ts";
import { lifeName, signalWith, statementWith } from "../test-statements.ts";
import { HistoryBook } from "./history-book.ts";

const BEGIN_MS = Date.parse("2026-01-01T00:00:00Z");

/** Something that comes at a moment, ms since the beginning. */
interface Coming {
  atMs: number;
  statement: Statement;
}

const bookOf = () => ({ replicas: new ReplicaBook(), history: new HistoryBook() });

/** A look at the books. */
function lookAt({ replicas, history }: ReturnType<typeof bookOf>, atMs: number, isLast = false) {
  const nowMs = BEGIN_MS + atMs;
  const sources = replicasAlone({ release: "0", startedAtMs: BEGIN_MS, replicas, isFinal: isLast });
  const account = makeAccount(sources, nowMs);
  return history.look(account, replicas, nowMs, isLast);
}

/** The points of a run in which statements come, with a look each second, and one at its end. */
function pointsOf(comings: readonly Coming[], endMs: number, books = bookOf(), fromMs = 0): HistoryPoint[] {
  const points: HistoryPoint[] = [];
  const rest = comings.toSorted((a, b) => a.atMs - b.atMs);
  for (let atMs = fromMs; ; atMs = Math.min(endMs, atMs + 1000)) {
    while (rest[0] && rest[0].atMs <= atMs) {
      const { atMs: heardMs, statement } = rest.shift()!;
      books.replicas.take(statement, BEGIN_MS + heardMs);
    }
    const step = lookAt(books, atMs, atMs === endMs);
    if (step) points.push(step.point);
    if (atMs === endMs) return points;
  }
}

/** Statements of a replica that sends evenly, one a second from `firstMs` on. */
function evenly(life: number, firstMs: number, itemsPerSecond: number, count: number): Coming[] {
  return Array.from({ length: count }, (_, n) => {
    const elapsedMs = 1000 * (n + 1);
    const accepted = (itemsPerSecond * elapsedMs) / 1000;
    return {
      atMs: firstMs + 1000 * n,
      statement: statementWith({
        life: lifeName(life),
        sequence: n,
        elapsedMs,
        plannedRate: itemsPerSecond,
        cpuSeconds: elapsedMs / 2000,
        signals: {
          traces: { ...signalWith({ accepted, wireBytes: 2 * accepted }), latencyUs: [1023, 10 * (n + 1)] },
        },
      }),
    };
  });
}

const sumOf = (points: readonly HistoryPoint[], name: Exclude<keyof SignalStep, "latencyMs">) =>
  points.reduce((sum, { signals }) => sum + (signals.traces?.[name] ?? 0), 0);

test("replicas that send evenly have an even rate, whenever they speak", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(999), { minLength: 1, maxLength: 5 }), (phases) => {
      const comings = phases.flatMap((phase, life) => evenly(life, 1000 + phase, 500, 12));
      const points = pointsOf(comings, 12_000).slice(2, -2);
      for (const { signals, stepMs, cores, plannedPerSecond } of points) {
        expect(stepMs).toBe(1000);
        expect(signals.traces!.sent).toBeGreaterThanOrEqual(500 * phases.length - 1);
        expect(signals.traces!.sent).toBeLessThanOrEqual(500 * phases.length + 1);
        expect(cores).toBeCloseTo(0.5 * phases.length);
        expect(plannedPerSecond).toBe(500 * phases.length);
      }
      expect(points.length).toBeGreaterThan(5);
    }),
  );
});

/** Statements as the network hands them on: late, several at once, some never. */
const storm = fc.array(
  fc.record({ life: fc.nat(4), atMs: fc.nat(15_000), items: fc.nat(5000), isEnded: fc.boolean() }),
  { minLength: 1, maxLength: 60 },
);

function comingsOf(said: readonly { life: number; atMs: number; items: number }[]): Coming[] {
  const sums = new Map<number, number>();
  return said
    .toSorted((a, b) => a.atMs - b.atMs)
    .map(({ life, atMs, items }, sequence) => {
      sums.set(life, (sums.get(life) ?? 0) + items);
      const accepted = sums.get(life)!;
      const latencyUs = accepted > 0 ? [1023, accepted] : [];
      const signals = { traces: { ...signalWith({ accepted }), latencyUs } };
      return { atMs, statement: statementWith({ life: lifeName(life), sequence, signals }) };
    });
}

test("the steps add up to what was counted, to the item, and none is negative", () => {
  fc.assert(
    fc.property(storm, (said) => {
      const comings = comingsOf(said);
      const points = pointsOf(comings, 17_000);
      const items = said.reduce((sum, one) => sum + one.items, 0);
      expect(sumOf(points, "sent")).toBe(items);
      expect(sumOf(points, "accepted")).toBe(items);
      for (const { signals, stepMs, cores } of points) {
        expect(stepMs).toBeGreaterThan(0);
        expect(cores).toBeGreaterThanOrEqual(0);
        for (const value of Object.values(signals.traces ?? {}))
          if (typeof value === "number") expect(value).toBeGreaterThanOrEqual(0);
      }
      for (const [n, point] of points.entries())
        if (n > 0) expect(point.atMs - point.stepMs).toBe(points[n - 1]!.atMs);
    }),
  );
});

test("a service that was started again goes on where it was, and counts nothing twice", () => {
  fc.assert(
    fc.property(storm, fc.integer({ min: 1, max: 16 }), (said, diedAfter) => {
      const comings = comingsOf(said);
      const books = bookOf();
      const before = comings.filter(({ atMs }) => atMs <= diedAfter * 1000);
      const after = comings.filter(({ atMs }) => atMs > diedAfter * 1000);
      // Up to a look that is not the last one.
      let points: HistoryPoint[] = [];
      for (let second = 0; second <= diedAfter; second++) {
        for (const { atMs, statement } of before)
          if (Math.ceil(atMs / 1000) === second) books.replicas.take(statement, BEGIN_MS + atMs);
        const step = lookAt(books, second * 1000);
        if (step) points.push(step.point);
      }
      const next = bookOf();
      for (const { statement, now } of books.replicas.entries())
        next.replicas.take(statement, BEGIN_MS + 20_000, { toldAtMs: now.atMs });
      next.history.resume(JSON.parse(JSON.stringify([...books.history.written()])), next.replicas);
      expect(next.history.history("").points).toEqual(points);
      points = [...points, ...pointsOf(after, 23_000, next, 21_000)];
      if (before.length === 0) return;
      expect(sumOf(points, "sent")).toBe(said.reduce((sum, one) => sum + one.items, 0));
      expect(points.map(({ id }) => id)).toEqual(points.map((_, n) => n + 1));
    }),
  );
});

test("what a replica sent before anybody listened is in no step", () => {
  const late = evenly(1, 1000, 500, 20).slice(12);
  const points = pointsOf(late, 21_500);
  expect(sumOf(points, "sent")).toBe(7 * 500);
  expect(points.every(({ signals }) => (signals.traces?.sent ?? 0) <= 501)).toBe(true);
  const answered = points.map(({ latencyMs }) => latencyMs !== null);
  expect(answered).toEqual(answered.map((_, n) => n < 7));
});

test("a step has the latencies and answers of its time alone", () => {
  const answer = (count: number) => [{ code: "HTTP 503", count, message: "busy" }];
  const said = (sequence: number, latencyUs: number[], count: number) =>
    statementWith({ sequence, signals: { logs: { ...signalWith({}), latencyUs } }, answers: answer(count) });
  const points = pointsOf(
    [
      { atMs: 900, statement: said(0, [1023, 5], 1) },
      { atMs: 1900, statement: said(1, [1023, 5, 65_535, 2], 4) },
      { atMs: 2900, statement: said(2, [1023, 5, 65_535, 2], 4) },
    ],
    4000,
  );
  expect(points.map(({ latencyMs, answers }) => [latencyMs?.p50 ?? null, answers])).toEqual([
    [1.023, { "HTTP 503": 1 }],
    [65.535, { "HTTP 503": 3 }],
    [null, {}],
    [null, {}],
  ]);
});

test("while nobody says what is planned, or all go as fast as they can, there is no plan; paused is a plan of nothing", () => {
  const plan = (state: Statement["state"], plannedRate?: number) => {
    const statement = statementWith({ state, ...(plannedRate === undefined ? {} : { plannedRate }) });
    return pointsOf([{ atMs: 500, statement }], 3000).at(-1)!.plannedPerSecond;
  };
  expect([
    plan("running"),
    plan("running", 0),
    plan("paused", 0),
    plan("running", 7),
    plan("ended", 7),
  ]).toEqual([null, null, 0, 7, null]);
});

test("nothing is told before the first replica speaks", () => {
  expect(pointsOf([], 5000)).toEqual([]);
});
