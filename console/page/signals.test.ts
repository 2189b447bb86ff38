import { expect, test } from "vitest";
import { accountWith, itemsWith } from "../../ledger/test-account.ts";
import { acceptedShare } from "./signals.ts";

test("of what is on its way nothing is known: it lowers no share, and what came to another end does", () => {
  const account = accountWith({
    signals: {
      traces: itemsWith({ accepted: 90, inFlight: 500 }),
      logs: itemsWith({ accepted: 30, unsent: 20, failed: 10 }),
      metrics: itemsWith({ inFlight: 7 }),
    },
  });
  expect(acceptedShare(account, ["traces"])).toBe(1);
  expect(acceptedShare(account, ["logs"])).toBe(0.5);
  expect(acceptedShare(account, ["traces", "logs", "metrics"])).toBe(0.8);
  expect(acceptedShare(account, ["metrics"])).toBeUndefined();
});
