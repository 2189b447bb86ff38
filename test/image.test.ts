/**
 * The image by itself, as `docker run stampede ...` has it: every command works in there, or says in a line what to do. A Collector is not in
 * it and can be mounted. scripts/get-engine brings an engine where there is none.
 */
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import type { ToldPlan } from "../cli/plan-text.ts";
import type { Ran } from "../cli/test-process.ts";
import { buildImage } from "./bring.ts";
import { collectorBinary } from "./collector.ts";
import { run } from "./stampede.ts";
import { generateTemplates } from "./templates.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
/** Not the name that compose gives it: both may be built at a time. */
const IMAGE = "stampede-image-test";
/** Docker mounts it, so it is inside the checkout, where a remote engine's file sharing has it, too. */
const WORK = join(ROOT, ".build/image-test");

let folder = "";
let mounts: string[] = [];

beforeAll(async () => {
  await buildImage(IMAGE);
  mkdirSync(WORK, { recursive: true });
  folder = mkdtempSync(join(realpathSync(WORK), "run-"));
  const templates = await generateTemplates(folder);
  const collector = realpathSync(await collectorBinary());
  mounts = [`--volume=${collector}:/otelcol:ro`, `--volume=${templates}:/set:ro`];
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** `docker run IMAGE ...words`, to its end; flags are docker's. */
const inImage = (words: readonly string[], ...flags: string[]): Promise<Ran> =>
  run("docker", ["run", "--rm", ...flags, IMAGE, ...words]);

/** The same with templates of the test's in /set, and a Collector's program at /otelcol. */
const withMounts = (...words: string[]) => inImage(words, ...mounts);

describe("stampede plan in the image", () => {
  test("plans, and says that its commands are for a checkout", async () => {
    const { exitCode, stdout, stderr } = await withMounts("plan", "--rate=15M", "--input=/set");
    expect(exitCode, stderr).toBe(0);
    expect(stdout).toMatch(/^15,000,000 events a second to Honeycomb\n/);
    expect(stdout.replace(/\s+/g, " ")).toContain("What to type is for a checkout: scripts/stampede,");
  });

  test("measures with a Collector that is mounted", async () => {
    const words = ["--rate=20k", "--input=/set", "--calibrate=100ms", "--collector=/otelcol", "--json"];
    const { exitCode, stdout, stderr } = await withMounts("plan", ...words);
    expect(exitCode, stderr).toBe(0);
    const { measured, through } = JSON.parse(stdout) as ToldPlan;
    expect(measured.isHere).toBe(true);
    expect(measured.notes).toEqual([]);
    expect(through.collectors!.cores).toBeGreaterThan(0);
  });
});

test("stampede backend makes a config of the files that are in there", async () => {
  const { exitCode, stdout, stderr } = await inImage(
    ["backend", "honeycomb,file"],
    "--env=HONEYCOMB_API_KEY=k",
  );
  expect(exitCode, stderr).toBe(0);
  const { pipelines } = parse(stdout).service;
  expect(pipelines.traces.exporters).toHaveLength(2);
});

test("stampede up runs a fleet with a Collector that is mounted", async () => {
  const words = ["up", "--input=/set", "--collector=/otelcol", "--rate=3000", "--count=3000"];
  const { exitCode, stdout, stderr } = await withMounts(...words);
  expect(exitCode, stderr).toBe(0);
  expect(stdout).toContain("1 collector: 1 up");
  expect(stdout).toContain("balanced: every event is accounted for");
});

test.each<[what: string, words: string[], says: string]>([
  [
    "a plan for a backend that is none",
    ["plan", "--rate=1M", "--backend=honycomb"],
    "did you mean 'honeycomb'?",
  ],
  [
    "a Collector that is not mounted",
    ["plan", "--rate=1M", "--calibrate", "--collector=/absent"],
    "--collector /absent: no such file; mount one's program into this container",
  ],
  [
    "a backend without a Collector",
    ["up", "--backend=nop"],
    "needs a Collector, and there is none (this image has none: mount one's program, and name it with --collector)",
  ],
  ["a key that is missing", ["backend", "honeycomb"], "honeycomb needs HONEYCOMB_API_KEY"],
  [
    "templates where nothing may be written",
    ["generate", "--config=examples/generator.yaml"],
    "./generated: permission denied; change its permissions, or name another directory with --output-dir",
  ],
  [
    "a report where nothing may be written",
    ["up", "--report=account.json"],
    "account.json: permission denied; change its permissions or name another",
  ],
  ["a ledger that is not there", ["ledger"], "is `stampede ledger serve` running"],
])("%s gets one line", async (_, words, says) => {
  const { exitCode, stdout, stderr } = await inImage(words);
  expect(stderr).toContain(says);
  expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  expect({ exitCode, stdout }).toEqual({ exitCode: words[0] === "ledger" ? 3 : 2, stdout: "" });
});
