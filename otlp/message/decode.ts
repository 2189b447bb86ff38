/**
 * OTLP bytes to messages, for everything that is not hot: tools, tests, imports. The hot paths walk bytes (`wire.ts`).
 */
import type { Signal } from "../signal.ts";
import { type Message, type MessageName, messageType, REQUEST_NAMES, type RequestOf } from "./schema.ts";

/** Bytes are not the message they should be. The message says which, of what size, and why. */
export class DecodeError extends Error {
  override readonly name = "DecodeError";
  readonly code = "bad_message";
}

/** Decode an export request. The message owns its data: ids and byte values are copies of the input. */
export function decodeRequest<S extends Signal>(signal: S, bytes: Uint8Array): RequestOf<S> {
  return decodeMessage(REQUEST_NAMES[signal], bytes) as RequestOf<S>;
}

/** Decode any message of the schema. Unknown fields are left out. Throws DecodeError. */
export function decodeMessage<Name extends MessageName>(name: Name, bytes: Uint8Array): Message<Name> {
  try {
    // A copy, for protobufjs returns byte values as views, and frames are read into a buffer that is used again.
    return messageType(name).decode(Buffer.from(bytes)) as unknown as Message<Name>;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DecodeError(`not a valid ${name} of ${bytes.length} bytes: ${reason}`, { cause });
  }
}
