/**
 * What a metric is before it has points: name, unit, kind, how its numbers look, and along which attributes it is split.
 *
 * A catalogue is a list of these. The resources that carry a metric, and how many, are settled when series are dealt out.
 */
import type { Attributes } from "../attributes.ts";
import type { MetricType } from "../config.ts";

/** One value of a dimension: the attributes it sets on a point, and its share of the metric's amount. */
export interface DimensionValue {
  readonly attributes: Attributes;
  readonly weight: number;
}

/** A way to split a metric: values known here, or the name of a list that each resource brings along. */
export type Dimension = readonly DimensionValue[] | string;

/** What kind of thing reports a metric; carriers/ makes them. */
export type CarrierKind =
  | "host"
  | "process"
  | "node"
  | "systemContainer"
  | "pod"
  | "volume"
  | "container"
  | "namespace"
  | "deployment"
  | "replicaSet"
  | "statefulSet"
  | "daemonSet"
  | "job"
  | "cronJob"
  | "autoscaler"
  | "quota"
  | "persistentVolume"
  | "persistentVolumeClaim"
  | "kubernetesService"
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

export interface Scope {
  readonly name: string;
  readonly version: string;
}

/** What a library of a service measures: the library itself depends on the service's language. */
export type LibraryRole = "httpServer" | "httpClient" | "rpcServer" | "rpcClient" | "database" | "messaging";

/** One amount for a resource, which its points share by weight; or one for each of its points, in their order. */
export type Amounts = number | readonly number[];

/** Reads amounts off what is known of a resource, so that its metrics agree with each other. */
export type Reading<Vitals> = (vitals: Vitals) => Amounts;

/** Least and greatest amount of a resource, drawn for each metric by itself. */
export type Range = readonly [low: number, high: number];

/**
 * How the numbers of a gauge, up-down counter or counter look.
 *
 *   int     as_int, a multiple of 256^grid
 *   double  on a grid by its size, docs/template-format.md
 */
export interface NumberShape<Vitals = never> {
  readonly form: "int" | "double";
  /** Of integers: 0, 1 or 2. */
  readonly grid: number;
  /** In the metric's unit; of counters: per hour. */
  readonly level: Range | Reading<Vitals>;
  /** Gauges: half-width of the band, relative to its middle. */
  readonly spread: number;
  /** Gauges: bounds that no value passes; no max: as the band of the largest has it. */
  readonly min: number;
  readonly max: number | undefined;
}

interface Common {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
  readonly type: MetricType;
  readonly carrier: CarrierKind;
  readonly scope: Scope | LibraryRole;
  readonly dimensions: readonly Dimension[];
  /** Only resources of this subject (a service's name, a language) carry it. */
  readonly only: string | undefined;
}

export interface NumberMetric extends Common {
  readonly kind: "gauge" | "upDownCounter" | "counter";
  readonly number: NumberShape;
}

/** What a histogram counts. */
export interface Measurements<Vitals = never> {
  /** Per hour and resource. */
  readonly rate: Range | Reading<Vitals>;
  /** The middle one, in the metric's unit; drawn once for each resource, or read for each of its points. */
  readonly median: Range | Reading<Vitals>;
  /** 2 to 4: how narrow they lie around it. P(> x) = 1 / (1 + (x / median)^steepness). */
  readonly steepness?: 2 | 3 | 4;
  /** Some are of another sort: their share, and their median relative to the others'. */
  readonly other?: { readonly share: number; readonly ratio: number };
}

export interface HistogramMetric extends Common {
  readonly kind: "histogram";
  readonly bounds: readonly number[];
  readonly measured: Measurements;
}

/** Bucket i covers (2^(i / 8), 2^((i + 1) / 8)]. */
export interface ExponentialHistogramMetric extends Common {
  readonly kind: "exponentialHistogram";
  readonly measured: Measurements;
}

export type MetricDefinition = NumberMetric | HistogramMetric | ExponentialHistogramMetric;
