/**
 * Metrics as data: names, units, kinds and attributes as the receivers and the conventions have them, numbers in the range of their
 * unit, and numbers of one thing that agree with each other.
 */
import { textsByKey } from "./attributes.ts";
import { CATALOGUE, DURATION_BOUNDS, POINT_VALUES, RETIRED_METRICS } from "./conventions/metric-catalogue.ts";
import type { DataRules } from "./data-rules.ts";
import { GaugeBook } from "./gauge-book.ts";
import type { Metric, MetricKind, Point } from "./requests.ts";
import { nanos } from "./time-window.ts";
import { rangeOf } from "./unit-ranges.ts";
import type { Violations } from "./violations.ts";

export interface MetricDataCounts {
  names: number;
  /** Names that the catalogue knows. */
  catalogued: number;
  series: number;
  seriesPerMetric: { min: number; mean: number; max: number };
  units: Record<string, number>;
  /** Points of histograms with many measurements, and those that lie in one bucket all the same. */
  fullHistograms: number;
  oneBucketHistograms: number;
  /** Comparisons between metrics of one thing that were made, by what they say. */
  comparisons: Record<string, number>;
}

/** Lower case; some receivers of long standing have camel case within. */
const NAME = /^[a-z][a-z0-9]*(?:[._][a-z0-9][A-Za-z0-9]*)+$/;
/** What a name must not end in: units stand in their own field, and totals are for another format. */
const ENDING = /(?:_total|_bytes|_seconds|_milliseconds|_ms|\.total_count)$/;
const UNIT =
  /^(?:|1|%|n?s|ms|us|min|h|d|By|KiBy|MiBy|GiBy|bit|Hz|Cel|V|A|W|J|m|km|g|kg|Pa|rpm|dB|m3|L|\{[A-Za-z_]+\}|(?:By|bit|1|\{[A-Za-z_]+\})\/(?:s|min|h|\{[A-Za-z_]+\}))$/;
const DELTA = 1;
/** How near the mean of series per metric is to be to the default. */
const MEAN_TOLERANCE = 0.02;
/** A counter may run ahead of its rate by 8 s (design, section 6), and doubles begin at 2 or more. */
const LEAD_SECONDS = 12;
/** A histogram of so many measurements usually lies in more than one bucket; what is always quick does not. */
const MANY_COUNTS = 100;
const ONE_BUCKET_SHARE = 0.1;

export class MetricDataCheck {
  readonly counts: MetricDataCounts = {
    names: 0,
    catalogued: 0,
    series: 0,
    seriesPerMetric: { min: 0, mean: 0, max: 0 },
    units: {},
    fullHistograms: 0,
    oneBucketHistograms: 0,
    comparisons: {},
  };
  readonly #rules: DataRules;
  readonly #violations: Violations;
  readonly #book: GaugeBook;
  readonly #known = new Set<string>();

  constructor(rules: DataRules, violations: Violations) {
    this.#rules = rules;
    this.#violations = violations;
    this.#book = new GaugeBook(violations);
  }

  add(
    point: Point,
    metric: Metric,
    kind: MetricKind,
    resource: ReadonlyMap<string, string>,
    where: () => string,
  ): void {
    if (!this.#known.has(metric.name)) {
      this.#known.add(metric.name);
      this.#checkName(metric, kind, where);
    }
    const attributes = textsByKey(point);
    this.#checkForm(point, metric, kind, where);
    this.#checkAttributes(metric.name, attributes, where);
    if (isHistogram(kind)) {
      this.#checkHistogram(point, metric);
      return;
    }
    const value = Number(point.asInt ?? point.asDouble);
    const isCounter = kind === "sum" && metric.sum?.isMonotonic === true;
    this.#checkNumber(point, value, metric, isCounter, where);
    if (!isCounter && Number.isFinite(value)) this.#book.note(metric.name, value, resource, attributes);
  }

  /** How many series each name has. */
  setSeries(seriesByName: ReadonlyMap<string, number>): void {
    const counts = [...seriesByName.values()];
    if (counts.length === 0) return;
    const series = counts.reduce((sum, one) => sum + one, 0);
    const mean = series / counts.length;
    const [min, max] = [counts.reduce((a, b) => Math.min(a, b)), counts.reduce((a, b) => Math.max(a, b))];
    this.counts.series = series;
    this.counts.seriesPerMetric = { min, mean: Math.round(mean * 100) / 100, max };
    const wanted = this.#rules.seriesPerMetric;
    if (!wanted) return;
    for (const [name, count] of seriesByName) {
      if (count >= wanted.min && count <= wanted.max) continue;
      this.#violations.add("a metric has too few or too many series", () => `${name}: ${count}`);
    }
    if (Math.abs(mean - wanted.default) > MEAN_TOLERANCE * wanted.default + 0.5) {
      this.#violations.add(
        "the mean of series per metric is not the default",
        () => `${mean}, not ${wanted.default}`,
      );
    }
  }

  finish(): void {
    this.counts.names = this.#known.size;
    this.counts.catalogued = [...this.#known].filter((name) => CATALOGUE.has(name)).length;
    this.counts.comparisons = this.#book.compare();
    const { fullHistograms, oneBucketHistograms } = this.counts;
    if (oneBucketHistograms <= ONE_BUCKET_SHARE * fullHistograms) return;
    const example = () =>
      `${oneBucketHistograms} of ${fullHistograms} with ${MANY_COUNTS} measurements and more`;
    this.#violations.add("many histograms fill one bucket", example);
  }

  #checkName({ name, unit = "" }: Metric, kind: MetricKind, where: () => string): void {
    this.counts.units[unit] = (this.counts.units[unit] ?? 0) + 1;
    const add = (rule: string) => this.#violations.add(rule, () => `${name} (${unit}, ${kind}): ${where()}`);
    if (!NAME.test(name)) add("a metric's name is not dotted lower case");
    if (ENDING.test(name)) add("a metric's name ends in its unit or in total");
    if (!UNIT.test(unit)) add("a unit is not known");
    if (RETIRED_METRICS[name]) add("a metric's name was replaced");
  }

  #checkForm(point: Point, metric: Metric, kind: MetricKind, where: () => string): void {
    const sum = metric.sum;
    const isUpDown = sum !== undefined && sum.isMonotonic !== true;
    if (isUpDown && sum.aggregationTemporality === DELTA) {
      this.#violations.add("an up-down counter sends differences", where);
    }
    const known = CATALOGUE.get(metric.name);
    if (!known) return;
    const form = isHistogram(kind) ? "hist" : kind === "gauge" ? "gauge" : isUpDown ? "sum-" : "sum+";
    const number = isHistogram(kind) ? undefined : point.asInt === undefined ? "dbl" : "int";
    const add = (found: string, expected: string) =>
      this.#violations.add(
        `a metric is not as catalogued: ${metric.name}`,
        () => `${found}, not ${expected}: ${where()}`,
      );
    if (form !== known.form) add(form, known.form);
    if (number !== known.number) add(`${number}`, `${known.number}`);
    if ((metric.unit ?? "") !== known.unit) add(`unit "${metric.unit}"`, `"${known.unit}"`);
  }

  #checkAttributes(name: string, attributes: ReadonlyMap<string, string>, where: () => string): void {
    const allowed = CATALOGUE.get(name)?.attributes;
    for (const [key, value] of attributes) {
      if (allowed && !allowed.includes(key)) {
        this.#violations.add(`a point has an attribute that is not catalogued: ${name} ${key}`, where);
      }
      for (const { prefix, key: other, values } of POINT_VALUES) {
        if (key !== other || !name.startsWith(prefix) || values.has(value)) continue;
        const isNarrowed = POINT_VALUES.some(
          (one) => one.key === key && one.prefix.length > prefix.length && name.startsWith(one.prefix),
        );
        if (!isNarrowed)
          this.#violations.add(
            `a point's value is not one of the catalogued: ${name} ${key}`,
            () => `${value}: ${where()}`,
          );
      }
    }
  }

  #checkNumber(
    point: Point,
    value: number,
    { name, unit = "" }: Metric,
    isCounter: boolean,
    where: () => string,
  ): void {
    const range = rangeOf(name, unit);
    const { min, max, whole } = isCounter ? { ...range, max: Number.POSITIVE_INFINITY } : range;
    if (value < min || value > max) {
      this.#violations.add(
        `a value is out of its unit's range: ${unit}`,
        () => `${name} = ${value}, not ${min} to ${max}: ${where()}`,
      );
    }
    if (whole && !Number.isInteger(value)) {
      this.#violations.add("a count has a fraction", () => `${name} = ${value} ${unit}: ${where()}`);
    }
    if (isCounter) this.#checkRate(point, value, name, where);
  }

  /** Time counters: what runs on one CPU rises by a second a second, less or more what stamping lets a counter lead. */
  #checkRate(point: Point, value: number, name: string, where: () => string): void {
    const elapsed = Number(nanos(point.timeUnixNano) - nanos(point.startTimeUnixNano)) / 1e9;
    const limit =
      name === "system.cpu.time" || name.endsWith(".uptime")
        ? 1
        : name.endsWith(".cpu.time")
          ? 256
          : undefined;
    if (limit === undefined || !(elapsed >= 0)) return;
    if (value > limit * (elapsed * 1.05 + LEAD_SECONDS)) {
      this.#violations.add(
        "a time counter outruns the clock",
        () => `${name} = ${value} after ${elapsed} s: ${where()}`,
      );
    }
  }

  #checkHistogram(point: Point, { name }: Metric): void {
    const buckets = (point.bucketCounts ?? point.positive?.bucketCounts ?? []).map(Number);
    const filled = buckets.filter((count) => count > 0).length;
    if (Number(point.count ?? 0) >= MANY_COUNTS) {
      this.counts.fullHistograms++;
      if (filled < 2) this.counts.oneBucketHistograms++;
    }
    const settled = DURATION_BOUNDS.get(name);
    if (settled && point.explicitBounds && point.explicitBounds.join(" ") !== settled) {
      this.#violations.add(
        "a histogram's bounds are not the conventions'",
        () => `${name}: ${point.explicitBounds!.join(" ")}`,
      );
    }
  }
}

function isHistogram(kind: MetricKind): boolean {
  return kind === "histogram" || kind === "exponentialHistogram";
}
