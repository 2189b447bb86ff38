/**
 * From a frozen record to a compressed one: its body is a zstd frame in which every byte that changes per send is a literal, and its
 * slot tables point at these literals. One stamp serves both: the compressed body decodes to the plain one of the same key.
 */
import { HEADER } from "../../template/slots.ts";
import { layOutCompressed, placeVariables } from "./compressed-layout.ts";
import { CARRY_STEPS, PlaceList } from "./variable-places.ts";
import type { Effort } from "./zstd/effort.ts";
import { Tokens } from "./zstd/tokens.ts";
import { ZstdFrameWriter } from "./zstd/zstd-frame.ts";

export class RecordCompressor {
  readonly #places = new PlaceList();
  readonly #tokens = new Tokens();
  readonly #writer: ZstdFrameWriter;
  /** Place in the frame of what begins at a byte of the body, -1 where it is a copy; filled where variables begin. */
  #placeAt = new Int32Array(1 << 16);

  constructor(effort: Effort = "fast") {
    this.#writer = new ZstdFrameWriter(effort);
  }

  /**
   * The compressed record of a frozen one; a new buffer, padded to a multiple of 8 bytes. Undefined for what has no compressed form:
   * bodies that do not shrink, and those that last longer than CARRY_STEPS.
   */
  compress(record: Buffer): Buffer | undefined {
    const ints = new Int32Array(record.buffer, record.byteOffset, record.length >> 2);
    if (-ints[HEADER.lowestSteps]! >= CARRY_STEPS) return undefined;
    const bodyOffset = ints[HEADER.bodyOffset]!;
    const body = record.subarray(bodyOffset, bodyOffset + ints[HEADER.bodyBytes]!);
    placeVariables(ints, body, this.#places);
    this.#tokens.set(body, this.#places);
    const frame = this.#writer.write(body, this.#tokens);
    if (frame === undefined) return undefined;
    this.#notePlaces(body.length);
    return layOutCompressed(ints, body.length, frame, this.#placeAt, true);
  }

  #notePlaces(bodyBytes: number): void {
    if (this.#placeAt.length < bodyBytes) this.#placeAt = new Int32Array(bodyBytes * 2);
    const { count, starts } = this.#places;
    const { ofPlaces } = this.#tokens;
    const { places } = this.#writer;
    for (let place = 0; place < count; place++) this.#placeAt[starts[place]!] = places[ofPlaces[place]!]!;
  }
}
