import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Statement } from "../../../ledger/statement-schema.ts";
import { perSignal } from "../../../otlp/signal.ts";
import { lifeName, lifeOf, livesOf, signalWith, statementWith } from "../test-statements.ts";
import { LOST_AFTER_MS, MAX_LIVES, MAX_STATEMENTS_BYTES, paceOf, ReplicaBook } from "./replica-book.ts";

/** All that a book says, in one value. */
function told(book: ReplicaBook, nowMs = 0) {
  const { targets, ...sums } = book.sums(nowMs);
  return {
    ...sums,
    targets: Object.fromEntries([...targets].sort()),
    latencies: perSignal((signal) => book.latencies()[signal].flat()),
    lives: book.entries().map(({ statement }) => statement),
  };
}

function bookOf(statements: readonly Statement[], heardAtMs: (n: number) => number = () => 0): ReplicaBook {
  const book = new ReplicaBook();
  statements.forEach((statement, n) => void book.take(statement, heardAtMs(n)));
  return book;
}

/** Each life's last statement, each once, in the order of the lives: what any delivery must come to. */
const lastWords = (lives: readonly Statement[][]) => lives.map((life) => life.at(-1)!);

/** How the network treats statements: some are lost (never the last one of a life), some come again, and all in any order. */
const delivery = (lives: readonly Statement[][]): fc.Arbitrary<Statement[]> => {
  const earlier = lives.flatMap((life) => life.slice(0, -1));
  const last = lastWords(lives);
  const all = [...earlier, ...last];
  return fc
    .record({
      kept: fc.array(fc.boolean(), { minLength: earlier.length, maxLength: earlier.length }),
      again: fc.array(fc.nat(all.length - 1), { maxLength: all.length }),
      order: fc.array(fc.nat(), { minLength: 3 * all.length, maxLength: 3 * all.length }),
    })
    .map(({ kept, again, order }) =>
      [...earlier.filter((_, n) => kept[n]), ...last, ...again.map((n) => all[n]!)]
        .map((statement, n) => ({ statement, place: order[n]! }))
        .sort((a, b) => a.place - b.place)
        .map(({ statement }) => statement),
    );
};

describe("the book", () => {
  test("is the same whatever was lost, repeated, late or out of order", () => {
    fc.assert(
      fc.property(
        livesOf(12).chain((lives) => delivery(lives).map((statements) => ({ lives, statements }))),
        ({ lives, statements }) => {
          expect(told(bookOf(statements))).toEqual(told(bookOf(lastWords(lives))));
        },
      ),
    );
  });

  test("is the same for 2,000 replicas", () => {
    const [one] = fc.sample(fc.tuple(...Array.from({ length: 8 }, (_, n) => lifeOf(n))), {
      numRuns: 1,
      seed: 7,
    });
    const lives = Array.from({ length: 2000 }, (_, n) =>
      one![n % 8]!.map((statement) => ({ ...statement, life: lifeName(n), name: `replica-${n}` })),
    );
    const inOrder = lives.flat();
    const [shuffled] = fc.sample(fc.shuffledSubarray(inOrder, { minLength: inOrder.length }), {
      numRuns: 1,
      seed: 7,
    });
    const book = bookOf([...shuffled!, ...shuffled!.slice(0, 999)]);
    expect(told(book)).toEqual(told(bookOf(lastWords(lives))));
    expect(book.size).toBe(2000);
  });

  test("adds up to what the lives say, sum by sum", () => {
    fc.assert(
      fc.property(livesOf(12), (lives) => {
        const { counts } = told(bookOf(lives.flat())).signals.logs;
        const sum = (of: (statement: Statement) => number) =>
          lastWords(lives).reduce((total, statement) => total + of(statement), 0);
        expect([...counts.slice(0, 2)]).toEqual([
          sum(({ signals }) => signals.logs!.intended),
          sum(({ signals }) => signals.logs!.unsent),
        ]);
      }),
    );
  });

  test("does not care what a replica's clock says", () => {
    fc.assert(
      fc.property(livesOf(6), fc.date({ noInvalidDate: true }), (lives, date) => {
        const off = lives.map((life) =>
          life.map((statement) => ({ ...statement, startedAt: date.toISOString() })),
        );
        const without = ({ lives: _, ...sums }: ReturnType<typeof told>) => sums;
        expect(without(told(bookOf(off.flat())))).toEqual(without(told(bookOf(lives.flat()))));
      }),
    );
  });

  test("merges two halves of a fleet to the whole", () => {
    fc.assert(
      fc.property(livesOf(10), fc.nat(10), (lives, cut) => {
        const sums = (part: Statement[][]) => told(bookOf(part.flat())).signals.logs.counts;
        const [a, b] = [sums(lives.slice(0, cut)), sums(lives.slice(cut))];
        expect(sums(lives)).toEqual(a.map((count, n) => count + b[n]!));
      }),
    );
  });
});

test("a replica that falls silent is lost, keeps its last word, and is back when it speaks", () => {
  const book = new ReplicaBook();
  // Ten were sent, and nothing is known of three of them.
  book.take(statementWith({ sequence: 4, signals: { traces: signalWith({ accepted: 7, sent: 10 }) } }), 1000);
  expect(book.sums(1000 + LOST_AFTER_MS).standings).toMatchObject({ running: 1, lost: 0 });
  const later = book.sums(1001 + LOST_AFTER_MS);
  expect(later.standings).toMatchObject({ running: 0, lost: 1 });
  expect(later.signals.traces).toMatchObject({ inFlight: 0, unanswered: 3 });
  book.take(statementWith({ sequence: 5, signals: { traces: signalWith({ accepted: 12 }) } }), 30_000);
  expect(book.sums(30_000).standings).toMatchObject({ running: 1, lost: 0 });
  expect(book.sums(30_000).signals.traces).toMatchObject({ inFlight: 0, unanswered: 0 });
});

test("one that has ended is never lost, however long ago that was", () => {
  const book = bookOf([statementWith({ state: "ended" })]);
  expect(book.sums(1e12).standings).toEqual({ running: 0, paused: 0, ended: 1, lost: 0 });
});

test("the same replica started again is another life, and both count", () => {
  const accepted = (items: number) => ({ logs: signalWith({ accepted: items }) });
  const book = bookOf([
    statementWith({ life: lifeName(1), sequence: 9, signals: accepted(100) }),
    statementWith({ life: lifeName(2), sequence: 0, signals: accepted(1) }),
  ]);
  expect(told(book).signals.logs.counts[0]).toBe(101);
});

test("a fleet's time runs from its first start to its last word, by the clock of who hears them", () => {
  const book = new ReplicaBook();
  book.take(statementWith({ life: lifeName(1), state: "ended", elapsedMs: 60_000 }), 100_000);
  book.take(
    statementWith({ life: lifeName(2), startedAt: "2031-01-01T00:00:00.000Z", elapsedMs: 50_000 }),
    110_000,
  );
  book.take(statementWith({ life: lifeName(3), state: "paused", elapsedMs: 0 }), 120_000);
  expect(book.sums(120_000).elapsedMs).toBe(70_000);
});

test("a sender that invents lives fills the book and no more", () => {
  const book = new ReplicaBook();
  for (let n = 0; n < MAX_LIVES; n++) expect(book.take(statementWith({ life: lifeName(n) }), 0)).toBe("new");
  expect(book.take(statementWith({ life: lifeName(MAX_LIVES) }), 0)).toBe("full");
  expect(book.take(statementWith({ life: lifeName(3), sequence: 1 }), 0)).toBe("new");
});

test("senders that tell much fill the book and no more", () => {
  const book = new ReplicaBook();
  const half = { bytes: MAX_STATEMENTS_BYTES / 2 };
  const of = (life: number, sequence: number) => statementWith({ life: lifeName(life), sequence });
  expect(book.take(of(1, 0), 0, half)).toBe("new");
  expect(book.take(of(2, 0), 0, half)).toBe("new");
  expect(book.take(of(3, 0), 0, { bytes: 1 })).toBe("full");
  // What was there before is replaced.
  expect(book.take(of(2, 1), 0, { bytes: 10 })).toBe("new");
  expect(book.take(of(3, 1), 0, half)).toBe("full");
  expect(book.take(of(3, 1), 0, { bytes: 1 })).toBe("new");
});

test("an address called __proto__ is an address", () => {
  const targets = JSON.parse(
    '{"__proto__": {"requests":1,"accepted":5,"rejected":0,"failed":0,"inDoubt":0}}',
  );
  const book = bookOf([statementWith({ targets }), statementWith({ life: lifeName(7), targets })]);
  expect(book.sums(0).targets.get("__proto__")).toMatchObject({ accepted: 10 });
  expect(({} as { accepted?: number }).accepted).toBeUndefined();
});

describe("the pace of a replica", () => {
  const said = (sequence: number, accepted: number, cpuSeconds: number, parts: Partial<Statement> = {}) =>
    statementWith({
      sequence,
      cpuSeconds,
      signals: { traces: signalWith({ accepted }), logs: signalWith({ accepted }) },
      ...parts,
    });
  const paceAt = (book: ReplicaBook, nowMs: number) => paceOf(book.entries()[0]!, nowMs);

  test("is told by its last two statements, and since its start by the first", () => {
    const book = new ReplicaBook();
    book.take(said(0, 100, 0.5), 10_000);
    expect(paceAt(book, 10_000)).toEqual({ sentPerSecond: 200, cores: 0.5 });
    book.take(said(1, 400, 1), 12_000);
    expect(paceAt(book, 12_000)).toEqual({ sentPerSecond: 300, cores: 0.25 });
  });

  test("is nothing once it is silent or has ended", () => {
    const book = bookOf([said(0, 100, 1), said(1, 200, 2)], (n) => n * 1000);
    expect(paceAt(book, 1000 + LOST_AFTER_MS + 1)).toEqual({ sentPerSecond: 0, cores: 0 });
    book.take(said(2, 300, 3, { state: "ended" }), 2000);
    expect(paceAt(book, 2000)).toEqual({ sentPerSecond: 0, cores: 0 });
  });

  test("is not that of two statements that came at once", () => {
    const book = bookOf([said(0, 1000, 1), said(1, 2000, 2), said(2, 2010, 2)], (n) => [0, 1000, 1001][n]!);
    expect(paceAt(book, 1001).sentPerSecond).toBeCloseTo(2020 / 1.001);
  });

  test("is not known of one that ran before anybody listened", () => {
    const book = bookOf([said(7, 1e6, 500, { elapsedMs: 3_600_000 })]);
    expect(paceAt(book, 0)).toEqual({ sentPerSecond: 0, cores: 0 });
    expect(book.takeLateComers()).toHaveLength(1);
    expect(book.takeLateComers()).toEqual([]);
  });
});
