/**
 * A buffer that one batch is read into, stamped in and sent from, again and again. Its views are made once.
 */
import { HEADER } from "../../template/slots.ts";

export class SendBuffer {
  /** Bytes of the largest record that it holds. */
  readonly capacity: number;
  readonly bytes: Buffer;
  readonly view: DataView;
  readonly ints: Int32Array;
  readonly doubles: Float64Array;

  /**
   * capacity  bytes of the largest record it is to hold; rounded up to a multiple of 8, and 8 more, so that a stamp may write a word
   *           over a record's last bytes
   */
  constructor(capacity: number) {
    this.capacity = capacity;
    // Memory of its own: a slice of Node's shared pool would not be aligned for the typed arrays.
    const memory = new ArrayBuffer(Math.ceil(capacity / 8) * 8 + 8);
    this.bytes = Buffer.from(memory);
    this.view = new DataView(memory);
    this.ints = new Int32Array(memory);
    this.doubles = new Float64Array(memory);
  }

  /** Bytes of the request that a compressed body decodes to; 0 when the body is the request itself. */
  get plainBytes(): number {
    return this.ints[HEADER.plainBytes]!;
  }

  /** How the body is compressed. */
  get encoding(): "none" | "zstd" | "gzip" {
    if (this.plainBytes === 0) return "none";
    return this.ints[HEADER.gzipTable]! > 0 ? "gzip" : "zstd";
  }

  /** The request body inside the record: a view, valid until the buffer is filled again. */
  body(): Buffer {
    const offset = this.ints[HEADER.bodyOffset]!;
    return this.bytes.subarray(offset, offset + this.ints[HEADER.bodyBytes]!);
  }
}
