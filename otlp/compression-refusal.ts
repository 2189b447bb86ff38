/**
 * What to do when a target does not take the compression that bodies come in: a pure rule.
 */
import type { Answer } from "./answer.ts";
import type { Compression } from "./protocol.ts";

/** What is tried after a compression that was refused. OTLP asks servers for gzip, and none is always taken. */
export const NEXT_COMPRESSION: Record<Compression, Compression> = {
  zstd: "gzip",
  gzip: "none",
  none: "none",
};

/**
 * Whether a target refused a compressed request for its compression.
 *
 * By the book that is 415 (RFC 9110, 15.5.16) and UNIMPLEMENTED (grpc/doc/compression.md). The Collector's HTTP receiver answers 400 with
 * a text about the Content-Encoding; and UNIMPLEMENTED is the answer of a server without OTLP, too, whose text is about a method.
 */
export function refusesCompression(answer: Answer): boolean {
  if (answer.kind !== "permanent") return false;
  switch (answer.code) {
    case "http_415":
      return true;
    case "http_400":
      return /encoding|compress/i.test(answer.message);
    case "grpc_unimplemented":
      return !/\b(service|method)\b/i.test(answer.message);
    default:
      return false;
  }
}
