/** Components of the cluster's control plane, scraped by the Collector: any number of each, in several zones. */
import type { Estate } from "../estate.ts";
import { drawLevel } from "../values.ts";
import { type Carrier, carrier } from "./carrier.ts";

/** How much a component has to do, for all of its metrics. */
export interface ComponentVitals {
  /** Requests, proposals or items per hour. */
  readonly requests: number;
  /** Bytes that it keeps, and of them in use. */
  readonly stored: number;
  readonly inUse: number;
}

export function* controlPlaneCarriers(estate: Estate, component: string, port: number): Generator<Carrier> {
  const { cluster } = estate.scenario.infrastructure;
  for (let index = 0; ; index++) {
    const name = `${component}-${cluster.zones[index % cluster.zones.length]}-${index}`;
    const own = estate.fork(name);
    const stored = drawLevel(own, 4e7, 9e8);
    const vitals: ComponentVitals = {
      requests: drawLevel(own, 20_000, 120_000),
      stored,
      inUse: stored * (0.55 + 0.35 * own.float()),
    };
    yield carrier(
      {
        "service.name": component,
        "server.address": `${name}.kube-system`,
        "server.port": port,
        "k8s.cluster.name": cluster.name,
        "k8s.namespace.name": "kube-system",
        "k8s.pod.name": name,
      },
      vitals,
    );
  }
}
