/**
 * The metrics of a run: chosen, dealt out over the resources of the scenario, and written resource by resource.
 */
import type { ValueModel } from "../../template/metadata.ts";
import type { GeneratorConfig } from "../config.ts";
import type { FrameSink } from "../frame-sink.ts";
import type { Random } from "../random.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { carriersOf } from "./carriers/carriers-of.ts";
import { Estate } from "./estate.ts";
import { MetricEncoder } from "./metric-encoder.ts";
import { MetricFrames } from "./metric-frames.ts";
import { isCarriedBy, pointsOn, selectMetrics } from "./selection.ts";
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

interface Entry {
  readonly encoder: MetricEncoder;
  readonly quota: SeriesQuota;
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
  const entries = metrics.map((metric, index) => ({
    encoder: new MetricEncoder(metric, temporality, numbers),
    quota: new SeriesQuota(counts[index]!, range),
  }));
  const frames = new MetricFrames(sink);
  for (const [carrier, list] of Map.groupBy(entries, ({ encoder }) => encoder.metric.carrier)) {
    const errorRate = config.traces.spans.error_rate;
    const resources = carriersOf(carrier, estate, { errorRate });
    await writeResources(resources, byScope(list), frames);
  }
  await frames.flush();
  return {
    metrics: metrics.length,
    series: entries.reduce((sum, { quota }) => sum + quota.dealt, 0),
    models: Object.fromEntries(entries.map(({ encoder }) => [encoder.metric.name, encoder.model()])),
  };
}

/** Take resources of one kind until every metric on them has its series. */
async function writeResources(
  resources: ReturnType<typeof carriersOf>,
  entries: readonly Entry[],
  frames: MetricFrames,
): Promise<void> {
  let open = entries;
  // Resources of equal subjects carry the same metrics, and there are few subjects.
  const bySubjects = new Map<string, readonly Entry[]>();
  let isOneDone = false;
  for (const carrier of resources) {
    if (isOneDone) {
      open = open.filter(({ quota }) => !quota.done);
      bySubjects.clear();
      isOneDone = false;
    }
    if (open.length === 0) return;
    const key = carrier.subjects.join(" ");
    let carried = bySubjects.get(key);
    if (!carried) {
      carried = open.filter(({ encoder }) => isCarriedBy(encoder.metric, carrier));
      bySubjects.set(key, carried);
    }
    for (const { encoder, quota } of carried) {
      const points = quota.take(pointsOn(encoder.metric, carrier));
      isOneDone ||= quota.done;
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
