/**
 * Gives each distinct resource of a metrics file a number and a service.instance.id of fixed width that holds it, so that
 * stamping can multiply the file's series by instances. A resource that comes again, in another frame, keeps its number.
 */
import { varintBytes, writeVarint } from "../../otlp/message/wire.ts";
import { findInstanceId } from "./locate-metrics.ts";

const KEY = Buffer.from("service.instance.id");

export class ResourceNumbers {
  /** By a 53-bit hash of the resource's bytes: 16 bytes or so a resource, whatever its size. */
  readonly #numbers = new Map<number, number>();

  /** Pass on the resource's bytes with service.instance.id set to makeId(number of the resource). */
  rewrite(
    resource: Uint8Array,
    makeId: (number: number) => string,
    append: (bytes: Uint8Array) => void,
  ): void {
    const hash = hashOf(resource);
    const number = this.#numbers.get(hash) ?? this.#numbers.size;
    this.#numbers.set(hash, number);
    const attribute = encodeAttribute(makeId(number));
    const old = findInstanceId(resource, 0, resource.length);
    if (!old) {
      append(resource);
      append(attribute);
      return;
    }
    append(resource.subarray(0, old.attributeFrom));
    append(attribute);
    append(resource.subarray(old.attributeTo));
  }
}

/** Resource.attributes (field 1) with one KeyValue {1: key, 2: AnyValue {1: string}}. */
function encodeAttribute(id: string): Uint8Array {
  const value = Buffer.from(id, "latin1");
  const anyValue = Buffer.concat([Uint8Array.of(0x0a, value.length), value]);
  const keyValue = Buffer.concat([
    Uint8Array.of(0x0a, KEY.length),
    KEY,
    Uint8Array.of(0x12, anyValue.length),
    anyValue,
  ]);
  const prefix = new Uint8Array(1 + varintBytes(keyValue.length));
  prefix[0] = 0x0a;
  writeVarint(prefix, 1, keyValue.length);
  return Buffer.concat([prefix, keyValue]);
}

function hashOf(bytes: Uint8Array): number {
  let low = 0x811c9dc5;
  let high = 0x9747b28c;
  for (const byte of bytes) {
    low = Math.imul(low ^ byte, 0x01000193);
    high = Math.imul(high ^ byte, 0x5bd1e995);
    high ^= high >>> 15;
  }
  return (high >>> 11) * 2 ** 32 + (low >>> 0);
}
