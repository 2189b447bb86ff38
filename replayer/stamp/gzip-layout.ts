/**
 * The weave table of a gzip record: where the bytes that a stamp writes go in the member, and what they do to its CRC.
 *
 * A gzip record is stamped like every other, but its slots point into a small area of *cells*: each holds the bytes of one variable, or
 * what the span ids of one trace are xored with. Behind the stamp, `weaveGzip` xors each cell into the 9-bit fields of the literals that
 * are to show it. Such a field is zero in the compiled member but for its first bit, or holds the constant part of a span id.
 *
 *   ints 0..7             header, see WEAVE
 *   groups                of cells of equal size: GROUP_INTS, then the multipliers of its cells unless they are times with rows, then for
 *                         each cell the bits of the member at which its fields begin; of the last one the complement (a negative number)
 *   rows of times         256 of them, one for each low byte of the base's steps: see compile/gzip/time-rows.ts
 *   cells                 bytes, in the order of the groups
 *
 * Offsets are bytes from the begin of the table, which is a multiple of 8 from the record's.
 *
 * The CRC-32 of a body is linear over xor, so a cell's part in it is its bytes, as a polynomial over two elements, times a polynomial
 * that its places in the body give: its *multiplier*, the same for the cell's whole life. Copies count as places too.
 */

/** Index of each entry of the weave table's header. */
export const WEAVE = {
  /** CRC-32 of the body with zeros for all cells. */
  crc: 0,
  groups: 1,
  /** Offset of the cells. */
  cells: 2,
  /** Offset of the rows of times. */
  rows: 3,
  /** Ints of a row; 0: times have multipliers. */
  rowInts: 4,
} as const;

export const WEAVE_INTS = 8;

/** Index of each entry of a group's header. */
export const CELLS = {
  /** Bytes of a cell. */
  bytes: 0,
  count: 1,
  /** 1: with multipliers; 0: the rows of times do without. */
  multipliers: 2,
} as const;

export const GROUP_INTS = 3;

/** Bytes of the largest cell; the longest text of a time has 30, a trace id in hex 32. */
export const MAX_CELL_BYTES = 64;

/** CRC-32 and length of the body, at a member's end. */
export const TRAILER_BYTES = 8;
