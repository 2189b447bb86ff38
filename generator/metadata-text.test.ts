import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import type { TemplateMetadata, ValueModel } from "../template/metadata.ts";
import { generatorConfigSchema } from "./config.ts";
import { metadataText } from "./metadata-text.ts";

const model = (index: number): ValueModel => ({
  kind: "gauge",
  value: "double",
  firstByte: index % 5,
  width: 3,
  spread: 0.125,
  min: 0,
  max: index / 3,
});

const withMetrics = (count: number): TemplateMetadata => ({
  format: 1,
  generator: "stampede",
  createdAt: "2026-01-01T00:00:00.000Z",
  seed: 42,
  config: generatorConfigSchema.parse({}),
  signals: {},
  lateRoots: [{ trace: 3, delayMs: 1500 }],
  instanceAttribute: "service.instance.id",
  metrics: Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`some.metric_${index}`, model(index)]),
  ),
});

describe("the text of metadata", () => {
  it.each([0, 1, 499, 500, 501, 1730])("is what the whole is as YAML, with %i metrics", (count) => {
    const metadata = withMetrics(count);
    const whole = stringify(metadata, { aliasDuplicateObjects: false, lineWidth: 0 });
    expect([...metadataText(metadata)].join("")).toBe(whole);
  });
});
