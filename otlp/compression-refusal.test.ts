import { describe, expect, test } from "vitest";
import type { Answer } from "./answer.ts";
import { NEXT_COMPRESSION, refusesCompression } from "./compression-refusal.ts";
import { COMPRESSIONS } from "./protocol.ts";

const permanent = (code: string, message: string): Answer => ({
  kind: "permanent",
  code,
  message,
  address: "127.0.0.1:4318",
  wireBytes: 1,
});

describe("a compression is refused by", () => {
  test.each([
    ["http_415", "415 Unsupported Media Type"],
    ["http_400", '400 Bad Request: unsupported "Content-Encoding": zstd'],
    ["grpc_unimplemented", 'UNIMPLEMENTED: grpc: Decompressor is not installed for grpc-encoding "zstd"'],
    ["grpc_unimplemented", "UNIMPLEMENTED"],
  ])("%s, %s", (code, message) => {
    expect(refusesCompression(permanent(code, message))).toBe(true);
  });
});

describe("the request, not its compression, is refused by", () => {
  test.each([
    ["http_400", "400 Bad Request: proto: illegal wireType 7"],
    ["http_404", "404 Not Found"],
    [
      "grpc_unimplemented",
      "UNIMPLEMENTED: unknown service opentelemetry.proto.collector.trace.v1.TraceService",
    ],
    ["grpc_unimplemented", "UNIMPLEMENTED: The server does not implement the method /a.B/Export"],
    ["grpc_invalid_argument", "INVALID_ARGUMENT: encoding"],
  ])("%s, %s", (code, message) => {
    expect(refusesCompression(permanent(code, message))).toBe(false);
  });

  test("an answer that may be tried again", () => {
    const answer: Answer = { kind: "retryable", code: "http_415", message: "", address: "a:1", wireBytes: 1 };
    expect(refusesCompression(answer)).toBe(false);
  });
});

test("every compression leads to none, in steps", () => {
  for (const compression of COMPRESSIONS) {
    expect(NEXT_COMPRESSION[NEXT_COMPRESSION[compression]]).toBe("none");
  }
});
