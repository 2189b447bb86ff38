import fc from "fast-check";
import { expect, test } from "vitest";
import { accountWith } from "../../ledger/test-account.ts";
import { collectorRowWith, pointWith } from "../test-run.ts";
import { RunState } from "./run-state.ts";

const STARTED = "2026-01-01T00:00:00.000Z";

test("points that come late, or twice, change nothing", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20)), (ids) => {
      const run = new RunState();
      for (const id of ids) run.takePoint(pointWith(id));
      const known = run.points.map(({ id }) => id);
      expect(known).toEqual([...new Set(known)].sort((a, b) => a - b));
      expect(run.lastId).toBe(Math.max(-1, ...ids));
    }),
  );
});

test("a history takes the place of what was known, and goes on from there", () => {
  const run = new RunState();
  run.takePoint(pointWith(3));
  run.takeHistory({ version: 1, startedAt: STARTED, points: [pointWith(1), pointWith(2), pointWith(3)] });
  run.takePoint(pointWith(3));
  run.takePoint(pointWith(4));
  expect(run.points.map(({ id }) => id)).toEqual([1, 2, 3, 4]);
});

test("rows of a run stay when they are not told again, those of another run go", () => {
  const run = new RunState();
  run.takeHistory({ version: 1, startedAt: STARTED, points: [] });
  run.takeRows({ replicaRows: [], collectorRows: [collectorRowWith("a:1", 1, 1)] });
  run.takeAccount(accountWith());
  run.takeRows({ replicaRows: [], collectorRows: [collectorRowWith("b:1", 1, 1)] });
  expect([...run.collectorRows.keys()]).toEqual(["a:1", "b:1"]);
  run.takeHistory({ version: 1, startedAt: "2026-01-01T01:00:00.000Z", points: [] });
  expect(run.collectorRows.size).toBe(0);
  expect(run.account).toBeUndefined();
});

test("changes are told once", () => {
  const run = new RunState();
  run.takePoint(pointWith(1));
  expect(run.takeChanges()).toEqual({ account: false, points: true, rows: false });
  expect(run.takeChanges()).toEqual({ account: false, points: false, rows: false });
});
