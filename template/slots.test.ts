import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  frozenInstanceId,
  INSTANCE_ID_CHARACTERS,
  INSTANCE_TEXT_BYTES,
  INSTANCE_TEXT_FROM,
  instanceText,
  TIME_TEXTS,
} from "./slots.ts";

const block = fc.integer({ min: 0, max: 2 ** 48 - 1 });
const instance = fc.integer({ min: 0, max: 2 ** 40 - 1 });

describe("service.instance.id", () => {
  test("has the shape of a version 8 UUID, whatever it numbers", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), block, instance, (resource, b, i) => {
        const id = frozenInstanceId(resource).slice(0, INSTANCE_TEXT_FROM) + instanceText(b, i);
        expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-9[0-9a-f]{3}-[0-9a-f]{12}$/);
        expect(id.length).toBe(INSTANCE_ID_CHARACTERS);
      }),
    );
  });

  test("leads back to resource, block and instance", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), block, instance, (resource, b, i) => {
        const digits = (
          frozenInstanceId(resource).slice(0, INSTANCE_TEXT_FROM) + instanceText(b, i)
        ).replaceAll("-", "");
        const number = (from: number, to: number) => Number.parseInt(digits.slice(from, to), 16);
        expect(number(0, 8)).toBe(resource);
        expect(Number.parseInt(digits.slice(8, 12) + digits.slice(13, 16) + digits.slice(17, 22), 16)).toBe(
          b,
        );
        expect(number(22, 32)).toBe(i);
      }),
    );
  });

  test("is frozen with block and instance zero", () => {
    expect(frozenInstanceId(0x1f)).toBe("0000001f-0000-8000-9000-000000000000");
    expect(instanceText(0, 0).length).toBe(INSTANCE_TEXT_BYTES);
  });
});

describe("texts of times", () => {
  test("are told apart: none stands inside another", () => {
    for (const one of TIME_TEXTS) {
      for (const other of TIME_TEXTS) if (one !== other) expect(one.zero).not.toContain(other.zero);
    }
  });
});
