import { expect, test } from "vitest";
import { pointWith } from "../test-run.ts";
import { recentOf } from "./recent.ts";

test("without history nothing is known", () => {
  expect(recentOf([])).toBeUndefined();
});

test("the present is the mean of the last three seconds, the plan that of the last one", () => {
  const points = [10, 100, 110, 120].map((sent, id) => pointWith(id, { sent }, { plannedPerSecond: sent }));
  expect(recentOf(points)).toMatchObject({ sent: 110, planned: 120 });
});

test("latency is the newest that was measured", () => {
  const latencyMs = { p50: 1, p90: 2, p99: 3, max: 4 };
  expect(recentOf([pointWith(1, {}, { latencyMs }), pointWith(2)])?.latencyMs).toEqual(latencyMs);
});
