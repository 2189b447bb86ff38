/**
 * What a body is made of: so many literal bytes, then so many bytes copied from so far back, again and again. In blocks, each of which
 * ends with literals that nothing is copied behind.
 */

/** Offsets that a sequence may name by a number from 1 to 3: those used last. RFC 8878, section 3.1.1.5. */
class RepeatedOffsets {
  first = 1;
  second = 4;
  third = 8;

  reset(): void {
    this.first = 1;
    this.second = 4;
    this.third = 8;
  }

  /** The value that stands for an offset, behind `literals` literal bytes; notes it as the latest. */
  use(offset: number, literals: number): number {
    const { first, second, third } = this;
    let value = offset + 3;
    if (literals > 0) {
      if (offset === first) return 1;
      if (offset === second) value = 2;
      else if (offset === third) value = 3;
    } else if (offset === second) value = 1;
    else if (offset === third) value = 2;
    else if (offset === first - 1) value = 3;
    // The one that was used moves to the front; the others keep their order.
    if (offset !== second) this.third = second;
    this.second = first;
    this.first = offset;
    return value;
  }
}

export class Sequences {
  /** Literal bytes in front of each copy. */
  literals = new Int32Array(1 << 14);
  /** Bytes of each copy, at least 3. */
  matches = new Int32Array(1 << 14);
  /** Offset + 3, or 1 to 3 for a repeated one. */
  offsets = new Int32Array(1 << 14);
  count = 0;
  /** First sequence of each block, and the end of the last one. */
  readonly blocks: number[] = [];
  /** Runs of literal tokens as pairs (from, to): one in front of each copy, and one at the end of each block. */
  readonly runs: number[] = [];
  readonly repeated = new RepeatedOffsets();

  reset(): void {
    this.count = 0;
    this.blocks.length = 0;
    this.runs.length = 0;
    this.repeated.reset();
  }

  add(literals: number, match: number, offset: number): void {
    if (this.count === this.literals.length) {
      this.literals = grown(this.literals);
      this.matches = grown(this.matches);
      this.offsets = grown(this.offsets);
    }
    this.literals[this.count] = literals;
    this.matches[this.count] = match;
    this.offsets[this.count++] = this.repeated.use(offset, literals);
  }
}

function grown(array: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}
