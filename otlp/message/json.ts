/**
 * OTLP/JSON by the book: lowerCamelCase names, trace and span ids in hex, other bytes in base64, 64-bit integers as decimal
 * strings, enums as integers, and NaN and the infinities as strings. A reader takes numbers for 64-bit integers and
 * names for enums too, treats null as absent and ignores fields that it does not know.
 *
 * Source: opentelemetry-proto v1.11, docs/specification.md, "JSON Protobuf Encoding".
 */
import Long from "long";
import type { Signal } from "../signal.ts";
import {
  ENUMS,
  MESSAGES,
  type Message,
  type MessageName,
  parseFieldType,
  REQUEST_NAMES,
  type RequestOf,
} from "./schema.ts";

/** A JSON value is not OTLP. `message` begins with the path of the field. */
export class OtlpJsonError extends Error {
  override readonly name = "OtlpJsonError";
  readonly code = "bad_otlp_json";
}

/** Messages deeper than this are refused, as protobuf decoders do. */
const MAX_DEPTH = 100;

/** An export request as OTLP/JSON: one line without a line break. Fields that are present are written, zeros too. */
export function toOtlpJson<S extends Signal>(signal: S, message: RequestOf<S>): string {
  return toJson(REQUEST_NAMES[signal], message as Message<MessageName>);
}

/** Any message of the schema as OTLP/JSON on one line. */
export function toJson<Name extends MessageName>(name: Name, message: Message<Name>): string {
  return writeMessage(planOf(name), message as Record<string, unknown>);
}

/** The export request that a parsed JSON value holds. Use `parseOtlpJson` on text: JSON.parse rounds large integers. */
export function fromOtlpJson<S extends Signal>(signal: S, value: unknown): RequestOf<S> {
  return fromJson(REQUEST_NAMES[signal], value) as RequestOf<S>;
}

/** Any message of the schema from a parsed JSON value. Throws OtlpJsonError; `path` is prefixed to the field it names. */
export function fromJson<Name extends MessageName>(name: Name, value: unknown, path = ""): Message<Name> {
  return readMessage(planOf(name), value, path, 0) as Message<Name>;
}

/** The export request in a JSON text; integers of any size keep their digits. Throws OtlpJsonError. */
export function parseOtlpJson<S extends Signal>(signal: S, text: string): RequestOf<S> {
  return fromOtlpJson(signal, parseJson(text));
}

/** JSON.parse, but integers beyond 2^53 come as strings of their digits, as OTLP writes them. Throws OtlpJsonError. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text, keepDigits);
  } catch (cause) {
    throw new OtlpJsonError(`not JSON: ${(cause as Error).message}`, { cause });
  }
}

/** Reviver with access to the text of a number (ECMAScript: JSON.parse source text access). */
function keepDigits(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value) || !Number.isInteger(value)) return value;
  const source = context?.source ?? "";
  return INTEGER.test(source) ? source : value;
}

const INTEGER = /^-?\d+$/;

// ---- plans: what to do with each field, worked out once per message ------------------------------------------------

interface FieldPlan {
  name: string;
  repeated: boolean;
  oneof: string | undefined;
  write: (value: unknown) => string;
  read: (value: unknown, path: string, depth: number) => unknown;
}

interface MessagePlan {
  name: MessageName;
  fields: FieldPlan[];
  byName: Map<string, FieldPlan>;
}

const plans = new Map<MessageName, MessagePlan>();

function planOf(name: MessageName): MessagePlan {
  let plan = plans.get(name);
  if (plan === undefined) {
    plan = { name, fields: [], byName: new Map() };
    plans.set(name, plan); // before its fields: AnyValue holds itself
    for (const [field, [, type, oneof]] of Object.entries(
      MESSAGES[name] as Record<string, readonly [number, string, string?]>,
    )) {
      const { element, repeated } = parseFieldType(type);
      const fieldPlan = { name: field, repeated, oneof, ...codecOf(element) };
      plan.fields.push(fieldPlan);
      plan.byName.set(field, fieldPlan);
    }
  }
  return plan;
}

function codecOf(element: string): Pick<FieldPlan, "write" | "read"> {
  if (element in MESSAGES) {
    const plan = planOf(element as MessageName);
    return {
      write: (value) => writeMessage(plan, value as Record<string, unknown>),
      read: (value, path, depth) => readMessage(plan, value, path, depth),
    };
  }
  if (element in ENUMS) {
    const names: Record<string, number> = ENUMS[element as keyof typeof ENUMS];
    return { write: String, read: (value, path) => readEnum(names, element, value, path) };
  }
  return SCALARS[element]!;
}

const SCALARS: Record<string, Pick<FieldPlan, "write" | "read">> = {
  string: { write: (value) => JSON.stringify(value), read: readString },
  bool: { write: String, read: readBool },
  double: { write: (value) => writeDouble(value as number), read: readDouble },
  int32: { write: String, read: readInteger(-(2 ** 31), 2 ** 31 - 1) },
  sint32: { write: String, read: readInteger(-(2 ** 31), 2 ** 31 - 1) },
  uint32: { write: String, read: readInteger(0, 2 ** 32 - 1) },
  fixed32: { write: String, read: readInteger(0, 2 ** 32 - 1) },
  int64: { write: (value) => `"${value}"`, read: readInt64(false) },
  sfixed64: { write: (value) => `"${value}"`, read: readInt64(false) },
  uint64: { write: (value) => `"${value}"`, read: readInt64(true) },
  fixed64: { write: (value) => `"${value}"`, read: readInt64(true) },
  bytes: { write: (value) => `"${bufferOf(value).toString("base64")}"`, read: readBase64 },
  traceId: { write: (value) => `"${bufferOf(value).toString("hex")}"`, read: readId(16) },
  spanId: { write: (value) => `"${bufferOf(value).toString("hex")}"`, read: readId(8) },
};

// ---- writing -----------------------------------------------------------------------------------------------------

function writeMessage(plan: MessagePlan, message: Record<string, unknown>): string {
  let text = "";
  for (const field of plan.fields) {
    const value = message[field.name];
    if (value === undefined || value === null) continue;
    if (field.repeated && (value as unknown[]).length === 0) continue;
    const written = field.repeated
      ? `[${(value as unknown[]).map(field.write).join(",")}]`
      : field.write(value);
    text += `${text === "" ? "" : ","}"${field.name}":${written}`;
  }
  return `{${text}}`;
}

function writeDouble(value: number): string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? "-0.0" : String(value);
  return `"${value}"`;
}

function bufferOf(value: unknown): Buffer {
  const bytes = value as Uint8Array;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

// ---- reading -----------------------------------------------------------------------------------------------------

function readMessage(
  plan: MessagePlan,
  value: unknown,
  path: string,
  depth: number,
): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    fail(path, `must be an object (${plan.name})`, value);
  if (depth > MAX_DEPTH) throw new OtlpJsonError(`${path}: nested deeper than ${MAX_DEPTH} messages`);
  const message: Record<string, unknown> = {};
  const oneofs: Record<string, string> = {};
  for (const [key, item] of Object.entries(value as object)) {
    const field = plan.byName.get(key);
    if (field === undefined || item === null) continue;
    const fieldPath = path === "" ? key : `${path}.${key}`;
    if (field.oneof !== undefined) {
      const other = oneofs[field.oneof];
      if (other !== undefined)
        throw new OtlpJsonError(`${fieldPath}: only one of ${other} and ${key} may be set; remove one`);
      oneofs[field.oneof] = key;
    }
    const read = field.repeated
      ? readArray(field, item, fieldPath, depth)
      : field.read(item, fieldPath, depth + 1);
    if (read !== undefined) message[key] = read;
  }
  return message;
}

function readArray(field: FieldPlan, value: unknown, path: string, depth: number): unknown[] | undefined {
  if (!Array.isArray(value)) fail(path, "must be an array", value);
  if (value.length === 0) return undefined;
  return value.map((item, index) =>
    field.read(item ?? fail(`${path}[${index}]`, "must not be null", item), `${path}[${index}]`, depth + 1),
  );
}

function readString(value: unknown, path: string): string {
  return typeof value === "string" ? value : fail(path, "must be a string", value);
}

function readBool(value: unknown, path: string): boolean {
  return typeof value === "boolean" ? value : fail(path, "must be true or false", value);
}

function readDouble(value: unknown, path: string): number {
  if (typeof value === "number") return value;
  const text = typeof value === "string" ? value.trim() : "";
  const number = Number(text);
  if (text === "" || (Number.isNaN(number) && text !== "NaN")) fail(path, "must be a number", value);
  return number;
}

function readInteger(min: number, max: number): (value: unknown, path: string) => number {
  return (value, path) => {
    const number = typeof value === "string" && INTEGER.test(value) ? Number(value) : value;
    if (typeof number === "number" && Number.isInteger(number) && number >= min && number <= max)
      return number;
    return fail(path, `must be an integer from ${min} to ${max}`, value);
  };
}

function readInt64(unsigned: boolean): (value: unknown, path: string) => Long {
  const [min, max] = unsigned ? [0n, 2n ** 64n - 1n] : [-(2n ** 63n), 2n ** 63n - 1n];
  return (value, path) => {
    const digits = typeof value === "number" && Number.isInteger(value) ? BigInt(value) : value;
    if (typeof digits !== "bigint" && !(typeof digits === "string" && INTEGER.test(digits))) {
      fail(path, "must be a decimal integer", value);
    }
    const exact = BigInt(digits as string | bigint);
    if (exact < min || exact > max) fail(path, `must be an integer from ${min} to ${max}`, value);
    return Long.fromString(exact.toString(), unsigned);
  };
}

function readEnum(names: Record<string, number>, type: string, value: unknown, path: string): number {
  if (typeof value === "number" && Number.isInteger(value) && Math.abs(value) < 2 ** 31) return value;
  if (typeof value === "string") {
    const number = Object.hasOwn(names, value) ? names[value] : undefined;
    if (number !== undefined) return number;
    if (INTEGER.test(value)) return Number(value) | 0;
  }
  return fail(path, `must be a number or a name of ${type}`, value);
}

function readBase64(value: unknown, path: string): Uint8Array {
  if (typeof value !== "string" || !BASE64.test(value)) fail(path, "must be base64", value);
  return Buffer.from(value as string, "base64");
}

/** Standard and URL alphabets, padding optional, as protobuf's JSON mapping allows. */
const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;

/** An id in hex of either case. The empty string means absent. */
function readId(bytes: number): (value: unknown, path: string) => Uint8Array | undefined {
  const pattern = new RegExp(`^[0-9a-fA-F]{${bytes * 2}}$`);
  return (value, path) => {
    if (value === "") return undefined;
    if (typeof value !== "string" || !pattern.test(value))
      fail(path, `must be ${bytes * 2} hex digits`, value);
    return Buffer.from(value as string, "hex");
  };
}

function fail(path: string, expected: string, found: unknown): never {
  throw new OtlpJsonError(`${path === "" ? "" : `${path}: `}${expected}, found ${describe(found)}`);
}

/** Objects are not printed: they may be large, or nested deeper than JSON.stringify goes. */
function describe(found: unknown): string {
  if (Array.isArray(found)) return "an array";
  if (typeof found === "object" && found !== null) return "an object";
  const text = JSON.stringify(found) ?? String(found);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
