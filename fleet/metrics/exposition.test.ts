import { readFileSync } from "node:fs";
import parsePrometheusTextFormat from "parse-prometheus-text-format";
import { expect, test } from "vitest";
import { COUNTERS } from "../../ledger/counts.ts";
import { Latencies } from "../../ledger/latency.ts";
import type { Snapshot } from "../../ledger/snapshot.ts";
import { perSignal, SIGNALS, type Signal } from "../../otlp/signal.ts";
import { makeExposition, type Observation } from "./exposition.ts";

const latencies = new Latencies();
for (const ms of [1, 2, 400]) latencies.record(ms);

/** A process whose counters all differ. */
function snapshot(incarnation: string): Snapshot {
  return {
    elapsedMs: 12_500,
    counts: perSignal((signal) =>
      Float64Array.from(COUNTERS, (_, index) => (SIGNALS.indexOf(signal) + 1) * 1000 + index),
    ),
    latencies: perSignal(() => latencies.counts()),
    lagMs: 250,
    worstLagMs: 1500,
    inFlight: 4,
    share: 0.25,
    isPaused: false,
    plannedRate: 625,
    cpuSeconds: 1.5,
    rssBytes: 50_000_000,
    maxRssBytes: 60_000_000,
    incarnations: [incarnation],
    targets: { "127.0.0.1:4317": { requests: 7, accepted: 6, rejected: 1, failed: 2, inDoubt: 3 } },
    answers: [{ code: 'UNAVAILABLE "quoted"', count: 2, message: "busy" }],
    notes: [],
  };
}

async function page(observation: Observation, signals: readonly Signal[] = SIGNALS) {
  const make = makeExposition({
    version: "1.2.3",
    signals,
    observe: () => observation,
  });
  const { text } = await make();
  const families = parsePrometheusTextFormat(text);
  return {
    text,
    families,
    value: (name: string, labels: Record<string, string> = {}) => {
      const found = families
        .find((family) => family.name === name)
        ?.metrics.filter((metric) =>
          Object.entries(labels).every(([key, value]) => metric.labels?.[key] === value),
        );
      return found?.length === 1 ? Number(found[0]!.value) : found;
    },
  };
}

test("every counter of the ledger is told, by signal, as the sum of the processes", async () => {
  const { families } = await page({ snapshots: [snapshot("a"), snapshot("b")], alive: 2 });
  const bySignal = families.filter(
    ({ name, metrics }) => name.endsWith("_total") && metrics[0]?.labels?.signal !== undefined,
  );
  expect(bySignal).toHaveLength(COUNTERS.length);
  bySignal.forEach(({ metrics }, index) => {
    expect(metrics.map(({ labels, value }) => [labels?.signal, Number(value)])).toEqual([
      ["traces", 2 * (1000 + index)],
      ["metrics", 2 * (2000 + index)],
      ["logs", 2 * (3000 + index)],
    ]);
  });
});

test("what has a unit is told in base units", async () => {
  const { value } = await page({ snapshots: [snapshot("a"), snapshot("b")], alive: 1 });
  expect(value("stampede_lag_seconds")).toBe(0.25);
  expect(value("stampede_lag_max_seconds")).toBe(1.5);
  expect(value("stampede_run_seconds")).toBe(12.5);
  expect(value("stampede_cpu_seconds_total")).toBe(3);
  expect(value("stampede_resident_memory_bytes")).toBe(100_000_000);
  expect(value("stampede_requests_in_flight")).toBe(8);
  expect(value("stampede_processes")).toBe(1);
  expect(value("stampede_target_items_per_second")).toBe(1250);
  expect(value("stampede_fleet_share")).toBe(0.5);
  expect(value("stampede_paused")).toBe(0);
});

test("latencies are a histogram with cumulative buckets in seconds", async () => {
  const { text } = await page({ snapshots: [snapshot("a"), snapshot("b")], alive: 1 });
  const name = "stampede_request_latency_seconds";
  expect(text).toContain(`# TYPE ${name} histogram\n`);
  const value = (rest: string) => Number(text.split(`\n${name}_${rest} `)[1]?.split("\n")[0]);
  const bucket = (le: string) => value(`bucket{signal="metrics",le="${le}"}`);
  expect(["0.0005", "0.001", "0.0025", "0.25", "0.5", "60", "+Inf"].map(bucket)).toEqual([
    0, 2, 4, 4, 6, 6, 6,
  ]);
  expect(value('count{signal="metrics"}')).toBe(6);
  expect(value('sum{signal="metrics"}')).toBeCloseTo(0.806, 2);
});

test("addresses, codes and lives of the replica are labels", async () => {
  const { value } = await page({ snapshots: [snapshot("00aa"), snapshot("00bb")], alive: 2 });
  expect(value("stampede_target_accepted_items_total", { target: "127.0.0.1:4317" })).toBe(12);
  expect(value("stampede_target_in_doubt_items_total", { target: "127.0.0.1:4317" })).toBe(6);
  expect(value("stampede_answers_total", { code: 'UNAVAILABLE "quoted"' })).toBe(4);
  expect(value("stampede_incarnation_info", { incarnation: "00bb" })).toBe(1);
  expect(value("stampede_build_info", { version: "1.2.3" })).toBe(1);
});

test("docs/observing.md lists every metric, and none that is not there", async () => {
  const { families } = await page({ snapshots: [snapshot("a")], alive: 1 });
  const document = readFileSync(new URL("../../docs/observing.md", import.meta.url), "utf8");
  const rows = document.split("\n").filter((line) => line.startsWith("| `stampede_"));
  const listed = rows.flatMap((row) => row.split("|")[1]!.match(/stampede_\w+/g)!);
  expect(listed.toSorted()).toEqual(families.map(({ name }) => name).toSorted());
});

test("a signal that is not sent is not there", async () => {
  const { families } = await page({ snapshots: [snapshot("a")], alive: 1 }, ["logs"]);
  const signals = families.flatMap(({ metrics }) => metrics.flatMap(({ labels }) => labels?.signal ?? []));
  expect(new Set(signals)).toEqual(new Set(["logs"]));
});

test("before the first snapshot the page is there, with zeros", async () => {
  const { value } = await page({ snapshots: [], alive: 0 });
  expect(value("stampede_sent_items_total", { signal: "traces" })).toBe(0);
  expect(value("stampede_processes")).toBe(0);
});

test("nothing is looked at until somebody asks, and then once", async () => {
  let looks = 0;
  const make = makeExposition({
    version: "1.2.3",
    signals: SIGNALS,
    observe: () => {
      looks++;
      return { snapshots: [snapshot("a")], alive: 1 };
    },
  });
  expect(looks).toBe(0);
  await make();
  expect(looks).toBe(1);
});
