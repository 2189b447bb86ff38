/**
 * /metrics and /healthz of a replay: what is served, from the first word to the report. The process that was started serves them, for
 * all that it started.
 */
import type { LocalFleet } from "../fleet/local/local-fleet.ts";
import type { HealthState, MetricsServer, Page, Pages } from "../fleet/metrics/server.ts";
import type { Signal } from "../otlp/signal.ts";
import { version } from "./version.ts";

/** What the pages look at; whoever runs the replay keeps it. */
export interface Seen {
  fleet: LocalFleet | undefined;
  /** For a target, or for a fleet. */
  isWaiting: boolean;
  isEnding: boolean;
}

/** Where the pages are served. */
export interface MetricsPlace {
  /** host:port */
  listen: string;
  /** Names that they may be asked by, besides private ones. */
  allowedHosts: readonly string[];
}

/** Start serving. signals  those that are sent. Throws ListenError. */
export async function serveMetrics(
  { listen, allowedHosts }: MetricsPlace,
  signals: readonly Signal[],
  seen: Seen,
): Promise<MetricsServer> {
  // Loaded here, and the page when the first asks for it: who does not need them does not pay for them.
  const { startMetricsServer } = await import("../fleet/metrics/server.ts");
  let page: Promise<() => Promise<Page>> | undefined;
  const pages: Pages = {
    metrics: async () => {
      page ??= openPage(signals, seen);
      return (await page)();
    },
    health: () => ({ state: stateOf(seen), version: version(), processes: seen.fleet?.alive() ?? 0 }),
  };
  return startMetricsServer(listen, pages, allowedHosts);
}

async function openPage(signals: readonly Signal[], seen: Seen): Promise<() => Promise<Page>> {
  const { makeExposition } = await import("../fleet/metrics/exposition.ts");
  return makeExposition({
    version: version(),
    signals,
    observe: () => ({ snapshots: seen.fleet?.snapshots() ?? [], alive: seen.fleet?.alive() ?? 0 }),
  });
}

function stateOf({ fleet, isWaiting, isEnding }: Seen): HealthState {
  if (isEnding) return "ending";
  if (isWaiting) return "waiting";
  if (fleet?.isPaused()) return "paused";
  return fleet?.hasBegun() ? "sending" : "starting";
}
