import { RequestError } from "../body.ts";

/** Bytes in front of each gRPC message: one flag (1 = compressed), four of length, big-endian. */
export const PREFIX_BYTES = 5;

/** A message as it goes over the wire, uncompressed. */
export function frameMessage(message: Uint8Array): Buffer {
  const framed = Buffer.alloc(PREFIX_BYTES + message.length);
  framed.writeUInt32BE(message.length, 1);
  framed.set(message, PREFIX_BYTES);
  return framed;
}

/**
 * The one message of a unary call. `raw` is all the client sent; the message is a view of it.
 *
 * Throws RequestError (INTERNAL, as gRPC's own servers do) when it is none, cut short, or more than one.
 */
export function unframeMessage(raw: Buffer): { message: Buffer; compressed: boolean } {
  if (raw.length < PREFIX_BYTES) {
    throw new RequestError("INTERNAL", `a unary call carries one message, got ${raw.length} bytes`);
  }
  const flag = raw[0]!;
  const length = raw.readUInt32BE(1);
  if (flag > 1) throw new RequestError("INTERNAL", `the flag of a message is 0 or 1, got ${flag}`);
  if (length !== raw.length - PREFIX_BYTES) {
    const got = raw.length - PREFIX_BYTES;
    throw new RequestError("INTERNAL", `a message of ${length} bytes was announced, ${got} bytes came`);
  }
  return { message: raw.subarray(PREFIX_BYTES), compressed: flag === 1 };
}
