import { describe, expect, test } from "vitest";
import type { Answer } from "../../otlp/answer.ts";
import { DEFAULT_RETRY_LAW } from "../../otlp/retry.ts";
import { Retries } from "./retries.ts";

const at = { address: "127.0.0.1:4317", wireBytes: 0 };
const busy: Answer = { ...at, kind: "retryable", code: "http_503", message: "busy" };
const law = { ...DEFAULT_RETRY_LAW, initialMs: 100, maxMs: 1000, maxElapsedMs: 5000 };
const middle = () => 0.5;

describe("retries", () => {
  test("grow by half each time up to the longest wait", () => {
    const retries = new Retries(law, 1, middle);
    const waits = [1, 2, 3, 7, 20].map((tries) => retries.nextDelayMs(busy, tries, 0));
    expect(waits).toEqual([100, 150, 225, 1000, 1000]);
  });

  test("wait as long as the target asks, and never for a time that lies beyond the request's own", () => {
    const retries = new Retries(law, 1, () => 0);
    const asked = (retryAfterMs: number): Answer => ({ ...busy, retryAfterMs }) as Answer;
    expect(retries.nextDelayMs(asked(3000), 1, 0)).toBe(3000);
    expect(retries.nextDelayMs(asked(3000), 1, 2001)).toBeUndefined();
    expect(retries.nextDelayMs(asked(3_600_000), 1, 0)).toBeUndefined();
  });

  test.each<[string, Answer]>([
    ["accepted", { ...at, kind: "accepted" }],
    ["taken in part", { ...at, kind: "partial", rejected: 1, message: "" }],
    ["refused for good", { ...at, kind: "permanent", code: "http_400", message: "" }],
  ])("there are none of what was %s", (_, answer) => {
    expect(new Retries(law, 1, middle).nextDelayMs(answer, 1, 0)).toBeUndefined();
  });

  test("are a fifth of the requests in the long run, and twenty for each request in flight at once", () => {
    const retries = new Retries(law, 3, middle);
    let granted = 0;
    while (retries.nextDelayMs(busy, 1, 0) !== undefined) granted++;
    expect(granted).toBe(60);
    for (let request = 0; request < 100; request++) {
      retries.noteFirstTry();
      if (retries.nextDelayMs(busy, 1, 0) !== undefined) granted++;
    }
    expect(granted).toBeGreaterThanOrEqual(79);
    expect(granted).toBeLessThanOrEqual(80);
  });
});
