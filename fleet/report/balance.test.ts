import { expect, test } from "vitest";
import { COUNTERS } from "../../ledger/counts.ts";
import { perSignal } from "../../otlp/signal.ts";
import { type Books, findImbalances } from "./balance.ts";
import { balanceTable } from "./balance-table.ts";
import type { ReplicaItems } from "./replica-reports.ts";

const none = Object.fromEntries(COUNTERS.map((counter) => [counter, 0])) as ReplicaItems;

function books(traces: Partial<ReplicaItems> = {}, received = 100, exported?: number): Books {
  return {
    replicas: 5,
    expectedReplicas: 5,
    replicaItems: {
      ...perSignal(() => none),
      traces: { ...none, intended: 100, sent: 100, accepted: 100, ...traces },
    },
    collectors: {
      count: 1,
      items: {
        ...perSignal(() => ({ accepted: 0, refused: 0, exporters: new Map() })),
        traces: {
          accepted: received,
          refused: 0,
          exporters: new Map(exported === undefined ? [] : [["file", { sent: exported, lost: 0 }]]),
        },
      },
    },
  };
}

test("equal sums are balanced, whether the exporter reports or not", () => {
  expect(findImbalances(books())).toEqual([]);
  expect(findImbalances(books({}, 100, 100))).toEqual([]);
});

test("what was never sent is no imbalance", () => {
  expect(findImbalances(books({ intended: 130, unsent: 30 }))).toEqual([]);
});

const WRONG = [
  {
    name: "fewer arrived",
    books: books({}, 98),
    text: "traces: the collectors took 2 spans fewer than the replicas were told",
  },
  {
    name: "more arrived",
    books: books({}, 103),
    text: "traces: the collectors took 3 spans more than the replicas were told",
  },
  {
    name: "more arrived after retries",
    books: books({ retriedRequests: 4 }, 103),
    text: "traces: the collectors took 3 spans more than the replicas were told; 4 requests were retried and may have arrived twice",
  },
  { name: "the exporter kept some", books: books({}, 100, 90), text: "traces: file sent 90 of 100 spans" },
  {
    name: "answers are missing",
    books: books({ accepted: 100, sent: 101, intended: 101 }),
    text: "traces: sent 101, but accepted + rejected + failed + in doubt is 100",
  },
  {
    name: "the schedule is not accounted for",
    books: books({ intended: 120 }),
    text: "traces: intended 120, but unsent + dropped + sent is 100",
  },
  {
    name: "a replica is missing",
    books: { ...books(), replicas: 4 },
    text: "1 of 5 replicas left no report: killed or crashed",
  },
  {
    name: "nothing was sent",
    books: books({ intended: 0, sent: 0, accepted: 0 }, 0),
    text: "nothing was sent",
  },
];

test.each(WRONG)("$name: it is said", ({ books, text }) => {
  expect(findImbalances(books)).toEqual([text]);
});

test("losses are named although the sums agree", () => {
  const lossy = books({ accepted: 90, rejected: 4, failed: 3, inDoubt: 3 }, 90);
  expect(findImbalances(lossy)).toEqual([
    "traces: 4 spans rejected",
    "traces: 3 spans failed",
    "traces: 3 spans in doubt",
  ]);
});

test("the table sets replicas, receivers and exporters side by side", () => {
  expect(balanceTable(books({ intended: 1_234_567 }, 100, 90))).toMatchInlineSnapshot(`
    "                    spans   data points   log records
    5 replicas
      intended      1,234,567             0             0
      unsent                0             0             0
      sent                100             0             0
      accepted            100             0             0
    1 collector
      accepted            100             0             0
      file sent            90             -             -"
  `);
});

test("without collectors the table ends with the replicas", () => {
  const { collectors: _, ...rest } = books();
  expect(balanceTable(rest)).not.toContain("collector");
});
