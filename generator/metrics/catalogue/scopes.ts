/** Instrumentation scopes that several lists of metrics share. */
import type { MetricType } from "../../config.ts";
import type { ServiceVitals } from "../carriers/services.ts";
import type { LibraryRole, Scope } from "../definition.ts";
import { type MetricsOf, metricsOf } from "../metrics-of.ts";

/** The Collector release that the catalogue follows. */
export const COLLECTOR_VERSION = "0.162.0";

/** The scope of a contrib receiver, such as `kubeletstatsreceiver`. */
export function contribScope(receiver: string): Scope {
  return {
    name: `github.com/open-telemetry/opentelemetry-collector-contrib/receiver/${receiver}`,
    version: COLLECTOR_VERSION,
  };
}

/** Metrics of services, by what a library of the service's language measures. */
export function byLibrary(type: MetricType, role: LibraryRole): MetricsOf<ServiceVitals> {
  return metricsOf<ServiceVitals>({ type, carrier: "service", scope: role });
}

/** Metrics of services, by the one library that measures. */
export function instrumented(
  type: MetricType,
  library: string,
  version: string,
  only?: string,
): MetricsOf<ServiceVitals> {
  return metricsOf<ServiceVitals>({
    type,
    carrier: "service",
    scope: { name: library, version },
    ...(only === undefined ? {} : { only }),
  });
}
