/** The JSON Schemas of the configs, judged by a validator that knows nothing of zod. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { parseConfig } from "../config/load.ts";
import { generatorConfigSchema } from "../generator/config.ts";
import { replayerConfigSchema } from "../replayer/config.ts";
import { configJsonSchema } from "./config-json-schema.ts";
import { CONFIGS, type DocumentedConfig, keysOf } from "./documented-configs.ts";

const ROOT = join(import.meta.dirname, "..");
const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");
const EXAMPLES = globSync("examples/*.yaml", { cwd: ROOT }).toSorted();
const ENVIRONMENT = { HONEYCOMB_API_KEY: "key", HONEYCOMB_METRICS_DATASET: "" };

const SCHEMAS = { generator: generatorConfigSchema, replayer: replayerConfigSchema };
const [generator, replayer] = CONFIGS as [DocumentedConfig, DocumentedConfig];

const configOf = (file: string): DocumentedConfig => (/generator/.test(file) ? generator : replayer);

/** What is wrong with a text by the schema, as paths; YAML 1.2 as any editor reads it. */
function problemsOf(config: DocumentedConfig, text: string): string[] {
  const validate = new Ajv({ allErrors: true, strict: true }).compile(configJsonSchema(config));
  return validate(parse(text)) ? [] : validate.errors!.map((error) => error.instancePath);
}

test.each(CONFIGS)(
  "$file is what the code says; if not, run: scripts/node scripts/write-schemas.ts",
  (config) => {
    expect(JSON.parse(read(config.file))).toEqual(configJsonSchema(config));
  },
);

test.each(CONFIGS)(
  "every key of the $name says what it does, and gives an example that its own schema takes",
  ({ name, root }) => {
    const keys = keysOf(root);
    expect(keys.length).toBeGreaterThan(30);
    expect(keys.filter(({ node }) => !node.description).map(({ path }) => path)).toEqual([]);
    const values = keys.filter(({ section }) => !section);
    expect(values.filter(({ node }) => node.example === undefined).map(({ path }) => path)).toEqual([]);
    // A value is either given by default, or the table says what holds without it; but for what has no effect anyway.
    const open = values
      .filter(({ node }) => node.default === undefined && !node.absent)
      .map(({ path }) => path);
    expect(open.filter((path) => !path.startsWith("limits."))).toEqual([]);
    expect(name).toMatch(/generator|replayer/);
  },
);

describe.each(EXAMPLES)("%s", (file) => {
  const text = read(file);
  const config = configOf(file);

  test("is valid by the JSON Schema and by the loader", () => {
    expect(problemsOf(config, text)).toEqual([]);
    const { notes } = parseConfig(text, file, SCHEMAS[config.name], ENVIRONMENT);
    // One example shows keys without effect, too.
    expect(notes.filter((note) => !/every-key.yaml:\d+:1 limits: has no effect/.test(note))).toEqual([]);
  });

  test("names its schema in the first line, for editors", () => {
    expect(text.split("\n")[0]).toBe(`# yaml-language-server: $schema=../${config.file}`);
  });
});

const TLS_FILES = ["otlp.tls.ca", "otlp.tls.cert", "otlp.tls.key"];
const OTHER_SHAPES = [
  ...["ramp", "ramp.from", "ramp.to", "ramp.over", "steps"],
  ...["burst", "burst.normal", "burst.peak", "burst.period", "burst.width"],
  ...["sine", "sine.normal", "sine.peak", "sine.period"],
].map((path) => `sending.rate_limit.law.${path}`);

test.each([
  // It stands for the other way of saying where traces begin.
  ["examples/generator-every-key.yaml", ["traces.services.ingress.service"]],
  // They name files that only the reader has, or stand for another shape of the rate.
  ["examples/replayer-every-key.yaml", [...TLS_FILES, ...OTHER_SHAPES]],
])("%s has every key but %j", (file, left) => {
  const value = parse(read(file)) as unknown;
  const absent = keysOf(configOf(file).root).filter(({ path }) => valueAt(value, path) === undefined);
  expect(absent.map(({ path }) => path)).toEqual(left);
  for (const path of left) expect(read(file)).toContain(`${path.split(".").at(-1)}:`);
});

test("examples/generator.yaml has the defaults, as it says", () => {
  const file = "examples/generator.yaml";
  const { value } = parseConfig(read(file), file, generatorConfigSchema, {});
  const usual = generatorConfigSchema.parse({ traces: { services: { count: 5 } } });
  expect(value).toEqual(usual);
});

describe("the JSON Schema", () => {
  test.each([
    ["traces: {count: 10_000}"],
    ['traces: {count: "${TRACES}"}'],
    ["traces: {count: 1e3}"],
    ['traces: {semconv: "${NAMES:-old}"}'],
    ["traces: {spans: {high_span_traces: {count: 2}}}"],
    ["limits: {max_memory_gb: 4}"],
  ])("takes %s, as the loader does", (text) => {
    expect(problemsOf(generator, text)).toEqual([]);
    const env = { TRACES: "7" };
    expect(() => parseConfig(text, "a.yaml", generatorConfigSchema, env)).not.toThrow();
  });

  test.each([
    ["traces: {cuont: 1}", "/traces"],
    ["traces: {count: -1}", "/traces/count"],
    ["traces: {count: 1.5}", "/traces/count"],
    ["traces: {count: many}", "/traces/count"],
    ["traces: {semconv: new}", "/traces/semconv"],
    ["output: {prefix: a/b}", "/output/prefix"],
    ["logs: {types: {system: {percentage: 101}}}", "/logs/types/system/percentage"],
    ["logs: {types: {system: {}}}", "/logs/types/system"],
    ["metrics: {types: [host]}", "/metrics/types/0"],
    ["metrics: {metric_count: .inf}", "/metrics/metric_count"],
  ])("refuses %s, as the loader does", (text, path) => {
    expect(problemsOf(generator, text)).toContain(path);
    expect(() => parseConfig(text, "a.yaml", generatorConfigSchema, {})).toThrow("a.yaml");
  });

  test.each([
    ["sending: {duration: 10}", "/sending/duration"],
    ["sending: {duration: 10 seconds}", "/sending/duration"],
    ["sending: {max_request_bytes: 1}", "/sending/max_request_bytes"],
    ["sending: {max_request_bytes: 1 potato}", "/sending/max_request_bytes"],
    ["replica: third", "/replica"],
    ["otlp: {protocol: grcp}", "/otlp/protocol"],
  ])("of the replayer refuses %s, as the loader does", (text, path) => {
    expect(problemsOf(replayer, text)).toContain(path);
    expect(() => parseConfig(text, "a.yaml", replayerConfigSchema, {})).toThrow("a.yaml");
  });
});

function valueAt(root: unknown, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], root);
}
