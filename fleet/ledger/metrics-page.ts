/**
 * The account for Prometheus, in its text format 0.0.4. Made anew at each scrape, from one account, so that its figures belong together:
 * all of them are gauges that are set once, which is why the page is put together here and no registry is kept.
 */
import type { Account } from "../../ledger/account-schema.ts";
import { SIGNALS } from "../../otlp/signal.ts";

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
export function metricsPage(account: Account): string {
  const families: { head: string[]; samples: string[] }[] = [];
  const gauge = (name: string, help: string): Family => {
    const full = `stampede_ledger_${name}`;
    // The samples of a family stand together, whenever they are set.
    const samples: string[] = [];
    families.push({ head: [`# HELP ${full} ${help}`, `# TYPE ${full} gauge`], samples });
    return { set: (labels, value) => samples.push(`${full}${labelsText(labels)} ${value}`) };
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
    for (const [quantile, ms] of Object.entries({ "0.5": p50, "0.9": p90, "0.99": p99, "1": max }))
      latency.set({ signal, quantile }, ms / 1000);
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
  const shown = families.filter(({ samples }) => samples.length > 0);
  return `${shown.flatMap(({ head, samples }) => [...head, ...samples]).join("\n")}\n`;
}

function labelsText(labels: Readonly<Record<string, string>>): string {
  const texts = Object.entries(labels).map(([name, text]) => `${name}="${escaped(text)}"`);
  return texts.length === 0 ? "" : `{${texts.join()}}`;
}

/** Source: Prometheus' exposition formats, "Comments, help text, and type information". */
function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
