import fc from "fast-check";
import { expect, test } from "vitest";
import { collectorRowWith } from "../test-run.ts";
import {
  COLLECTOR_COLUMNS,
  collectorTrouble,
  REPLICA_COLUMNS,
  type ReplicaRow,
  replicaTrouble,
  sorted,
} from "./row-model.ts";

function replicaRowWith(name: string, parts: Partial<ReplicaRow> = {}, lost = 0): ReplicaRow {
  const fates = { unsent: 0, dropped: 0, accepted: 10, rejected: 0, inDoubt: 0, retriedRequests: 0 };
  return {
    life: name,
    name,
    state: "running",
    share: { index: 0, count: 1 },
    startedAt: "",
    heardAt: "",
    sequence: 1,
    signals: { traces: { ...fates, intended: 10 + lost, sent: 10 + lost, failed: lost } },
    sentPerSecond: 10,
    inFlight: 0,
    lagMs: 0,
    cpuSeconds: 1,
    cores: 0.1,
    rssBytes: 1e6,
    incarnations: [],
    ...parts,
  };
}

const names = (rows: readonly ReplicaRow[]) => rows.map(({ name }) => name);
const keyOf = ({ name }: ReplicaRow) => name;

test("the worst comes first: lost, then losses, then lag, then the rest by name", () => {
  const rows = [
    replicaRowWith("r10"),
    replicaRowWith("late", { lagMs: 5000 }),
    replicaRowWith("r2"),
    replicaRowWith("silent", { state: "lost" }),
    replicaRowWith("losing", {}, 5),
  ];
  const order = { column: undefined, isDown: true };
  expect(names(sorted(rows, REPLICA_COLUMNS, order, replicaTrouble, keyOf))).toEqual([
    "silent",
    "losing",
    "late",
    "r2",
    "r10",
  ]);
});

test("a column sorts both ways, and names as people count", () => {
  const rows = [replicaRowWith("r10", { lagMs: 1 }), replicaRowWith("r9", { lagMs: 3 })];
  const by = (column: number, isDown: boolean) =>
    names(sorted(rows, REPLICA_COLUMNS, { column, isDown }, replicaTrouble, keyOf));
  const lag = REPLICA_COLUMNS.findIndex(({ title }) => title === "Lag");
  expect([by(0, false), by(0, true)]).toEqual([
    ["r9", "r10"],
    ["r10", "r9"],
  ]);
  expect([by(lag, true), by(lag, false)]).toEqual([
    ["r9", "r10"],
    ["r10", "r9"],
  ]);
});

test("sorting loses no row and makes none", () => {
  const row = fc
    .record({
      name: fc.string({ maxLength: 3 }),
      lagMs: fc.nat(3),
      state: fc.constantFrom("running", "lost"),
    })
    .map(({ name, lagMs, state }) => replicaRowWith(name, { lagMs, state: state as ReplicaRow["state"] }));
  const unique = fc.uniqueArray(row, { selector: ({ name }) => name });
  fc.assert(
    fc.property(unique, fc.option(fc.nat(REPLICA_COLUMNS.length - 1), { nil: undefined }), (rows, column) => {
      const order = { column, isDown: true };
      const one = sorted(rows, REPLICA_COLUMNS, order, replicaTrouble, keyOf);
      expect(new Set(one)).toEqual(new Set(rows));
      expect(one).toHaveLength(rows.length);
    }),
  );
});

test("a Collector that is gone is worse than one that refuses, and that one worse than one that fills", () => {
  const rows = [
    collectorRowWith("idle", 1, 1),
    collectorRowWith("filling", 1, 1, { queued: 900 }),
    collectorRowWith("refusing", 1, 1, { refusedPerSecond: 5 }),
    collectorRowWith("gone", 1, 1, { state: "gone" }),
  ];
  const order = { column: undefined, isDown: true };
  expect(
    sorted(rows, COLLECTOR_COLUMNS, order, collectorTrouble, ({ address }) => address).map(
      ({ address }) => address,
    ),
  ).toEqual(["gone", "refusing", "filling", "idle"]);
});

test("a queue says what it can hold, where that is known", () => {
  const queue = COLLECTOR_COLUMNS.find(({ title }) => title === "Queue")!;
  expect(queue.text(collectorRowWith("a", 1, 1, { queued: 900 }))).toBe("900 / 1.00 k");
  expect(queue.text(collectorRowWith("a", 1, 1, { queued: 7, queueCapacity: null }))).toBe("7");
});

test("of what is not there any more nothing is said to go on: a dash, which is not zero", () => {
  const textsOf = (state: ReplicaRow["state"]) => {
    const row = replicaRowWith("r", { state, sentPerSecond: 0, cores: 0 });
    return ["Events/s", "Lag", "CPU", "Sent"].map((name) =>
      REPLICA_COLUMNS.find(({ title }) => title === name)!.text(row),
    );
  };
  expect(textsOf("running")).toEqual(["0", "0 ms", "0.00", "10"]);
  expect(textsOf("paused")).toEqual(["0", "0 ms", "0.00", "10"]);
  expect(textsOf("ended")).toEqual(["–", "–", "–", "10"]);
  expect(textsOf("lost")).toEqual(["–", "–", "–", "10"]);
  const gone = collectorRowWith("a:1", 5, 5, { state: "gone", cores: null });
  expect(
    ["Takes/s", "Sends/s", "Refuses/s", "Queue", "CPU", "Taken"].map((name) =>
      COLLECTOR_COLUMNS.find(({ title }) => title === name)!.text(gone),
    ),
  ).toEqual(["–", "–", "–", "–", "–", "5"]);
});
