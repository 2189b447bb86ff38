/**
 * A bijection of 32 bits that spreads close inputs far apart, and its inverse: what ids, jitters, metric values and series
 * hashes are mixed with (constants: "lowbias32", C. Wellons, 2018). Part of the stamp's definition: another one gives other bodies.
 */

/** Any 32-bit integer in, a signed one out. */
export function mix(value: number): number {
  let x = value | 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return x ^ (x >>> 16);
}

/** The value that `mix` made this one of. */
export function unmix(value: number): number {
  let x = value ^ (value >>> 16);
  x = Math.imul(x, 0x43021123);
  x = x ^ (x >>> 15) ^ (x >>> 30);
  x = Math.imul(x, 0x1d69e2a5);
  return x ^ (x >>> 16);
}
