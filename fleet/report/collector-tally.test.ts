import { expect, test } from "vitest";
import type { ItemCounter, SelfMetrics } from "../ledger/self-metrics.ts";
import { CollectorTally } from "./collector-tally.ts";

const reading = (...counters: Partial<ItemCounter>[]): SelfMetrics => ({
  queued: 0,
  counters: counters.map((counter) => ({
    kind: "receiver",
    outcome: "accepted",
    signal: "traces",
    component: "otlp",
    items: 0,
    ...counter,
  })),
});

test("what a collector counted before the run does not count", () => {
  let begun = false;
  const tally = new CollectorTally(() => begun);
  tally.add("a", reading({ items: 100 }));
  begun = true;
  tally.add("a", reading({ items: 130 }));
  expect(tally.items().traces.accepted).toBe(30);
});

test("a collector that comes during the run counts from zero", () => {
  const tally = new CollectorTally(() => true);
  tally.add("b", reading({ items: 40 }));
  expect(tally.items().traces.accepted).toBe(40);
});

test("a collector that begins again loses nothing of what was read", () => {
  const tally = new CollectorTally(() => true);
  for (const items of [40, 50, 5, 9]) tally.add("a", reading({ items }));
  expect(tally.items().traces.accepted).toBe(59);
});

test("a collector that is gone keeps what was last read", () => {
  const tally = new CollectorTally(() => true);
  tally.add("a", reading({ items: 40 }));
  tally.add("b", reading({ items: 2 }));
  tally.add("b", reading({ items: 3 }));
  expect(tally.items().traces.accepted).toBe(43);
  expect(tally.collectors).toBe(2);
});

test("transports of a receiver are added, exporters are kept apart", () => {
  const tally = new CollectorTally(() => true);
  const exporter = { kind: "exporter", outcome: "sent", signal: "logs" } as const;
  tally.add(
    "a",
    reading(
      { signal: "logs", items: 1 },
      { signal: "logs", items: 2 },
      { ...exporter, component: "x", items: 3 },
      { ...exporter, component: "y", items: 2 },
      { ...exporter, component: "y", outcome: "send_failed", items: 1 },
    ),
  );
  const { accepted, exporters } = tally.items().logs;
  expect(accepted).toBe(3);
  expect(Object.fromEntries(exporters)).toEqual({ x: { sent: 3, lost: 0 }, y: { sent: 2, lost: 1 } });
});

test("an exporter that reports nothing is not there, rather than zero", () => {
  const tally = new CollectorTally(() => true);
  tally.add("a", reading({ items: 1 }));
  expect(tally.items().traces.exporters.size).toBe(0);
});
