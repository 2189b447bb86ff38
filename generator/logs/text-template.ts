/**
 * Texts with places to fill in: parsed once, filled in per record.
 *
 * `{name}` is what the slot of that name gives; `{3..40}` is a whole number, both ends included, drawn each time.
 */
import type { Random } from "../random.ts";

/** What stands in one place of a text. `Scene` is what the text is about. */
export type Slot<Scene> = (random: Random, scene: Scene) => string;

export type Slots<Scene> = Readonly<Record<string, Slot<Scene>>>;

/** Fills in a text. */
export type TextTemplate<Scene> = (random: Random, scene: Scene) => string;

const PLACE = /\{([A-Za-z][A-Za-z0-9]*|\d+\.\.\d+)\}/g;

/** Names of the slots that a text has, ranges left out. */
export function slotNames(text: string): string[] {
  return [...text.matchAll(PLACE)].map(([, name]) => name!).filter((name) => !name.includes(".."));
}

/** A text taken apart: what stands in front of each place and behind the last one, and what the places are called. */
export function partsOf(text: string): { literals: readonly string[]; names: readonly string[] } {
  const parts = text.split(PLACE);
  return {
    literals: parts.filter((_, index) => index % 2 === 0),
    names: parts.filter((_, index) => index % 2 === 1),
  };
}

/** Draws from the range that a place is called after; undefined for a place that is called by a name. */
export function drawnFrom(name: string): ((random: Random) => string) | undefined {
  const [low, high] = name.split("..");
  if (high === undefined) return undefined;
  const [min, max] = [Number(low), Number(high)];
  return (random) => String(random.int(min, max));
}

/** Parse a text. Throws when it has a place that is neither a slot nor a range: our tables are wrong then. */
export function textTemplate<Scene>(text: string, slots: Slots<Scene>): TextTemplate<Scene> {
  const { literals, names } = partsOf(text);
  const places = names.map((name) => slotOf(name, slots, text));
  const first = literals[0]!;
  const count = places.length;
  return (random, scene) => {
    let filled = first;
    for (let index = 0; index < count; index++) {
      filled += places[index]!(random, scene) + literals[index + 1]!;
    }
    return filled;
  };
}

function slotOf<Scene>(name: string, slots: Slots<Scene>, text: string): Slot<Scene> {
  const slot = drawnFrom(name) ?? slots[name];
  if (!slot) throw new Error(`"${text}" has a place {${name}}, and no slot is called so`);
  return slot;
}
