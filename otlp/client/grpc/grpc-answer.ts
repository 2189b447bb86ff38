import { type Answer, plainLine } from "../../answer.ts";
import type { Fields } from "../http2/hpack/header-decoder.ts";
import { answerOfSuccess, readStatus } from "../reply.ts";
import { isRetryable, statusName, statusOfHttp } from "./status.ts";

/** Flag (1 = compressed) and length, big-endian, in front of every message. Source: grpc/doc/PROTOCOL-HTTP2.md. */
export const PREFIX_BYTES = 5;

/** What a target said about a call. */
export interface Reply {
  /** Of the response, ":status" included. */
  headers: Fields;
  /** Where the status stands; undefined when it came in the headers ("Trailers-Only"), or none came. */
  trailers: Fields | undefined;
  /** All DATA, framing included; undefined when it was too long to be kept. */
  data: Buffer | undefined;
}

/** The answer in a reply; undefined when it holds no status, so that nobody knows what became of the request. */
export function answerOfReply(reply: Reply, address: string, wireBytes: number): Answer | undefined {
  const fields = reply.trailers?.has("grpc-status") ? reply.trailers : reply.headers;
  const status = fields.get("grpc-status");
  if (status === undefined) {
    const httpStatus = Number(reply.headers.get(":status"));
    if (httpStatus === 200) return undefined;
    return refusal(statusOfHttp(httpStatus), `HTTP status ${httpStatus}`, undefined, address, wireBytes);
  }
  // A status that is no number is UNKNOWN, as gRPC says.
  const code = /^\d{1,9}$/.test(status) ? Number(status) : 2;
  if (code === 0) {
    const message = messageOf(reply.data, reply.headers.get("grpc-encoding"));
    return answerOfSuccess(message, false, address, wireBytes);
  }
  const text = decodePercent(fields.get("grpc-message") ?? "");
  return refusal(code, text, fields.get("grpc-status-details-bin"), address, wireBytes);
}

function refusal(
  code: number,
  text: string,
  details: string | undefined,
  address: string,
  wireBytes: number,
): Answer {
  const status = details ? readStatus(Buffer.from(details, "base64")) : undefined;
  const name = statusName(code);
  const line = plainLine(text || status?.message || "");
  const told = {
    code: `grpc_${name.toLowerCase()}`,
    message: line === "" ? name : `${name}: ${line}`,
    address,
    wireBytes,
  };
  const retryAfterMs = status?.retryAfterMs;
  if (!isRetryable(code, retryAfterMs !== undefined)) return { kind: "permanent", ...told };
  return { kind: "retryable", ...(retryAfterMs === undefined ? {} : { retryAfterMs }), ...told };
}

/** The message of a reply, or bytes that are none, which the reader of replies says. No message at all is an empty one. */
function messageOf(data: Buffer | undefined, encoding: string | undefined): Buffer {
  if (data?.length === 0) return data;
  if (!data || data.length < PREFIX_BYTES) return UNREADABLE;
  const message = data.subarray(PREFIX_BYTES);
  if (data.readUInt32BE(1) !== message.length) return UNREADABLE;
  return data[0] === 0 ? message : unpacked(message, encoding);
}

/** grpc-go packs its reply as the request was packed, whatever the client says of what it takes. */
function unpacked(message: Buffer, encoding: string | undefined): Buffer {
  try {
    const { gunzipSync, zstdDecompressSync } = process.getBuiltinModule("node:zlib");
    if (encoding === "gzip") return gunzipSync(message, { maxOutputLength: MAX_MESSAGE_BYTES });
    if (encoding === "zstd") return zstdDecompressSync(message, { maxOutputLength: MAX_MESSAGE_BYTES });
  } catch {
    // As unreadable as an encoding that nobody asked for.
  }
  return UNREADABLE;
}

/** A reply is some hundred bytes. */
const MAX_MESSAGE_BYTES = 2 ** 20;

/** No protobuf message begins with field 0. */
const UNREADABLE = Buffer.from([0]);

/** grpc-message is UTF-8 with everything but printable ASCII, and %, as %XX; what is not so is taken as it stands. */
function decodePercent(text: string): string {
  if (!text.includes("%")) return text;
  const bytes = text.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(parseInt(hex, 16)),
  );
  return Buffer.from(bytes, "latin1").toString("utf8");
}
