/**
 * Random arrivals: a Poisson process whose rate is that of another law.
 *
 *   P(N(t) = k) = e^-m m^k / k!     m  items due by t under the other law, which is both mean and variance
 *
 * Seen in items of the other law instead of time, the process has the rate 1, so its gaps are exponential with mean 1:
 *
 *   M(n) = F⁻¹(g[0] + ... + g[n])     F  the other law's N     g  gaps, -ln(u), u uniform
 *
 *   items  ┊ ┊┊   ┊  ┊ ┊┊┊    ┊ ┊
 *          └───┴───┴───┴───┴───── F(t)
 *            windows of 64 each
 *
 * What comes after a moment does not depend on what came before, so each window draws its own gaps from its own number: the same
 * seed gives the same arrivals at any place, and only one window is ever held. A look costs as much as the windows between it and
 * the one before it; a run goes through them once, at some 20 ns an item.
 */
import { mix } from "../../../template/mix.ts";
import type { RateLaw } from "../rate-law.ts";

const WINDOW_ITEMS = 64;
const TWO_32 = 2 ** 32;

/**
 * law   the law of the mean; of what this one process sends of one signal, for two with the same seed send at the same moments
 * seed  any 32-bit integer
 */
export function poisson(law: RateLaw, seed: number): RateLaw {
  const arrivals = new Arrivals(seed);
  return {
    dueItems: (elapsedMs) => arrivals.countUntil(law.dueItems(elapsedMs)),
    momentMs: (items) => law.momentMs(arrivals.placeOf(Math.floor(items))),
    rateAt: law.rateAt,
    peak: law.peak,
  };
}

/** The process of rate 1. It holds one window, and how many arrivals came before it. */
class Arrivals {
  readonly #seed: number;
  #window = -1;
  #before = 0;
  /** Places within the window, rising. */
  readonly #places: number[] = [];

  constructor(seed: number) {
    this.#seed = mix(seed);
    this.#draw(0);
  }

  /** Where arrival n, from 0, lies. */
  placeOf(n: number): number {
    while (n < this.#before) this.#stepBack();
    while (n >= this.#before + this.#places.length) this.#step();
    return this.#window * WINDOW_ITEMS + this.#places[n - this.#before]!;
  }

  /** Arrivals up to a place. */
  countUntil(place: number): number {
    const window = Math.floor(place / WINDOW_ITEMS);
    while (this.#window > window) this.#stepBack();
    while (this.#window < window) this.#step();
    const within = place - window * WINDOW_ITEMS;
    const later = this.#places.findIndex((other) => other > within);
    return this.#before + (later < 0 ? this.#places.length : later);
  }

  #step(): void {
    this.#before += this.#places.length;
    this.#draw(this.#window + 1);
  }

  #stepBack(): void {
    this.#draw(this.#window - 1);
    this.#before -= this.#places.length;
  }

  #draw(window: number): void {
    this.#window = window;
    this.#places.length = 0;
    // Both halves of the number: a long run has more than 2^32 windows.
    let state = mix(this.#seed ^ mix(window | 0)) ^ mix(Math.floor(window / TWO_32) + 0x9e3779b9);
    let place = 0;
    for (;;) {
      state = (state + 0x9e3779b9) | 0;
      const uniform = ((mix(state) >>> 0) + 0.5) / TWO_32;
      place -= Math.log(uniform);
      if (place >= WINDOW_ITEMS) return;
      this.#places.push(place);
    }
  }
}
