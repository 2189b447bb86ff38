/**
 * What a metric is before it has points: name, unit, kind, how its numbers look, and along which attributes it is split.
 *
 * A catalogue is a list of these. The resources that carry a metric, and how many, are settled when series are dealt out.
 */
import type { Attributes, AttributeValue } from "../attributes.ts";
import type { MetricType } from "../config.ts";

/** One value of a dimension: the attributes it sets on a point, and its share of the metric's amount. */
export interface DimensionValue {
  readonly attributes: Attributes;
  readonly weight: number;
}

/** Lists that a resource brings along, because they differ from one resource to the next. */
export type ListName =
  | "cpu"
  | "disk"
  | "mount"
  | "mountBytes"
  | "interface"
  | "operation"
  | "peer"
  | "query"
  | "topic";

/** A way to split a metric: values known here, or a list of the resource. */
export type Dimension = readonly DimensionValue[] | ListName;

/** What kind of thing reports a metric; resources.ts makes them. */
export type CarrierKind =
  | "host"
  | "process"
  | "node"
  | "pod"
  | "container"
  | "deployment"
  | "replicaSet"
  | "autoscaler"
  | "podObject"
  | "containerObject"
  | "nodeObject"
  | "apiServer"
  | "etcd"
  | "scheduler"
  | "controller"
  | "service"
  | "database"
  | "broker";

/** Amounts that a resource brings along. */
export type AmountName =
  | "cpus"
  | "memory"
  | "cpuRequest"
  | "cpuLimit"
  | "memoryRequest"
  | "memoryLimit"
  | "restarts"
  | "replicas";

export interface Scope {
  readonly name: string;
  readonly version: string;
}

/**
 * How the numbers of a gauge, up-down counter or counter look.
 *
 *   int   as_int, a multiple of 256^grid
 *   fine  double, a multiple of 2^-13 in [2^-9, 2)
 *   wide  double, a multiple of 1/128 in [2, 131072)
 */
export interface NumberShape {
  readonly form: "int" | "fine" | "wide";
  /** Of integers: 0, 1 or 2. */
  readonly grid: number;
  /** Level of one resource, in the metric's unit; of counters: per hour. Times the weights, it is a point's number. */
  readonly low: number;
  readonly high: number;
  /** The levels are shares of this amount of the resource. */
  readonly of: AmountName | undefined;
  /** Gauges: half-width of the band, relative to its middle. */
  readonly spread: number;
  /** Gauges: bounds that no value passes; absent: as the band of the largest has it. */
  readonly min: number;
  readonly max: number | undefined;
}

interface Common {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
  readonly type: MetricType;
  readonly carrier: CarrierKind;
  readonly scope: Scope;
  readonly dimensions: readonly Dimension[];
  /** Only resources of this subject (a service's name, a language) carry it. */
  readonly only: string | undefined;
}

export interface NumberMetric extends Common {
  readonly kind: "gauge" | "upDownCounter" | "counter";
  readonly number: NumberShape;
}

/** Events per hour and resource, before weights. */
export interface EventRate {
  readonly low: number;
  readonly high: number;
}

export interface HistogramMetric extends Common {
  readonly kind: "histogram";
  readonly rate: EventRate;
  readonly bounds: readonly number[];
  /** Bucket of the fastest events. */
  readonly firstLive: number;
}

export interface ExponentialHistogramMetric extends Common {
  readonly kind: "exponentialHistogram";
  readonly rate: EventRate;
  /** Bucket i covers (2^(i / 2^scale), 2^((i + 1) / 2^scale)]. */
  readonly scale: number;
  /** Index of the first bucket. */
  readonly offset: number;
}

export type MetricDefinition = NumberMetric | HistogramMetric | ExponentialHistogramMetric;

// ---- numbers -------------------------------------------------------------------------------------------------

const FINE_MIN = 2 ** -9;
const WIDE_MIN = 2;

const STILL = { spread: 0 };

type Bounds = { spread?: number; min?: number; max?: number };

function shape(
  form: NumberShape["form"],
  grid: number,
  low: number,
  high: number,
  bounds: Bounds,
): NumberShape {
  const lowest = form === "fine" ? FINE_MIN : form === "wide" ? WIDE_MIN : 0;
  return {
    form,
    grid,
    low,
    high,
    of: undefined,
    spread: bounds.spread ?? 0.125,
    min: bounds.min ?? lowest,
    max: bounds.max,
  };
}

/** Whole numbers. */
export const whole = (low: number, high: number, bounds: Bounds = {}) => shape("int", 0, low, high, bounds);

/** A whole number that does not move. */
export const constant = (low: number, high = low) => whole(low, high, { spread: 0 });

/** Amounts of data in multiples of 256 bytes: traffic. */
export const traffic = (low: number, high: number, bounds: Bounds = {}) => shape("int", 1, low, high, bounds);

/** Amounts of data in multiples of 64 KiB: memory and storage. */
export const storage = (low: number, high: number, bounds: Bounds = {}) => shape("int", 2, low, high, bounds);

/** Shares of an amount that the resource has. */
export const share = (of: AmountName, like: NumberShape): NumberShape => ({ ...like, of });

/** An amount that the resource has, and that does not move. */
export const exactly = (of: AmountName, form: "int" | "fine" | "storage" = "int"): NumberShape =>
  share(
    of,
    form === "fine" ? fine(1, 1, STILL) : form === "storage" ? storage(1, 1, STILL) : whole(1, 1, STILL),
  );

/** A ratio in [2^-9, 1). */
export const ratio = (low: number, high: number) =>
  shape("fine", 0, low, high, { max: 1 - 2 ** -13, spread: 0.25 });

/** Doubles in [2^-9, 2). */
export const fine = (low: number, high: number, bounds: Bounds = {}) => shape("fine", 0, low, high, bounds);

/** Doubles in [2, 131072); counters: per hour, at most 5,400, so that a day fits. */
export const wide = (low: number, high: number, bounds: Bounds = {}) => shape("wide", 0, low, high, bounds);

// ---- dimensions ----------------------------------------------------------------------------------------------

/** Split along one attribute: values with their weights, or values that weigh the same. */
export function by(
  key: string,
  values: Readonly<Record<string, number>> | readonly AttributeValue[],
): DimensionValue[] {
  const weighted = isList(values)
    ? values.map((value) => [value, 1] as const)
    : Object.entries(values).map(([value, weight]) => [value, weight] as const);
  return weighted.map(([value, weight]) => ({ attributes: { [key]: value }, weight }));
}

function isList(values: object): values is readonly AttributeValue[] {
  return Array.isArray(values);
}

// ---- metrics -------------------------------------------------------------------------------------------------

/** Where a list of metrics comes from. */
export interface Origin {
  type: MetricType;
  carrier: CarrierKind;
  scope: Scope;
  only?: string;
}

type NumberKind = NumberMetric["kind"];

/** Constructors of the metrics of one origin, short enough that a catalogue reads as a table. */
export function metricsOf(origin: Origin) {
  const common = (
    name: string,
    unit: string,
    description: string,
    dimensions: readonly Dimension[],
  ): Common => ({
    name,
    unit,
    description,
    type: origin.type,
    carrier: origin.carrier,
    scope: origin.scope,
    dimensions,
    only: origin.only,
  });
  const ofNumbers =
    (kind: NumberKind) =>
    (
      name: string,
      unit: string,
      number: NumberShape,
      description: string,
      ...dimensions: Dimension[]
    ): MetricDefinition => ({
      ...common(name, unit, description, dimensions),
      kind,
      number,
    });
  return {
    gauge: ofNumbers("gauge"),
    upDown: ofNumbers("upDownCounter"),
    counter: ofNumbers("counter"),
    histogram: (
      name: string,
      unit: string,
      { bounds, firstLive, rate }: { bounds: readonly number[]; firstLive: number; rate: EventRate },
      description: string,
      ...dimensions: Dimension[]
    ): MetricDefinition => ({
      ...common(name, unit, description, dimensions),
      kind: "histogram",
      bounds,
      firstLive,
      rate,
    }),
    exponential: (
      name: string,
      unit: string,
      { scale, offset, rate }: { scale: number; offset: number; rate: EventRate },
      description: string,
      ...dimensions: Dimension[]
    ): MetricDefinition => ({
      ...common(name, unit, description, dimensions),
      kind: "exponentialHistogram",
      scale,
      offset,
      rate,
    }),
  };
}

/** Events per hour and resource. */
export const perHour = (low: number, high: number): EventRate => ({ low, high });

/** Bucket bounds of durations in seconds, as the semantic conventions advise for HTTP and RPC. */
export const HTTP_BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** The same for database calls and other short operations. */
export const DATABASE_BOUNDS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];

/** The same for work that takes up to minutes. */
export const SLOW_BOUNDS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120];
