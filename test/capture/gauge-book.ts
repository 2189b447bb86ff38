/**
 * Gauges of one thing that say something of each other: a usage its limit, parts their whole, a ratio its terms.
 *
 * Stamping moves each value around its own middle, by up to a tenth, and independently of the others. So sums of parts agree with
 * their whole within 15 %, and ratios with their terms within 30 %; a limit does not move, and is not passed at all.
 */
import { GAUGE_RULES, type GaugeRule, metricOf, THINGS, type Thing, termsOf, textOf } from "./gauge-rules.ts";
import { within } from "./map-within.ts";
import type { Violations } from "./violations.ts";

const SUM_TOLERANCE = 0.15;
const RATIO_TOLERANCE = 0.3;
/** Below this, a ratio is a matter of rounding. */
const SMALL_RATIO = 0.02;

interface Seen {
  max: number;
  total: number;
  points: number;
}

/** Where values are kept: per metric of a rule, under the thing of that rule. */
export class GaugeBook {
  readonly #violations: Violations;
  /** Thing and its name, then metric, then state: what was seen. */
  readonly #pages = new Map<string, Map<string, Map<string, Seen>>>();
  readonly #mostStates = new Map<string, number>();
  readonly #things = new Map<string, Set<Thing>>();
  /** Largest process and the memory of each host. */
  readonly #hosts = new Map<string, { memory: number; process: number }>();

  constructor(violations: Violations) {
    this.#violations = violations;
    for (const rule of GAUGE_RULES) {
      for (const term of termsOf(rule)) {
        within(this.#things, metricOf(term), () => new Set<Thing>()).add(rule.of);
      }
    }
  }

  note(
    metric: string,
    value: number,
    resource: ReadonlyMap<string, string>,
    attributes: ReadonlyMap<string, string>,
  ): void {
    for (const thing of this.#things.get(metric) ?? []) {
      const name = THINGS[thing].map((keys) => namedBy(keys, attributes, resource));
      if (name.includes(undefined)) continue;
      const page = within(
        this.#pages,
        `${thing} ${name.join(" ")}`,
        () => new Map<string, Map<string, Seen>>(),
      );
      const states = within(page, metric, () => new Map<string, Seen>());
      // What is not part of the thing's name tells its parts.
      const parts = [...attributes].filter(
        ([key]) => !(THINGS[thing] as readonly string[]).includes(key) && !IDLE_KEYS.has(key),
      );
      const state = parts.map(([, text]) => text).join(" ");
      const seen = within(states, state, () => ({ max: value, total: 0, points: 0 }));
      seen.max = Math.max(seen.max, value);
      seen.total += value;
      seen.points++;
    }
    this.#noteProcess(metric, value, resource);
  }

  /** Check all rules; returns how often each could be. */
  compare(): Record<string, number> {
    const made: Record<string, number> = {};
    for (const rule of GAUGE_RULES) {
      const text = textOf(rule);
      for (const [name, page] of this.#pages) {
        if (!name.startsWith(`${rule.of} `)) continue;
        const isWhole = termsOf(rule).every((term) => this.#hasAllStates(rule.of, page, metricOf(term)));
        const fault = isWhole ? faultOf(rule, page) : undefined;
        if (fault === undefined) continue;
        made[text] = (made[text] ?? 0) + 1;
        if (fault !== "")
          this.#violations.add(`numbers of one ${rule.of} disagree: ${text}`, () => `${name}: ${fault}`);
      }
    }
    for (const [host, { memory, process }] of this.#hosts) {
      if (memory === 0 || process === 0) continue;
      made["a process's memory is below its host's"] =
        (made["a process's memory is below its host's"] ?? 0) + 1;
      if (process > memory) {
        this.#violations.add(
          "a process has more memory than its host",
          () => `${host}: ${process} of ${memory}`,
        );
      }
    }
    return made;
  }

  /** Where the number of series is bounded, the last thing may have only some of its states: its sum says nothing. */
  #hasAllStates(thing: Thing, page: ReadonlyMap<string, ReadonlyMap<string, Seen>>, metric: string): boolean {
    const states = page.get(metric)?.size ?? 0;
    const most = within(this.#mostStates, `${thing} ${metric}`, () => {
      const pages = [...this.#pages].filter(([name]) => name.startsWith(`${thing} `));
      return pages.reduce((largest, [, other]) => Math.max(largest, other.get(metric)?.size ?? 0), 0);
    });
    return states === most;
  }

  #noteProcess(metric: string, value: number, resource: ReadonlyMap<string, string>): void {
    const name = resource.get("host.name");
    if (name === undefined || (metric !== "process.memory.usage" && metric !== "system.memory.limit")) return;
    const host = within(this.#hosts, name, () => ({ memory: 0, process: 0 }));
    if (metric === "system.memory.limit") host.memory = Math.max(host.memory, value);
    else host.process = Math.max(host.process, value);
  }
}

/** Of the first of some keys, divided by bars, that is there. */
function namedBy(
  keys: string,
  attributes: ReadonlyMap<string, string>,
  resource: ReadonlyMap<string, string>,
): string | undefined {
  for (const key of keys.split("|")) {
    const value = attributes.get(key) ?? resource.get(key);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** They come with a mount and do not divide it. */
const IDLE_KEYS = new Set(["device", "mode", "type"]);

/** What is wrong; "" when nothing is; undefined when a term was not measured. */
function faultOf(rule: GaugeRule, page: ReadonlyMap<string, ReadonlyMap<string, Seen>>): string | undefined {
  const values = termsOf(rule).map((term) => seenOf(page, term));
  if (values.includes(undefined)) return undefined;
  const [first, ...rest] = values as Seen[];
  if ("atMost" in rule) {
    const limit = rest[0]!.max;
    return first!.max <= limit ? "" : `${first!.max} above ${limit}`;
  }
  if ("ratio" in rule) {
    const expected = mean(rest[0]!) / mean(rest[1]!);
    const found = mean(first!);
    const slack = RATIO_TOLERANCE * Math.max(expected, found) + SMALL_RATIO;
    return Math.abs(found - expected) <= slack ? "" : `${found}, not ${expected}`;
  }
  const parts = "is" in rule ? values.slice(0, -1) : values;
  const sum = (parts as Seen[]).reduce((all, one) => all + mean(one), 0);
  const whole = "is" in rule ? mean(values.at(-1)!) : rule.isNumber;
  return Math.abs(sum - whole) <= SUM_TOLERANCE * whole ? "" : `${sum}, not ${whole}`;
}

/** Of one state, or of all added up. */
function seenOf(page: ReadonlyMap<string, ReadonlyMap<string, Seen>>, term: string): Seen | undefined {
  const [metric = "", state] = term.split(/[{}]/);
  const states = page.get(metric);
  if (!states) return undefined;
  if (state !== undefined) return states.get(state);
  const sum = { max: 0, total: 0, points: 1 };
  for (const seen of states.values()) {
    sum.max += seen.max;
    sum.total += mean(seen);
  }
  return sum;
}

function mean({ total, points }: Seen): number {
  return total / points;
}
