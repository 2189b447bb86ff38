import type { Compression } from "../protocol.ts";
import { TargetError } from "../target-error.ts";
import type { Released, TargetSettings } from "./contract.ts";

/** Packs a body: a small one at once, a large one off the main thread. `released` is called as soon as `body` is not read any more, then `onPacked`. */
export type Compress = (
  body: Buffer,
  onPacked: (packed: Buffer) => void,
  released: Released | undefined,
) => void;

/** Output is collected in pieces of this size: large ones save trips between the threads. */
const CHUNK_BYTES = 256 * 1024;

/**
 * Bodies up to this size are packed on the main thread. The way to another thread and back costs some 200 us of CPU and a quarter of a
 * megabyte a body, packing 4 kB some 30 us, so it pays only where packing itself takes long.
 */
const SMALL_BYTES = 32 * 1024;

const LEVELS = { none: 22, gzip: 9, zstd: 22 };

/**
 * The packer of a compression; undefined for none. level: see TargetSettings.compressionLevel.
 * Throws TargetError for a level that the compression does not have.
 *
 * zlib is loaded when something is to be compressed: it takes more than a megabyte.
 */
export function compressorOf(compression: Compression, level = 1): Compress | undefined {
  if (!Number.isInteger(level) || level < 1 || level > LEVELS[compression]) {
    const range = `1 to ${LEVELS[compression]}`;
    throw new TargetError(
      "bad_compression",
      `compression level of ${compression} must be ${range}, got ${level}`,
    );
  }
  switch (compression) {
    case "none":
      return undefined;
    case "gzip": {
      const { gzip, gzipSync } = process.getBuiltinModule("node:zlib");
      return packer(gzipSync, gzip, { level });
    }
    case "zstd": {
      const { constants, zstdCompress, zstdCompressSync } = process.getBuiltinModule("node:zlib");
      return packer(zstdCompressSync, zstdCompress, {
        params: { [constants.ZSTD_c_compressionLevel]: level },
      });
    }
  }
}

function packer<Options>(
  packNow: (body: Buffer, options: Options) => Buffer,
  pack: (body: Buffer, options: Options, done: (error: Error | null, packed: Buffer) => void) => void,
  small: Options,
): Compress {
  const large = { ...small, chunkSize: CHUNK_BYTES };
  return (body, onPacked, released) => {
    if (body.length <= SMALL_BYTES) handOn(packNow(body, small), onPacked, released);
    else pack(body, large, whenPacked(onPacked, released));
  };
}

/** Whoever sends is still at it: told of the release when it is through, and before the answer of a connection that breaks at once. */
function handOn(packed: Buffer, onPacked: (packed: Buffer) => void, released: Released | undefined): void {
  if (released) process.nextTick(released);
  onPacked(packed);
}

function whenPacked(
  onPacked: (packed: Buffer) => void,
  released: Released | undefined,
): (error: Error | null, packed: Buffer) => void {
  return (error, packed) => {
    // zlib fails on a body of ours only when memory runs out: nothing to answer, the process is beyond help.
    if (error) throw error;
    released?.();
    onPacked(packed);
  };
}

/** How a transport packs plain bodies at the moment. Throws TargetError as `compressorOf` does. */
export class Packing {
  compression: Compression;
  /** Undefined: bodies leave as they are. */
  compress: Compress | undefined;

  constructor({
    compression = "none",
    compressionLevel,
  }: Pick<TargetSettings, "compression" | "compressionLevel">) {
    this.compression = compression;
    this.compress = compressorOf(compression, compressionLevel);
  }

  /** A level that was asked for is one of the settings' compression; the other has its usual one. */
  change(compression: Compression): void {
    this.compression = compression;
    this.compress = compressorOf(compression);
  }
}
