import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ToldPlan } from "./plan-text.ts";

const MAIN = new URL("main.ts", import.meta.url).pathname;
const directory = mkdtempSync(join(tmpdir(), "stampede-plan-"));
const stampede = (...args: string[]) =>
  spawnSync(process.execPath, [MAIN, ...args], {
    encoding: "utf8",
    cwd: directory,
    env: { ...process.env, XDG_CACHE_HOME: join(directory, "cache"), NO_COLOR: "1" },
  });
const plan = (...args: string[]) => stampede("plan", "--input", "templates", ...args);
const told = (...args: string[]) => JSON.parse(plan("--json", ...args).stdout) as ToldPlan;

beforeAll(() => {
  writeFileSync(
    join(directory, "generator.yaml"),
    "{traces: {count: 300}, metrics: {metric_count: 20, timeseries_per_metric: {min: 10, max: 10, default: 10}}, logs: {count: 500}}",
  );
  stampede("generate", "--config", "generator.yaml", "--output-dir", "templates");
});
afterAll(() => rmSync(directory, { recursive: true }));

describe("stampede plan", () => {
  test("says what a rate takes, in 80 columns, with what to type", () => {
    const { stdout, status } = plan("--rate", "15M");
    expect(status).toBe(0);
    const lines = stdout.split("\n");
    expect(lines[0]).toBe("15,000,000 events a second to Honeycomb");
    for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(80);
    expect(stdout).toContain("of another machine");
    expect(stdout).toMatch(/--scale replayer=\d+ --scale collector=\d+/);
    expect(stdout).toContain("--config examples/honeycomb.yaml --input templates");
  });

  test("as JSON it is the same plan, with all that it was made from", () => {
    const { through, straight, traffic, measured, month } = told("--rate", "1M");
    const { of, shares } = traffic;
    expect(shares.traces! + shares.metrics! + shares.logs!).toBeCloseTo(1, 9);
    expect(of.traces!.frozenBytes.zstd).toBeLessThan(of.traces!.plainBytes / 4);
    expect(through.legs[0]!.bytesPerEvent).toBeCloseTo(traffic.all.plainBytes, 6);
    expect(straight!.legs[0]!.bytesPerEvent).toBeCloseTo(traffic.all.frozenBytes.zstd, 6);
    expect(through.cores).toBeGreaterThan(straight!.cores);
    expect(measured.isHere).toBe(false);
    expect(month.honeycomb!.events).toBeGreaterThan(month.items.traces! + month.items.logs!);
  });

  test("goes by the flags and by the mix of a config", () => {
    writeFileSync(join(directory, "replay.yaml"), "sending: {mix: {traces: 0.8, logs: 0.2}}\n");
    const flags = ["--compression", "zstd", "--protocol", "http/protobuf", "--replicas", "40"];
    const { through, traffic, limits } = told(
      ...["--rate", "2M", "--config", "replay.yaml", "--cores-per-machine", "4", "--utilisation", "50"],
      ...flags,
    );
    expect(traffic.shares).toEqual({ traces: 0.8, logs: 0.2 });
    expect(through.sender).toEqual({ protocol: "http/protobuf", compression: "zstd" });
    expect(through.replicas.processes).toBe(40);
    expect(limits).toMatchObject({ utilisation: 0.5, coresPerMachine: 4 });
    expect(through.machines).toBe(Math.ceil(through.coresToHave / 4));
  });

  test("a backend with a protocol of its own has no straight way, and the plan says what it does not know", () => {
    const { straight, notes, month } = told("--rate", "100k", "--backend", "clickhouse");
    expect(straight).toBeUndefined();
    expect(notes.join()).toContain("a protocol of its own");
    expect(month.honeycomb).toBeUndefined();
  });

  test.each([
    ["no rate", [], "--rate: must be given"],
    ["a rate of nothing", ["--rate", "0"], "--rate 0: a plan is for a rate above 0 and up to 1000M"],
    ["a rate beyond reason", ["--rate", "2G"], "--rate 2000000000: a plan is for a rate above 0"],
    ["a rate that is none", ["--rate", "15m"], "must be a number, 0 or more, such as 1000, 250k or 15M"],
    ["an unknown backend", ["--rate", "1M", "--backend", "honycomb"], "did you mean 'honeycomb'?"],
    [
      "no part of a core",
      ["--rate", "1M", "--utilisation", "0"],
      "must be a percentage above 0 and up to 100",
    ],
    [
      "a Collector that is none",
      ["--rate", "1M", "--calibrate", "10ms", "--collector", "absent"],
      "--collector absent: no such file",
    ],
  ])("%s is refused in a line", (_, args, says) => {
    const { stderr, status, stdout } = plan(...args);
    expect(stderr).toContain(says);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  });
});
