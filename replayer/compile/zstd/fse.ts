/**
 * Finite state entropy, the coder of zstd's sequences: tables fitted to counts, their description, and encoding by them.
 *
 * Format: RFC 8878, section 4.1. Construction of the encoder's table follows from the decoder's, which the RFC defines.
 */
import type { BitWriter } from "./bit-writer.ts";

const MIN_ACCURACY_LOG = 5;

/** An encoder's table. Symbols are small integers from 0. */
export interface FseTable {
  /** The table has 2^accuracyLog states. */
  readonly accuracyLog: number;
  /** Share of each symbol in states; -1: less than one, which takes one. */
  readonly shares: Int16Array;
  /** Next state by (state >> bits) + findState[symbol]. */
  readonly states: Uint16Array;
  readonly bitsDelta: Int32Array;
  readonly findState: Int32Array;
}

/**
 * A table that suits symbols which occur this often, of at most 2^maxLog states; of a single state when there is only one symbol.
 * At least one must occur.
 */
export function fitTable(counts: ArrayLike<number>, maxLog: number): FseTable {
  let total = 0;
  let last = 0;
  let distinct = 0;
  for (let symbol = 0; symbol < counts.length; symbol++) {
    if (counts[symbol] === 0) continue;
    total += counts[symbol]!;
    last = symbol;
    distinct++;
  }
  if (distinct === 1) return buildTable(normalise(counts, last, total, 1), 0);
  // As many states as make sense for so many symbols: more would cost more to describe than they save.
  let accuracyLog = Math.min(maxLog, Math.floor(Math.log2(Math.max(2, total - 1))) - 1);
  accuracyLog = Math.max(accuracyLog, Math.ceil(Math.log2(distinct)) + 1, MIN_ACCURACY_LOG);
  return buildTable(normalise(counts, last, total, 1 << accuracyLog), accuracyLog);
}

/** Shares that sum to `size`, each symbol that occurs having at least one state. */
function normalise(counts: ArrayLike<number>, last: number, total: number, size: number): Int16Array {
  const shares = new Int16Array(last + 1);
  let left = size;
  for (let symbol = 0; symbol <= last; symbol++) {
    if (counts[symbol] === 0) continue;
    const share = Math.max(1, Math.floor((counts[symbol]! * size) / total));
    shares[symbol] = share;
    left -= share;
  }
  // What rounding left over goes, state by state, where one state more saves most, or one less costs least.
  while (left !== 0) {
    const step = Math.sign(left);
    let best = -1;
    let bestGain = Number.NEGATIVE_INFINITY;
    for (let symbol = 0; symbol <= last; symbol++) {
      const share = shares[symbol]!;
      if (share === 0 || share + step < 1) continue;
      const gain = counts[symbol]! * Math.log2((share + step) / share);
      if (gain > bestGain) {
        bestGain = gain;
        best = symbol;
      }
    }
    shares[best]! += step;
    left -= step;
  }
  return shares;
}

function buildTable(shares: Int16Array, accuracyLog: number): FseTable {
  const size = 1 << accuracyLog;
  const symbols = new Uint8Array(size);
  const step = (size >> 1) + (size >> 3) + 3;
  let position = 0;
  for (let symbol = 0; symbol < shares.length; symbol++) {
    for (let state = 0; state < shares[symbol]!; state++) {
      symbols[position] = symbol;
      position = (position + step) & (size - 1);
    }
  }
  const states = new Uint16Array(size);
  const bitsDelta = new Int32Array(shares.length);
  const findState = new Int32Array(shares.length);
  const next = new Int32Array(shares.length);
  let total = 0;
  for (let symbol = 0; symbol < shares.length; symbol++) {
    const share = shares[symbol]!;
    next[symbol] = total;
    if (share > 0) {
      const bits = share === 1 ? accuracyLog : accuracyLog - (31 - Math.clz32(share - 1));
      bitsDelta[symbol] = (bits << 16) - (share << bits);
      findState[symbol] = total - share;
    }
    total += share;
  }
  for (let state = 0; state < size; state++) states[next[symbols[state]!]!++] = size + state;
  return { accuracyLog, shares, states, bitsDelta, findState };
}

/** The one symbol of a table that has no other, or -1. */
export function onlySymbol({ accuracyLog, shares }: FseTable): number {
  return accuracyLog === 0 ? shares.length - 1 : -1;
}

/** The description of a table of several symbols, as it stands in a block. */
export function writeDescription({ accuracyLog, shares }: FseTable, writer: BitWriter): void {
  writer.add(accuracyLog - MIN_ACCURACY_LOG, 4);
  let remaining = (1 << accuracyLog) + 1;
  let threshold = 1 << accuracyLog;
  let bits = accuracyLog + 1;
  let symbol = 0;
  while (remaining > 1) {
    let share = shares[symbol++]!;
    // A value takes one bit less where the range that is left allows it.
    const most = 2 * threshold - 1 - remaining;
    remaining -= share;
    share++;
    let value = share;
    if (value >= threshold) value += most;
    writer.add(value, value < most ? bits - 1 : bits);
    while (remaining < threshold) {
      bits--;
      threshold >>= 1;
    }
    if (share === 1 && remaining > 1) {
      // Symbols without a share follow: their number in digits of base 4, 3 meaning that another one comes.
      let absent = 0;
      while (shares[symbol] === 0) {
        absent++;
        symbol++;
      }
      for (; absent >= 3; absent -= 3) writer.add(3, 2);
      writer.add(absent, 2);
    }
  }
  writer.pad();
}

/** The state to begin with for a symbol, the last one of a block. */
export function firstState({ states, bitsDelta, findState }: FseTable, symbol: number): number {
  const delta = bitsDelta[symbol]!;
  const bits = (delta + (1 << 15)) >> 16;
  return states[(((bits << 16) - delta) >> bits) + findState[symbol]!]!;
}

/** Write what leads from a state to that of a symbol; returns the new state. */
export function encodeSymbol(table: FseTable, writer: BitWriter, state: number, symbol: number): number {
  const bits = (state + table.bitsDelta[symbol]!) >> 16;
  writer.add(state, bits);
  return table.states[(state >> bits) + table.findState[symbol]!]!;
}
