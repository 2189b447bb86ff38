/**
 * fast-check arbitraries of OTLP messages, drawn from the schema table itself: every field, absent or present, zeros and
 * extremes included. For tests.
 */
import fc from "fast-check";
import Long from "long";
import type { Signal } from "../signal.ts";
import {
  ENUMS,
  MESSAGES,
  type MessageName,
  parseFieldType,
  REQUEST_NAMES,
  type RequestOf,
} from "./schema.ts";

/** Any export request of a signal, small. */
export function requestArbitrary<S extends Signal>(signal: S): fc.Arbitrary<RequestOf<S>> {
  return messageArbitrary(REQUEST_NAMES[signal], 12) as fc.Arbitrary<RequestOf<S>>;
}

/** depth: levels of messages below this one; at 0, fields that hold messages are absent. */
function messageArbitrary(name: MessageName, depth: number): fc.Arbitrary<unknown> {
  const fields: Record<string, fc.Arbitrary<unknown>> = {};
  const members: Record<string, Record<string, fc.Arbitrary<unknown>>> = {};
  for (const [field, [, type, oneof]] of Object.entries<readonly [number, string, string?]>(MESSAGES[name])) {
    const { element, repeated } = parseFieldType(type);
    if (element in MESSAGES && depth === 0) continue;
    const one =
      element in MESSAGES
        ? messageArbitrary(element as MessageName, nextDepth(element, depth))
        : SCALARS[element];
    const values = one ?? fc.nat({ max: Object.keys(ENUMS[element as keyof typeof ENUMS]).length - 1 });
    const value = repeated ? fc.array(values, { minLength: 1, maxLength: 3 }) : values;
    if (oneof) members[oneof] = { ...members[oneof], [field]: value };
    else fields[field] = value;
  }
  const oneofs = Object.values(members).map((choices) =>
    fc.oneof(
      fc.constant({}),
      ...Object.entries(choices).map(([field, value]) => fc.record({ [field]: value })),
    ),
  );
  return fc
    .tuple(fc.record(fields, { requiredKeys: [] }), ...oneofs)
    .map((parts) => Object.assign({}, ...(parts as object[])));
}

/** AnyValue holds itself: nesting stops soon there, so that the table's other levels are all reached. */
function nextDepth(element: string, depth: number): number {
  if (element === "KeyValue" && depth > 4) return 4;
  return depth - 1;
}

const bits64 = fc.oneof(
  fc.constantFrom(0n, 1n, 2n ** 53n + 1n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
);
const unsigned64 = bits64.map((bits) => Long.fromString(bits.toString(), true));
const signed64 = bits64.map((bits) => Long.fromString(BigInt.asIntN(64, bits).toString()));
const double = fc.oneof(fc.double(), fc.constantFrom(0, -0, Number.NaN, Infinity, -Infinity, 5e-324));
const int32 = fc.oneof(fc.integer(), fc.constantFrom(0, -1));
const uint32 = fc.oneof(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.constantFrom(0, 2 ** 32 - 1));
const text = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.string({ unit: "binary", maxLength: 8 }),
  fc.constant(""),
);

const SCALARS: Record<string, fc.Arbitrary<unknown>> = {
  string: text,
  bool: fc.boolean(),
  double,
  int32,
  sint32: int32,
  uint32,
  fixed32: uint32,
  int64: signed64,
  sfixed64: signed64,
  uint64: unsigned64,
  fixed64: unsigned64,
  bytes: fc.uint8Array({ maxLength: 9 }),
  traceId: fc.uint8Array({ minLength: 16, maxLength: 16 }),
  spanId: fc.uint8Array({ minLength: 8, maxLength: 8 }),
};
