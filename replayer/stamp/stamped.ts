/**
 * For tests: from template requests to stamped bodies, through files as a replayer does it.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { decodeRequest } from "../../otlp/message/decode.ts";
import type { RequestOf } from "../../otlp/message/schema.ts";
import type { Signal } from "../../otlp/signal.ts";
import { idKeyOf } from "../../template/ids.ts";
import { TIME_STEP_NS } from "../../template/slots.ts";
import { type TemplateRequest, templateFile } from "../freeze/arbitrary.ts";
import { type FreezeSettings, freezeTemplate } from "../freeze/freeze.ts";
import { FrozenFile, type FrozenSummary } from "../freeze/frozen-file.ts";
import { SendBuffer } from "./send-buffer.ts";
import { stamp } from "./stamp.ts";
import { newStampKey, type StampKey } from "./stamp-key.ts";

/** A frozen template, open, and the buffer to stamp it in. */
export class FrozenTemplate<S extends Signal> {
  readonly signal: S;
  readonly summary: FrozenSummary;
  readonly file: FrozenFile;
  readonly #directory = mkdtempSync(join(tmpdir(), "stampede-"));
  readonly #buffer: SendBuffer;
  readonly #idKey: Int32Array;

  /** Throws what freezing throws. */
  constructor(signal: S, template: Uint8Array, settings: FreezeSettings) {
    this.signal = signal;
    this.#idKey = idKeyOf(settings.seed);
    const path = join(this.#directory, "template.pb");
    const frozen = join(this.#directory, "template.frozen");
    try {
      writeFileSync(path, template);
      this.summary = freezeTemplate(signal, path, frozen, settings);
      this.file = new FrozenFile(frozen);
    } catch (error) {
      rmSync(this.#directory, { recursive: true });
      throw error;
    }
    this.#buffer = new SendBuffer(this.summary.maxRecordBytes);
  }

  /** A copy of the body that this key gives. */
  body(key: Readonly<StampKey>): Buffer {
    this.file.read(key.batch, this.#buffer.bytes);
    stamp(this.#buffer, this.#idKey, key);
    return Buffer.from(this.#buffer.body());
  }

  /** Header of a batch's record. */
  header(batch: number): Int32Array {
    this.file.read(batch, this.#buffer.bytes);
    return this.#buffer.ints.slice(0, 16);
  }

  /** All bodies of a pass under one key, in order. */
  bodies(key: Readonly<StampKey>): Buffer[] {
    return Array.from({ length: this.file.batches }, (_, batch) => this.body({ ...key, batch }));
  }

  /** The body that this key gives, decoded by protobufjs. */
  request(key: Readonly<StampKey>): RequestOf<S> {
    return decodeRequest(this.signal, this.body(key));
  }

  /** All bodies of a pass, decoded. */
  requests(key: Readonly<StampKey>): RequestOf<S>[] {
    return Array.from({ length: this.file.batches }, (_, batch) => this.request({ ...key, batch }));
  }

  /** The records of late roots that leave with a batch, by their numbers. */
  lateRootsOf(batch: number): number[] {
    const from = this.file.lateRootsFrom(batch);
    return Array.from({ length: this.file.lateRootsEnd(batch) - from }, (_, n) => from + n);
  }

  close(): void {
    this.file.close();
    rmSync(this.#directory, { recursive: true });
  }
}

/** Freeze requests, hand them over, clean up. Does nothing when every item is too large to be sent. */
export function withFrozen<S extends Signal>(
  signal: S,
  requests: readonly TemplateRequest<S>[],
  settings: FreezeSettings,
  claim: (frozen: FrozenTemplate<S>) => void,
): void {
  let frozen: FrozenTemplate<S>;
  try {
    frozen = new FrozenTemplate(signal, templateFile(signal, requests), settings);
  } catch (error) {
    if (error instanceof Error && error.message.includes("nothing that can be sent")) return;
    throw error;
  }
  try {
    claim(frozen);
  } finally {
    frozen.close();
  }
}

/** The requests of a template as an independent reader sees them. */
export function decodedTemplate<S extends Signal>(
  signal: S,
  requests: readonly TemplateRequest<S>[],
): RequestOf<S>[] {
  const file = templateFile(signal, requests);
  const decoded: RequestOf<S>[] = [];
  for (let at = 0; at < file.length; ) {
    const end = at + 4 + file.readUInt32BE(at);
    decoded.push(decodeRequest(signal, file.subarray(at + 4, end)));
    at = end;
  }
  return decoded;
}

const STEPS_2020 = Math.floor(1_577_836_800_000_000_000 / TIME_STEP_NS);
const STEPS_2100 = Math.floor(4_102_444_800_000_000_000 / TIME_STEP_NS);

/** Base times, many of them right behind a multiple of 2^40 ns, where a carry runs through bytes 5 to 7. */
export const baseSteps: fc.Arbitrary<number> = fc.oneof(
  fc.integer({ min: STEPS_2020, max: STEPS_2100 }),
  fc
    .tuple(
      fc.integer({ min: Math.ceil(STEPS_2020 / 2 ** 16), max: Math.floor(STEPS_2100 / 2 ** 16) }),
      fc.nat({ max: 200 }),
    )
    .map(([carries, after]) => carries * 2 ** 16 + after),
);

/** Keys as they arise for traces and logs. */
export const stampKey: fc.Arbitrary<StampKey> = fc
  .record({
    incarnation: fc.integer({ min: 1, max: 2 ** 48 - 1 }),
    pass: fc.oneof(fc.nat({ max: 10 }), fc.integer({ min: 0, max: 2 ** 40 - 1 })),
    baseSteps,
  })
  .map((key) => ({ ...newStampKey(), ...key, runSteps: key.baseSteps, previousSteps: key.baseSteps }));

/** A base time in nanoseconds. */
export function baseNs({ baseSteps }: Pick<StampKey, "baseSteps">): bigint {
  return BigInt(baseSteps) * BigInt(TIME_STEP_NS);
}

/** A decoded 64-bit field. */
export function bigOf(value: { toString(): string } | undefined): bigint {
  return BigInt(value!.toString());
}
