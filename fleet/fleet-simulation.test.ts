/**
 * Whole fleets on paper: replicas come and go, each with a clock of its own that runs too fast or too slow, each seeing the DNS a while
 * late and at moments of its own. What is simulated is what runs: views, looks, schedules. Only time and addresses are made up.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { constant } from "../replayer/pace/laws/constant.ts";
import { shareOf } from "../replayer/pace/laws/share-of.ts";
import { Schedule } from "../replayer/pace/schedule.ts";
import { type FleetView, isRestless, look, NO_VIEW } from "./fleet-view.ts";
import { LOOK_MS, RESTLESS_LOOK_MS } from "./membership.ts";

const RATE = 1_000_000;
/** By when all that is left of a change is over. */
const SETTLED_MS = 5000;
const STEP_MS = 50;
/** The engine's DNS knows of a start or a stop so late, at most; and an answer takes so long, at most. */
const DNS_LATE_MS = 200;
const VIEW_LATE_MS = 1000;
const FOREVER = {
  durationMs: Number.POSITIVE_INFINITY,
  items: Number.POSITIVE_INFINITY,
  endsWithItems: true,
};

/** What is random about one replica. */
interface Nature {
  /** Of its clock, over the true one. */
  speed: number;
  lateMs: number;
  phaseMs: number;
}

class SimulatedReplica {
  readonly address: string;
  readonly #nature: Nature;
  readonly #startedMs: number;
  readonly #own: ReadonlySet<string>;
  #view: FleetView = NO_VIEW;
  #nextLookMs: number;
  #schedule: Schedule | undefined;
  #beganMs = 0;

  constructor(address: string, nature: Nature, nowMs: number) {
    this.address = address;
    this.#nature = nature;
    this.#startedMs = nowMs;
    this.#own = new Set([address]);
    this.#nextLookMs = nature.phaseMs % RESTLESS_LOOK_MS;
  }

  /** Live until a moment. `dns` tells what the name stood for at another. Returns the items that it has sent. */
  live(nowMs: number, dns: (atMs: number) => readonly string[]): number {
    const own = (nowMs - this.#startedMs) * this.#nature.speed;
    if (own >= this.#nextLookMs) {
      const before = this.#view.share;
      this.#view = look(this.#view, dns(nowMs - this.#nature.lateMs), this.#own, own);
      this.#nextLookMs = own + (isRestless(this.#view) ? RESTLESS_LOOK_MS : LOOK_MS);
      if (this.#view.share !== before) this.#follow(before?.count, this.#view.share!.count, own);
    }
    const schedule = this.#schedule;
    if (!schedule) return 0;
    for (let at = own - this.#beganMs; schedule.nextMomentMs(at) <= at; ) {
      // As many as are due, in one.
      const due = Math.ceil((schedule.rateAt(at) * (at - schedule.nextMomentMs(at))) / 1000);
      schedule.advance(Math.max(1, due));
    }
    return schedule.position;
  }

  #follow(before: number | undefined, count: number, own: number): void {
    const law = shareOf(constant(RATE), 1 / count);
    if (before === undefined) {
      this.#schedule = new Schedule(law, FOREVER, Number.POSITIVE_INFINITY);
      this.#beganMs = own;
    } else this.#schedule!.turn({ lawFrom: () => law, restFactor: before / count }, own - this.#beganMs);
  }
}

interface Change {
  afterMs: number;
  /** Replicas that there are to be from then on. */
  count: number;
  /** Who goes: the newest, as an engine has it, or the oldest. */
  isNewestFirst: boolean;
}

/** Rates of all seconds that lie outside the time of a change, over what the fleet was to send. */
function simulate(changes: readonly Change[], natureOf: (n: number) => Nature): number[] {
  const alive: SimulatedReplica[] = [];
  const states: { atMs: number; addresses: readonly string[] }[] = [{ atMs: 0, addresses: [] }];
  const dns = (atMs: number) => states.findLast((state) => state.atMs + DNS_LATE_MS <= atMs)?.addresses ?? [];
  let made = 0;
  let gone = 0;
  let nowMs = 0;
  // Before the first there is nobody.
  let changedMs = Number.POSITIVE_INFINITY;
  const rates: number[] = [];
  let [secondMs, secondItems] = [0, 0];
  const sent = () => gone + alive.reduce((sum, replica) => sum + replica.live(nowMs, dns), 0);
  const run = (forMs: number) => {
    for (const endMs = nowMs + forMs; nowMs < endMs; ) {
      nowMs += STEP_MS;
      const items = sent();
      if (nowMs - secondMs < 1000) continue;
      if (secondMs - changedMs >= SETTLED_MS)
        rates.push((items - secondItems) / (nowMs - secondMs) / (RATE / 1000));
      [secondMs, secondItems] = [nowMs, items];
    }
  };
  for (const { afterMs, count, isNewestFirst } of changes) {
    run(afterMs);
    if (alive.length !== count) changedMs = nowMs;
    while (alive.length > count) gone += (isNewestFirst ? alive.pop()! : alive.shift()!).live(nowMs, dns);
    // Addresses are given out in any order.
    for (; alive.length < count; made++) {
      alive.push(
        new SimulatedReplica(`10.${(made * 7919) % 251}.${made >> 8}.${made & 255}`, natureOf(made), nowMs),
      );
    }
    states.push({ atMs: nowMs, addresses: alive.map(({ address }) => address).sort() });
    [secondMs, secondItems] = [nowMs, sent()];
  }
  run(SETTLED_MS + 3000);
  return rates;
}

const nature = fc.record({
  speed: fc.double({ min: 0.995, max: 1.005, noNaN: true }),
  lateMs: fc.integer({ min: 0, max: VIEW_LATE_MS }),
  phaseMs: fc.nat(LOOK_MS),
});
const changesUpTo = (count: number, maxLength: number) =>
  fc.array(
    fc.record({
      afterMs: fc.nat(12_000),
      count: fc.integer({ min: 1, max: count }),
      isNewestFirst: fc.boolean(),
    }),
    { minLength: 1, maxLength },
  );

describe("a fleet whose replicas come and go", { timeout: 60_000 }, () => {
  test.each([
    [40, 6, 25],
    [300, 4, 4],
    [2000, 2, 1],
  ])(
    "of up to %d sends its rate within one percent outside of 5 s after each change",
    (count, changes, numRuns) => {
      fc.assert(
        fc.property(
          changesUpTo(count, changes),
          fc.array(nature, { minLength: 20, maxLength: 60 }),
          (all, natures) => {
            const rates = simulate(all, (n) => natures[n % natures.length]!);
            expect(rates.length).toBeGreaterThanOrEqual(2);
            for (const rate of rates) expect(Math.abs(rate - 1)).toBeLessThan(0.01);
          },
        ),
        { numRuns, endOnFailure: true },
      );
    },
  );

  test("is whole again in time where all see it as late as can be, with clocks as slow as can be", () => {
    const rates = simulate(
      [
        { afterMs: 0, count: 2000, isNewestFirst: true },
        { afterMs: 9000, count: 500, isNewestFirst: false },
      ],
      (n) => ({ speed: 0.995, lateMs: VIEW_LATE_MS, phaseMs: n % LOOK_MS }),
    );
    expect(rates.length).toBeGreaterThanOrEqual(5);
    for (const rate of rates) expect(Math.abs(rate - 1)).toBeLessThan(0.01);
  });
});
