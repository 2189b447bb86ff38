/**
 * How many spans an operation, a worker or a recipe makes when nobody counts: what budgets are compared with.
 */
import type { Scenario } from "../scenario/scenario.ts";
import type { Operation, Work } from "../scenario/services.ts";
import { isRepeatableStatement } from "./recipe-entries.ts";

/** A recipe, measured. */
export interface Measured {
  readonly work: readonly Work[];
  /** Spans of all its entries as they are usually, everything below them included. */
  readonly usual: number;
  /** The least that its entries can be made with: a call is two spans. */
  readonly least: number;
}

/** Share of messages whose worker is part of the trace. */
const FOLLOWED = 0.8;

export class Appetites {
  readonly #operations = new Map<Operation, number>();
  readonly #recipes = new Map<readonly Work[], Measured>();
  readonly #entries = new Map<Work, number>();
  readonly #inner = new Map<readonly Work[], Measured>();

  constructor(scenario: Scenario) {
    for (const { operations, consumers } of scenario.services) {
      for (const operation of operations) this.ofOperation(operation);
      for (const { work } of consumers) this.measure(work);
    }
  }

  /** Spans at and below the server of an operation. */
  ofOperation(operation: Operation): number {
    let spans = this.#operations.get(operation);
    if (spans === undefined) {
      // Holds while it is worked out, should a recipe ever lead back to itself.
      this.#operations.set(operation, 1);
      spans = 1 + this.measure(operation.work).usual;
      this.#operations.set(operation, spans);
    }
    return spans;
  }

  /** Spans of one entry. */
  ofEntry(entry: Work): number {
    let spans = this.#entries.get(entry);
    if (spans === undefined) {
      spans = this.#count(entry);
      this.#entries.set(entry, spans);
    }
    return spans;
  }

  #count(entry: Work): number {
    if (entry.kind === "call") return 1 + this.ofOperation(entry.operation);
    if (entry.kind !== "publish") return 1;
    let spans = 1;
    for (const { work } of entry.topic.consumers) spans += FOLLOWED * (1 + this.measure(work).usual);
    return spans;
  }

  measure(work: readonly Work[]): Measured {
    let measured = this.#recipes.get(work);
    if (!measured) {
      this.#recipes.set(work, { work, usual: 1, least: 1 });
      measured = this.#sum(work);
      this.#recipes.set(work, measured);
    }
    return measured;
  }

  /** What of a recipe can happen inside one of its steps: statements, but those that are sent once. */
  inside(work: readonly Work[]): Measured {
    let measured = this.#inner.get(work);
    if (!measured) {
      measured = this.#sum(work.filter(isRepeatableStatement));
      this.#inner.set(work, measured);
    }
    return measured;
  }

  #sum(work: readonly Work[]): Measured {
    let usual = 0;
    let least = 0;
    for (const entry of work) {
      usual += this.ofEntry(entry);
      least += leastOf(entry);
    }
    return { work, usual, least };
  }
}

/** Spans that an entry takes at least: a request has two sides. */
export function leastOf({ kind }: Work): number {
  return kind === "call" ? 2 : 1;
}
