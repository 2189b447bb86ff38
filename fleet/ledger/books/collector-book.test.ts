import fc from "fast-check";
import { expect, test } from "vitest";
import type { ItemCounter, SelfMetrics } from "../watch/self-metrics.ts";
import { CollectorBook, flowOf } from "./collector-book.ts";

const A = "http://10.0.0.1:8888/metrics";
const B = "http://10.0.0.2:8888/metrics";

const reading = (uptimeSeconds: number, ...counters: Partial<ItemCounter>[]): SelfMetrics => ({
  queued: 0,
  uptimeSeconds,
  counters: counters.map((counter) => ({
    kind: "receiver",
    outcome: "accepted",
    signal: "traces",
    component: "otlp",
    items: 0,
    ...counter,
  })),
});

/** Readings of one collector, a second apart: its uptime and what it had accepted. */
function read(
  book: CollectorBook,
  url: string,
  isFromZero: boolean,
  ...readings: [uptime: number, items: number][]
) {
  for (const [n, [uptime, items]] of readings.entries())
    book.read(url, "collector", reading(uptime, { items }), n * 1000, isFromZero);
}

test("what a collector counted before the account does not count", () => {
  const book = new CollectorBook();
  read(book, A, false, [100, 100], [101, 130]);
  expect(book.sums().all.traces.accepted).toBe(30);
});

test("a collector that comes during the account counts from zero", () => {
  const book = new CollectorBook();
  read(book, A, true, [1, 40]);
  expect(book.sums().all.traces.accepted).toBe(40);
});

test("a collector that begins again loses nothing of what was read, and its life before is over", () => {
  const book = new CollectorBook();
  read(book, A, false, [100, 10], [101, 50], [0.5, 5], [1.5, 9]);
  expect(book.sums().all.traces.accepted).toBe(49);
  expect(book.sums().dead.traces.accepted).toBe(40);
  expect(book.sums()).toMatchObject({ count: 1, up: 1, gone: 1 });
});

test("one that counts faster than the one before it is told by its uptime", () => {
  const book = new CollectorBook();
  read(book, A, true, [100, 10], [0.5, 500]);
  expect(book.sums().all.traces.accepted).toBe(510);
});

test("a life that nobody saw begin is told by what its uptime should be", () => {
  const book = new CollectorBook();
  book.read(A, "c", reading(3, { items: 10 }), 0, true);
  book.miss("10.0.0.1:8888", "connection refused");
  book.read(A, "c", reading(20, { items: 500 }), 60_000, true);
  expect(book.sums().all.traces.accepted).toBe(510);
});

test("a clock that is set makes no other life", () => {
  const book = new CollectorBook();
  book.read(A, "c", reading(3, { items: 10 }), 0, true);
  book.read(A, "c", reading(4, { items: 20 }), 3_600_000, true);
  expect(book.sums().all.traces.accepted).toBe(20);
});

test("a collector that is gone keeps what was last read, and is alive again when it answers", () => {
  const book = new CollectorBook();
  read(book, A, true, [1, 40]);
  read(book, B, true, [1, 2], [2, 3]);
  book.miss("10.0.0.1:8888", "the name is unknown");
  expect(book.sums().all.traces.accepted).toBe(43);
  expect(book.sums()).toMatchObject({ count: 2, up: 1, gone: 1 });
  expect(book.entries()[0]).toMatchObject({ isUp: false, trouble: "the name is unknown" });
  book.read(A, "collector", reading(2, { items: 41 }), 1000, true);
  expect(book.sums()).toMatchObject({ up: 2, gone: 0 });
});

test("transports of a receiver are added, exporters are kept apart, one that reports nothing is not there", () => {
  const book = new CollectorBook();
  const exporter = { kind: "exporter", outcome: "sent", signal: "logs" } as const;
  book.read(
    A,
    "c",
    reading(
      1,
      { signal: "logs", items: 1 },
      { signal: "logs", items: 2 },
      { signal: "logs", outcome: "refused", items: 7 },
      { ...exporter, component: "x", items: 3 },
      { ...exporter, component: "y", items: 2 },
      { ...exporter, component: "y", outcome: "send_failed", items: 1 },
      { ...exporter, component: "y", outcome: "enqueue_failed", items: 4 },
      { items: 5 },
    ),
    0,
    true,
  );
  const { logs, traces } = book.sums().all;
  expect(logs).toMatchObject({ accepted: 3, refused: 7 });
  expect(Object.fromEntries(logs.exporters)).toEqual({
    x: { sent: 3, failed: 0, notQueued: 0 },
    y: { sent: 2, failed: 1, notQueued: 4 },
  });
  expect(traces.exporters.size).toBe(0);
});

test("over any lives, the sum is what each life grew by, and survives being written down in between", () => {
  const life = fc.array(fc.nat(100), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(fc.array(life, { minLength: 1, maxLength: 5 }), fc.nat(20), (lives, writtenAfter) => {
      let book = new CollectorBook();
      let [n, expected] = [0, 0];
      for (const [before, growths] of lives.entries()) {
        // No two lives have been up for equally long when they are read.
        const startedLate = 1 / (before + 2);
        let items = 0;
        for (const [second, growth] of growths.entries()) {
          items += growth;
          book.read(A, "c", reading(second + startedLate, { items }), n * 1000, true);
          if (n++ === writtenAfter) book = new CollectorBook(JSON.parse(JSON.stringify(book.entries())));
        }
        expected += items;
      }
      expect(book.sums().all.traces.accepted).toBe(expected);
    }),
  );
});

/** A reading with a receiver, an exporter and a process. */
const busy = (
  uptimeSeconds: number,
  accepted: number,
  refused: number,
  sent: number,
  cpuSeconds: number,
) => ({
  ...reading(
    uptimeSeconds,
    { items: accepted },
    { outcome: "refused", items: refused },
    { kind: "exporter", outcome: "sent", component: "otlp/a", items: sent },
    { kind: "exporter", outcome: "sent", component: "otlp/b", items: sent },
  ),
  cpuSeconds,
  rssBytes: 1e8,
  queueCapacity: 1000,
});

test("what goes through a collector is told by its last two readings, over all that it does", () => {
  const book = new CollectorBook();
  book.read(A, "collector", busy(10, 1000, 0, 500, 4), 0, false);
  expect(flowOf(book.entries()[0]!)).toEqual({
    acceptedPerSecond: 0,
    refusedPerSecond: 0,
    exportedPerSecond: 0,
  });
  book.read(A, "collector", busy(12, 1500, 40, 700, 5), 2000, false);
  const [entry] = book.entries();
  expect(flowOf(entry!)).toEqual({ acceptedPerSecond: 250, refusedPerSecond: 20, exportedPerSecond: 200 });
  expect(entry!.process).toEqual({ queueCapacity: 1000, cpuSeconds: 5, cores: 0.5, rssBytes: 1e8 });
});

test("a collector that began again has a rate at once, and its CPU a reading later; one that is gone has none", () => {
  const book = new CollectorBook();
  book.read(A, "collector", busy(10, 1000, 0, 0, 40), 0, false);
  book.read(A, "collector", busy(0.5, 300, 0, 0, 1), 1000, false);
  const [entry] = book.entries();
  expect(flowOf(entry!).acceptedPerSecond).toBe(300);
  expect(entry!.process.cores).toBeNull();
  book.miss("10.0.0.1:8888", "refused");
  expect(flowOf(entry!).acceptedPerSecond).toBe(0);
});
