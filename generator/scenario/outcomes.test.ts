import { describe, expect, test } from "vitest";
import { generatorConfigSchema } from "../config.ts";
import { Random } from "../random.ts";
import { codeOf, EXTERNAL_FAILURES, failuresOf, isServerFault, refusalsOf } from "./outcomes.ts";
import { buildScenario } from "./scenario.ts";

const { operations } = buildScenario(
  generatorConfigSchema.parse({ traces: { services: { count: 10 } } }),
  new Random(1),
);

describe("outcomes", () => {
  test("are failures of the server's own, or refusals, never both", () => {
    for (const operation of operations) {
      for (const { code } of failuresOf(operation))
        expect(isServerFault(operation.protocol, code)).toBe(true);
      for (const { code } of refusalsOf(operation)) {
        expect(isServerFault(operation.protocol, code)).toBe(false);
        expect(code > 0).toBe(true);
      }
    }
  });

  test("come as often as their weights say", () => {
    const random = new Random(4);
    const lists = [EXTERNAL_FAILURES, failuresOf(operations[0]!), refusalsOf(operations[0]!)];
    for (const list of lists) {
      const total = list.reduce((sum, { weight }) => sum + weight, 0);
      const counts = new Map<number, number>();
      for (let n = 0; n < 20_000; n++) {
        const code = codeOf(list, random.word());
        counts.set(code, (counts.get(code) ?? 0) + 1);
      }
      for (const { code, weight } of list) {
        expect(Math.abs((counts.get(code) ?? 0) / 20_000 - weight / total)).toBeLessThan(0.015);
      }
    }
  });

  test("list the heaviest first", () => {
    for (const list of [EXTERNAL_FAILURES, ...operations.map(failuresOf), ...operations.map(refusalsOf)]) {
      const weights = list.map(({ weight }) => weight);
      expect(weights).toEqual(weights.toSorted((a, b) => b - a));
    }
  });
});
