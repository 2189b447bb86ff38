/**
 * Several replicas, and one replica twice: what must be equal, what must differ, and what a sink says of one that is killed. A real
 * Collector writes down what it gets; test/capture reads that.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { type CaptureFiles, type CaptureReport, checkCapture, filesOf } from "./capture/check-capture.ts";
import { type Identities, identitiesOf, shared, timelessBodies } from "./capture/identities.ts";
import { type Collector, startCollector } from "./collector.ts";
import { outputOf, stampede } from "./stampede.ts";
import { generateTemplates } from "./templates.ts";

let directory = "";
let templates = "";
let config = "";
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "stampede-replicas-"));
  templates = await generateTemplates(directory);
  config = join(directory, "replayer.yaml");
  // Points come often, so that every series has several in a short run.
  writeFileSync(config, "metrics: {interval: 1s}\n");
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** A Collector that writes into a directory of its own. */
async function capturing(name: string): Promise<{ collector: Collector; files: () => CaptureFiles }> {
  const exports = join(directory, name);
  mkdirSync(exports);
  const collector = await startCollector("file", { COLLECTOR_EXPORT_DIRECTORY: exports });
  return { collector, files: () => filesOf(exports) };
}

async function replay(collector: Collector, flags: readonly string[]): Promise<void> {
  const endpoint = flags.includes("--protocol=http/protobuf") ? collector.http : collector.grpc;
  await outputOf("replay", stampede("replay", `--config=${config}`, `--endpoint=${endpoint}`, ...flags));
}

/** Replay two times, each into a Collector of its own, one after the other or side by side. */
async function captureTwo(
  name: string,
  flags: readonly (readonly string[])[],
  order: "in turn" | "together",
): Promise<CaptureFiles[]> {
  const run = async (own: readonly string[], n: number) => {
    const { collector, files } = await capturing(`${name}-${n}`);
    try {
      await replay(collector, [`--input=${templates}`, ...own]);
      await collector.stop();
    } finally {
      // The capture's directory is not the Collector's own, so it stays.
      await collector.dispose();
    }
    return files();
  };
  if (order === "together") return Promise.all(flags.map(run));
  const captures: CaptureFiles[] = [];
  for (const [n, own] of flags.entries()) captures.push(await run(own, n));
  return captures;
}

const WAYS = [
  { way: "over gRPC both times", second: [] },
  { way: "over gRPC, then HTTP with zstd", second: ["--protocol=http/protobuf", "--compression=zstd"] },
] as const;

describe.each(WAYS)("the same seed and replica, twice, $way", ({ way, second: other }) => {
  let captures: CaptureFiles[];
  let first: Identities;
  let second: Identities;
  beforeAll(async () => {
    // Requests so large that each has items with ids: without them, two passes are the same, times aside.
    const flags = ["--seed=5", "--replica=0/1", "--rate=8000", "--multiplier=2", "--batch-size=100"];
    captures = await captureTwo(way, [flags, [...flags, ...other]], "in turn");
    [first, second] = (await Promise.all(captures.map(identitiesOf))) as [Identities, Identities];
  });

  test.each(["traces", "logs"] as const)("%s: the bodies are equal, times aside", async (signal) => {
    const [bodies, again] = await Promise.all(captures.map((files) => timelessBodies(files[signal])));
    expect(bodies!.length).toBeGreaterThan(5);
    expect(new Set(bodies).size).toBe(bodies!.length);
    expect(again).toEqual(bodies);
  });

  test("metrics: the bodies are equal, times and values aside", async () => {
    const [bodies, again] = await Promise.all(captures.map((files) => timelessBodies(files.metrics)));
    expect(bodies!.length).toBeGreaterThan(1);
    expect(again).toEqual(bodies);
  });

  test("metrics: the values are equal wherever both runs sent a series at the same age", () => {
    const common = [...first.values].filter(([key]) => second.values.has(key));
    expect(common.length).toBeGreaterThan(0);
    const different = common.filter(([key, numbers]) => second.values.get(key) !== numbers);
    expect(different.slice(0, 3)).toEqual([]);
  });

  test("ids and series are the same", () => {
    expect(first.traceIds).toEqual(second.traceIds);
    expect(first.spanIds).toEqual(second.spanIds);
    expect(first.series).toEqual(second.series);
  });
});

const STRANGERS = [
  {
    name: "two replicas of one fleet and seed",
    flags: [
      ["--replica=0/2", "--seed=5"],
      ["--replica=1/2", "--seed=5"],
    ],
  },
  { name: "two replicas of one fleet without a seed", flags: [["--replica=0/2"], ["--replica=1/2"]] },
  { name: "two replicas that know nothing of each other", flags: [[], []] },
];

describe.each(STRANGERS)("$name", ({ name, flags }) => {
  test("have no trace id, no span id and no series in common", async () => {
    const limits = ["--rate=8000", "--duration=2s"];
    const captures = await captureTwo(
      name,
      flags.map((own) => [...own, ...limits]),
      "together",
    );
    const [a, b] = (await Promise.all(captures.map(identitiesOf))) as [Identities, Identities];
    for (const kind of ["traceIds", "spanIds", "series"] as const) {
      expect(a[kind].size, kind).toBeGreaterThan(100);
      expect(b[kind].size, kind).toBeGreaterThan(100);
      expect(shared(a[kind], b[kind]), kind).toEqual([]);
    }
  });
});

describe.each(["cumulative", "delta"] as const)(
  "three replicas with metrics, %s, into one Collector",
  (temporality) => {
    const REPLICAS = 3;
    const PASSES = 10;
    const RATE = 6000;
    let report: CaptureReport;
    let seriesPerInstance = 0;
    beforeAll(async () => {
      const generator = join(directory, `${temporality}.yaml`);
      const input = join(directory, `${temporality}-templates`);
      writeFileSync(
        generator,
        `traces: {count: 0}
logs: {count: 0}
metrics:
  metric_count: 100
  timeseries_per_metric: {min: 4, max: 20, default: 10}
  types: [host_metrics, application, runtime]
  temporality: ${temporality}
`,
      );
      await outputOf("generate", stampede("generate", "--config", generator, "--output-dir", input));
      seriesPerInstance = metricsOf(input).series;
      const { collector, files } = await capturing(temporality);
      const flags = [`--input=${input}`, `--rate=${RATE}`, `--multiplier=${REPLICAS * PASSES}`];
      try {
        await Promise.all(
          Array.from({ length: REPLICAS }, (_, i) =>
            replay(collector, [...flags, `--replica=${i}/${REPLICAS}`]),
          ),
        );
        await collector.stop();
        report = await checkCapture(files());
      } finally {
        await collector.dispose();
      }
    });

    test("sums only grow, differences have no gaps, and no series meets another", () => {
      expect(report.violations).toEqual({});
      for (const points of Object.values(report.metrics!.pointsByKind)) expect(points).toBeGreaterThan(0);
      if (temporality === "cumulative") expect(report.metrics!.grown).toBeGreaterThan(100);
    });

    test("every replica has as many instances of each series as its rate asks for", () => {
      const instances = Math.ceil(RATE / REPLICAS / seriesPerInstance);
      expect(instances).toBeGreaterThan(1);
      expect(report.metrics!).toMatchObject({
        points: REPLICAS * PASSES * seriesPerInstance,
        series: REPLICAS * instances * seriesPerInstance,
        mostPoints: PASSES / instances,
        fewestPoints: PASSES / instances,
      });
    });
  },
);

/** What metadata.yaml of these templates says of its metrics. */
function metricsOf(input: string): { series: number } {
  const { signals } = parse(readFileSync(join(input, "metadata.yaml"), "utf8"));
  return signals.metrics;
}
