/**
 * The four places where an item can be lost, from the schedule to the backend: what came to an end there, and whether the books on either
 * side agree. A pure function of the account.
 */
import type { Account, Identity, Loss } from "../../ledger/account-schema.ts";
import type { Signal } from "../../otlp/signal.ts";
import { counted } from "./format.ts";
import { sentSignals, type Tone, total } from "./signals.ts";

export type PlaceId = Loss["where"];

/** Something that happened to items at a place. */
export interface Fate {
  name: string;
  items: number;
  /** Of the colour: --unsent, --failed, ... */
  colour: "unsent" | "dropped" | "rejected" | "failed" | "doubt" | "refused" | "moving";
  /** They are lost, or may be. Otherwise they came again, wait, or were never due to be sent. */
  isLoss: boolean;
  /** What the name means, for people who ask. */
  meaning: string;
}

/** An identity over all signals. */
export interface Balance {
  name: string;
  /** As an equation, in words. */
  rule: string;
  state: Identity["state"];
  /** right - left, added up over signals, whatever their signs. */
  off: number;
  signals: { signal: Signal; exporter: string | undefined; state: Identity["state"]; difference: number }[];
}

export interface Place {
  id: PlaceId;
  title: string;
  /** In a sentence. */
  phrase: string;
  fates: Fate[];
  balances: Balance[];
  /** Items that are lost here, or may be. */
  lost: number;
  /** What broke here, if anything did: `1 replica silent`. */
  broken: string;
  tone: Tone;
  /** What the ledger says of what does not add up here. */
  texts: string[];
}

/** All four, from left to right. Without Collectors the third and what they send on do not apply: their lists are empty. */
export function placesOf(account: Account): Place[] {
  const { collectors, sink } = account;
  const items = (counter: Parameters<typeof total>[1]) => total(account, counter);
  const later = afterAccepted(account);
  const target = collectors ? "Collectors" : sink ? "sink" : "target";
  return [
    place(
      account,
      "replica",
      ["In the replicas", "in replicas"],
      ["intended"],
      [
        fate(
          "unsent",
          items("unsent"),
          "unsent",
          false,
          "Due, but too late to be sent: the target was behind",
        ),
        fate(
          "dropped",
          items("dropped"),
          "dropped",
          true,
          "Too large for a request, or late roots without room",
        ),
      ],
    ),
    place(
      account,
      "replica to collector",
      [`Replicas to ${target}`, `before ${collectors ? "Collectors" : `the ${target}`}`],
      collectors ? ["sent", "taken"] : ["sent", "received"],
      [
        fate("rejected", items("rejected"), "rejected", true, "Refused in a partial success"),
        fate(
          "failed",
          items("failed"),
          "failed",
          true,
          "Refused for good, or until the retries were used up",
        ),
        fate(
          "in doubt",
          items("inDoubt"),
          "doubt",
          true,
          "Some try had no answer, and none was accepted after it",
        ),
        fate(
          "no word",
          items("unanswered"),
          "doubt",
          true,
          "Without a result by the last word of replicas that fell silent",
        ),
        fate("in flight", items("inFlight"), "moving", false, "Sent, and the answer is on its way"),
      ],
    ),
    place(
      account,
      "collector",
      ["In the Collectors", "in Collectors"],
      ["sentOn"],
      collectors
        ? [
            fate(
              "lost inside",
              later.inside,
              "failed",
              true,
              "No room in a queue behind an answer of success, or gone with a Collector that died",
            ),
            fate(
              "refused",
              later.refused,
              "refused",
              false,
              "Turned away at the door: the replicas try again",
            ),
            fate("under way", later.waiting, "moving", false, "Accepted, and not sent on yet"),
          ]
        : [],
    ),
    place(
      account,
      "collector to backend",
      [`Collectors to ${sink && collectors ? "sink" : "backend"}`, "behind Collectors"],
      collectors ? ["received"] : [],
      collectors
        ? [
            fate(
              "lost behind",
              later.behind,
              "failed",
              true,
              "The exporter gave them up, or they were sent on and never arrived",
            ),
          ]
        : [],
    ),
  ];
}

/** What to call the losses among these: whether events that are in doubt are lost, nobody knows. */
export function lossWord(fates: readonly Fate[]): string {
  const losses = fates.filter(({ isLoss, items }) => isLoss && items > 0);
  if (losses.every(({ colour }) => colour === "doubt")) return "in doubt";
  return losses.some(({ colour }) => colour === "doubt") ? "lost or in doubt" : "lost";
}

function fate(name: string, items: number, colour: Fate["colour"], isLoss: boolean, meaning: string): Fate {
  return { name, items, colour, isLoss, meaning };
}

const RULES: Readonly<Record<Identity["name"], string>> = {
  intended: "intended = unsent + dropped + sent",
  sent: "sent = accepted + rejected + failed + in doubt",
  taken: "accepted by replicas' word = taken by Collectors",
  sentOn: "taken = sent on + given up + no room",
  received: "sent on = received",
};

/** From good to bad. */
const STATES: readonly Identity["state"][] = ["holds", "open", "explained", "broken"];

function place(
  account: Account,
  id: PlaceId,
  [title, phrase]: readonly [string, string],
  names: readonly Identity["name"][],
  fates: Fate[],
): Place {
  const balances = names.flatMap((name) => {
    const identities = account.identities.filter((one) => one.name === name);
    if (identities.length === 0) return [];
    const worst = Math.max(...identities.map(({ state }) => STATES.indexOf(state)));
    return {
      name,
      rule: name === "received" && !account.collectors ? "accepted = received" : RULES[name],
      state: STATES[worst]!,
      off: identities.reduce((sum, { difference }) => sum + Math.abs(difference), 0),
      signals: identities.map(({ signal, exporter, state, difference }) => ({
        signal,
        exporter,
        state,
        difference,
      })),
    };
  });
  const lost = fates.reduce((sum, { isLoss, items }) => sum + (isLoss ? items : 0), 0);
  const isBroken = balances.some(({ state }) => state === "broken");
  const broken = brokenAt(account, id);
  const isOff =
    broken !== "" ||
    balances.some(({ state }) => state === "explained") ||
    fates.some((one) => one.colour !== "moving" && one.items > 0);
  return {
    id,
    title,
    phrase,
    fates,
    balances,
    lost,
    broken,
    tone: isBroken || lost > 0 ? "bad" : isOff ? "warn" : balances.length > 0 ? "good" : "idle",
    texts: account.identities
      .filter(({ name, state }) => names.includes(name) && (state === "broken" || state === "explained"))
      .map(({ text }) => text),
  };
}

function brokenAt({ replicas, collectors }: Account, id: PlaceId): string {
  if (id === "replica" && replicas.lost > 0) return `${counted(replicas.lost, "replica")} silent`;
  if (id === "collector" && collectors && collectors.up < collectors.seen)
    return `${counted(collectors.seen - collectors.up, "Collector")} gone`;
  return "";
}

/**
 * What became of items that Collectors accepted. While things move, what an exporter counts as failed or not queued is lost only as far as it
 * was accepted and not sent, and beyond what the receivers refused: that the sender was told of, and it comes again. At the end the ledger says it.
 */
function afterAccepted(account: Account): {
  inside: number;
  behind: number;
  refused: number;
  waiting: number;
} {
  const sums = { inside: 0, behind: 0, refused: 0, waiting: 0 };
  for (const signal of sentSignals(account)) {
    const items = account.collectors?.signals[signal];
    if (!items) continue;
    sums.refused += items.refused;
    if (account.state === "ended") continue;
    let waiting = 0;
    for (const { sent, failed, notQueued } of Object.values(items.exporters)) {
      const missing = Math.max(0, items.accepted - sent);
      const toldOfFailed = Math.max(0, items.refused - notQueued);
      const behind = Math.min(missing, Math.max(0, failed - toldOfFailed));
      const inside = Math.min(missing - behind, Math.max(0, notQueued - items.refused));
      sums.behind += behind;
      sums.inside += inside;
      waiting = Math.max(waiting, missing - behind - inside);
    }
    sums.waiting += waiting;
  }
  if (account.state === "ended")
    for (const { where, items } of account.losses) {
      if (where === "collector") sums.inside += items;
      if (where === "collector to backend") sums.behind += items;
    }
  return sums;
}
