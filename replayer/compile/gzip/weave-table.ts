/** Lays out the weave table of a gzip record: replayer/stamp/gzip-layout.ts. */
import { CELLS, GROUP_INTS, MAX_CELL_BYTES, WEAVE, WEAVE_INTS } from "../../stamp/gzip-layout.ts";
import type { Cell } from "./cells.ts";
import { timeRowInts, writeTimeRows } from "./time-rows.ts";

/** A row of times is worth it when there are so many times for each of its ints: it costs bytes to be read, they cost time. */
const TIMES_PER_ROW_INT = 16;

/** Cells of one size, all with multipliers or all without. */
interface CellGroup {
  bytes: number;
  hasMultipliers: boolean;
  cells: number[];
}

export interface WeaveTable {
  /** The table and the cells; a multiple of 8 bytes. */
  bytes: Buffer;
  /** Where each cell lies in it. */
  offsets: Int32Array;
}

/**
 * The table of these cells.
 *
 * places  for each cell the bits of the member at which its literals begin, at least one
 * body    what the cells are filled with: the body, at the place where each stands first
 * crc     of the body with zeros for all cells
 */
export function weaveTable(
  cells: readonly Cell[],
  places: readonly (readonly number[])[],
  body: Uint8Array,
  crc: number,
): WeaveTable {
  const times = cells.filter(({ steps }) => steps !== undefined) as (Cell & { steps: number })[];
  const rowInts = rowIntsFor(times);
  const groups = groupCells(cells, rowInts > 0);
  const ints: number[] = Array(WEAVE_INTS).fill(0);
  const offsets = new Int32Array(cells.length);
  let cellBytes = 0;
  for (const { bytes, hasMultipliers, cells: members } of groups) {
    const head = ints.length;
    ints.length += GROUP_INTS;
    ints[head + CELLS.bytes] = bytes;
    ints[head + CELLS.count] = members.length;
    ints[head + CELLS.multipliers] = hasMultipliers ? 1 : 0;
    if (hasMultipliers) for (const cell of members) ints.push(cells[cell]!.multiplier);
    for (const cell of members) {
      for (const place of places[cell]!) ints.push(place);
      ints[ints.length - 1] = ~ints.at(-1)!;
      offsets[cell] = cellBytes;
      cellBytes += bytes;
    }
  }
  const rows = new Int32Array(rowInts * 256);
  if (rowInts > 0) writeTimeRows(rows, times);
  const cellsAt = (ints.length + rows.length) * 4;
  ints[WEAVE.crc] = crc;
  ints[WEAVE.groups] = groups.length;
  ints[WEAVE.cells] = cellsAt;
  ints[WEAVE.rows] = ints.length * 4;
  ints[WEAVE.rowInts] = rowInts;
  const bytes = Buffer.alloc(Math.ceil((cellsAt + cellBytes) / 8) * 8);
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, cellsAt / 4);
  words.set(ints);
  words.set(rows, ints.length);
  for (const [cell, { first, bytes: size, isMask }] of cells.entries()) {
    offsets[cell]! += cellsAt;
    if (!isMask) bytes.set(body.subarray(first, first + size), offsets[cell]);
  }
  return { bytes, offsets };
}

/** Ints of a row of times; 0 where multipliers serve better. */
function rowIntsFor(times: readonly { steps: number }[]): number {
  const lowest = times.reduce((least, { steps }) => Math.min(least, steps), 0);
  const rowInts = timeRowInts(lowest);
  return times.length >= rowInts * TIMES_PER_ROW_INT ? rowInts : 0;
}

/**
 * Smaller cells first. So none smaller lies between two neighbours, and a run of parts of a text with a character between them that
 * never changes is no run of cells (compressed-layout.ts, pushTextTime).
 */
function groupCells(cells: readonly Cell[], hasRows: boolean): CellGroup[] {
  const groups = new Map<number, CellGroup>();
  for (const [number, { bytes, steps }] of cells.entries()) {
    if (bytes > MAX_CELL_BYTES) throw new Error(`a variable of ${bytes} bytes is more than a cell can hold`);
    const hasMultipliers = !hasRows || steps === undefined;
    const key = bytes * 2 + (hasMultipliers ? 1 : 0);
    let group = groups.get(key);
    if (!group) {
      group = { bytes, hasMultipliers, cells: [] };
      groups.set(key, group);
    }
    group.cells.push(number);
  }
  return [...groups].sort(([a], [b]) => a - b).map(([, group]) => group);
}
