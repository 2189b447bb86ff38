import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";

const MAIN = join(import.meta.dirname, "main.ts");
const directory = mkdtempSync(join(tmpdir(), "stampede-cli-generate-"));
afterAll(() => rmSync(directory, { recursive: true }));

const config = join(directory, "generator.yaml");
writeFileSync(config, "traces: {count: 3}\nmetrics: {metric_count: 0}\nlogs: {count: 10}\n");

function generate(...args: string[]) {
  const { stdout, stderr, status } = spawnSync(process.execPath, [MAIN, "generate", ...args], {
    encoding: "utf8",
  });
  return { stdout, stderr, status };
}

describe("stampede generate", () => {
  test("writes a set and tells on stdout what is in it", () => {
    const out = join(directory, "out");
    const { stdout, stderr, status } = generate("--config", config, "--output-dir", out, "--seed", "5");
    expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
    expect(stdout).toMatch(
      /out: seed 5, [\d.]+ m?s\n {2}telemetry-traces\.pb +[\d.]+ kB +\d+ spans +3 traces\n +up to \d+ spans\n/,
    );
    expect(stdout).toMatch(/telemetry-logs\.pb +[\d.]+ kB +10 log records {2}\d+ in traces\n$/);
    expect(readdirSync(out).toSorted()).toEqual([
      "metadata.yaml",
      "telemetry-logs.pb",
      "telemetry-traces.pb",
    ]);
  });

  test.each([
    [["--seed", "5"], "required option '--config <file>' not specified"],
    [["--config", config, "--seed", "-1"], "must be a whole number from 0"],
    [["--config", join(directory, "none.yaml")], "none.yaml"],
  ])("refuses wrong usage with one line, exit 2: %j", (args, message) => {
    const { stderr, status } = generate(...args);
    expect(status).toBe(2);
    expect(stderr).toContain(message);
  });
});
