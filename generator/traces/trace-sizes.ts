/**
 * How many spans each trace has: normally distributed, and among them the high-span traces, spread evenly.
 */
import type { GeneratorConfig } from "../config.ts";
import type { Random } from "../random.ts";

/** The sizes of all traces of a config, in file order; each at least 1. */
export function* traceSizes({ count, spans }: GeneratorConfig["traces"], random: Random): Generator<number> {
  const { avg_per_trace, std_dev, high_span_traces: large } = spans;
  const largeCount = large.enabled ? large.count : 0;
  let written = 0;
  // A trace has one span at least. What that adds, larger traces give back, so that the mean stays as asked.
  let debt = 0;
  for (let trace = 0; trace < count; trace++) {
    let size = Math.round(random.normal(avg_per_trace, std_dev));
    if (size < 1) {
      debt += 1 - size;
      size = 1;
    } else if (debt > 0 && size > 1) {
      size--;
      debt--;
    }
    yield size;
    for (; written < Math.floor(((trace + 1) * largeCount) / count); written++) yield large.span_count;
  }
  for (; written < largeCount; written++) yield large.span_count;
}
