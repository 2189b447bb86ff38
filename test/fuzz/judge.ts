/** What may be said of any answer, whatever the target did. */
import { type Answer, type LostCode, MAX_RETRY_AFTER_MS } from "../../otlp/answer.ts";

/** Longest line that an answer may carry: a peer's text is cut at 300 characters, what we say around it comes on top. */
const MOST_CHARACTERS = 450;
const LOST_CODES: ReadonlySet<LostCode> = new Set([
  "unreachable",
  "timeout",
  "connection_lost",
  "refused_stream",
  "closed",
]);
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

/** What is wrong with an answer to a request with a body of so many bytes; empty when nothing is. */
export function faultsOf(answer: Answer, bodyBytes: number): string[] {
  const faults: string[] = [];
  const claim = (isTrue: boolean, what: string): void => {
    if (!isTrue) faults.push(`${what}: ${JSON.stringify(answer).slice(0, 600)}`);
  };
  const line = (text: unknown, isNeeded: boolean): void => {
    const isLine = typeof text === "string" && !UNPRINTABLE.test(text) && text.isWellFormed();
    claim(isLine && text.length <= MOST_CHARACTERS, "its text is not one printable line");
    claim(!isNeeded || text !== "", "it says nothing");
  };
  line(answer.address, true);
  const { wireBytes } = answer;
  claim(
    Number.isInteger(wireBytes) && wireBytes >= 0 && wireBytes <= bodyBytes + 5,
    "its wire bytes are wrong",
  );
  switch (answer.kind) {
    case "accepted":
      if (answer.warning !== undefined) line(answer.warning, true);
      break;
    case "partial":
      line(answer.message, false);
      claim(Number.isSafeInteger(answer.rejected) && answer.rejected >= 1, "its count is none");
      break;
    case "retryable": {
      const { retryAfterMs = 0 } = answer;
      claim(
        Number.isInteger(retryAfterMs) && retryAfterMs >= 0 && retryAfterMs <= MAX_RETRY_AFTER_MS,
        "its wait is absurd",
      );
      line(answer.message, true);
      claim(/^(http|grpc)_[a-z0-9_]{1,40}$/.test(answer.code), "its code is none");
      break;
    }
    case "permanent":
      line(answer.message, true);
      claim(/^(http|grpc)_[a-z0-9_]{1,40}$/.test(answer.code), "its code is none");
      break;
    case "lost":
      line(answer.message, true);
      claim(LOST_CODES.has(answer.code), "its code is none");
      claim(typeof answer.sent === "boolean", "it does not say whether it was sent");
      claim(answer.code !== "refused_stream" || !answer.sent, "it was refused, and yet sent");
      break;
    default:
      claim(false, "it is none of the five");
  }
  return faults;
}
