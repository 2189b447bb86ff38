/**
 * The reusable buffers that batches are stamped in and sent from, and the budget of bytes in flight.
 *
 * Buffers come in sizes that double, are made when first needed and kept. What is out at one time never exceeds the budget,
 * except that one buffer is always to be had, however large: otherwise a large batch could never be sent. What is kept does not
 * exceed it either: where batches of other sizes were sent before, their buffers go when the new ones need the room.
 */
import { SendBuffer } from "../stamp/send-buffer.ts";

const SMALLEST_BYTES = 64 * 1024;

export class BufferPool {
  readonly #budgetBytes: number;
  readonly #free = new Map<number, SendBuffer[]>();
  #bytesOut = 0;
  /** Of all buffers, out or kept. */
  #bytesMade = 0;

  constructor(budgetBytes: number) {
    this.#budgetBytes = budgetBytes;
  }

  /** Whether `take` may be called for a record of this size now. */
  hasRoom(recordBytes: number): boolean {
    return this.#bytesOut === 0 || this.#bytesOut + sizeFor(recordBytes) <= this.#budgetBytes;
  }

  take(recordBytes: number): SendBuffer {
    const size = sizeFor(recordBytes);
    const buffer = this.#free.get(size)?.pop() ?? this.#make(size);
    this.#bytesOut += size;
    return buffer;
  }

  #make(size: number): SendBuffer {
    for (const [kept, buffers] of this.#free) {
      while (this.#bytesMade + size > this.#budgetBytes && buffers.pop()) this.#bytesMade -= kept;
    }
    this.#bytesMade += size;
    return new SendBuffer(size);
  }

  /** Hand a buffer back. Its contents belong to the next who takes it. */
  give(buffer: SendBuffer): void {
    const size = buffer.capacity;
    this.#bytesOut -= size;
    const free = this.#free.get(size);
    if (free) free.push(buffer);
    else this.#free.set(size, [buffer]);
  }
}

function sizeFor(bytes: number): number {
  let size = SMALLEST_BYTES;
  while (size < bytes) size *= 2;
  return size;
}
