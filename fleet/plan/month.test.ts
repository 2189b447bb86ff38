import { expect, test } from "vitest";
import { monthOf } from "./month.ts";
import { REQUEST, TRAFFIC } from "./test-plan.ts";

const MONTH = 30 * 86_400;

test("Honeycomb counts span events and links, and data points apart", () => {
  const { honeycomb, items, plainBytes } = monthOf(1000, TRAFFIC, REQUEST.exporter, true);
  expect(items).toEqual({ traces: 500 * MONTH, metrics: 250 * MONTH, logs: 250 * MONTH });
  expect(plainBytes).toBe(1000 * 500 * MONTH);
  expect(honeycomb!.events).toBeCloseTo((500 * 1.1 + 250) * MONTH, 3);
  expect(honeycomb!.spanEventsAndLinks).toBeCloseTo(50 * MONTH, 3);
  expect(honeycomb!.dataPoints).toBe(250 * MONTH);
  expect(honeycomb!.metricEvents).toBeCloseTo(100 * MONTH, 3);
});

test("others are sent items, of the signals that they take", () => {
  const traces = { signals: ["traces" as const] };
  expect(monthOf(1000, TRAFFIC, traces, false)).toEqual({
    items: { traces: 500 * MONTH },
    plainBytes: 500 * 500 * MONTH,
  });
});
