import { constants, gzip, zstdCompress } from "node:zlib";
import type { Compression } from "../../protocol.ts";

/** Packs a body off the main thread; `body` is read until `done`. */
export type Compress = (body: Buffer, done: (error: Error | null, packed: Buffer) => void) => void;

/** Output is collected in pieces of this size: large ones save trips between the threads. */
const CHUNK_BYTES = 256 * 1024;

/** The packer of a compression; undefined for none. level: see TargetSettings.compressionLevel. */
export function compressorOf(compression: Compression, level = 1): Compress | undefined {
  switch (compression) {
    case "none":
      return undefined;
    case "gzip": {
      const options = { level, chunkSize: CHUNK_BYTES };
      return (body, done) => gzip(body, options, done);
    }
    case "zstd": {
      const options = { params: { [constants.ZSTD_c_compressionLevel]: level }, chunkSize: CHUNK_BYTES };
      return (body, done) => zstdCompress(body, options, done);
    }
  }
}
