/**
 * The metrics of a run: chosen, dealt out over the resources of the scenario, and written resource by resource.
 */
import type { ValueModel } from "../../template/metadata.ts";
import type { GeneratorConfig } from "../config.ts";
import type { FrameSink } from "../frame-sink.ts";
import type { Random } from "../random.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { Carrier } from "./carriers/carrier.ts";
import { carriersOf } from "./carriers/carriers-of.ts";
import { Estate } from "./estate.ts";
import { MetricEncoder } from "./metric-encoder.ts";
import { MetricFrames } from "./metric-frames.ts";
import { type Entry, OpenEntries } from "./open-entries.ts";
import { selectMetrics } from "./selection.ts";
import { SeriesQuota, seriesCounts } from "./series.ts";

/** What was written. */
export interface MetricsSummary {
  /** Distinct names. */
  readonly metrics: number;
  /** Distinct series, each one point of the file. */
  readonly series: number;
  /** Value model by name of the metric. */
  readonly models: Record<string, ValueModel>;
}

/**
 * Write all metrics of a config as template frames. Memory depends on the number of metrics, not of series.
 *
 * random  used through forks only, so that other sections do not change what is drawn here
 */
export async function writeMetrics(
  config: GeneratorConfig,
  scenario: Scenario,
  random: Random,
  sink: FrameSink,
): Promise<MetricsSummary> {
  const { metric_count, timeseries_per_metric: range, types, temporality } = config.metrics;
  const estate = new Estate(scenario, random.fork("estate"));
  const metrics = selectMetrics(types, metric_count, estate);
  const counts = seriesCounts(random.fork("series"), metrics.length, range);
  const numbers = random.fork("numbers");
  const models = new Array<ValueModel>(metrics.length);
  const frames = new MetricFrames(sink);
  let series = 0;
  // One kind of resource after the other, so that encoders of no more than one are there at a time.
  for (const [carrier, places] of Map.groupBy(metrics.keys(), (place) => metrics[place]!.carrier)) {
    const entries = places.map((place) => ({
      encoder: new MetricEncoder(metrics[place]!, temporality, numbers),
      quota: new SeriesQuota(counts[place]!, range),
    }));
    const resources = carriersOf(carrier, estate, { errorRate: config.traces.spans.error_rate });
    await writeResources(resources, byScope(entries), frames);
    for (const [index, place] of places.entries()) {
      const { encoder, quota } = entries[index]!;
      models[place] = encoder.model();
      series += quota.dealt;
    }
  }
  await frames.flush();
  return {
    metrics: metrics.length,
    series,
    models: Object.fromEntries(metrics.map(({ name }, place) => [name, models[place]!])),
  };
}

/** Take resources of one kind until every metric on them has its series. */
async function writeResources(
  resources: Iterable<Carrier>,
  entries: readonly Entry[],
  frames: MetricFrames,
): Promise<void> {
  const open = new OpenEntries(entries);
  for (const carrier of resources) {
    const reported = open.on(carrier.subjects);
    if (open.isEmpty) return;
    for (const { encoder, quota } of reported) {
      const points = quota.take(encoder.pointsOn(carrier));
      if (points === 0) continue;
      encoder.write(frames.metric(carrier, encoder.metric.scope, points), carrier, points);
      const flushed = frames.afterMetric();
      if (flushed) await flushed;
    }
    const flushed = frames.afterResource();
    if (flushed) await flushed;
  }
}

/** Metrics of one scope next to each other, otherwise in their order. */
function byScope(entries: readonly Entry[]): Entry[] {
  return [...Map.groupBy(entries, ({ encoder }) => encoder.metric.scope).values()].flat();
}
