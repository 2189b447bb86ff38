import { expect, test } from "vitest";
import { pageOf } from "./page.ts";
import { type Results, type Row, rowOf } from "./results.ts";

const round = {
  items: 10_000_000,
  requests: 10_000,
  wireBytes: 550_000_000,
  lostItems: 0,
  cpuSeconds: 0.5,
  seconds: 1,
  maxRssBytes: 80e6,
  receiverCpuSeconds: 0.4,
};

function rowWith(label: string, ...cpuSeconds: number[]): Row {
  return rowOf(
    label,
    label,
    cpuSeconds.map((seconds) => ({ ...round, cpuSeconds: seconds })),
  );
}

const RESULTS: Results = {
  date: "2026-01-02T03:04:05.000Z",
  machine: { cpu: "a CPU", cores: 2, memoryBytes: 2 ** 34, system: "Linux", node: "26.0.0", version: "1" },
  settings: { seconds: 3, warmSeconds: 1, rounds: 3, isQuick: false, names: [], loadAverage: 0.1 },
  send: [],
  stages: [],
  compile: [],
  contests: [],
  missingPeers: {},
  leftOut: [],
  collector: [],
  profiles: [],
  failures: {},
};

test("a row has the median of its rounds and the largest memory", () => {
  expect(rowWith("a", 0.5, 1, 0.625)).toMatchObject({
    perCpuSecond: { median: 16e6, lowest: 10e6, highest: 20e6 },
    bytesPerItem: 55,
    itemsPerRequest: 1000,
    maxRssBytes: 80e6,
  });
});

test("a page says what was measured, with half the spread", () => {
  const page = pageOf({ ...RESULTS, send: [{ ...rowWith("base", 0.5, 1, 0.625), factor: "base" }] });
  expect(page).toContain("| base | base | 16.0 ±31 % | 10.0 | 55.0 | 1,000 | 80 | 0.56 |");
  expect(page).not.toContain("quick run");
  expect(page).not.toContain("## Peers");
});

test("figures of a quick run are marked so", () => {
  const page = pageOf({ ...RESULTS, settings: { ...RESULTS.settings, isQuick: true } });
  expect(page).toContain("> Its figures are not to be quoted.");
});

test("cells that failed are told", () => {
  const page = pageOf({ ...RESULTS, failures: { "send base": "no disk." } });
  expect(page).toContain("> `send base` failed: no disk.");
});

test("what stamping costs is told from the sender with and without it", () => {
  const stages = [rowWith("all but stamping, HTTP", 0.475), rowWith("all, HTTP", 0.5)];
  expect(pageOf({ ...RESULTS, stages })).toContain(
    "Over HTTP, stamping costs 5.0 % of the sender's CPU time.",
  );
});

test("peers are held against the first row of their contest", () => {
  const rows = [rowWith("Stampede", 0.5), rowWith("another", 50)];
  const page = pageOf({
    ...RESULTS,
    contests: [{ contest: "traces", rows }],
    missingPeers: { third: "no Go." },
  });
  expect(page).toMatch(/\| another \| 0\.200 .* \| 100 x \|/);
  expect(page).toContain("third did not take part: no Go.");
});
