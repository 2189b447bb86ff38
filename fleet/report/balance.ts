/**
 * Whether the books of replicas and collectors agree, to the item:
 *
 *   intended = unsent + dropped + sent                 each replica's schedule
 *   sent     = accepted + rejected + failed + inDoubt  each replica's answers
 *   accepted (replicas) = accepted (receivers)         nothing was lost or doubled on the way
 *   accepted (receivers) = sent (each exporter)        nothing was lost inside the collectors
 */
import { ITEM_NAMES, type PerSignal, SIGNALS, type Signal } from "../../otlp/signal.ts";
import type { CollectorItems } from "./collector-tally.ts";
import type { ReplicaItems } from "./replica-reports.ts";

export interface Books {
  /** Reports that were read. */
  replicas: number;
  /** How many there should be. */
  expectedReplicas: number;
  replicaItems: PerSignal<ReplicaItems>;
  /** Absent when no collector was to be read. */
  collectors?: { count: number; items: PerSignal<CollectorItems> };
}

/** What is wrong, a line each; empty when all is balanced and nothing was lost. */
export function findImbalances(books: Books): string[] {
  const missing = books.expectedReplicas - books.replicas;
  const problems: string[] = [];
  if (missing > 0)
    problems.push(`${missing} of ${books.expectedReplicas} replicas left no report: killed or crashed`);
  else if (missing < 0)
    problems.push(`${books.replicas} reports from ${books.expectedReplicas} replicas: one was started again`);
  if (SIGNALS.every((signal) => books.replicaItems[signal].sent === 0)) problems.push("nothing was sent");
  for (const signal of SIGNALS) {
    problems.push(...imbalancesOf(signal, books.replicaItems[signal], books.collectors?.items[signal]));
  }
  return problems;
}

function imbalancesOf(signal: Signal, sent: ReplicaItems, collected: CollectorItems | undefined): string[] {
  const problems: string[] = [];
  const say = (text: string) => problems.push(`${signal}: ${text}`);
  const items = ITEM_NAMES[signal];
  for (const loss of ["dropped", "rejected", "failed", "inDoubt"] as const) {
    if (sent[loss] > 0) say(`${sent[loss]} ${items} ${loss === "inDoubt" ? "in doubt" : loss}`);
  }
  const accounted = sent.unsent + sent.dropped + sent.sent;
  if (sent.intended !== accounted)
    say(`intended ${sent.intended}, but unsent + dropped + sent is ${accounted}`);
  const answered = sent.accepted + sent.rejected + sent.failed + sent.inDoubt;
  if (sent.sent !== answered)
    say(`sent ${sent.sent}, but accepted + rejected + failed + in doubt is ${answered}`);
  if (!collected) return problems;
  const extra = collected.accepted - sent.accepted;
  if (extra !== 0)
    say(
      `the collectors took ${Math.abs(extra)} ${items} ${extra > 0 ? "more" : "fewer"} than the replicas were told${reasonFor(extra, sent)}`,
    );
  for (const [exporter, { sent: exported, lost }] of collected.exporters) {
    if (exported !== collected.accepted)
      say(`${exporter} sent ${exported} of ${collected.accepted} ${items}`);
    if (lost > 0) say(`${exporter} failed to send or to queue ${lost} ${items}`);
  }
  return problems;
}

/** What may explain that more arrived than was accepted. */
function reasonFor(extra: number, { inDoubt, retriedRequests }: ReplicaItems): string {
  if (extra < 0) return "";
  if (extra <= inDoubt) return "; those in doubt may be among them";
  if (retriedRequests > 0) return `; ${retriedRequests} requests were retried and may have arrived twice`;
  return "";
}
