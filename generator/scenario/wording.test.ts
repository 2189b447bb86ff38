import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DOMAINS, domainOf } from "./domains.ts";
import { fillIn, idOf, placeholdersOf, placeholderValue, skewedOrdinal } from "./wording.ts";

const anyWord = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const anyDomain = fc.constantFrom(...DOMAINS, domainOf("ledger"));

describe("texts", () => {
  test("are the same for the same word, whatever the word", () => {
    fc.assert(
      fc.property(anyDomain, anyWord, (domain, word) => {
        for (const { text } of domain.messages) {
          const filled = fillIn(text, domain, word);
          expect(filled).toBe(fillIn(text, domain, word));
          expect(filled).not.toMatch(/undefined|NaN|[{}]/);
        }
      }),
      { numRuns: 60 },
    );
  });

  test("say the given values instead of their own, and keep names that nobody knows", () => {
    const domain = DOMAINS[1]!;
    expect(fillIn("{id} in {nowhere}", domain, 1, { id: "x" })).toBe("x in {nowhere}");
    expect(placeholdersOf("{id} of {user}, {n}")).toEqual(["id", "user", "n"]);
    expect(placeholderValue("nowhere", domain, 1)).toBeUndefined();
  });

  test("never say that a thing goes from a state to the same state", () => {
    fc.assert(
      fc.property(anyDomain, anyWord, (domain, word) => {
        if (domain.states.length < 2) return;
        expect(placeholderValue("state", domain, word)).not.toBe(placeholderValue("state2", domain, word));
      }),
    );
  });
});

describe("ids", () => {
  const looks = {
    number: /^\d{5,6}$/,
    uuid: /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  };

  test("look as their domain writes them", () => {
    fc.assert(
      fc.property(anyDomain, anyWord, (domain, word) => {
        const look =
          domain.idStyle === "code"
            ? new RegExp(domain.idPrefix ? `^${domain.idPrefix}-\\d{5}$` : "^[A-Z2-9]{10}$")
            : looks[domain.idStyle];
        expect(idOf(domain, word)).toMatch(look);
      }),
    );
  });

  test("are many, with some that come again and again", () => {
    const orders = domainOf("orders");
    const ids = Array.from({ length: 5000 }, (_, n) => idOf(orders, Math.imul(n + 1, 0x9e3779b1) >>> 0));
    const distinct = new Set(ids).size;
    expect(distinct).toBeGreaterThan(3000);
    expect(distinct).toBeLessThan(4800);
  });
});

test("skewed ordinals stay in their range and favour the low ones", () => {
  fc.assert(
    fc.property(anyWord, fc.integer({ min: 1, max: 2 ** 21 }), (bits, count) => {
      const ordinal = skewedOrdinal(bits, count);
      expect(Number.isInteger(ordinal) && ordinal >= 0 && ordinal < count).toBe(true);
    }),
  );
  const low = Array.from({ length: 4000 }, (_, n) =>
    skewedOrdinal(Math.imul(n, 0x9e3779b1) >>> 0, 100),
  ).filter((n) => n < 25);
  expect(low.length / 4000).toBeGreaterThan(0.5);
});
