/**
 * Counters of something that has several lives: they run since its start, begin again at zero when it starts again, and vanish with it.
 * What they grew by is kept over all lives. Plain data, so that it can be written down.
 */
export type Numbers = Record<string, number>;

export interface Growth {
  /** What the life that is, or was the last one, had counted before it was of any concern. */
  base: Numbers;
  /** Its counters when they were read last. */
  last: Numbers;
  /** What the lives before it grew by, and how many they were. */
  earlier: Numbers;
  earlierLives: number;
}

/** isFromZero  whether all that it has counted so far is of concern */
export function beginGrowth(first: Numbers, isFromZero: boolean): Growth {
  return { base: isFromZero ? {} : { ...first }, last: { ...first }, earlier: {}, earlierLives: 0 };
}

/** Take in a reading. A counter that shrank is of a life that began at zero, even where nobody says so. */
export function grow(growth: Growth, next: Numbers, isOtherLife: boolean): void {
  const hasShrunk = Object.entries(growth.last).some(([name, items]) => (next[name] ?? 0) < items);
  if (isOtherLife || hasShrunk) {
    growth.earlier = sumOf(growth.earlier, currentOf(growth));
    growth.earlierLives++;
    growth.base = {};
  }
  growth.last = { ...next };
}

/** What the latest life grew by. */
export function currentOf({ base, last }: Growth): Numbers {
  return Object.fromEntries(Object.entries(last).map(([name, items]) => [name, items - (base[name] ?? 0)]));
}

/** Sums by name. */
export function sumOf(a: Numbers, b: Numbers): Numbers {
  const sum = { ...a };
  for (const [name, items] of Object.entries(b)) sum[name] = (sum[name] ?? 0) + items;
  return sum;
}
