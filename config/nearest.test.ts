import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nearest } from "./nearest.ts";

const KEYS = ["endpoint", "protocol", "compression", "headers", "insecure", "tls", "timeout", "rate_limit"];

describe("nearest", () => {
  test.each([
    ["endpont", "endpoint"],
    ["end_point", "endpoint"],
    ["protocl", "protocol"],
    ["header", "headers"],
    ["rate-limit", "rate_limit"],
    ["rateLimit", "rate_limit"],
    ["RATE_LIMIT", "rate_limit"],
    ["tsl", "tls"],
    ["TimeOut", "timeout"],
  ])("%s means %s", (word, meant) => expect(nearest(word, KEYS)).toBe(meant));

  test.each(["password", "x", "", "batch_size"])("%j means none of them", (word) => {
    expect(nearest(word, KEYS)).toBeUndefined();
  });

  test("a candidate with one letter less is found among any others", () => {
    fc.assert(
      fc.property(fc.constantFrom(...KEYS.filter((key) => key.length > 4)), fc.nat(20), (key, at) => {
        const cut = at % key.length;
        expect(nearest(key.slice(0, cut) + key.slice(cut + 1), KEYS)).toBe(key);
      }),
    );
  });
});
