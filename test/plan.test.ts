/** `stampede plan --calibrate`: measured on this machine with a real Collector, kept, and held against a fleet that runs. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ToldPlan } from "../cli/plan-text.ts";
import { collectorBinary } from "./collector.ts";
import { run } from "./stampede.ts";
import { generateTemplates } from "./templates.ts";

const STAMPEDE = fileURLToPath(new URL("../scripts/stampede", import.meta.url));
const AGREEMENT = fileURLToPath(new URL("../bench/plan/agreement.ts", import.meta.url));
/** Of a machine that does other things too: that the way from calibration to measurement is whole, not how exact it is. */
const MOST_OFF_PERCENT = 700;
const LEAST_RATE_PERCENT = 20;

const folder = mkdtempSync(join(tmpdir(), "stampede-plan-test-"));
const environment = { XDG_CACHE_HOME: join(folder, "cache") };
let templates = "";
let collector = "";

beforeAll(async () => {
  templates = await generateTemplates(folder);
  collector = await collectorBinary();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const plan = (words: readonly string[], more: Record<string, string> = {}) =>
  run(STAMPEDE, ["plan", "--json", `--input=${templates}`, ...words], { ...environment, ...more });

test("a calibration is this machine's, and later plans of the same traffic go by it", async () => {
  const calibrated = await plan(["--rate=20k", "--calibrate=200ms", `--collector=${collector}`]);
  expect(calibrated.exitCode, calibrated.stderr).toBe(0);
  const first = JSON.parse(calibrated.stdout) as ToldPlan;
  expect(first.measured.isHere).toBe(true);
  // The Collector was asked to hand on as it would to Honeycomb, but to nobody else than this machine's receiver.
  expect(calibrated.stderr).toContain("a Collector that hands on to honeycomb");
  expect(first.through.legs[1]!.bytesPerEvent).toBeGreaterThan(5);
  expect(first.through.legs[1]!.bytesPerEvent).toBeLessThan(first.traffic.all.plainBytes / 3);
  expect(first.through.collectors!.cores).toBeGreaterThan(first.through.replicas.cores);

  const later = JSON.parse((await plan(["--rate=20k"])).stdout) as ToldPlan;
  expect(later.measured).toEqual(first.measured);
  expect(later.through).toEqual(first.through);
  // Other requests have other costs.
  const other = JSON.parse((await plan(["--rate=20k", "--compression=gzip"])).stdout) as ToldPlan;
  expect(other.measured.isHere).toBe(false);
});

test("what a fleet spends is of the order that was planned: calibrated, predicted and measured in one run", async () => {
  const words = ["--rate=10k", "--calibrate=200ms", "--warm=3", "--seconds=4", "--rounds=1"];
  const { exitCode, stdout, stderr } = await run(
    process.execPath,
    [
      AGREEMENT,
      ...words,
      `--most-off=${MOST_OFF_PERCENT}`,
      `--least-rate=${LEAST_RATE_PERCENT}`,
      `--input=${templates}`,
      `--collector=${collector}`,
    ],
    environment,
  );
  expect(exitCode, stderr).toBe(0);
  const { parts } = JSON.parse(stdout) as {
    parts: Record<string, { predicted: number; measured: number[] }>;
  };
  expect(Object.keys(parts)).toContain("Collectors");
  for (const { predicted, measured } of Object.values(parts)) {
    expect(predicted).toBeGreaterThan(0);
    expect(measured[0]).toBeGreaterThan(0);
  }
});
