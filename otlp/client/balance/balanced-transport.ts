import type { Answer, Lost } from "../../answer.ts";
import { type Endpoint, formatEndpoints } from "../../endpoint.ts";
import type { Compression } from "../../protocol.ts";
import type { Signal } from "../../signal.ts";
import { type Compress, Packing } from "../compress.ts";
import type { OpenTransport, Released, Target, TargetSettings, Transport } from "../contract.ts";
import { choose, joinIn } from "./choose.ts";
import { Member } from "./member.ts";
import { newRoute, type Route, release } from "./route.ts";
import { type Resolve, type Watch, watchAddresses } from "./watch-addresses.ts";

/**
 * A transport over several addresses: each has a transport of its own, requests are dealt out evenly, and one that no connection
 * could be made for goes to another address at once. Names that stand for all their addresses have been resolved when it is there,
 * or could not be.
 *
 * Bodies are compressed here, so that a request can change its way with what is ready.
 * open  makes the transport of one address; throws TargetError for settings that cannot work
 */
export async function openBalanced(
  target: Target,
  open: OpenTransport,
  resolve?: Resolve,
): Promise<Transport> {
  const transport = new BalancedTransport(target, open, resolve);
  await transport.resolved;
  return transport;
}

/** A first packet that is lost is sent again after a second. An address that takes longer than this is as good as gone. */
const CONNECT_MS = 3_000;
/** Until a name's addresses are known, the name itself stands in for them. */
const NAME = "";

class BalancedTransport implements Transport {
  readonly resolved: Promise<unknown>;
  readonly #target: Omit<Target, "endpoints">;
  readonly #open: OpenTransport;
  readonly #packing: Packing;
  readonly #watches: Watch[] = [];
  readonly #all = new Set<Member>();
  /** Removed, with requests that they have not answered. */
  readonly #leaving = new Set<Member>();
  #usable: readonly Member[] = [];
  readonly #idleRoutes: Route[] = [];
  /** What whoever comes while all are left out is told. */
  #lastLoss: Lost;
  #isClosed = false;

  constructor({ endpoints, ...target }: Target, open: OpenTransport, resolve: Resolve | undefined) {
    this.#target = target;
    this.#open = open;
    this.#packing = new Packing(target);
    this.#lastLoss = unreachable(formatEndpoints(endpoints));
    for (const endpoint of endpoints) {
      const first = this.#add(endpoint);
      if (endpoint.dns) this.#watches.push(this.#watch(endpoint, first, resolve));
    }
    this.resolved = Promise.all(this.#watches.map((watch) => watch.begun));
  }

  send(
    signal: Signal,
    body: Buffer,
    done: (answer: Answer) => void,
    released?: Released,
    ready?: Compression,
    avoid?: string,
  ): void {
    const { compression, compress } = this.#packing;
    if (compress && ready === undefined) {
      this.#packAndSend(compress, compression, signal, body, done, released, avoid);
    } else this.#begin(signal, body, done, released, ready ?? compression, avoid);
  }

  setCompression(compression: Compression): void {
    this.#packing.change(compression);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const watch of this.#watches) watch.stop();
    await Promise.all([...this.#all, ...this.#leaving].map((member) => member.close()));
  }

  // Apart from `send`: a function that makes closures pays for them even where it does not come to it.
  #packAndSend(
    compress: Compress,
    compression: Compression,
    signal: Signal,
    body: Buffer,
    done: (answer: Answer) => void,
    released: Released | undefined,
    avoid: string | undefined,
  ): void {
    compress(body, (packed) => this.#begin(signal, packed, done, undefined, compression, avoid), released);
  }

  #begin(
    signal: Signal,
    body: Buffer,
    done: (answer: Answer) => void,
    released: Released | undefined,
    encoding: Compression,
    avoid: string | undefined,
  ): void {
    const route = this.#idleRoutes.pop() ?? newRoute(this.#onAnswer);
    route.signal = signal;
    route.body = body;
    route.done = done;
    route.released = released;
    route.encoding = encoding;
    if (!this.#dispatch(route, avoid)) setImmediate(() => this.#finish(route, this.#lossOfAll()));
  }

  /** False when there is nobody to give it to. */
  #dispatch(route: Route, avoid?: string): boolean {
    const { signal, body } = route;
    const member = this.#isClosed ? undefined : choose(this.#usable, signal, avoid);
    if (!member) return false;
    member.dealt[signal] += body.length;
    route.member = member;
    route.era = member.take();
    route.isIntact = false;
    member.transport.send(signal, body, route.onDone, route.onReleased, route.encoding);
    return true;
  }

  #onAnswer = (route: Route, answer: Answer): void => {
    const { member } = route;
    member.give(answer, route.era);
    if (member.lastLoss === answer) this.#lastLoss = member.lastLoss;
    if (route.isIntact && this.#dispatch(route)) return;
    this.#finish(route, answer);
  };

  #finish(route: Route, answer: Answer): void {
    const { done } = route;
    release(route);
    route.body = EMPTY;
    this.#idleRoutes.push(route);
    done(answer);
  }

  #lossOfAll(): Lost {
    if (!this.#isClosed) return this.#lastLoss;
    return { ...this.#lastLoss, code: "closed", message: "the transport was closed" };
  }

  #add(endpoint: Endpoint): Member {
    // Bodies come compressed, or are to stay as they are.
    const target: TargetSettings = { ...this.#target, endpoint, compression: "none", connectMs: CONNECT_MS };
    const member = new Member(target, this.#open(target), () => this.#recount());
    this.#all.add(member);
    this.#recount();
    return member;
  }

  #remove(member: Member): void {
    this.#all.delete(member);
    this.#leaving.add(member);
    member.leave();
    for (const one of this.#leaving) if (one.inFlight === 0) this.#leaving.delete(one);
    this.#recount();
  }

  #recount(): void {
    const before = this.#usable;
    this.#usable = [...this.#all].filter((member) => member.isUsable);
    for (const member of this.#usable) if (!before.includes(member)) joinIn(member, before);
  }

  #watch(endpoint: Endpoint, first: Member, resolve: Resolve | undefined): Watch {
    const members = new Map([[NAME, first]]);
    const onAddresses = (addresses: readonly string[]): void => {
      const gone = [...members.keys()].filter((address) => !addresses.includes(address));
      for (const address of addresses) {
        if (!members.has(address)) members.set(address, this.#add({ ...endpoint, address }));
      }
      for (const address of gone) {
        this.#remove(members.get(address)!);
        members.delete(address);
      }
    };
    return watchAddresses(endpoint.host, endpoint.dns!, onAddresses, resolve);
  }
}

const EMPTY = Buffer.alloc(0);

function unreachable(address: string): Lost {
  return { kind: "lost", sent: false, code: "unreachable", message: "not tried yet", address, wireBytes: 0 };
}
