/**
 * Deals the budget of a span out to what its recipe puts below it: every span gets a budget (itself and all below it),
 * and what a parent's children have adds up to exactly what the parent has left.
 *
 * Too small a budget leaves entries out; a larger one repeats statements (N+1), requests and steps, or goes further down.
 */
import { mix } from "../../template/mix.ts";
import type { Random } from "../random.ts";
import { BATCH_STEPS } from "../scenario/batch-steps.ts";
import type { Consumer, DatabaseCall, Service, ServiceInstance, Work } from "../scenario/services.ts";
import { CLIENT, CONSUMER, DATABASE, EXTERNAL, PRODUCER, STEP } from "../span-role.ts";
import { type Appetites, leastOf, type Measured } from "./appetites.ts";
import { isAbout, isRepeatableEntry, loopedStatementOf } from "./recipe-entries.ts";
import type { SpanStack } from "./span-stack.ts";
import type { WalkedSpan } from "./walked-span.ts";

/** Gives the instance of a service that takes a request. */
export type InstanceOf = (service: Service) => ServiceInstance;

/** How often an entry is left out although there is room: a cache that answers, a branch that is not taken. */
const SKIPPED = 0.06;

/** A budget above this many times the usual is made up by repeating entries. */
const AMPLE = 1.25;

/** Past this many spans a trace is a batch run: deep rather than wide, and its calls reach many instances. */
export const LARGE_TRACE = 900;

/** Statements of one loop, at most, in a trace of usual size and in a large one. */
const MAX_LOOP = 24;
const MAX_LARGE_LOOP = 6;

/** Children that a span spreads a large budget over. */
const MIN_FAN = 4;
const MAX_FAN = 10;

/** Repeated requests that are under way at the same time. */
const LANES = 4;

/** How often a step is seen to do something. */
const OPEN_STEPS = 0.35;

/** Recipes say nothing of how long loops in steps are. */
const STEP_APPETITE = 1.6;

/** Above so many times the usual, and a loop, a budget is dealt out to the pages of a batch. */
const BATCH = 4;

/** Spans of what a batch does with each of its things, in times of the usual: pages of fewer are not cut again. */
const ITEM = 2;

export class Portions {
  readonly #stack: SpanStack;
  readonly #random: Random;
  readonly #appetites: Appetites;
  readonly #instanceOf: InstanceOf;
  #maxLoop = MAX_LOOP;

  constructor(stack: SpanStack, random: Random, appetites: Appetites, instanceOf: InstanceOf) {
    this.#stack = stack;
    this.#random = random;
    this.#appetites = appetites;
    this.#instanceOf = instanceOf;
  }

  /** Begin a trace of this many spans. */
  beginTrace(spanCount: number): void {
    this.#maxLoop = spanCount > LARGE_TRACE ? MAX_LARGE_LOOP : MAX_LOOP;
  }

  /** Push the children of a server, worker or step. */
  dealWork(span: WalkedSpan, ordinal: number): void {
    const { work } = span;
    const isOpenStep = span.role === STEP && span.level === 0;
    const recipe = isOpenStep ? this.#appetites.inside(work) : this.#appetites.measure(work);
    const first = this.#stack.length;
    let left = span.budget - 1;
    if (span.doomed) {
      const statement = this.#stack.push(DATABASE, span.instance, span, ordinal, 1, span.doomedWord);
      statement.database = span.doomed;
      statement.mustFail = true;
      left--;
    }
    if (left > BATCH * recipe.usual + this.#maxLoop) {
      this.#dealPages(span, ordinal, recipe, left);
      return;
    }
    left = this.#takeEntries(span, ordinal, recipe, left);
    if (left > 0) this.#spread(span, ordinal, first, left);
  }

  /** A request that fails goes no further: give the budget of what stands behind this place to what is in front of it. */
  stopAfter(span: WalkedSpan, ordinal: number, first: number, place: number): void {
    const stack = this.#stack;
    const last = stack.at(place);
    let freed = 0;
    for (let at = place + 1; at < stack.length; at++) freed += stack.at(at).budget;
    stack.length = place + 1;
    if (freed === 0) return;
    this.#spread(span, ordinal, first, freed);
    // More statements may have come behind it.
    for (let at = place; stack.at(stack.length - 1) !== last; at++) stack.lift(at);
  }

  /** Push the workers that take up a message. */
  dealMessage(span: WalkedSpan, ordinal: number): void {
    const { consumers } = span.topic!;
    const first = this.#stack.length;
    let left = span.budget - 1;
    const from = span.word % consumers.length;
    for (let nth = 0; nth < consumers.length && left > 0; nth++, left--)
      this.#pushConsumer(span, ordinal, consumers[(from + nth) % consumers.length]!);
    if (left > 0) this.#spread(span, ordinal, first, left);
  }

  /** Take the entries of a recipe in order, as far as the budget goes. Returns what is left of it. */
  #takeEntries(span: WalkedSpan, ordinal: number, recipe: Measured, budget: number): number {
    const random = this.#random;
    const { work, least, usual } = recipe;
    const taken = budget < least ? budget / least : 1 - SKIPPED;
    const repeated = budget > usual * AMPLE ? this.#repeatedEntry(work, budget - usual) : -1;
    const habits = mix(span.operation ? span.operation.index : span.depth + 977);
    let left = budget;
    for (let place = 0; place < work.length; place++) {
      const entry = work[place]!;
      const need = leastOf(entry);
      // Calls are kept: what others leave of the budget goes below them.
      if (need > left || (need === 1 && !random.chance(taken))) continue;
      const times = place === repeated ? this.#timesOf(entry, budget, usual) : 1;
      for (let time = 0; time < times && need <= left; time++) {
        // The first time it is about what the request is about, then about others.
        const word = time === 0 && isAbout(span, entry) ? span.word : random.word();
        const child = this.#pushEntry(span, ordinal, entry, need, word);
        left -= need;
        child.joins = time === 0 ? (habits & 3) === 0 : (habits & 4) === 0 && time % LANES !== 0;
      }
    }
    return left;
  }

  /** The entry that makes up for a budget beyond the usual: a statement for few spans, something with a subtree for many. */
  #repeatedEntry(work: readonly Work[], extra: number): number {
    const random = this.#random;
    const from = random.int(0, Math.max(0, work.length - 1));
    let statement = -1;
    let tree = -1;
    for (let nth = 0; nth < work.length; nth++) {
      const place = (from + nth) % work.length;
      const entry = work[place]!;
      if (!isRepeatableEntry(entry)) continue;
      if (entry.kind === "call") tree = place;
      else statement = place;
    }
    return tree < 0 || (extra <= this.#maxLoop && random.chance(0.5)) ? statement : tree;
  }

  #timesOf(entry: Work, budget: number, usual: number): number {
    const random = this.#random;
    const extra = budget - usual;
    if (entry.kind === "database") {
      return 1 + Math.floor(Math.min(this.#maxLoop, extra) * (0.4 + 0.6 * random.float()));
    }
    const wanted = 1 + Math.ceil(extra / this.#appetites.ofEntry(entry));
    return Math.min(wanted, random.int(MIN_FAN, MAX_FAN));
  }

  /** Give what is left of a budget to the children that can have more below them. */
  #spread(span: WalkedSpan, ordinal: number, first: number, left: number): void {
    const stack = this.#stack;
    let sum = 0;
    let last = -1;
    for (let place = first; place < stack.length; place++) {
      const child = stack.at(place);
      if (child.appetite === 0) continue;
      // Waits here until the sum of all is known; times come later.
      child.end = child.appetite * (0.5 + this.#random.float());
      sum += child.end;
      last = place;
    }
    if (last < 0) {
      this.#fill(span, ordinal, first, left);
      return;
    }
    let rest = left;
    for (let place = first; place <= last; place++) {
      const child = stack.at(place);
      if (child.appetite === 0) continue;
      const more = place === last ? rest : Math.floor((left * child.end) / sum);
      child.budget += more;
      rest -= more;
    }
  }

  /** Spend a budget that no entry can take: on more statements, or on a loop of steps that have them below. */
  #fill(span: WalkedSpan, ordinal: number, first: number, budget: number): void {
    const statement = budget <= this.#maxLoop ? loopedStatementOf(span) : undefined;
    if (statement) {
      this.#loop(span, statement, ordinal, first, budget);
      return;
    }
    this.#dealPages(span, ordinal, this.#appetites.measure(span.work), budget);
  }

  /** Spend a large budget on a batch: pages, chunks and items, each of which does what one of the service's recipes says. */
  #dealPages(span: WalkedSpan, ordinal: number, { usual }: Measured, budget: number): void {
    const random = this.#random;
    const { service } = span.instance;
    const level = Math.min(span.level, BATCH_STEPS.length - 1);
    const step = service.steps.find(({ name }) => name === BATCH_STEPS[level]![0]) ?? service.steps[0]!;
    const wanted = Math.max(2, Math.ceil(budget / (ITEM * usual)));
    const pages = Math.min(budget, wanted, random.int(MIN_FAN, MAX_FAN));
    let left = budget;
    for (let nth = 0; nth < pages; nth++) {
      const behind = pages - nth - 1;
      const share = Math.round((left / (behind + 1)) * (0.7 + 0.6 * random.float()));
      const size = behind === 0 ? left : Math.max(1, Math.min(share, left - behind));
      const page = this.#stack.push(STEP, span.instance, span, ordinal, size, random.word());
      page.step = step;
      page.level = level + 1;
      if (span.parent < 0 || span.level > 0) page.work = random.pick(service.operations).work;
      page.joins = nth % LANES !== 0 && (span.word & 1) === 0;
      left -= size;
    }
  }

  /** Push a statement so many times, behind where it stands already, or else behind what else the database is asked. */
  #loop(span: WalkedSpan, call: DatabaseCall, ordinal: number, first: number, times: number): void {
    const stack = this.#stack;
    let place = stack.length;
    while (place > first && stack.at(place - 1).database !== call) place--;
    if (place === first) place = this.#behindStatements(first);
    for (let time = 0; time < times; time++) {
      const word = this.#random.word();
      stack.push(DATABASE, span.instance, span, ordinal, 1, word).database = call;
      stack.sink(place++);
    }
  }

  /** The place behind the last statement from `first` on; on top when there is none. */
  #behindStatements(first: number): number {
    const stack = this.#stack;
    let place = stack.length;
    while (place > first && !stack.at(place - 1).database) place--;
    return place === first ? stack.length : place;
  }

  #pushEntry(span: WalkedSpan, ordinal: number, entry: Work, budget: number, word: number): WalkedSpan {
    const { instance } = span;
    const stack = this.#stack;
    switch (entry.kind) {
      case "database": {
        const child = stack.push(DATABASE, instance, span, ordinal, budget, word);
        child.database = entry.call;
        return child;
      }
      case "external": {
        const child = stack.push(EXTERNAL, instance, span, ordinal, budget, word);
        child.external = entry.call;
        return child;
      }
      case "step": {
        const child = stack.push(STEP, instance, span, ordinal, budget, word);
        child.step = entry.step;
        if (this.#appetites.inside(span.work).usual > 0 && this.#random.chance(OPEN_STEPS))
          child.appetite = STEP_APPETITE;
        return child;
      }
      case "call": {
        const child = stack.push(CLIENT, instance, span, ordinal, budget, word);
        child.operation = entry.operation;
        child.callee = this.#instanceOf(entry.operation.service);
        child.appetite = this.#appetites.ofOperation(entry.operation);
        return child;
      }
      case "publish": {
        const child = stack.push(PRODUCER, instance, span, ordinal, budget, word);
        child.topic = entry.topic;
        child.appetite = this.#appetites.ofEntry(entry) - 1;
        return child;
      }
    }
  }

  #pushConsumer(producer: WalkedSpan, ordinal: number, consumer: Consumer): void {
    const instance = this.#instanceOf(consumer.service);
    // Both sides name the same message.
    const child = this.#stack.push(CONSUMER, instance, producer, ordinal, 1, producer.word);
    child.consumer = consumer;
    child.topic = consumer.topic;
    child.work = consumer.work;
    child.served = consumer;
    child.appetite = this.#appetites.measure(consumer.work).usual;
  }
}
