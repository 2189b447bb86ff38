/** Instrumentation scopes of the Collector's receivers. */
import type { Scope } from "../definition.ts";

/** The Collector release that the catalogue follows. */
export const COLLECTOR_VERSION = "0.162.0";

/** The scope of a contrib receiver, such as `kubeletstatsreceiver`. */
export function contribScope(receiver: string): Scope {
  return {
    name: `github.com/open-telemetry/opentelemetry-collector-contrib/receiver/${receiver}`,
    version: COLLECTOR_VERSION,
  };
}
