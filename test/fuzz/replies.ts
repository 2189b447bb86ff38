/**
 * Bodies that a target might answer with: replies of OTLP and google.rpc.Status, right, absurd and broken; and bombs.
 */
import { deflateRawSync, gzipSync } from "node:zlib";
import type { Random } from "../../generator/random.ts";
import { ProtoWriter } from "../../otlp/message/writer.ts";
import { mutated, noise, oddText, pick } from "./script.ts";

/** A body of a reply in protobuf, mostly something like an Export*ServiceResponse. */
export function oddReply(random: Random): Buffer {
  const good = exportResponse(random);
  return pick(random, [
    () => good,
    () => mutated(random, good),
    () => oddStatus(random),
    () => noise(random, 300),
  ])();
}

/** A google.rpc.Status, with RetryInfo of any size, perhaps broken. */
export function oddStatus(random: Random): Buffer {
  const good = status(random);
  return random.chance(0.4) ? mutated(random, good) : good;
}

/** OTLP/JSON of a reply or an error, perhaps broken. */
export function oddJson(random: Random): Buffer {
  const text = pick(random, [
    () =>
      JSON.stringify({
        partialSuccess: { rejectedSpans: pick(random, ODD_JSON_NUMBERS), errorMessage: oddText(random) },
      }),
    () =>
      JSON.stringify({
        partialSuccess: pick<unknown>(random, [null, 5, [], "x", { rejectedLogRecords: {} }]),
      }),
    () => JSON.stringify({ code: 14, message: oddText(random), details: [{}] }),
    () => `${'{"partialSuccess":'.repeat(5000)}1`,
    () => "[".repeat(60_000),
    () => '{"__proto__": {"partialSuccess": {"rejectedSpans": "7"}}}',
    () => "null",
  ])();
  return random.chance(0.3) ? mutated(random, Buffer.from(text)) : Buffer.from(text);
}

const ODD_JSON_NUMBERS: unknown[] = [
  "7",
  7,
  -7,
  1.5,
  1e300,
  "9223372036854775807",
  "abc",
  null,
  true,
  [],
  {},
  "0x7",
  "",
];

const ODD_INTEGERS = [
  0n,
  1n,
  5n,
  1_000_000n,
  10n ** 12n,
  2n ** 53n,
  2n ** 63n - 1n,
  2n ** 63n,
  2n ** 64n - 1n,
];

function exportResponse(random: Random): Buffer {
  const message = (writer: ProtoWriter): void => {
    writeVarint(writer, 1, pick(random, ODD_INTEGERS));
    writer.string(2, oddText(random));
  };
  return nested(random, 1, message);
}

function status(random: Random): Buffer {
  const writer = new ProtoWriter();
  writeVarint(writer, 1, BigInt(random.int(0, 20)));
  writer.string(2, oddText(random));
  for (let details = random.int(0, 3); details > 0; details--) {
    writer.begin(3);
    writer.string(
      1,
      pick(random, [
        "type.googleapis.com/google.rpc.RetryInfo",
        "google.rpc.RetryInfo",
        "type.googleapis.com/google.rpc.BadRequest",
        oddText(random),
      ]),
    );
    writer.begin(2);
    writer.begin(1);
    writeVarint(writer, 1, pick(random, ODD_INTEGERS));
    writeVarint(writer, 2, pick(random, ODD_INTEGERS));
    for (let open = 0; open < 3; open++) writer.end();
  }
  return Buffer.from(writer.finish());
}

function nested(random: Random, field: number, write: (writer: ProtoWriter) => void): Buffer {
  const writer = new ProtoWriter();
  const times = random.chance(0.1) ? 3 : 1;
  for (let time = 0; time < times; time++) {
    writer.begin(field);
    write(writer);
    writer.end();
  }
  return Buffer.from(writer.finish());
}

/** Ten bytes where the number needs them: a negative int64. */
function writeVarint(writer: ProtoWriter, field: number, value: bigint): void {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>= 7n) {
    const low = Number(rest & 0x7fn);
    if (rest < 0x80n) {
      bytes.push(low);
      break;
    }
    bytes.push(low | 0x80);
  }
  writer.raw(Buffer.from([field << 3, ...bytes]));
}

/** Packed bytes that unpack to very much. */
export interface Bomb {
  encoding: "gzip" | "zstd";
  packed: Buffer;
}

/** Made once: a fuzzer throws them often. */
export const BOMBS: readonly Bomb[] = [
  { encoding: "gzip", packed: gzipSync(Buffer.alloc(50_000_000)) },
  { encoding: "gzip", packed: gzipBomb(60_000) },
  { encoding: "zstd", packed: zstdBomb(2 * 10 ** 9) },
  { encoding: "zstd", packed: zstdBomb(10 ** 10) },
  { encoding: "zstd", packed: zstdBomb(10 ** 10).subarray(0, 60_000) },
];

/** As many gzip members as fit, one behind the other: each unpacks to 4 MB. */
function gzipBomb(mostBytes: number): Buffer {
  const member = gzipSync(Buffer.alloc(4_000_000), { level: 9 });
  return Buffer.concat(Array<Buffer>(Math.floor(mostBytes / member.length)).fill(member));
}

/** Blocks that repeat one byte 128 KiB times take four bytes. Source: RFC 8878, 3.1.1. */
function zstdBomb(unpackedBytes: number): Buffer {
  const blockBytes = 128 * 1024;
  const blocks = Math.ceil(unpackedBytes / blockBytes);
  const head = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58]);
  const body = Buffer.alloc(blocks * 4);
  for (let block = 0; block < blocks; block++) {
    const isLast = block === blocks - 1 ? 1 : 0;
    body.writeUIntLE((blockBytes << 3) | (1 << 1) | isLast, block * 4, 3);
  }
  return Buffer.concat([head, body]);
}

/** Bytes in an encoding that they may or may not be said to have. */
export function oddlyPacked(random: Random, bytes: Buffer): Buffer {
  return pick(random, [
    () => gzipSync(bytes),
    () => deflateRawSync(bytes),
    () => mutated(random, gzipSync(bytes)),
    () => bytes,
  ])();
}
