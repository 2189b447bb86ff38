import protobuf from "protobufjs";
import { describe, expect, test } from "vitest";
import { answerOfReply } from "./grpc-answer.ts";

const { root } = protobuf.parse(`syntax = "proto3";
  message Status { int32 code = 1; string message = 2; repeated Any details = 3; }
  message Any { string type_url = 1; bytes value = 2; }
  message RetryInfo { Duration retry_delay = 1; }
  message Duration { int64 seconds = 1; int32 nanos = 2; }`);
const encode = (type: string, value: object): Buffer =>
  Buffer.from(root.lookupType(type).encode(value).finish());
const details = (seconds: number): string => {
  const value = encode("RetryInfo", { retryDelay: { seconds } });
  const any = { typeUrl: "type.googleapis.com/google.rpc.RetryInfo", value };
  return encode("Status", { details: [any] }).toString("base64");
};

/** The answer to what comes in one block of headers, as a refusal mostly does. */
const answerOf = (headers: Record<string, string>) => {
  const fields = new Map(Object.entries({ ":status": "200", ...headers }));
  return answerOfReply({ headers: fields, trailers: undefined, data: undefined }, "a:1", 7);
};

describe("RetryInfo", () => {
  test("makes RESOURCE_EXHAUSTED retryable, even with no delay", () => {
    const exhausted = (info: string) => answerOf({ "grpc-status": "8", "grpc-status-details-bin": info });
    expect(exhausted(details(0))).toMatchObject({ kind: "retryable", retryAfterMs: 0 });
    expect(exhausted(details(3))).toMatchObject({ kind: "retryable", retryAfterMs: 3000 });
    expect(exhausted(encode("Status", { message: "full" }).toString("base64"))).toMatchObject({
      kind: "permanent",
    });
  });

  test("is read without the padding of base64 too, and nonsense in its place is none", () => {
    const unavailable = (info: string) => answerOf({ "grpc-status": "14", "grpc-status-details-bin": info });
    expect(unavailable(details(3).replace(/=+$/, ""))).toMatchObject({ retryAfterMs: 3000 });
    for (const info of ["", "!", "/////w==", "AAAA"]) {
      expect(unavailable(info)).toMatchObject({ kind: "retryable" });
      expect(unavailable(info)).not.toHaveProperty("retryAfterMs");
    }
  });

  test("makes nothing retryable that is refused for good", () => {
    for (const code of ["2", "3", "5", "6", "7", "9", "12", "13", "16"]) {
      const answer = answerOf({ "grpc-status": code, "grpc-status-details-bin": details(3) });
      expect(answer).toMatchObject({ kind: "permanent" });
    }
  });
});

describe("a status", () => {
  test.for([
    ["17", "permanent", "grpc_17"],
    ["999999999", "permanent", "grpc_999999999"],
    ["-1", "permanent", "grpc_unknown"],
    ["ok", "permanent", "grpc_unknown"],
    ["", "permanent", "grpc_unknown"],
  ])("of %j is %s, as %s", ([status, kind, code]) => {
    expect(answerOf({ "grpc-status": status! })).toMatchObject({ kind, code });
  });

  test.for<[number, string, string]>([
    [400, "permanent", "grpc_internal"],
    [401, "permanent", "grpc_unauthenticated"],
    [403, "permanent", "grpc_permission_denied"],
    [404, "permanent", "grpc_unimplemented"],
    [413, "permanent", "grpc_unknown"],
    [429, "retryable", "grpc_unavailable"],
    [500, "permanent", "grpc_unknown"],
    [502, "retryable", "grpc_unavailable"],
    [503, "retryable", "grpc_unavailable"],
    [504, "retryable", "grpc_unavailable"],
  ])("that is missing follows from HTTP %i: %s, as %s", ([status, kind, code]) => {
    expect(answerOf({ ":status": `${status}` })).toMatchObject({
      kind,
      code,
      message: expect.stringContaining(`${status}`),
    });
  });

  test("that gRPC gives wins over that of HTTP", () => {
    expect(answerOf({ ":status": "503", "grpc-status": "3" })).toMatchObject({ kind: "permanent" });
  });
});
