/**
 * Three replicas into a sink that refuses every third request for a second. One replica is killed with SIGKILL while such requests
 * wait for their next try, and started again: what it had not got through is gone, and the sink must name it.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { killStarted, type Ran } from "../cli/test-process.ts";
import type { Report } from "../ledger/report.ts";
import type { SinkReport } from "../sink/report.ts";
import type { IncarnationReport } from "../sink/verify/report.ts";
import { outputOf, stampede, startStampede } from "./stampede.ts";

const REPLICAS = 3;
const VICTIM = 1;
const PASSES = 2;
const TRACES = 400;
const TRACES_PER_REQUEST = 4;
const TEMPLATES = `
seed: 9
traces: {count: ${TRACES}, spans: {avg_per_trace: 12, std_dev: 4}, services: {count: 4}}
metrics: {metric_count: 30, timeseries_per_metric: {min: 2, max: 10, default: 5}, types: [host_metrics]}
logs: {count: 1500}
`;
const REPLAYER = `
sending: {batch_size: {traces: ${TRACES_PER_REQUEST}, logs: 100, metrics: 50}}
metrics: {interval: 1s}
`;
/** How long the victim sends before it is killed: more than the refused requests wait, less than a pass and a half takes. */
const LIFE_MS = 2500;

let directory = "";
let reports: Report[];
let sink: SinkReport;
let sinkRan: Ran;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "stampede-killed-"));
  const file = (name: string) => join(directory, name);
  writeFileSync(file("generator.yaml"), TEMPLATES);
  writeFileSync(file("replayer.yaml"), REPLAYER);
  const generate = [`--config=${file("generator.yaml")}`, `--output-dir=${file("templates")}`];
  await outputOf("generate", stampede("generate", ...generate));

  const faults = "--fault=unavailable=0.3@1s";
  const listening = ["--grpc=127.0.0.1:0", "--http=127.0.0.1:0"];
  const sinkFlags = [...listening, faults, "--doubt=500ms", `--report=${file("sink.json")}`];
  const sinkProcess = startStampede(["sink", ...sinkFlags]);
  const [, address] = await sinkProcess.printed(/listening: grpc (\S+),/);

  const replay = (index: number, report: string) =>
    startStampede([
      "replay",
      `--config=${file("replayer.yaml")}`,
      `--input=${file("templates")}`,
      `--endpoint=http://${address}`,
      "--rate=9000",
      `--multiplier=${REPLICAS * PASSES}`,
      `--replica=${index}/${REPLICAS}`,
      `--report=${file(report)}`,
    ]);
  const first = Array.from({ length: REPLICAS }, (_, index) => replay(index, `first-${index}.json`));
  const victim = first[VICTIM]!;
  await victim.printed(/sending [\d,]+ events/);
  await sleep(LIFE_MS);
  victim.child.kill("SIGKILL");
  await victim.ended;
  const survivors = [...first.filter((one) => one !== victim), replay(VICTIM, "second.json")];
  const exits = await Promise.all(survivors.map(({ ended }) => ended));
  expect(exits).toEqual([0, 0, 0]);
  sinkProcess.child.kill("SIGTERM");
  sinkRan = await sinkProcess.ran();
  sink = JSON.parse(readFileSync(file("sink.json"), "utf8"));
  reports = ["first-0.json", "first-2.json", "second.json"].map((name) =>
    JSON.parse(readFileSync(file(name), "utf8")),
  );
});
afterAll(() => {
  killStarted();
  rmSync(directory, { recursive: true, force: true });
});

test("every life is an incarnation of its own", () => {
  const known = reports.flatMap(({ incarnations }) => incarnations);
  expect(new Set(known).size).toBe(REPLICAS);
  expect(sink.verification!.incarnations.length).toBe(REPLICAS + 1);
  expect(sink.verification!.incarnations.map(({ incarnation }) => incarnation)).toEqual(
    expect.arrayContaining(known),
  );
});

test("of the replicas that lived, the sink has all that they know to be accepted, and misses nothing", () => {
  for (const report of reports) {
    const seen = incarnation(report.incarnations[0]!);
    expect(seen).toMatchObject({
      spans: report.signals.traces!.accepted,
      passes: PASSES,
      completeTraces: PASSES * TRACES,
      missing: { traces: 0, incompleteTraces: 0 },
      doubtful: { traces: 0, incompleteTraces: 0 },
    });
  }
});

test("of the killed one, the sink names what is missing and what is doubtful", () => {
  const { missing, doubtful, completeTraces } = victimsReport();
  expect(missing.traces).toBeGreaterThan(0);
  expect(doubtful.traces).toBeGreaterThan(0);
  // Whole requests were lost, no parts of them, and each trace is accounted for up to the last one that came.
  expect(missing.incompleteTraces + doubtful.incompleteTraces).toBe(0);
  expect(missing.traces % TRACES_PER_REQUEST).toBe(0);
  expect(doubtful.traces % TRACES_PER_REQUEST).toBe(0);
  expect((completeTraces + missing.traces + doubtful.traces) % TRACES_PER_REQUEST).toBe(0);
  for (const { traces, incomplete } of [...missing.passes, ...doubtful.passes]) {
    expect(traces).toMatch(/^\d+-\d+(,\d+-\d+)*$/);
    expect(incomplete).toBe("");
  }
});

test("what is missing was sent before what is doubtful", () => {
  const { missing, doubtful } = victimsReport();
  const placesOf = ({ passes }: typeof missing) =>
    passes.flatMap(({ pass, traces }) =>
      traces.split(",").map((range) => pass * TRACES + Number.parseInt(range, 10)),
    );
  expect(Math.max(...placesOf(missing))).toBeLessThan(Math.min(...placesOf(doubtful)));
});

test("the sink says so in words, and with its exit code", () => {
  const { incarnation: victim } = victimsReport();
  expect(sinkRan.stdout).toMatch(new RegExp(`^MISSING .* from ${victim}`, "m"));
  expect(sinkRan.stdout).toMatch(new RegExp(`^doubtful, .* from ${victim}`, "m"));
  expect(sinkRan.exitCode).toBe(1);
});

test("nothing is double or broken, and the restarted series begin again under a new start time", () => {
  expect(sink.verification!.findings).toEqual({});
  expect(sink.verification!.metrics.restarts).toBeGreaterThan(0);
});

function incarnation(name: string): IncarnationReport {
  return sink.verification!.incarnations.find(({ incarnation }) => incarnation === name)!;
}

function victimsReport(): IncarnationReport {
  const known = new Set(reports.flatMap(({ incarnations }) => incarnations));
  return sink.verification!.incarnations.find(({ incarnation }) => !known.has(incarnation))!;
}
