/**
 * Whether the books of replicas, collectors and sinks agree, to the item, and where it is lost:
 *
 *   intended   intended = unsent + dropped + sent                              each replica's schedule
 *   sent       sent     = accepted + rejected + failed + in doubt              each replica's answers
 *   taken      accepted (replicas)  = accepted (receivers)                     nothing was lost or doubled on the way
 *   sentOn     accepted (receivers) = sent + export-failed + dropped, of each exporter that reports   nothing was lost in collectors
 *   received   sent (the exporter to the sink) = received + rejected (sink)    nothing was lost behind them
 *
 * Without collectors, received is: accepted (replicas) = received (sink).
 */
import type { Identity, Loss } from "../../../ledger/account-schema.ts";
import { ITEM_NAMES, type PerSignal, type Signal } from "../../../otlp/signal.ts";
import type { CollectorSums, ExporterItems } from "./collector-book.ts";
import { countOf, type FleetSums, type ReplicaSums } from "./replica-book.ts";
import type { SinkItems } from "./sink-book.ts";

export interface Books {
  fleet: FleetSums;
  /** Absent when no collector was to be read. */
  collectors?: CollectorSums;
  /** Items that replicas know to be accepted at hosts where all collectors live, beyond what was read there: nothing explains them. */
  shortAtLive: number;
  sink?: PerSignal<SinkItems>;
  /** Whether a sink died: nobody knows what it received after it was read last. */
  isSinkGone?: boolean;
  /** Everything has ended, or is not waited for any more: what differs now will differ for ever. */
  isFinal: boolean;
}

export interface Judgement {
  identities: Identity[];
  losses: Loss[];
}

/** A request that was retried may carry more than the mean: so many times as much, at most. */
const RETRIED_SPREAD = 2;

/** Judge all identities of the signals that are sent. */
export function judge(books: Books): Judgement {
  const judgement: Judgement = { identities: [], losses: [] };
  for (const signal of books.fleet.sent) judgeSignal(signal, books, judgement);
  return judgement;
}

function judgeSignal(signal: Signal, books: Books, { identities, losses }: Judgement): void {
  const { fleet, collectors, sink, isSinkGone = false, isFinal } = books;
  const items = ITEM_NAMES[signal];
  const sums = fleet.signals[signal];
  const of = (counter: Parameters<typeof countOf>[1]) => countOf(sums, counter);
  const add = (
    identity: Pick<Identity, "name" | "left" | "right" | "exporter">,
    explain: (difference: number) => { state: "explained" | "broken"; text: string },
  ) => {
    const difference = identity.right - identity.left;
    const judged =
      difference === 0
        ? ({ state: "holds", text: "" } as const)
        : isFinal
          ? explain(difference)
          : ({
              state: "open",
              text: `${signal}: off by ${grouped(Math.abs(difference))} ${items}, still moving`,
            } as const);
    identities.push({ ...identity, signal, difference, ...judged });
  };
  const broken = (text: string) => ({ state: "broken", text: `${signal}: ${text}` }) as const;
  const explained = (text: string) => ({ state: "explained", text: `${signal}: ${text}` }) as const;
  const lose = (where: Loss["where"], lost: number, text: string, isAtMost = false) => {
    if (lost > 0)
      losses.push({
        where,
        signal,
        items: lost,
        isAtMost,
        text: `${signal}: ${grouped(lost)} ${items} ${text}`,
      });
  };

  const accounted = of("unsent") + of("dropped") + of("sent");
  add({ name: "intended", left: of("intended"), right: accounted }, () =>
    broken(`intended ${grouped(of("intended"))}, but unsent + dropped + sent is ${grouped(accounted)}`),
  );
  const answered = of("accepted") + of("rejected") + of("failed") + of("inDoubt");
  add({ name: "sent", left: of("sent"), right: answered }, (difference) =>
    -difference === sums.unanswered + sums.inFlight
      ? explained(
          `${grouped(-difference)} ${items} without a result by the last word of replicas that did not end`,
        )
      : broken(
          `sent ${grouped(of("sent"))}, but accepted + rejected + failed + in doubt is ${grouped(answered)}`,
        ),
  );
  lose("replica", of("dropped"), "dropped: too large to be sent, or late roots without room");
  lose("replica to collector", of("rejected"), "rejected in partial successes");
  lose("replica to collector", of("failed"), "failed: refused for good");
  lose(
    "replica to collector",
    of("inDoubt"),
    "in doubt: a try without an answer, and none accepted after it",
    true,
  );
  if (isFinal)
    lose(
      "replica to collector",
      sums.unanswered + sums.inFlight,
      "without a result by their replica's last word",
      true,
    );

  if (collectors) {
    const taken = collectors.all[signal].accepted;
    add({ name: "taken", left: of("accepted"), right: taken }, (difference) => {
      const text = `the collectors took ${grouped(Math.abs(difference))} ${items} ${difference > 0 ? "more" : "fewer"} than the replicas were told`;
      const reason = difference > 0 ? reasonForMore(difference, sums, fleet) : reasonForFewer(books);
      return reason === undefined ? broken(text) : explained(`${text}: ${reason}`);
    });
    judgeExporters(signal, books, { add, broken, explained, lose });
    if (isFinal && collectors.gone > 0) loseInDead(signal, books, lose);
  }
  if (sink) {
    const received = sink[signal].received + (collectors ? sink[signal].rejected : 0);
    const feeding = collectors ? feedingExporter(collectors, signal) : undefined;
    const left = collectors ? feeding?.sent : of("accepted");
    if (left === undefined) return;
    add({ name: "received", left, right: received }, (difference) => {
      const text = `the sink received ${grouped(Math.abs(difference))} ${items} ${difference > 0 ? "more" : "fewer"} than ${collectors ? "the collectors sent on" : "the replicas were told"}`;
      if (difference < 0) {
        const { repeated } = sink[signal];
        if (-difference <= repeated && mayComeAgain(signal, sums))
          return explained(
            `${text}: ${grouped(repeated)} came byte for byte as others had come before, sent again or alike`,
          );
        lose(
          collectors ? "collector to backend" : "replica to collector",
          -difference,
          isSinkGone
            ? "sent on, and not seen to be received by a sink that died"
            : "sent on and not received",
          isSinkGone,
        );
        return isSinkGone
          ? explained(`${text}: what it received after it was read last, it took to its grave`)
          : broken(text);
      }
      // All that a dead one could send on is what replicas sent.
      const beyond = received - of("accepted");
      const mayHaveSent = collectors && collectors.gone > 0;
      if (mayHaveSent && (beyond <= 0 || reasonForMore(beyond, sums, fleet) !== undefined))
        return explained(`${text}: sent on by collectors that died, after they were read last`);
      const reason = collectors ? undefined : reasonForMore(difference, sums, fleet);
      return reason === undefined ? broken(text) : explained(`${text}: ${reason}`);
    });
  }
}

interface Say {
  add(
    identity: Pick<Identity, "name" | "left" | "right" | "exporter">,
    explain: (difference: number) => { state: "explained" | "broken"; text: string },
  ): void;
  broken(text: string): { state: "broken"; text: string };
  explained(text: string): { state: "explained"; text: string };
  lose(where: Loss["where"], lost: number, text: string, isAtMost?: boolean): void;
}

/** Of collectors that live: what dead ones held is told as their loss. */
function judgeExporters(signal: Signal, books: Books, { add, broken, explained, lose }: Say): void {
  const { accepted, refused, exporters } = books.collectors!.live[signal];
  const items = ITEM_NAMES[signal];
  for (const [exporter, { sent, failed, notQueued }] of exporters) {
    const { lostFailed, dropped } = lossesOf(accepted, { sent, failed, notQueued });
    if (books.isFinal) {
      lose("collector to backend", lostFailed, `that ${exporter} failed to send`);
      lose("collector", dropped, `that found no room in the queue of ${exporter}, behind an answer of 200`);
    }
    add({ name: "sentOn", exporter, left: accepted, right: sent + lostFailed + dropped }, (difference) => {
      if (difference > 0) {
        const text = `${exporter} sent ${grouped(difference)} ${items} more than were accepted`;
        return refused > 0
          ? explained(`${text}: what was refused after it had been sent on came again`)
          : broken(text);
      }
      const text = `${exporter} sent ${grouped(sent)} of ${grouped(accepted)} ${items}`;
      return books.collectors!.queued > 0
        ? explained(`${text}: ${grouped(books.collectors!.queued)} requests still wait in queues`)
        : broken(`${text}, and nobody knows where ${grouped(-difference)} are`);
    });
  }
}

/** Of what was accepted and not sent: what the exporter gave up, and what found no room. Both also count what the sender was told of. */
function lossesOf(
  accepted: number,
  { sent, failed, notQueued }: ExporterItems,
): { lostFailed: number; dropped: number } {
  const missing = Math.max(0, accepted - sent);
  const lostFailed = Math.min(missing, failed);
  return { lostFailed, dropped: Math.min(missing - lostFailed, notQueued) };
}

/**
 * What was in collectors when they died: what replicas know to be accepted by them, less what arrived behind them. Without a sink behind
 * them only what they were seen to send on can be taken off.
 */
function loseInDead(signal: Signal, { fleet, collectors, sink }: Books, lose: Say["lose"]): void {
  const { live, dead } = collectors!;
  const exporters = new Set([...live[signal].exporters.keys(), ...dead[signal].exporters.keys()]);
  if (exporters.size === 0) return;
  const accepted = Math.max(
    dead[signal].accepted,
    countOf(fleet.signals[signal], "accepted") - live[signal].accepted,
  );
  const feeding = sink && feedingExporter(collectors!, signal);
  const liveSent = feeding ? (live[signal].exporters.get(feeding.name)?.sent ?? 0) : 0;
  for (const exporter of exporters) {
    const isFollowed = feeding?.name === exporter;
    const arrived = isFollowed
      ? sink![signal].received + sink![signal].rejected - liveSent
      : (dead[signal].exporters.get(exporter)?.sent ?? 0);
    lose(
      "collector",
      accepted - arrived,
      `accepted by collectors that died (${namesOf(collectors!.goneAt)}), and not ${isFollowed ? "received behind them" : `seen to be sent on by ${exporter}`}`,
      !isFollowed,
    );
  }
}

/** The exporter that sends to the sink: the one that is called so, else the only one. */
function feedingExporter({ all }: CollectorSums, signal: Signal): { name: string; sent: number } | undefined {
  const exporters = [...all[signal].exporters];
  const named = exporters.filter(([name]) => /(^|\/)sink\b/.test(name));
  const [chosen] = named.length > 0 ? named : exporters.length === 1 ? exporters : [];
  return chosen && { name: chosen[0], sent: chosen[1].sent };
}

/** What may explain that more arrived than was accepted: all that may, where it is not doubt alone. */
function reasonForMore(extra: number, sums: ReplicaSums, { standings }: FleetSums): string | undefined {
  const doubtful = countOf(sums, "inDoubt");
  if (extra <= doubtful) return "those in doubt may be among them";
  const requests = countOf(sums, "requests");
  const retried = countOf(sums, "retriedRequests");
  const most = requests > 0 ? Math.ceil((RETRIED_SPREAD * countOf(sums, "sent")) / requests) * retried : 0;
  const reasons: string[] = [];
  if (retried > 0)
    reasons.push(`${grouped(retried)} requests were tried more than once and may have arrived twice`);
  if (standings.lost > 0)
    reasons.push("replicas that fell silent cannot tell what they sent after their last word");
  return standings.lost > 0 || extra <= doubtful + most ? reasons.join("; ") : undefined;
}

/** Whether bodies may come twice that were sent on twice: requests tried again, or log records without ids, which may be alike. */
function mayComeAgain(signal: Signal, sums: ReplicaSums): boolean {
  return signal === "logs" || countOf(sums, "retriedRequests") > 0;
}

/** What may explain that less was taken than was accepted. */
function reasonForFewer({ collectors, shortAtLive }: Books): string | undefined {
  if (collectors!.gone === 0 || shortAtLive > 0) return undefined;
  return "accepted by collectors that died, after they were read last";
}

/** Of many the first. */
const NAMES_SHOWN = 5;

/** Names of what a text speaks of. */
export function namesOf(names: readonly string[]): string {
  const more = names.length - NAMES_SHOWN;
  return names.slice(0, NAMES_SHOWN).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

function grouped(items: number): string {
  return items.toLocaleString("en-US");
}
