import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import type { TemplateMetadata } from "../template/metadata.ts";
import { generateSummary, nextSteps } from "./generate-summary.ts";

/** A set of more than most people make. */
const signals = {
  traces: { file: "telemetry-traces.pb", bytes: 917_406_000, items: 1_650_421, traces: 10_010 },
  metrics: { file: "telemetry-metrics.pb", bytes: 86_300_000, items: 600_000, metrics: 2000 },
  logs: { file: "telemetry-logs.pb", bytes: 3_412_000_000, items: 5_000_000, linked: 2_400_000 },
};
Object.assign(signals.traces, { maxSpansPerTrace: 500_000 });
const metadata = { seed: 42, signals } as unknown as TemplateMetadata;

describe("the summary of a set", () => {
  test("is a table whose figures stand below each other, in 80 columns", () => {
    const text = generateSummary("./generated", metadata, 14_230);
    expect(text).toBe(`./generated: seed 42, 14.2 s
  telemetry-traces.pb    917 MB  1,650,421 spans        10,010 traces
                                                        up to 500,000 spans
  telemetry-metrics.pb  86.3 MB    600,000 data points  2,000 metrics
  telemetry-logs.pb     3.41 GB  5,000,000 log records  2,400,000 in traces
`);
    for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });

  test("tells long work in minutes", () => {
    expect(generateSummary("generated", metadata, 125_000)).toMatch(/^generated: seed 42, 02:05\n/);
  });

  test("says so when there is nothing", () => {
    const nothing = { seed: 1, signals: {} } as unknown as TemplateMetadata;
    expect(generateSummary("out", nothing, 3)).toBe(
      "out: seed 1, 3.00 ms\n  nothing: the config asks for no traces, metrics or logs\n",
    );
  });
});

describe("what to do next", () => {
  test("fits into 80 columns for the usual directory", () => {
    for (const line of nextSteps("./generated", "scripts/stampede").split("\n"))
      expect(line.length).toBeLessThanOrEqual(80);
  });

  test.each(["generated", "./a b", "it's", "$HOME/x"])("can be pasted into a shell: %s", (directory) => {
    const line = nextSteps(directory, "printf '%s|'").split("\n")[3]!;
    const { stdout } = spawnSync("sh", ["-c", line], { encoding: "utf8" });
    expect(stdout).toBe(`replay|--input|${directory}|--endpoint|http://localhost:4317|`);
  });
});
