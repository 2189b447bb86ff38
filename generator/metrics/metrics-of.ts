/**
 * Constructors of metrics: what the metrics of one origin have in common is said once.
 */
import type { MetricType } from "../config.ts";
import type {
  CarrierKind,
  Dimension,
  LibraryRole,
  Measurements,
  MetricDefinition,
  NumberMetric,
  NumberShape,
  Scope,
} from "./definition.ts";

/** Where a list of metrics comes from. */
export interface Origin {
  type: MetricType;
  carrier: CarrierKind;
  scope: Scope | LibraryRole;
  only?: string;
}

/** What builds the metrics of one origin; `Vitals` is what is known of the resources that carry them. */
export type MetricsOf<Vitals> = ReturnType<typeof metricsOf<Vitals>>;

export function metricsOf<Vitals = never>(origin: Origin) {
  const common = (name: string, unit: string, description: string, dimensions: readonly Dimension[]) => ({
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
    (kind: NumberMetric["kind"]) =>
    (
      name: string,
      unit: string,
      number: NumberShape<Vitals>,
      description: string,
      ...dimensions: Dimension[]
    ): MetricDefinition => ({ ...common(name, unit, description, dimensions), kind, number });
  return {
    gauge: ofNumbers("gauge"),
    upDown: ofNumbers("upDownCounter"),
    counter: ofNumbers("counter"),
    histogram: (
      name: string,
      unit: string,
      { bounds, ...measured }: Measurements<Vitals> & { bounds: readonly number[] },
      description: string,
      ...dimensions: Dimension[]
    ): MetricDefinition => ({
      ...common(name, unit, description, dimensions),
      kind: "histogram",
      bounds,
      measured,
    }),
    exponential: (
      name: string,
      unit: string,
      measured: Measurements<Vitals>,
      description: string,
      ...dimensions: Dimension[]
    ): MetricDefinition => ({
      ...common(name, unit, description, dimensions),
      kind: "exponentialHistogram",
      measured,
    }),
  };
}
