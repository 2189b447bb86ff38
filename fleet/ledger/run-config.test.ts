import fc from "fast-check";
import { expect, test } from "vitest";
import { boundedConfig } from "./run-config.ts";

test("a configuration that can be written is kept as it is", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), (config) => {
      fc.pre(config !== null && JSON.stringify(config).length <= 64 * 1024);
      expect(boundedConfig(config)).toBe(config);
    }),
  );
});

test.each([
  ["none", undefined],
  ["null", null],
  ["a list of 100,000 brackets", JSON.parse(`${"[".repeat(100_000)}${"]".repeat(100_000)}`)],
  ["objects in objects", JSON.parse(`${'{"a":'.repeat(5000)}1${"}".repeat(5000)}`)],
  ["100 kB of text", { text: "x".repeat(100_000) }],
])("%s is none", (_, config) => {
  expect(boundedConfig(config)).toBeUndefined();
});
