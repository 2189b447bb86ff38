/**
 * What the page says first: how the run stands, in words. Pure.
 */
import type { Account } from "../../ledger/account-schema.ts";
import { counted, grouped, listed, milliseconds, percent, shortened, si } from "./format.ts";
import { lossWord, type Place } from "./places.ts";
import type { Recent } from "./recent.ts";
import { type Tone, total } from "./signals.ts";

export interface Headline {
  /** One word. */
  state: string;
  stateTone: Tone;
  verdict: string;
  tone: Tone;
  detail: string;
}

/** Behind by more than this is worth a word, ms. */
export const LAG_WORTH_TELLING_MS = 1000;
/** Part of the plan that is missed before somebody hears of it. */
const SHORT_OF_PLAN = 0.05;
/** Requests that had to come again before somebody hears of it. */
const RETRIES_WORTH_TELLING = 0.01;

export function headlineOf(account: Account, places: readonly Place[], recent: Recent | undefined): Headline {
  const [state, stateTone] = stateOf(account);
  const said = account.state === "ended" ? finalWord(account, places) : presentWord(account, places, recent);
  return { state, stateTone, ...said, detail: detailOf(account) };
}

function stateOf({ state, replicas, control, exitCode }: Account): [string, Tone] {
  if (state === "ended") return ["closed", exitCode === 0 ? "good" : "bad"];
  if (state === "waiting") return ["waiting", "idle"];
  if (control.isStopped) return ["stopping", "warn"];
  if (state === "settling") return ["settling", "idle"];
  if (replicas.paused > 0 && replicas.running === 0) return ["paused", "warn"];
  return ["running", replicas.lost > 0 ? "bad" : "good"];
}

function finalWord(account: Account, places: readonly Place[]): Pick<Headline, "verdict" | "tone"> {
  const [word, lost] = lossWords(places);
  if (account.balanced && account.exitCode === 0)
    return { verdict: "Done: every event is accounted for, and was accepted", tone: "good" };
  if (account.balanced && lost) return { verdict: `Balanced, with events ${word}: ${lost}`, tone: "bad" };
  if (account.balanced)
    return { verdict: `Balanced, but: ${account.problems[0] ?? "see below"}`, tone: "warn" };
  return {
    verdict: lost
      ? `Does not balance; ${word}: ${lost}`
      : `Does not balance: ${account.problems[0] ?? "see below"}`,
    tone: "bad",
  };
}

function presentWord(
  account: Account,
  places: readonly Place[],
  recent: Recent | undefined,
): Pick<Headline, "verdict" | "tone"> {
  const { state, replicas, collectors } = account;
  if (state === "waiting") return { verdict: "Waiting for the first replica", tone: "idle" };
  const [word, lost] = lossWords(places);
  if (lost) return { verdict: `${word.charAt(0).toUpperCase()}${word.slice(1)}: ${lost}`, tone: "bad" };
  const gone = collectors ? collectors.seen - collectors.up : 0;
  if (replicas.lost + gone > 0) {
    const silent = counted(replicas.lost, "replica");
    const away = counted(gone, "Collector");
    if (replicas.lost === 0)
      return { verdict: `${away} gone, replicas send around ${gone === 1 ? "it" : "them"}`, tone: "warn" };
    return {
      verdict: `${silent} fell silent without an end${gone > 0 ? `, ${away} gone` : ""}`,
      tone: "bad",
    };
  }
  if (state === "settling")
    return { verdict: "All has been sent; waiting until it has arrived", tone: "idle" };
  if (replicas.paused > 0 && replicas.running === 0)
    return { verdict: "Paused: nothing new is begun", tone: "warn" };
  const held = recent && heldBack(recent);
  if (held) return { verdict: held, tone: "warn" };
  if (total(account, "unsent") > 0)
    return {
      verdict: `On schedule again; ${grouped(total(account, "unsent"))} events came too late to be sent`,
      tone: "warn",
    };
  return { verdict: "Every event so far is accounted for", tone: "good" };
}

/** Why the target does not take what it is to get; undefined when it does. */
function heldBack({ sent, planned, lagMs, retriedShare, refusedPerSecond }: Recent): string | undefined {
  const short = planned !== null && planned > 0 && sent < planned * (1 - SHORT_OF_PLAN);
  const refusals = refusedPerSecond > 0 ? `Collectors refuse ${si(refusedPerSecond)} events/s` : "";
  if (lagMs > LAG_WORTH_TELLING_MS && short)
    return `Behind schedule by ${milliseconds(lagMs)}${refusals ? `: ${refusals}` : ": the target takes less than it is to get"}`;
  if (refusals) return `${refusals}, which are tried again`;
  if (retriedShare > RETRIES_WORTH_TELLING)
    return `${percent(retriedShare)} of requests had to be tried again`;
  return lagMs > LAG_WORTH_TELLING_MS ? `Catching up: ${milliseconds(lagMs)} behind schedule` : undefined;
}

/** `lost or in doubt`, `1,204 before Collectors and 12 in Collectors`; the second is empty when nothing is lost. */
function lossWords(places: readonly Place[]): [string, string] {
  const losing = places.filter(({ lost }) => lost > 0);
  return [
    lossWord(losing.flatMap(({ fates }) => fates)),
    listed(losing.map(({ phrase, lost }) => `${shortened(lost)} ${phrase}`)),
  ];
}

function detailOf(account: Account): string {
  const { replicas, collectors, state } = account;
  if (replicas.seen === 0) return "Replicas speak once a second as soon as they have begun.";
  const standing = (["running", "paused", "ended", "lost"] as const)
    .filter((one) => replicas[one] > 0)
    .map((one) => `${grouped(replicas[one])} ${one}`);
  const missing = (replicas.expected ?? 0) - replicas.seen;
  if (missing > 0) standing.push(`${grouped(missing)} not seen yet`);
  const parts = [`${counted(replicas.seen, "replica")}: ${listed(standing)}`];
  if (collectors) parts.push(`${grouped(collectors.up)} of ${counted(collectors.seen, "Collector")} up`);
  const open = total(account, "inFlight");
  parts.push(
    `${grouped(total(account, "sent"))} events sent${open > 0 && state !== "ended" ? `, ${grouped(open)} of them in flight` : ""}`,
  );
  return parts.join(" · ");
}
