import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { generatorConfigSchema } from "../generator/config.ts";
import { generate } from "../generator/generate.ts";
import { compileOnce } from "./compile/compile-once.ts";
import { replayerConfigSchema } from "./config.ts";
import { FrozenFile } from "./freeze/frozen-file.ts";
import { findInputs, type InputPaths, prepareInputs } from "./inputs.ts";
import { resolveSettings } from "./settings.ts";

const root = mkdtempSync(join(tmpdir(), "stampede-inputs-"));
const made = join(root, "made");
let cases = 0;

beforeAll(async () => {
  const config = generatorConfigSchema.parse({
    traces: { count: 20, spans: { avg_per_trace: 4, std_dev: 1 } },
    metrics: { metric_count: 5, timeseries_per_metric: { min: 1, max: 3, default: 2 } },
    logs: { count: 60 },
  });
  await generate(config, { outputDir: made, json: true, createdAt: "2026-01-01T00:00:00Z" });
});
afterAll(() => rmSync(root, { recursive: true }));

/** A directory with files of these names. */
function directory(...names: string[]): string {
  const path = join(root, `case-${cases++}`);
  mkdirSync(path);
  for (const name of names) writeFileSync(join(path, name), "");
  return path;
}

const settings = (config: Parameters<typeof replayerConfigSchema.parse>[0] = {}) =>
  resolveSettings(replayerConfigSchema.parse(config), {});

describe("finding templates in a directory", () => {
  test("goes by the metadata, where there is some", () => {
    const path = directory();
    cpSync(made, path, { recursive: true });
    // Another set's file beside it disturbs nobody.
    writeFileSync(join(path, "other-traces.pb"), "");
    expect(findInputs(path)).toEqual({
      traces: join(path, "telemetry-traces.pb"),
      metrics: join(path, "telemetry-metrics.pb"),
      logs: join(path, "telemetry-logs.pb"),
    });
  });

  test("goes by the names without metadata: frames before JSON, and only the signals that are there", () => {
    const path = directory("a-traces.json", "b-traces.pb", "c-logs.json", "notes.txt");
    expect(findInputs(path)).toEqual({ traces: join(path, "b-traces.pb"), logs: join(path, "c-logs.json") });
  });

  test.each<[string, () => string, RegExp]>([
    ["nothing", () => directory("notes.txt"), /has no templates .* make some with: stampede generate/],
    [
      "several of one signal",
      () => directory("a-logs.pb", "b-logs.pb"),
      /has several files of logs \(a-logs\.pb, b-logs\.pb\); name one in input\.logs/,
    ],
    [
      "a file",
      () => join(directory("a-logs.pb"), "a-logs.pb"),
      /is a file; --input takes the directory that it is in/,
    ],
  ])("says what to do when it finds %s", (_, make, message) => {
    const path = make();
    expect(() => findInputs(path)).toThrow(message);
    expect(() => findInputs(path)).toThrow(expect.objectContaining({ code: "bad_input" }));
  });
});

describe("preparing inputs", () => {
  const summaryOf = (inputs: InputPaths, signal: "traces" | "metrics" | "logs") => {
    const file = new FrozenFile(inputs[signal]!);
    file.close();
    return file.summary;
  };

  test("freezes what is there, OTLP/JSON to the same items as frames, links and value models included", async () => {
    const frames = await prepareInputs(findInputs(made), settings());
    const json = await prepareInputs(
      {
        traces: join(made, "telemetry-traces.json"),
        logs: join(made, "telemetry-logs.json"),
      },
      settings(),
    );
    for (const signal of ["traces", "logs"] as const) {
      const [a, b] = [summaryOf(frames.frozen, signal), summaryOf(json.frozen, signal)];
      expect([b.items, b.traces, b.linked]).toEqual([a.items, a.traces, a.linked]);
    }
    expect(summaryOf(frames.frozen, "logs").linked).toBeGreaterThan(0);
    expect(summaryOf(frames.frozen, "metrics").metricNames).toBe(5);
    expect(frames.notes).toEqual([]);
  });

  test("unlinks logs that are sent without traces, or with a mix, and says so", async () => {
    const inputs = findInputs(made);
    const alone = await prepareInputs({ logs: inputs.logs! }, settings());
    const mixed = await prepareInputs(inputs, settings({ sending: { mix: { traces: 1, logs: 1 } } }));
    for (const { frozen, notes } of [alone, mixed]) {
      expect(summaryOf(frozen, "logs").linked).toBe(0);
      expect(notes.join()).toMatch(/^logs: records go out without the ids of their spans: /);
    }
  });

  test("names the key of a file that is not there", async () => {
    const missing = join(root, "nowhere.pb");
    await expect(prepareInputs({ traces: missing }, settings())).rejects.toMatchObject({
      code: "bad_input",
      message: `${missing}: no such file; it is input.traces`,
    });
  });
});

describe("what was compiled in requests of the usual size", () => {
  const at = (events_per_second: number, sending: object = {}) =>
    settings({ otlp: { compression: "zstd" }, sending: { rate_limit: { events_per_second }, ...sending } });

  test("is sent at a small rate too, and a note says so; as long as nothing is compiled for that rate", async () => {
    const path = directory();
    cpSync(made, path, { recursive: true });
    const inputs = { logs: join(path, "telemetry-logs.pb") };
    const note = expect.stringContaining("compiled batches are there in their usual size");
    const usual = await prepareInputs(inputs, at(0));
    const small = await prepareInputs(inputs, at(1000));
    expect([small.frozen.logs === usual.frozen.logs, small.compiled]).toEqual([false, {}]);
    expect(small.notes).not.toContainEqual(note);
    await compileOnce(usual.frozen.logs!, "zstd-fast");
    const taken = await prepareInputs(inputs, at(1000));
    expect(taken.frozen).toEqual(usual.frozen);
    expect(taken.compiled.logs).toBe(`${usual.frozen.logs}.zstd-fast`);
    expect(taken.notes).toContainEqual(note);
    // Not where requests are not compressed, nor where somebody has said how large they are to be.
    const plain = settings({ sending: { rate_limit: { events_per_second: 1000 } } });
    expect((await prepareInputs(inputs, plain)).frozen).toEqual(small.frozen);
    expect((await prepareInputs(inputs, at(1000, { batch_size: { logs: 7 } }))).compiled).toEqual({});
    await compileOnce(small.frozen.logs!, "zstd-fast");
    expect(await prepareInputs(inputs, at(1000))).toMatchObject({
      frozen: small.frozen,
      notes: expect.not.arrayContaining([note]),
    });
  });
});
