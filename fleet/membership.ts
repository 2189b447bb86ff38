/**
 * Membership by DNS: how many replicas a service has, and which of them this one is, from the join to the end of the run.
 *
 * A container engine's DNS (or a headless Service of Kubernetes) answers the service's name with one address per running
 * replica. Sorted, that is an order all agree on. It serves to share the rate; who somebody is for longer than a run, it does
 * not tell, for addresses are given out again.
 */
import { Resolver } from "node:dns/promises";
import { networkInterfaces } from "node:os";
import type { Replica } from "../replayer/settings.ts";
import { type FleetView, isRestless, look, NO_VIEW } from "./fleet-view.ts";

/** Time between two looks: while something changes, otherwise, and while nothing is sent. A look costs half a millisecond of CPU. */
export const RESTLESS_LOOK_MS = 250;
export const LOOK_MS = 1000;
const IDLE_LOOK_MS = 2000;
/** What a try may take, and how many there are; an answer takes milliseconds, and the next look comes soon. */
const ANSWER_MS = 1000;
const TRIES = 1;
const GIVE_UP_MS = 60_000;
/** Doubt that lasts so long is told. */
const DOUBT_MS = 5000;

/** The variable that says by which address a replica is known to the others, where it cannot be found out. */
const OWN_ADDRESS_VARIABLE = "STAMPEDE_ADDRESS";

export class MembershipError extends Error {
  override readonly name = "MembershipError";
  readonly code = "no_membership";
}

/** The name that all replicas of a fleet have, and the DNS server that knows it; undefined: the system's. */
export interface FleetName {
  name: string;
  server: string | undefined;
}

/** Reads `NAME` or `NAME@ADDRESS[:PORT]`; undefined when it is neither. */
export function parseFleetName(text: string): FleetName | undefined {
  const [name = "", server, ...more] = text.split("@");
  if (name === "" || /\s/.test(text) || more.length > 0 || server === "") return undefined;
  try {
    if (server !== undefined) new Resolver().setServers([server]);
  } catch {
    return undefined;
  }
  return { name, server };
}

/** Addresses by which this replica may be known: the one it was given, else all of this machine. */
function ownAddresses(given: string | undefined): ReadonlySet<string> {
  if (given !== undefined && given !== "") return new Set([given]);
  const all = Object.values(networkInterfaces()).flatMap((some) => some ?? []);
  return new Set(all.map(({ address }) => address));
}

/** One replica's eyes on its fleet. It looks from the moment it is made until it is closed. */
export class Membership {
  readonly #fleet: FleetName;
  readonly #resolver = new Resolver({ timeout: ANSWER_MS, tries: TRIES });
  readonly #joined = Promise.withResolvers<Replica>();
  readonly #beganMs = performance.now();
  readonly #given: string | undefined;
  #own: ReadonlySet<string>;
  #view: FleetView = NO_VIEW;
  #problem = "";
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  #doubtSinceMs: number | undefined;
  #isDoubtTold = false;
  #onShare: (share: Replica) => void = () => {};
  #onNote: (text: string) => void = () => {};
  #isIdle: () => boolean = () => false;

  /** given  the address that this replica is known by; undefined: any of this machine */
  constructor(fleet: FleetName, given = process.env[OWN_ADDRESS_VARIABLE]) {
    this.#fleet = fleet;
    this.#given = given;
    this.#own = ownAddresses(given);
    if (fleet.server !== undefined) this.#resolver.setServers([fleet.server]);
    // Whoever closes it before it has joined does not ask any more.
    this.#joined.promise.catch(() => {});
    void this.#look();
  }

  /** Resolves with this replica's place once the view stands still. Rejects with MembershipError when it is in none for a minute. */
  join(): Promise<Replica> {
    return this.#joined.promise;
  }

  /**
   * Tell every later place of this replica, and what is wrong with the view for longer than a moment.
   * isIdle  whether it sends nothing for now, so that changes may be seen later
   */
  follow(
    onShare: (share: Replica) => void,
    onNote: (text: string) => void,
    isIdle: () => boolean = () => false,
  ): void {
    this.#onShare = onShare;
    this.#onNote = onNote;
    this.#isIdle = isIdle;
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#resolver.cancel();
  }

  async #look(): Promise<void> {
    const answer = await this.#resolver.resolve4(this.#fleet.name).catch((error: Error) => {
      this.#problem = error.message;
      return undefined;
    });
    if (this.#isClosed) return;
    const before = this.#view;
    const nowMs = performance.now();
    this.#view = look(before, answer, this.#own, nowMs);
    if (this.#view.doubt === "not in it") {
      this.#problem = `${answer!.join(", ")} are others`;
      // A machine may get another address.
      this.#own = ownAddresses(this.#given);
    }
    this.#tell(before.share, nowMs);
    if (this.#isClosed) return;
    const usualMs = this.#isIdle() ? IDLE_LOOK_MS : LOOK_MS;
    this.#timer = setTimeout(() => void this.#look(), isRestless(this.#view) ? RESTLESS_LOOK_MS : usualMs);
  }

  #tell(before: Replica | undefined, nowMs: number): void {
    const { share } = this.#view;
    if (!share) {
      if (nowMs - this.#beganMs >= GIVE_UP_MS) this.#giveUp();
      return;
    }
    if (!before) this.#joined.resolve(share);
    else if (share !== before) this.#onShare(share);
    this.#tellDoubt(share, nowMs);
  }

  #tellDoubt({ count }: Replica, nowMs: number): void {
    const { name } = this.#fleet;
    if (this.#view.doubt === undefined) {
      if (this.#isDoubtTold) this.#onNote(`the addresses of ${name} include this replica again`);
      this.#doubtSinceMs = undefined;
      this.#isDoubtTold = false;
      return;
    }
    this.#doubtSinceMs ??= nowMs;
    if (this.#isDoubtTold || nowMs - this.#doubtSinceMs < DOUBT_MS) return;
    this.#isDoubtTold = true;
    const rest = `(${this.#problem}): this replica goes on as one of ${count}`;
    this.#onNote(
      this.#view.doubt === "no answer"
        ? `${name} cannot be resolved ${rest}`
        : `${name} no longer includes this replica ${rest}`,
    );
  }

  #giveUp(): void {
    this.close();
    this.#joined.reject(
      new MembershipError(
        `--fleet-dns ${this.#fleet.name}: no address of this machine among those of the name (${this.#problem}); is it the service that this replica belongs to?`,
      ),
    );
  }
}
