import type { Signal } from "../signal.ts";
import { expectMessage } from "./expect.ts";
import { ItemCursor } from "./items.ts";
import { FieldCursor } from "./wire.ts";

const items = new ItemCursor();
const metric = new FieldCursor();
const data = new FieldCursor();

/**
 * Spans, data points or log records in an encoded Export*ServiceRequest.
 *
 * Walks the envelopes down to the items and steps over the items themselves. Throws WireError when a field of the
 * envelopes leaves its message; what stands inside an item is not looked at.
 */
export function countItems(signal: Signal, body: Uint8Array): number {
  let count = 0;
  items.enter(body);
  while (items.next()) count += signal === "metrics" ? countPoints(body, items.from, items.to) : 1;
  return count;
}

/** True for the fields of Metric's one-of: gauge, sum, histogram, exponential_histogram, summary. */
export function isMetricData(field: number): boolean {
  return field === 7 || field === 5 || field === 9 || field === 10 || field === 11;
}

function countPoints(body: Uint8Array, from: number, to: number): number {
  let points = 0;
  metric.enter(body, from, to);
  while (metric.next()) {
    if (!isMetricData(metric.field)) continue;
    expectMessage(metric);
    data.enter(body, metric.from, metric.to);
    while (data.next()) {
      if (data.field !== 1) continue;
      expectMessage(data);
      points++;
    }
  }
  return points;
}
