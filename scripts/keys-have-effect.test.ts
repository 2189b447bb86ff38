/** No key of the generator is without effect, and none changes a signal that it is not about. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { generatorConfigSchema } from "../generator/config.ts";
import { generate } from "../generator/generate.ts";
import type { Signal } from "../otlp/signal.ts";
import { CONFIGS, keysOf } from "./documented-configs.ts";

type Settings = Record<string, unknown>;

/** Small, with something of everything. */
const BASE: Settings = {
  seed: 7,
  "traces.count": 60,
  "traces.spans.avg_per_trace": 9,
  "traces.spans.error_rate": 0.1,
  "traces.services.names": ["web", "user-service", "order-service", "payment-service"],
  "metrics.metric_count": 60,
  "metrics.timeseries_per_metric": { min: 2, max: 12, default: 5 },
  "metrics.types": ["host_metrics", "k8s_pod", "application"],
  "logs.count": 400,
};
const SHARES = {
  http_access: { percentage: 40 },
  application: { percentage: 40 },
  system: { percentage: 20 },
};
const FAT = { "traces.custom_attributes.per_span_min": 1, "traces.custom_attributes.per_span_max": 3 };
const LARGE = { "traces.spans.high_span_traces": { count: 1, span_count: 300 } };
const ALL: Signal[] = ["traces", "metrics", "logs"];

/** A key, a value, the signals that must change, those that may besides (logs tell of spans, metrics count them), and what else is set. */
const ROWS: [key: string, value: unknown, must: Signal[], may?: Signal[], context?: Settings][] = [
  ["seed", 8, ALL],
  ["traces.count", 61, ["traces"], ["logs"]],
  ["traces.semconv", "old", ["traces"], ["logs"]],
  ["traces.spans.avg_per_trace", 14, ["traces"], ["logs"]],
  ["traces.spans.std_dev", 1, ["traces"], ["logs"]],
  ["traces.spans.error_rate", 0.3, ["traces"], ["metrics", "logs"]],
  ["traces.spans.high_span_traces.enabled", false, ["traces"], ["logs"], LARGE],
  ["traces.spans.high_span_traces.count", 2, ["traces"], ["logs"], LARGE],
  ["traces.spans.high_span_traces.span_count", 301, ["traces"], ["logs"], LARGE],
  ["traces.services.count", 6, ALL],
  ["traces.services.names", ["web", "user-service", "order-service", "stock-service"], ALL],
  ["traces.services.instances", 2, ALL],
  ["traces.services.ingress.single", false, ["traces", "logs"], ["metrics"]],
  ["traces.services.ingress.service", "user-service", ["traces", "logs"], ["metrics"]],
  [
    "traces.services.ingress.services",
    ["web", "user-service"],
    ["traces", "logs"],
    ["metrics"],
    { "traces.services.ingress.single": false },
  ],
  ["traces.services.namespaces", ["front", "back"], ALL],
  ["traces.services.namespace_assignments", { "user-service": "people" }, ALL],
  ["traces.custom_attributes.count", 11, ["traces"]],
  ["traces.custom_attributes.probability", 0.6, ["traces"]],
  ["traces.custom_attributes.per_span_min", 2, ["traces"], [], FAT],
  ["traces.custom_attributes.per_span_max", 4, ["traces"], [], FAT],
  ["traces.custom_attributes.value_bytes", 65, ["traces"], [], FAT],
  ["traces.custom_attributes.key_prefix", "blob", ["traces"], [], FAT],
  [
    "traces.root.rootless.enabled",
    false,
    ["traces"],
    ["logs"],
    { "traces.root.rootless": { percentage: 30 } },
  ],
  ["traces.root.rootless.percentage", 30, ["traces"], ["logs"]],
  [
    "traces.root.late_root.enabled",
    false,
    ["traces"],
    ["logs"],
    { "traces.root.late_root": { percentage: 30 } },
  ],
  ["traces.root.late_root.percentage", 30, ["traces"], ["logs"]],
  ["traces.root.late_root.delay_ms", 50, ["traces"], [], { "traces.root.late_root": { percentage: 30 } }],
  ["metrics.metric_count", 61, ["metrics"]],
  ["metrics.timeseries_per_metric.min", 5, ["metrics"]],
  ["metrics.timeseries_per_metric.max", 6, ["metrics"]],
  ["metrics.timeseries_per_metric.default", 6, ["metrics"]],
  ["metrics.types", ["runtime"], ["metrics"]],
  ["metrics.temporality", "delta", ["metrics"]],
  ["logs.count", 401, ["logs"]],
  [
    "logs.types.http_access.percentage",
    45,
    ["logs"],
    [],
    { "logs.types": { ...SHARES, system: { percentage: 15 } } },
  ],
  [
    "logs.types.application.percentage",
    45,
    ["logs"],
    [],
    { "logs.types": { ...SHARES, system: { percentage: 15 } } },
  ],
  [
    "logs.types.system.percentage",
    25,
    ["logs"],
    [],
    { "logs.types": { ...SHARES, application: { percentage: 35 } } },
  ],
  ["logs.types.application.services", 1, ["logs"], [], { "logs.types": SHARES }],
];

/** Where files go is told by file names, which other tests look at; the others have no effect, and say so. */
const LEFT_OUT = ["output.directory", "output.prefix", "limits.max_memory_gb", "limits.allow_unbounded"];

const root = mkdtempSync(join(tmpdir(), "stampede-keys-"));
afterAll(() => rmSync(root, { recursive: true }));

/** A config from settings by path; a later path is laid into what an earlier one has set. */
function configOf(settings: Settings) {
  const config: Settings = {};
  for (const [path, value] of Object.entries(settings)) {
    const steps = path.split(".");
    let section = config;
    for (const step of steps.slice(0, -1)) {
      section[step] ??= {};
      section = section[step] as Settings;
    }
    section[steps.at(-1)!] = structuredClone(value);
  }
  return generatorConfigSchema.parse(config);
}

/** What a config makes, by signal: the hash of the file, and what only the metadata tells. */
async function made(settings: Settings): Promise<Record<Signal, string>> {
  const { signals, lateRoots } = await generate(configOf(settings), {
    outputDir: root,
    createdAt: "2026-01-02T03:04:05.000Z",
  });
  const of = (signal: Signal) => signals[signal]?.sha256 ?? "";
  return { traces: `${of("traces")} ${JSON.stringify(lateRoots)}`, metrics: of("metrics"), logs: of("logs") };
}

test("every key has a row here", () => {
  const keys = keysOf(CONFIGS[0]!.root).filter(({ section }) => !section);
  const tested = new Set([...ROWS.map(([key]) => key), ...LEFT_OUT]);
  expect(keys.map(({ path }) => path).filter((path) => !tested.has(path))).toEqual([]);
});

test.each(ROWS)(
  "%s: %j changes %j, and nothing else but %j",
  async (key, value, must, may = [], context = {}) => {
    // Shares are moved in both at once, so that they always sum to 100.
    const isShare = /^logs\.types\.\w+\.percentage$/.test(key);
    const without = await made({ ...BASE, ...(isShare ? {} : context) });
    const withKey = await made({ ...BASE, ...context, [key]: value });
    const changed = ALL.filter((signal) => without[signal] !== withKey[signal]);
    expect(
      must.filter((signal) => !changed.includes(signal)),
      "does not change",
    ).toEqual([]);
    expect(
      changed.filter((signal) => !must.includes(signal) && !may.includes(signal)),
      "changes as well",
    ).toEqual([]);
  },
);
