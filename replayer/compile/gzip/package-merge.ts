/**
 * Lengths of Huffman codes that no code exceeds, the best ones there are: package-merge (L. Larmore, D. Hirschberg, 1990).
 */

/** What is bought: one symbol, or a package of cheaper ones. */
interface Coin {
  weight: number;
  symbols: readonly number[];
}

/**
 * The length of each symbol's code, 0 for symbols that do not occur. A single symbol has length 0 too: it needs no bits.
 *
 * counts   how often each symbol occurs; at most 2^maxBits of them do
 * maxBits  the largest length
 */
export function codeLengths(counts: Int32Array, maxBits: number): Uint8Array {
  const lengths = new Uint8Array(counts.length);
  const leaves = [...counts.keys()]
    .filter((symbol) => counts[symbol]! > 0)
    .map((symbol): Coin => ({ weight: counts[symbol]!, symbols: [symbol] }))
    .sort(byWeight);
  if (leaves.length < 2) return lengths;
  let coins = leaves;
  for (let bit = 1; bit < maxBits; bit++) coins = [...leaves, ...packages(coins)].sort(byWeight);
  for (const { symbols } of coins.slice(0, 2 * leaves.length - 2)) {
    for (const symbol of symbols) lengths[symbol]!++;
  }
  return lengths;
}

function byWeight(a: Coin, b: Coin): number {
  return a.weight - b.weight;
}

/** Neighbours two by two; what is left over is lost. */
function packages(coins: readonly Coin[]): Coin[] {
  return Array.from({ length: coins.length >> 1 }, (_, pair) => {
    const [first, second] = [coins[2 * pair]!, coins[2 * pair + 1]!];
    return { weight: first.weight + second.weight, symbols: [...first.symbols, ...second.symbols] };
  });
}

/**
 * The canonical codes of these lengths, with their bits reversed: deflate packs codes from their highest bit on, all else from the
 * lowest. RFC 1951, section 3.2.2.
 */
export function reversedCodes(lengths: Uint8Array): Uint16Array {
  const codes = new Uint16Array(lengths.length);
  let next = 0;
  for (let bits = 1; bits <= 15; bits++) {
    next <<= 1;
    for (const [symbol, length] of lengths.entries()) {
      if (length === bits) codes[symbol] = reversed(next++, bits);
    }
  }
  return codes;
}

function reversed(code: number, bits: number): number {
  let result = 0;
  for (let bit = 0; bit < bits; bit++) result |= ((code >> bit) & 1) << (bits - 1 - bit);
  return result;
}
