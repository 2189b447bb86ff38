/**
 * The figures beside the headline. Pure.
 */
import type { Account } from "../../ledger/account-schema.ts";
import { bytes, decimal, milliseconds, percent, si } from "./format.ts";
import type { Recent } from "./recent.ts";
import { acceptedShare, sentSignals, type Tone, total } from "./signals.ts";

export interface Tile {
  name: string;
  figure: string;
  /** What belongs to it, small. */
  detail: string;
  tone: Tone;
}

const LAG_WORTH_A_COLOUR_MS = 1000;

export function tilesOf(account: Account, recent: Recent | undefined): Tile[] {
  const accepted = total(account, "accepted");
  const due = total(account, "intended") - total(account, "inFlight");
  const retried = total(account, "retriedRequests");
  const wire = total(account, "wireBytes");
  const ratio = wire > 0 ? total(account, "bodyBytes") / wire : undefined;
  const isOver = account.state === "ended";
  const requests = total(account, "requests");
  const latencyMs = isOver ? slowestOf(account) : recent?.latencyMs;
  const lagMs = isOver ? account.worstLagMs : account.lagMs;
  const retriedShare = isOver ? (requests > 0 ? retried / requests : 0) : (recent?.retriedShare ?? 0);
  const { collectors } = account;
  const capacity = queueCapacity(account);
  return [
    {
      name: "Accepted",
      figure: percent(acceptedShare(account, sentSignals(account))),
      detail: `of ${si(due)}`,
      tone: accepted + total(account, "unsent") < due ? "bad" : accepted < due ? "warn" : "idle",
    },
    {
      name: "Latency p99",
      figure: milliseconds(latencyMs?.p99),
      detail: `p50 ${milliseconds(latencyMs?.p50)}`,
      tone: "idle",
    },
    {
      name: "Lag",
      figure: milliseconds(lagMs),
      // The worst is measured at other moments: what is now may be worse still.
      detail: isOver ? "at its worst" : `worst ${milliseconds(Math.max(lagMs, account.worstLagMs))}`,
      tone: lagMs > LAG_WORTH_A_COLOUR_MS ? "warn" : "idle",
    },
    {
      name: "Tried again",
      figure: percent(retriedShare),
      detail: `${si(retried)} in all`,
      tone: retriedShare > 0 ? "warn" : "idle",
    },
    collectors
      ? {
          name: "Queues",
          figure: si(collectors.queued),
          detail: capacity > 0 ? `${percent(collectors.queued / capacity)} full` : "of Collectors",
          tone: capacity > 0 && collectors.queued > capacity * 0.8 ? "warn" : "idle",
        }
      : {
          name: "CPU",
          figure: decimal(recent?.cores),
          detail: `cores, ${bytes(account.rssBytes)}`,
          tone: "idle",
        },
    {
      name: "On the wire",
      figure: isOver ? bytes(wire) : perSecond(recent?.wireBytesPerSecond),
      detail: ratio === undefined ? "" : `1 : ${decimal(ratio)}`,
      tone: "idle",
    },
  ];
}

const perSecond = (wireBytes: number | undefined): string =>
  wireBytes === undefined ? bytes(undefined) : `${bytes(wireBytes)}/s`;

/** Of the whole run: the signal with the worst p99. */
export function slowestOf({ latencyMs }: Account): { p50: number; p90: number; p99: number } | undefined {
  return Object.values(latencyMs)
    .filter((one) => one !== undefined)
    .sort((a, b) => b.p99 - a.p99)[0];
}

function queueCapacity(account: Account): number {
  return account.collectorRows.reduce((sum, { queueCapacity: one }) => sum + (one ?? 0), 0);
}
