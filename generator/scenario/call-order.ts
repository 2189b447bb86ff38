/**
 * Who calls whom. Calls go forward only: from entrances to the services behind them, from lower layers of domains to
 * higher ones, within a layer from earlier services to later ones. So no request runs in circles.
 */
import type { Random } from "../random.ts";
import type { Draft } from "./draft.ts";
import { publicEndpoints } from "./operations.ts";

/** Services that an entrance has endpoints for whatever they are about. */
const MAX_FRONTED = 8;

const LAST_LAYER_FOR_PEOPLE = 1;

/** A service that nobody needs is called by one of this many that come before it. */
const NEARBY = 12;

export interface CallPlan {
  /** By entrance: services whose endpoints it passes on. */
  readonly fronted: ReadonlyMap<Draft, readonly Draft[]>;
  /** By service: those that it calls without wanting anything special from them, so that nobody is left out. */
  readonly callees: ReadonlyMap<Draft, readonly Draft[]>;
  /** The service that answers a verb when this one calls it, if there is one further on. */
  readonly answering: (from: Draft, verb: string) => Draft | undefined;
}

/** Whether calls may go from one service to the other. */
export function isForward(from: Draft, to: Draft): boolean {
  if (from.isIngress !== to.isIngress) return from.isIngress;
  if (from.domain.layer !== to.domain.layer) return from.domain.layer < to.domain.layer;
  return from.index < to.index;
}

/** Decide who calls whom; every service behind the entrances is called by somebody, or acts on the events of others. */
export function planCalls(random: Random, drafts: readonly Draft[]): CallPlan {
  const entrances = drafts.filter(({ isIngress }) => isIngress);
  const behind = drafts.filter(({ isIngress }) => !isIngress);
  const pool = behind.length > 0 ? behind : entrances;
  const fronted = new Map<Draft, Draft[]>(entrances.map((draft) => [draft, []]));
  // Domains of the lowest layers are made for people: nobody but an entrance asks them for anything.
  const forPeople = behind
    .filter(({ domain }) => publicEndpoints(domain).length > 0)
    .filter(
      ({ domain }, place) => place < MAX_FRONTED * entrances.length || domain.layer <= LAST_LAYER_FOR_PEOPLE,
    );
  for (const [place, draft] of forPeople.entries()) {
    fronted.get(entrances[place % entrances.length]!)!.push(draft);
  }
  const byVerb = new Map<string, Draft[]>();
  for (const draft of pool) {
    for (const { verb } of draft.domain.endpoints) {
      const known = byVerb.get(verb);
      if (known) known.push(draft);
      else byVerb.set(verb, [draft]);
    }
  }
  const answering = (from: Draft, verb: string): Draft | undefined =>
    byVerb.get(verb)?.find((draft) => draft.domain !== from.domain && isForward(from, draft));
  const wanted = drafts.flatMap((draft) =>
    draft.domain.endpoints.flatMap(({ calls }) => calls.map((verb) => answering(draft, verb))),
  );
  const callees = new Map<Draft, Draft[]>(drafts.map((draft) => [draft, []]));
  const called = new Set<Draft | undefined>([...[...fronted.values()].flat(), ...wanted]);
  for (const draft of pool) {
    if (called.has(draft) || draft.consumers.length > 0) continue;
    const before = pool.filter((other) => other.index < draft.index && isForward(other, draft));
    const callers =
      before.length > 0 ? before.slice(-NEARBY) : entrances.filter((other) => isForward(other, draft));
    if (callers.length > 0) callees.get(random.fork(`caller of ${draft.name}`).pick(callers))!.push(draft);
  }
  return { fronted, callees, answering };
}
