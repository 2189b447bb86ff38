/**
 * The bytes that a release writes for a seed are on record, so that no change of them goes unnoticed: `scripts/update-golden` records
 * new ones, in the commit that says why they changed. test/node-versions.test.ts holds other Nodes against the same record.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { parseConfig } from "../config/load.ts";
import { type GeneratorConfig, generatorConfigSchema } from "./config.ts";
import { generate } from "./generate.ts";

const GOLDEN = join(import.meta.dirname, "golden.json");
const EVERY_KEY = join(import.meta.dirname, "../examples/generator-every-key.yaml");

const root = mkdtempSync(join(tmpdir(), "stampede-golden-"));
afterAll(() => rmSync(root, { recursive: true }));

const CONFIGS: readonly [name: string, config: GeneratorConfig][] = [
  [
    "mostly defaults",
    generatorConfigSchema.parse({
      seed: 7,
      traces: { count: 60, spans: { high_span_traces: { count: 1, span_count: 3000 } } },
      metrics: { metric_count: 60, timeseries_per_metric: { min: 5, max: 20, default: 10 } },
      logs: { count: 900 },
    }),
  ],
  ["every key", parseConfig(readFileSync(EVERY_KEY, "utf8"), EVERY_KEY, generatorConfigSchema).value],
];

/** By the name of the config and the signal. */
type Golden = Record<string, Record<string, { sha256: string; bytes: number; items: number }>>;

const recorded = JSON.parse(readFileSync(GOLDEN, "utf8")) as Golden;

describe("generate writes the bytes on record", () => {
  test.each(CONFIGS)("with %s", async (name, config) => {
    const outputDir = join(root, name);
    const { signals } = await generate(config, { outputDir, createdAt: "2026-01-02T03:04:05.000Z" });
    const found = Object.fromEntries(
      Object.entries(signals).map(([signal, entry]) => {
        const { sha256, bytes, items } = entry!;
        return [signal, { sha256, bytes, items }];
      }),
    );
    if (process.env.UPDATE_GOLDEN) {
      recorded[name] = found;
      writeFileSync(GOLDEN, `${JSON.stringify(recorded, null, 2)}\n`);
    }
    expect(found).toEqual(recorded[name]);
  });
});
