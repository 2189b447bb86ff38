/** What a discarding receiver knows of what it was sent: how much it was and, when asked to count items, what stood inside. */
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { countItems } from "../../otlp/message/count.ts";
import type { Signal } from "../../otlp/signal.ts";

export class Tally {
  requests = 0;
  bodyBytes = 0;
  items = 0;
  /** Bodies hold this signal, and their items are to be counted; undefined: bodies are thrown away unread. */
  counted: Signal | undefined;

  begin(counted: Signal | undefined): void {
    this.requests = 0;
    this.bodyBytes = 0;
    this.items = 0;
    this.counted = counted;
  }

  /** A request has come. `pieces` of its body were kept if `counted` says so. */
  note(bodyBytes: number, pieces: readonly Buffer[]): void {
    this.requests++;
    this.bodyBytes += bodyBytes;
    if (this.counted !== undefined && pieces.length > 0) {
      this.items += countItems(this.counted, plain(Buffer.concat(pieces)));
    }
  }
}

/** A body as it was before somebody packed it; its first bytes say how. */
function plain(body: Buffer): Buffer {
  if (body.length < 4) return body;
  if (body.readUInt16BE(0) === 0x1f8b) return gunzipSync(body);
  if (body.readUInt32LE(0) === 0xfd2fb528) return zstdDecompressSync(body);
  return body;
}
