import { expect, test } from "vitest";
import { isWorthCompiling } from "./worth-compiling.ts";

/** A gigabyte of requests: 40 s of CPU at effort fast, 260 s at best. */
const GIGABYTE = { items: 2_000_000, bodyBytes: 1e9 };
const ENDLESS = Number.POSITIVE_INFINITY;

test.each<[string, Parameters<typeof isWorthCompiling>, boolean]>([
  ["an endless run pays", [GIGABYTE, "zstd-fast", { items: ENDLESS, durationMs: ENDLESS }, 1], true],
  [
    "one that would be over first does not",
    [GIGABYTE, "zstd-fast", { items: ENDLESS, durationMs: 70_000 }, 1],
    false,
  ],
  ["with more threads it does", [GIGABYTE, "zstd-fast", { items: ENDLESS, durationMs: 70_000 }, 2], true],
  ["at effort best it does not", [GIGABYTE, "zstd-best", { items: ENDLESS, durationMs: 70_000 }, 2], false],
  [
    "some passes do not pay",
    [GIGABYTE, "zstd-fast", { items: 20 * 2_000_000, durationMs: ENDLESS }, 1],
    false,
  ],
  ["many passes do", [GIGABYTE, "zstd-fast", { items: 30 * 2_000_000, durationMs: ENDLESS }, 1], true],
  ["gzip pays earlier", [GIGABYTE, "gzip-fast", { items: 20 * 2_000_000, durationMs: ENDLESS }, 1], true],
])("compiling during a run: %s", (_, given, expected) => {
  expect(isWorthCompiling(...given)).toBe(expected);
});
