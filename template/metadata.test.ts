import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { metadataSchema } from "./metadata.ts";

const valid = {
  format: 1,
  generator: "stampede 0.1.0",
  createdAt: "2026-11-21T10:00:00.000Z",
  seed: 42,
  config: {},
  signals: { logs: { file: "telemetry-logs.pb", sha256: "", bytes: 1, frames: 1, items: 1, linked: 1 } },
  lateRoots: [{ trace: 3, delayMs: 1500 }],
  instanceAttribute: "service.instance.id",
  metrics: { "system.cpu.time": { kind: "sum", value: "double", firstByte: 3, width: 4 } },
};

describe("metadata", () => {
  test("of the format's description is valid, and says what it says", () => {
    const description = readFileSync(new URL("../docs/template-format.md", import.meta.url), "utf8");
    const example = description
      .match(/```yaml\n([\s\S]*?)```/)![1]!
      .replaceAll("...,", '"",')
      .replace("config: {...}", "config: {}");
    const metadata = metadataSchema.parse(parse(example));
    expect(Object.keys(metadata.signals)).toEqual(["traces", "metrics", "logs"]);
    expect(metadata.metrics["system.memory.usage"]).toMatchObject({ kind: "gauge", spread: 0.1, min: 0 });
  });

  test("has only the signals that have a file", () => {
    expect(metadataSchema.parse(valid)).toEqual(valid);
  });

  test.each([
    ["another format", { ...valid, format: 2 }, "format"],
    ["a negative count", { ...valid, signals: { logs: { ...valid.signals.logs, items: -1 } } }, "items"],
    ["an unknown kind", withModel({ kind: "summary" }), "kind"],
    ["a spread beyond 1", withModel({ spread: 1.5 }), "spread"],
    ["bytes beyond the eighth", withModel({ firstByte: 6, width: 3 }), "width"],
  ])("with %s is refused, and the field named", (_, metadata, field) => {
    const { error } = metadataSchema.safeParse(metadata);
    expect(error?.issues[0]?.path.at(-1)).toBe(field);
  });
});

function withModel(change: object): object {
  const model = { kind: "gauge", value: "int", firstByte: 0, width: 4, ...change };
  return { ...valid, metrics: { "system.memory.usage": model } };
}
