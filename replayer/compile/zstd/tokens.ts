/**
 * A body as tokens: each byte that never changes is one, and each variable (all bytes of an id, a time, a value) is one.
 *
 * Equal variables are equal tokens, so what matches in tokens is equal in bytes under every stamp, and no match cuts a variable.
 */

/** Tokens below this are bytes, from here on variables. */
export const FIRST_VARIABLE = 256;

/** Where the variables of a body lie, in ascending order: `count` entries of each array. */
export interface VariablePlaces {
  readonly count: number;
  readonly starts: Int32Array;
  /** Bytes, at least 1. */
  readonly lengths: Int32Array;
  /** Which variable it is: numbers from 0, without gaps. */
  readonly variables: Int32Array;
}

/** Tokens past the end that may be read, and are equal to none. */
const GUARDS = 8;

export class Tokens {
  values = new Int32Array(1 << 16);
  /** Where each token begins in the body; one more entry for the end. */
  positions = new Int32Array(1 << 16);
  count = 0;
  /** The token of each place of a variable. */
  ofPlaces = new Int32Array(1 << 12);

  /** Cut a body into tokens. */
  set(body: Uint8Array, places: VariablePlaces): void {
    if (this.values.length < body.length + GUARDS) {
      this.values = new Int32Array(body.length + GUARDS);
      this.positions = new Int32Array(body.length + GUARDS);
    }
    if (this.ofPlaces.length < places.count) this.ofPlaces = new Int32Array(places.count * 2);
    const { values, positions, ofPlaces } = this;
    const { starts, lengths, variables } = places;
    let count = 0;
    let at = 0;
    for (let place = 0; place < places.count; place++) {
      for (const start = starts[place]!; at < start; at++) {
        values[count] = body[at]!;
        positions[count++] = at;
      }
      ofPlaces[place] = count;
      values[count] = FIRST_VARIABLE + variables[place]!;
      positions[count++] = at;
      at += lengths[place]!;
    }
    for (; at < body.length; at++) {
      values[count] = body[at]!;
      positions[count++] = at;
    }
    values.fill(-1, count, count + GUARDS);
    positions[count] = body.length;
    this.count = count;
  }

  /** Bytes of the tokens [from, to). */
  bytes(from: number, to: number): number {
    return this.positions[to]! - this.positions[from]!;
  }
}
