import fc from "fast-check";
import { expect, test } from "vitest";
import { DynamicTable } from "./dynamic-table.ts";
import { type Field, fieldOf } from "./static-table.ts";

test("a table has the newest fields that fit, whatever was added and however its size changed", () => {
  const maxBytes = 400;
  const steps = fc.array(
    fc.oneof(
      { weight: 10, arbitrary: fc.record({ add: fc.string({ maxLength: 100 }) }) },
      { weight: 1, arbitrary: fc.record({ add: fc.string({ minLength: 350, maxLength: 400 }) }) },
      { weight: 2, arbitrary: fc.record({ resize: fc.integer({ min: 0, max: maxBytes }) }) },
    ),
    { maxLength: 100 },
  );
  fc.assert(
    fc.property(steps, (doneSteps) => {
      const table = new DynamicTable(maxBytes);
      let size = maxBytes;
      const expected: Field[] = [];
      for (const [i, step] of doneSteps.entries()) {
        const version = table.version;
        if ("add" in step) {
          const field = fieldOf(String(i), step.add);
          table.add(field);
          expected.unshift(field);
        } else {
          size = step.resize;
          table.resize(size);
        }
        expect(table.version).toBeGreaterThan(version);
        while (sum(expected) > size) expected.pop();
        expect(table.length).toBe(expected.length);
        expect(expected.map((_, index) => table.get(index))).toEqual(expected);
        expect(table.get(expected.length)).toBeUndefined();
      }
    }),
    { numRuns: 300 },
  );
});

function sum(fields: readonly Field[]): number {
  return fields.reduce((bytes, field) => bytes + field.bytes, 0);
}
