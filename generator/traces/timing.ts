/**
 * When spans happen: children inside their parent, in turn or side by side, each about as long as its kind usually
 * takes; what is left over is the parent's own time. All offsets are of one clock, the trace's.
 */
import type { Random } from "../random.ts";
import { CLIENT, DATABASE, EXTERNAL, PRODUCER, STEP } from "../span-role.ts";
import type { Appetites } from "./appetites.ts";
import type { SpanStack } from "./span-stack.ts";
import { CACHE_MISS, RETRY, type WalkedSpan } from "./walked-span.ts";

const MS = 1e6;

/** The least that each span of a budget gets: no span is shorter, as nothing on a network is. */
const MIN_SPAN_NS = 30_000;

const MAX_ROOT_NS = 20_000 * MS;
const MAX_LARGE_ROOT_NS = 90_000 * MS;
const MAX_WORKER_NS = 60_000 * MS;

/** A connection that is refused, within the system and outside. */
const REFUSED_MS = 1.2;
const REFUSED_OUTSIDE_MS = 24;

/** Statements that fail have mostly been waited for. */
const FAILED_STATEMENT = 12;

/** Network on either side of a request, as usual. */
const NETWORK_MS = 0.25;

/** The way of a message to its worker: at least, and half of the time no more than so much longer; at worst seconds. */
const BROKER_MS = 2;
const QUEUE_MS = 5;

/** Time that a loop of a step takes for each span in it. */
const LOOP_MS = 2.5;

/** Share of its parent's time that children take, at most: between these. */
const MIN_FILL = 0.72;
const MAX_FILL = 0.97;

/** Share of the pauses that come before what a request publishes at its end. */
const EVENTS_EARLY = 0.3;

/** Children are stretched this much at most to fill their parent; the rest is the parent's own work. */
const MAX_STRETCH = 2.5;

export class Timing {
  readonly #stack: SpanStack;
  readonly #random: Random;
  readonly #appetites: Appetites;

  constructor(stack: SpanStack, random: Random, appetites: Appetites) {
    this.#stack = stack;
    this.#random = random;
    this.#appetites = appetites;
  }

  /** Give a root its time, from 0 on. */
  placeRoot(root: WalkedSpan, isLarge: boolean): void {
    const { latencyMs } = root.operation!;
    const usual = latencyMs * MS * growth(root.budget, this.#appetites.ofOperation(root.operation!));
    const most = isLarge ? MAX_LARGE_ROOT_NS : MAX_ROOT_NS;
    root.start = 0;
    root.end = Math.floor(Math.max(4 * this.#leastNs(root), this.#within(most, usual * this.#skewed())));
  }

  /** Give the server's side of a request its time: inside the client's, with the network on either side. */
  placeServer(client: WalkedSpan, server: WalkedSpan): void {
    const slack = client.end - client.start - server.budget * MIN_SPAN_NS;
    const way = (): number => Math.floor(Math.min(slack * 0.4, NETWORK_MS * MS * this.#skewed()));
    server.start = client.start + way();
    server.end = client.end - way();
  }

  /** Give a worker its time: some time after the message was sent, however long its parents take. */
  placeConsumer(producer: WalkedSpan, consumer: WalkedSpan): void {
    const { latencyMs, work } = consumer.consumer!;
    const usual = latencyMs * MS * growth(consumer.budget, 1 + this.#appetites.measure(work).usual);
    const length = Math.max(this.#leastNs(consumer), this.#within(MAX_WORKER_NS, usual * this.#skewed()));
    // Most messages are taken up at once, some wait for those in front of them.
    const wait = this.#skewed();
    consumer.start = producer.end + Math.floor((BROKER_MS + QUEUE_MS * wait * wait) * MS);
    consumer.end = consumer.start + Math.floor(length);
  }

  /** Give the children from `first` on their time inside the span. */
  placeChildren(span: WalkedSpan, first: number): void {
    const stack = this.#stack;
    const random = this.#random;
    let wanted = 0;
    let gaps = 1;
    for (let place = first; place < stack.length; ) {
      const behind = this.#groupEnd(place);
      let longest = 0;
      for (let at = place; at < behind; at++) {
        // What a child would like to have waits in `end` until the sum of all is known.
        const child = stack.at(at);
        child.end = this.#usualNs(child);
        if (child.end > longest) longest = child.end;
      }
      wanted += longest;
      gaps++;
      place = behind;
    }
    const slack = span.end - span.start - (span.budget - 1) * MIN_SPAN_NS;
    const fill = MIN_FILL + (MAX_FILL - MIN_FILL) * random.float();
    const stretch = Math.min(MAX_STRETCH, (slack * fill) / wanted);
    let pause = slack - wanted * stretch;
    // Events are told as soon as they have happened; then there is still an answer to be written.
    if (stack.at(stack.length - 1).role === PRODUCER) pause *= EVENTS_EARLY;
    let clock = span.start;
    for (let place = first; place < stack.length; gaps--) {
      const gap = Math.min(pause, (pause / gaps) * 2 * random.float());
      pause -= gap;
      clock += gap;
      const behind = this.#groupEnd(place);
      clock = this.#placeGroup(place, behind, clock, stretch);
      place = behind;
    }
  }

  /** Note when what a span notes has happened: between the children that show it. */
  placeNotes(span: WalkedSpan, first: number): void {
    const stack = this.#stack;
    for (let place = first; place < stack.length; place++) {
      const child = stack.at(place);
      if (child.note === RETRY) {
        child.note = 0;
        span.note = RETRY;
        span.noteTime = stack.at(place - 1).end;
      } else if (place > first && isMiss(stack.at(place - 1), child) && (child.word & 7) === 0) {
        span.note = CACHE_MISS;
        span.noteTime = stack.at(place - 1).end;
      }
    }
  }

  /** Place those that begin together; returns when the last of them has ended. */
  #placeGroup(from: number, behind: number, start: number, stretch: number): number {
    const stack = this.#stack;
    const random = this.#random;
    let longest = 0;
    let floors = 0;
    for (let at = from; at < behind; at++) {
      const child = stack.at(at);
      if (child.end > longest) longest = child.end;
      floors += child.budget * MIN_SPAN_NS;
    }
    const length = floors + longest * stretch;
    let begin = start;
    for (let at = from; at < behind; at++) {
      const child = stack.at(at);
      const floor = child.budget * MIN_SPAN_NS;
      if (at > from) begin += (start + length - floor - begin) * 0.04 * random.float();
      const most = start + length - begin;
      const share = child.end / longest;
      child.start = Math.floor(begin);
      child.end = Math.floor(begin + Math.min(most, floor + (most - floor) * share));
    }
    return start + length;
  }

  /** The place behind those that begin with the one at `place`. */
  #groupEnd(place: number): number {
    const stack = this.#stack;
    const kind = laneOf(stack.at(place));
    let behind = place + 1;
    if (kind === IN_TURN) return behind;
    while (behind < stack.length && stack.at(behind).joins && laneOf(stack.at(behind)) === kind) behind++;
    return behind;
  }

  /** A factor for times: skewed, and never twice the same, as a bound that many are cut to would show. */
  #skewed(): number {
    return this.#random.skewed() * (0.95 + 0.1 * this.#random.float());
  }

  /** A time, or one somewhat below the most that is allowed. */
  #within(most: number, time: number): number {
    return time < most ? time : most * (1 - 0.2 * this.#random.float());
  }

  /** What a budget takes at least, and a little more: no round numbers. */
  #leastNs({ budget }: WalkedSpan): number {
    return budget * MIN_SPAN_NS * (1 + 0.2 * this.#random.float());
  }

  /** How long a span of this kind and size takes, this time. */
  #usualNs(span: WalkedSpan): number {
    return this.#usualMs(span) * MS * this.#skewed();
  }

  #usualMs(span: WalkedSpan): number {
    const { budget } = span;
    switch (span.role) {
      case DATABASE:
        return span.database!.latencyMs * (span.failed ? FAILED_STATEMENT : 1);
      case EXTERNAL:
        return span.statusCode === 0 ? REFUSED_OUTSIDE_MS : span.external!.latencyMs;
      case STEP:
        return span.step!.latencyMs + (budget - 1) * LOOP_MS;
      case PRODUCER:
        return span.topic!.latencyMs;
      case CLIENT: {
        const { latencyMs } = span.operation!;
        if (budget === 1) return REFUSED_MS;
        return 2 * NETWORK_MS + latencyMs * growth(budget - 1, this.#appetites.ofOperation(span.operation!));
      }
      default:
        return 1;
    }
  }
}

/** How much longer something takes that makes so many spans instead of the usual number; fewer spans save less than their share. */
function growth(spans: number, usual: number): number {
  const ratio = spans / usual;
  return ratio < 1 ? (ratio + Math.sqrt(ratio)) / 2 : ratio;
}

/** Kinds of what can be under way side by side: requests, pages of a batch. A connection to a database answers in turn. */
const IN_TURN = 0;
const REQUESTS = 1;
const PAGES = 2;

function laneOf({ role, resends, level }: WalkedSpan): number {
  if (role === EXTERNAL || (role === CLIENT && resends === 0)) return REQUESTS;
  return role === STEP && level > 0 ? PAGES : IN_TURN;
}

/** Whether a cache was asked, and the database right after it. */
function isMiss(cache: WalkedSpan, database: WalkedSpan): boolean {
  if (cache.role !== DATABASE || database.role !== DATABASE || cache.failed) return false;
  const { system, statement } = cache.database!;
  return system.name === "redis" && statement.reads && database.database!.system.name !== "redis";
}
