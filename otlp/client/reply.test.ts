import fc from "fast-check";
import protobuf from "protobufjs";
import { describe, expect, test } from "vitest";
import { answerOfSuccess, readErrorText, readPartialSuccess, readStatus } from "./reply.ts";

// An independent encoder: the messages as their .proto files have them.
const { root } = protobuf.parse(`syntax = "proto3";
  message Reply { PartialSuccess partial_success = 1; }
  message PartialSuccess { int64 rejected = 1; string error_message = 2; }
  message Status { int32 code = 1; string message = 2; repeated Any details = 3; }
  message Any { string type_url = 1; bytes value = 2; }
  message RetryInfo { Duration retry_delay = 1; }
  message Duration { int64 seconds = 1; int32 nanos = 2; }`);
const encode = (type: string, value: object): Buffer =>
  Buffer.from(root.lookupType(type).encode(value).finish());

const partial = (rejected: number, errorMessage: string): Buffer =>
  encode("Reply", { partialSuccess: { rejected, errorMessage } });
const any = (type: string, value: Buffer): object => ({ typeUrl: `type.googleapis.com/${type}`, value });
const retryInfo = (seconds: number, nanos: number): object =>
  any("google.rpc.RetryInfo", encode("RetryInfo", { retryDelay: { seconds, nanos } }));

const read = (body: Buffer | string, json = false) =>
  answerOfSuccess(Buffer.from(body as string), json, "a:1", 7);

describe("a reply of success", () => {
  test.for<[string, Buffer | string, boolean, object]>([
    ["that is empty means accepted", Buffer.alloc(0), false, { kind: "accepted" }],
    ["with an empty partial success means accepted", partial(0, ""), false, { kind: "accepted" }],
    [
      "with a message alone is a warning",
      partial(0, "soon\nfull"),
      false,
      { kind: "accepted", warning: "soon full" },
    ],
    [
      "with rejected items is partial",
      partial(3, "bad"),
      false,
      { kind: "partial", rejected: 3, message: "bad" },
    ],
    ["with fewer than no rejected items is accepted", partial(-3, ""), false, { kind: "accepted" }],
    ["in JSON, empty, means accepted", "{}", true, { kind: "accepted" }],
    [
      "in JSON with rejected spans is partial",
      '{"partialSuccess":{"rejectedSpans":"2","errorMessage":"no"}}',
      true,
      { kind: "partial", rejected: 2, message: "no" },
    ],
    [
      "in JSON with rejected points is partial",
      '{"partialSuccess":{"rejectedDataPoints":4}}',
      true,
      { rejected: 4 },
    ],
    [
      "in JSON with rejected logs is partial",
      '{"partialSuccess":{"rejectedLogRecords":"5"}}',
      true,
      { rejected: 5 },
    ],
    [
      "that is no protobuf is a warning",
      "<html>",
      false,
      { kind: "accepted", warning: "the reply cannot be read" },
    ],
    ["that is no JSON is a warning", "{", true, { kind: "accepted", warning: "the reply cannot be read" }],
  ])("%s", ([, body, json, expected]) => {
    expect(read(body, json)).toMatchObject({ ...expected, address: "a:1", wireBytes: 7 });
  });

  test("keeps any count that can be counted", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (rejected) => {
        expect(readPartialSuccess(partial(rejected, "x"))).toEqual({ rejected, message: "x" });
      }),
    );
  });
});

describe("a status", () => {
  test("gives its message, and the delay of its RetryInfo among other details", () => {
    const details = [any("google.rpc.DebugInfo", Buffer.from([1, 2])), retryInfo(2, 500_000_001)];
    expect(readStatus(encode("Status", { code: 14, message: "busy", details }))).toEqual({
      message: "busy",
      retryAfterMs: 2501,
    });
  });

  test("without RetryInfo asks for nothing; an empty RetryInfo asks for no delay", () => {
    expect(readStatus(encode("Status", { message: "m" }))).toEqual({ message: "m", retryAfterMs: undefined });
    const empty = any("google.rpc.RetryInfo", Buffer.alloc(0));
    expect(readStatus(encode("Status", { details: [empty] }))?.retryAfterMs).toBe(0);
    expect(readStatus(encode("Status", { details: [retryInfo(-5, 0)] }))?.retryAfterMs).toBe(0);
  });
});

describe("the text of an error", () => {
  test.for([
    ["application/x-protobuf", encode("Status", { message: "from protobuf" }), "from protobuf"],
    ["application/json", Buffer.from('{"code":3,"message":"from json"}'), "from json"],
    ["application/json", Buffer.from("[]"), "[]"],
    ["text/html", Buffer.from("<h1>\n Bad\tGateway\u001b[31m</h1>"), "<h1> Bad Gateway [31m</h1>"],
    ["", Buffer.alloc(0), ""],
  ] as const)("is found in %s", ([contentType, body, text]) => {
    expect(readErrorText(body, contentType)).toBe(text);
  });

  test("is one printable line of bounded length, whatever came", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
        const text = readErrorText(Buffer.from(bytes), "text/plain");
        expect(text.length).toBeLessThanOrEqual(300);
        expect(text).not.toMatch(/\p{Cc}/u);
      }),
    );
  });
});

test("arbitrary bytes never throw", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, json) => {
      readStatus(bytes);
      expect(["accepted", "partial"]).toContain(read(Buffer.from(bytes), json).kind);
    }),
  );
});
