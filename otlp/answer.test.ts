import { expect, test } from "vitest";
import { MAX_RETRY_AFTER_MS, plainLine } from "./answer.ts";
import { parseRetryAfter } from "./client/http/http-answer.ts";
import { readStatus } from "./client/reply.ts";

test("a text that is cut stays well-formed, wherever the cut falls", () => {
  for (let before = 0; before < 4; before++) {
    const line = plainLine("x".repeat(before) + "🦬".repeat(300));
    expect([line.isWellFormed(), line.length <= 300, line.at(-1)]).toEqual([true, true, "…"]);
  }
});

test("a text that is malformed becomes well-formed", () => {
  expect(plainLine("a \ud800 b").isWellFormed()).toBe(true);
});

test.each(["86401", "9999999999999999", "9".repeat(400), "Wed, 21 Oct 2099 07:28:00 GMT"])(
  "Retry-After: %s is a day",
  (text) => expect(parseRetryAfter(text, 0)).toBe(MAX_RETRY_AFTER_MS),
);

test("RetryInfo of 10^12 seconds is a day", () => {
  const seconds = Buffer.from([0x08, 0x80, 0xa0, 0x94, 0xa5, 0x8d, 0x1d]);
  const delay = Buffer.concat([Buffer.from([0x0a, seconds.length]), seconds]);
  const url = Buffer.from("type.googleapis.com/google.rpc.RetryInfo");
  const any = Buffer.concat([Buffer.from([0x0a, url.length]), url, Buffer.from([0x12, delay.length]), delay]);
  const status = Buffer.concat([Buffer.from([0x1a, any.length]), any]);
  expect(readStatus(status)?.retryAfterMs).toBe(MAX_RETRY_AFTER_MS);
});
