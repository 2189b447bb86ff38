/**
 * The account for Prometheus, in its text format 0.0.4. All of it are gauges, made anew at each scrape from one account: the figures of
 * a page belong together, and what an account no longer has is gone from it.
 */
import { Gauge, Registry } from "prom-client";
import type { Account } from "../../../ledger/account-schema.ts";
import { SIGNALS } from "../../../otlp/signal.ts";

/** Outcomes of items, as a label. */
const OUTCOMES = {
  intended: "intended",
  unsent: "unsent",
  dropped: "dropped",
  sent: "sent",
  accepted: "accepted",
  rejected: "rejected",
  failed: "failed",
  inDoubt: "in_doubt",
  inFlight: "in_flight",
  unanswered: "unanswered",
} as const;

/** A family of a page; it is on the page once it has a sample. */
interface Family {
  set(labels: Readonly<Record<string, string>>, value: number): void;
}

/** The page. */
export function metricsPage(account: Account): Promise<string> {
  const registry = new Registry();
  const gauge = (name: string, help: string): Family => {
    let family: Gauge | undefined;
    return {
      set: (labels, value) => {
        family ??= new Gauge({
          name: `stampede_ledger_${name}`,
          help,
          labelNames: Object.keys(labels),
          registers: [registry],
        });
        family.set(labels, value);
      },
    };
  };
  const replicas = gauge("replicas", "Replicas by what they are at this moment.");
  for (const state of ["running", "paused", "ended", "lost"] as const)
    replicas.set({ state }, account.replicas[state]);

  const items = gauge("items", "Items of all replicas since the account began.");
  const retried = gauge("retried_requests", "Requests that were tried more than once.");
  const latency = gauge("latency_seconds", "From the moment a request was due to its final answer.");
  const taken = gauge("collector_items", "Items at the collectors, all their lives.");
  const exported = gauge("exporter_items", "Items at the collectors' exporters.");
  const received = gauge("sink_items", "Items at the sink.");
  for (const signal of SIGNALS) {
    const counts = account.signals[signal];
    if (!counts) continue;
    for (const [counter, outcome] of Object.entries(OUTCOMES))
      items.set({ signal, outcome }, counts[counter as keyof typeof OUTCOMES]);
    retried.set({ signal }, counts.retriedRequests);
    const { p50, p90, p99, max } = account.latencyMs[signal]!;
    const quantiles = [
      ["0.5", p50],
      ["0.9", p90],
      ["0.99", p99],
      ["1", max],
    ] as const;
    for (const [quantile, ms] of quantiles) latency.set({ signal, quantile }, ms / 1000);
    const collected = account.collectors?.signals[signal];
    if (collected) {
      taken.set({ signal, outcome: "accepted" }, collected.accepted);
      taken.set({ signal, outcome: "refused" }, collected.refused);
      for (const [exporter, { sent, failed, notQueued }] of Object.entries(collected.exporters)) {
        exported.set({ signal, exporter, outcome: "sent" }, sent);
        exported.set({ signal, exporter, outcome: "failed" }, failed);
        exported.set({ signal, exporter, outcome: "not_queued" }, notQueued);
      }
    }
    for (const [outcome, count] of Object.entries(account.sink?.signals[signal] ?? {}))
      received.set({ signal, outcome }, count);
  }

  const difference = gauge("difference_items", "By how much an identity is off: right side less left side.");
  const broken = gauge("broken", "1 for an identity that does not hold and that nothing explains.");
  for (const { name, signal, exporter = "", difference: items, state } of account.identities) {
    difference.set({ identity: name, signal, exporter }, items);
    broken.set({ identity: name, signal, exporter }, state === "broken" ? 1 : 0);
  }

  const collectors = gauge("collectors", "Collectors that answer, and lives of collectors that are over.");
  if (account.collectors) {
    collectors.set({ state: "up" }, account.collectors.up);
    collectors.set({ state: "gone" }, account.collectors.gone);
    gauge("collector_queued", "What waits in all queues, in their sizers' units.").set(
      {},
      account.collectors.queued,
    );
  }
  gauge("lag_seconds", "How far the worst replica is behind its schedule.").set({}, account.lagMs / 1000);
  gauge("replicas_cpu_seconds", "CPU time of all replicas.").set({}, account.cpuSeconds);
  gauge("replicas_memory_bytes", "Resident memory of the replicas that live.").set({}, account.rssBytes);
  return registry.metrics();
}
