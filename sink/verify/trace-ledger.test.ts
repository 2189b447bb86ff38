import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Incarnation } from "./incarnation.ts";
import { findLosses } from "./losses.ts";
import { PassRuns } from "./pass-runs.ts";
import { TraceLedger } from "./trace-ledger.ts";

/** One span for each trace of a pass that `keep` wants. */
function send(
  to: Incarnation,
  pass: number,
  traces: number,
  keep: (trace: number) => boolean,
  now: number,
): void {
  for (let trace = 0; trace < traces; trace++) if (keep(trace)) to.addSpan(pass, trace, 0, 1, -1, now);
}

describe("TraceLedger", () => {
  test("holds nothing of whole passes but their numbers", () => {
    const sender = new TraceLedger().incarnation(1, 0);
    for (let pass = 0; pass < 200; pass++) send(sender, pass, 3000, () => true, pass);
    expect(sender.open.size).toBeLessThanOrEqual(1);
    expect(sender.done.list).toHaveLength(1);
    expect(findLosses(sender, 0).missing.traces).toBe(0);
  });

  test("settles the oldest blocks when too many are open, and loses no loss", () => {
    const ledger = new TraceLedger(20);
    const sender = ledger.incarnation(1, 0);
    for (let pass = 0; pass < 100; pass++) {
      send(sender, pass, 2000, (trace) => trace % 1000 !== 7, pass);
      ledger.keepBounded(1_000_000);
    }
    send(sender, 100, 2000, () => true, 100);
    const openBlocks = [...sender.open.values()].reduce((sum, pass) => sum + pass.open.size, 0);
    expect(openBlocks).toBeLessThanOrEqual(22);
    const settled = ledger.settledLoss(sender);
    const open = findLosses(sender, 0).missing;
    expect(settled.traces + open.traces).toBe(200);
    expect(settled.traces).toBeGreaterThan(100);
    expect(settled.passes.at(-1)).toMatchObject({ traces: "7,1007" });
  });

  test("says that it cannot judge what comes for a settled trace", () => {
    const ledger = new TraceLedger(1);
    const sender = ledger.incarnation(1, 0);
    for (let pass = 0; pass < 4; pass++) send(sender, pass, 1500, (trace) => trace !== 5, pass);
    ledger.keepBounded(1_000_000);
    expect(sender.addSpan(0, 5, 0, 1, -1, 9)).toBe("unverifiable");
  });
});

describe("PassRuns", () => {
  test("joins neighbours into runs, whatever order they finish in", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat({ max: 40 }), { minLength: 1 }), (passes) => {
        const runs = new PassRuns();
        for (const pass of passes) runs.add(pass, 5, false, pass);
        for (let pass = 0; pass <= 41; pass++)
          expect(runs.find(pass) !== undefined).toBe(passes.includes(pass));
        const sorted = passes.toSorted((a, b) => a - b);
        const gaps = sorted.filter((pass, index) => index > 0 && pass !== sorted[index - 1]! + 1).length;
        expect(runs.list).toHaveLength(gaps + 1);
        runs.remove(passes[0]!);
        expect(runs.find(passes[0]!)).toBeUndefined();
        for (const pass of passes.slice(1)) expect(runs.find(pass)).toBeDefined();
      }),
    );
  });
});
