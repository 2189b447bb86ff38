/**
 * Three replicas into a sink that refuses every third request for a second. One replica is killed with SIGKILL while such requests
 * wait for their next try, and started again: what it had not got through is gone, and the sink must name it.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Report } from "../ledger/report.ts";
import type { SinkReport } from "../sink/report.ts";
import type { IncarnationReport } from "../sink/verify/report.ts";
import { stampede } from "./stampede.ts";

const MAIN = fileURLToPath(new URL("../cli/main.ts", import.meta.url));
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
const running: ChildProcess[] = [];
let reports: Report[];
let sink: SinkReport;
let sinkText = "";
let sinkExit: number | null = null;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "stampede-killed-"));
  const file = (name: string) => join(directory, name);
  writeFileSync(file("generator.yaml"), TEMPLATES);
  writeFileSync(file("replayer.yaml"), REPLAYER);
  const made = await stampede(
    "generate",
    `--config=${file("generator.yaml")}`,
    `--output-dir=${file("templates")}`,
  );
  if (made.exitCode !== 0) throw new Error(`generate failed:\n${made.stderr}`);

  const faults = "--fault=unavailable=0.3@1s";
  const listening = ["--grpc=127.0.0.1:0", "--http=127.0.0.1:0"];
  const sinkProcess = start("sink", ...listening, faults, "--doubt=500ms", `--report=${file("sink.json")}`);
  const [, address] = await printed(sinkProcess, /listening: grpc (\S+),/);
  let text = "";
  sinkProcess.stdout!.setEncoding("utf8").on("data", (part: string) => {
    text += part;
  });

  const replay = (index: number, report: string) =>
    start(
      "replay",
      `--config=${file("replayer.yaml")}`,
      `--input=${file("templates")}`,
      `--endpoint=http://${address}`,
      "--rate=9000",
      `--multiplier=${REPLICAS * PASSES}`,
      `--replica=${index}/${REPLICAS}`,
      `--report=${file(report)}`,
    );
  const first = Array.from({ length: REPLICAS }, (_, index) => replay(index, `first-${index}.json`));
  const victim = first[VICTIM]!;
  await printed(victim, /sending [\d,]+ events/);
  await sleep(LIFE_MS);
  victim.kill("SIGKILL");
  await exitOf(victim);
  const survivors = [...first.filter((one) => one !== victim), replay(VICTIM, "second.json")];
  const exits = await Promise.all(survivors.map(exitOf));
  expect(exits).toEqual([0, 0, 0]);
  sinkProcess.kill("SIGTERM");
  sinkExit = await exitOf(sinkProcess);
  sinkText = text;
  sink = JSON.parse(readFileSync(file("sink.json"), "utf8"));
  reports = ["first-0.json", "first-2.json", "second.json"].map((name) =>
    JSON.parse(readFileSync(file(name), "utf8")),
  );
});
afterAll(() => {
  for (const child of running)
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
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
  expect(sinkText).toMatch(new RegExp(`^MISSING .* from ${victim}`, "m"));
  expect(sinkText).toMatch(new RegExp(`^doubtful, .* from ${victim}`, "m"));
  expect(sinkExit).toBe(1);
});

test("nothing is double or broken, and the restarted series begin again under a new start time", () => {
  expect(sink.verification!.findings).toEqual({});
  expect(sink.verification!.metrics.restarts).toBeGreaterThan(0);
});

function start(...args: string[]): ChildProcess {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", MAIN, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  child.stdout!.resume();
  running.push(child);
  return child;
}

/** The first match in what a process prints on stderr; rejects when it ends without one. */
function printed(child: ChildProcess, pattern: RegExp): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    let text = "";
    child.stderr!.setEncoding("utf8").on("data", (part: string) => {
      text += part;
      const match = pattern.exec(text);
      if (match) resolve(match);
    });
    child.once("close", (code) => reject(new Error(`ended with ${code} before ${pattern}:\n${text}`)));
  });
}

function exitOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve) => child.once("close", resolve));
}

function incarnation(name: string): IncarnationReport {
  return sink.verification!.incarnations.find(({ incarnation }) => incarnation === name)!;
}

function victimsReport(): IncarnationReport {
  const known = new Set(reports.flatMap(({ incarnations }) => incarnations));
  return sink.verification!.incarnations.find(({ incarnation }) => !known.has(incarnation))!;
}
