import fc from "fast-check";
import { expect, test } from "vitest";
import { accountWith, itemsWith } from "../../ledger/test-account.ts";
import { collectorRowWith, collectorsOf } from "../test-run.ts";
import { layOutFlow } from "./flow-layout.ts";
import { placesOf } from "./places.ts";

const WIDTH = 1000;
const HEIGHT = 300;

const layOut = (account: ReturnType<typeof accountWith>) =>
  layOutFlow(account, placesOf(account), WIDTH, HEIGHT);

const numbersOf = (path: string) => [...path.matchAll(/-?[\d.]+/g)].map(([text]) => Number(text));

test("before anything was intended there is nothing to draw", () => {
  expect(layOut(accountWith({ signals: {} }))).toEqual({ nodes: [], bands: [], drains: [] });
});

test("without Collectors the flow goes from the replicas to the target", () => {
  const { nodes, bands, drains } = layOut(accountWith());
  expect(nodes.map(({ key }) => key)).toEqual(["replicas", "behind target"]);
  expect(bands.map(({ key }) => key)).toEqual(["replicas behind target traces"]);
  expect(drains).toEqual([]);
});

test("a band is as wide as the part of items that took its way", () => {
  const rows = [collectorRowWith("a:1", 750, 750), collectorRowWith("b:1", 250, 250)];
  const { bands } = layOut(accountWith({ collectors: collectorsOf(rows), collectorRows: rows }));
  const widthOf = (key: string) => bands.find((band) => band.key === key)!.thickness;
  expect(widthOf("replicas collector a:1 traces") / widthOf("replicas collector b:1 traces")).toBeCloseTo(3);
  expect(widthOf("collector a:1 behind otlp traces")).toBeCloseTo(widthOf("replicas collector a:1 traces"));
});

test("whatever happened, all lines are finite and within the picture", () => {
  const count = fc.oneof(fc.nat(10), fc.nat(1e9));
  fc.assert(
    fc.property(
      fc.record({
        accepted: count,
        unsent: count,
        dropped: count,
        rejected: count,
        inDoubt: count,
        inFlight: count,
      }),
      fc.array(fc.tuple(count, count), { maxLength: 20 }),
      (fates, collectors) => {
        const rows = collectors.map(([accepted, sent], index) =>
          collectorRowWith(`c${index}:1`, accepted, sent),
        );
        const account = accountWith({
          signals: { traces: itemsWith(fates) },
          collectors: collectorsOf(rows),
          collectorRows: rows,
        });
        const { nodes, bands, drains } = layOut(account);
        const heights = nodes.flatMap(({ y, height }) => [y, y + height]);
        const lines = [...bands, ...drains].flatMap(({ path, thickness }) => [...numbersOf(path), thickness]);
        for (const length of [...heights, ...lines]) expect(Number.isFinite(length)).toBe(true);
        for (const y of heights) {
          expect(y).toBeGreaterThanOrEqual(0);
          expect(y).toBeLessThanOrEqual(HEIGHT + rows.length * 2);
        }
      },
    ),
  );
});

test("what is lost is seen, however little it is", () => {
  const { drains } = layOut(accountWith({ signals: { traces: itemsWith({ accepted: 1e9, rejected: 1 }) } }));
  expect(drains).toMatchObject([{ place: "replica to collector", colour: "rejected", isLoss: true }]);
  expect(drains[0]!.thickness).toBeGreaterThanOrEqual(1);
});

test("many Collectors are drawn as a few and the sum of the rest", () => {
  const rows = Array.from({ length: 30 }, (_, n) => collectorRowWith(`c${n}:1`, 100, 100));
  const account = accountWith({
    signals: { traces: itemsWith({ accepted: 3000 }) },
    collectors: collectorsOf(rows),
    collectorRows: rows,
  });
  const { nodes, bands } = layOut(account);
  expect(nodes.map(({ label }) => label)).toContain("23 more");
  const into = bands.filter(({ key }) => key.startsWith("replicas "));
  const all = nodes.find(({ key }) => key === "replicas")!.height;
  expect(into.reduce((sum, { thickness }) => sum + thickness, 0)).toBeCloseTo(all);
});
