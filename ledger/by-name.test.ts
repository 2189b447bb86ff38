import fc from "fast-check";
import { expect, test } from "vitest";
import { z } from "zod";
import { byName } from "./by-name.ts";

const schema = z.strictObject({ counts: byName(z.strictObject({ n: z.number() })) });

test("what has any name is kept, and validated", () => {
  const name = fc.oneof(fc.string(), fc.constantFrom("__proto__", "constructor", "toString", "0"));
  fc.assert(
    fc.property(fc.array(fc.tuple(name, fc.nat())), (entries) => {
      const counts = Object.fromEntries(entries.map(([key, n]) => [key, { n }]));
      const text = JSON.stringify({ counts });
      const parsed = schema.parse(JSON.parse(text));
      expect(Object.keys(parsed.counts)).toEqual(Object.keys(counts));
      expect(JSON.stringify(parsed)).toBe(text);
    }),
  );
});

test.each(['{"__proto__": {}}', '{"__proto__": 5}', '{"a": {"n": 1}, "b": {"n": "1"}}', "[]", "null", "1"])(
  "%s is of another form",
  (counts) => {
    expect(schema.safeParse(JSON.parse(`{"counts": ${counts}}`)).success).toBe(false);
  },
);

test("programs are told its form", () => {
  expect(z.toJSONSchema(byName(z.int()))).toMatchObject({
    type: "object",
    additionalProperties: { type: "integer" },
  });
});
