/**
 * The spans that wait to be handed out: a stack, whose objects are used again and again.
 */
import type { ServiceInstance } from "../scenario/services.ts";
import type { SpanRole } from "../span-role.ts";
import { emptySpan, NO_NOTE, type WalkedSpan } from "./walked-span.ts";

export class SpanStack {
  /** Waiting spans; those from `length` on are free. */
  readonly #spans: WalkedSpan[] = [];
  /** The span that was popped last; takes the place of the next one. */
  #spare = emptySpan();
  length = 0;

  clear(): void {
    this.length = 0;
  }

  at(place: number): WalkedSpan {
    return this.#spans[place]!;
  }

  /** A fresh span on top, below the parent that has this ordinal; a root without one. */
  push(
    role: SpanRole,
    instance: ServiceInstance,
    parent: WalkedSpan | undefined,
    ordinal: number,
    budget: number,
    word: number,
  ): WalkedSpan {
    if (this.length === this.#spans.length) this.#spans.push(emptySpan());
    const span = this.#spans[this.length++]!;
    span.role = role;
    span.instance = instance;
    span.operation = undefined;
    span.database = undefined;
    span.external = undefined;
    span.step = undefined;
    span.topic = undefined;
    span.consumer = undefined;
    span.caller = undefined;
    span.callee = undefined;
    span.parent = ordinal;
    span.start = 0;
    span.end = 0;
    span.budget = budget;
    span.appetite = 0;
    span.level = 0;
    span.joins = false;
    span.statusCode = 0;
    span.failed = false;
    span.mustFail = false;
    span.explained = false;
    span.cause = undefined;
    span.doomed = undefined;
    span.resends = 0;
    span.messages = 1;
    span.note = NO_NOTE;
    span.word = word;
    if (parent) {
      span.work = parent.work;
      span.served = parent.served;
      span.depth = parent.depth + 1;
      span.context = parent.context;
    } else {
      span.served = undefined;
      span.depth = 0;
      span.context = word;
    }
    return span;
  }

  /** Take the top one off. It stays as it is until the next one is taken. */
  pop(): WalkedSpan {
    // The children of the span take its place on the stack, so it is swapped with a spare one.
    const span = this.#spans[--this.length]!;
    this.#spans[this.length] = this.#spare;
    this.#spare = span;
    return span;
  }

  /** Move the top one to this place; those from there on move up. */
  sink(place: number): void {
    const spans = this.#spans;
    const moved = spans[this.length - 1]!;
    for (let at = this.length - 1; at > place; at--) spans[at] = spans[at - 1]!;
    spans[place] = moved;
  }

  /** Change places with the one above. */
  lift(place: number): void {
    const spans = this.#spans;
    const lifted = spans[place]!;
    spans[place] = spans[place + 1]!;
    spans[place + 1] = lifted;
  }

  /** Turn the order of those from `first` on round: what was pushed first comes off first. */
  reverse(first: number): void {
    const spans = this.#spans;
    for (let low = first, high = this.length - 1; low < high; low++, high--) {
      const swapped = spans[low]!;
      spans[low] = spans[high]!;
      spans[high] = swapped;
    }
  }
}
