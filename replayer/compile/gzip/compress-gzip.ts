/**
 * From a frozen record to a gzip record, for receivers without zstd: its body is a gzip member in which every byte that changes per send
 * is a literal of 9 bits, its slot tables point at cells, and a weave table says which literals a cell goes to and how the CRC follows.
 * One stamp serves it like all others: the member decodes to the plain request of the same key.
 */
import { crc32 } from "node:zlib";
import { HEADER } from "../../../template/slots.ts";
import { layOutCompressed, placeVariables } from "../compressed-layout.ts";
import { CARRY_STEPS, PlaceList } from "../variable-places.ts";
import type { Effort } from "../zstd/effort.ts";
import { Tokens } from "../zstd/tokens.ts";
import { Cells } from "./cells.ts";
import { GzipWriter } from "./gzip-writer.ts";
import { weaveTable } from "./weave-table.ts";

/** Bits of a member are counted in 31 bits: a larger body could have more. */
const MOST_BODY_BYTES = 2 ** 27;

export class GzipRecordCompressor {
  readonly #places = new PlaceList();
  readonly #tokens = new Tokens();
  readonly #writer: GzipWriter;
  readonly #cells = new Cells();
  /** Where the cell lies of the variable that begins at a byte of the body, -1 where the variable was seen before. */
  #placeAt = new Int32Array(1 << 16);

  constructor(effort: Effort = "fast") {
    this.#writer = new GzipWriter(effort);
  }

  /**
   * The gzip record of a frozen one; a new buffer, padded to a multiple of 8 bytes. Undefined for what has no compressed form:
   * bodies that do not shrink, those that last longer than CARRY_STEPS, and those of more than 128 MiB.
   */
  compress(record: Buffer): Buffer | undefined {
    const ints = new Int32Array(record.buffer, record.byteOffset, record.length >> 2);
    if (-ints[HEADER.lowestSteps]! >= CARRY_STEPS || ints[HEADER.bodyBytes]! > MOST_BODY_BYTES)
      return undefined;
    const bodyOffset = ints[HEADER.bodyOffset]!;
    const body = record.subarray(bodyOffset, bodyOffset + ints[HEADER.bodyBytes]!);
    placeVariables(ints, body, this.#places);
    this.#tokens.set(body, this.#places);
    this.#cells.set(ints, body.length, this.#places);
    const blank = this.#blank(body);
    const member = this.#writer.write(blank, this.#tokens);
    if (member === undefined) return undefined;
    const table = weaveTable(this.#cells.list, this.#literalsOfCells(), body, crc32(blank));
    this.#notePlaces(body.length, table.offsets);
    const result = layOutCompressed(
      ints,
      body.length,
      Buffer.concat([table.bytes, member]),
      this.#placeAt,
      false,
    );
    const header = new Int32Array(result.buffer, result.byteOffset, HEADER.gzipTable + 1);
    header[HEADER.gzipTable] = header[HEADER.bodyOffset]!;
    header[HEADER.bodyOffset]! += table.bytes.length;
    header[HEADER.bodyBytes] = member.length;
    return result;
  }

  /** A copy of the body with zeros for all variables that are not xored into what stands there. */
  #blank(body: Buffer): Buffer {
    const blank = Buffer.from(body);
    const { count, starts, lengths, variables } = this.#places;
    const { list, cellOf } = this.#cells;
    for (let place = 0; place < count; place++) {
      if (list[cellOf[variables[place]!]!]!.isMask) continue;
      blank.fill(0, starts[place]!, starts[place]! + lengths[place]!);
    }
    return blank;
  }

  /** For each cell the bits of the member at which its literals begin. */
  #literalsOfCells(): number[][] {
    const { count, variables } = this.#places;
    const { ofPlaces } = this.#tokens;
    const { list, cellOf } = this.#cells;
    const literals: number[][] = list.map(() => []);
    for (let place = 0; place < count; place++) {
      const bit = this.#writer.places[ofPlaces[place]!]!;
      if (bit >= 0) literals[cellOf[variables[place]!]!]!.push(bit);
    }
    return literals;
  }

  #notePlaces(bodyBytes: number, offsets: Int32Array): void {
    if (this.#placeAt.length < bodyBytes) this.#placeAt = new Int32Array(bodyBytes * 2);
    this.#placeAt.fill(-1, 0, bodyBytes);
    const { count, starts, variables } = this.#places;
    const { list, cellOf } = this.#cells;
    for (let place = 0; place < count; place++) {
      const start = starts[place]!;
      const cell = cellOf[variables[place]!]!;
      this.#placeAt[start] = list[cell]!.first === start ? offsets[cell]! : -1;
    }
  }
}
