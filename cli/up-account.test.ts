import { expect, test } from "vitest";
import { accountOf } from "../fleet/ledger/books/test-account.ts";
import { signalWith, statementWith } from "../fleet/ledger/test-statements.ts";
import type { FleetResult } from "../fleet/up/run-fleet.ts";
import { accountText } from "./up-account.ts";

/** The account of a replica that has ended. */
const ended = (fates: Parameters<typeof signalWith>[0]) =>
  accountOf([statementWith({ state: "ended", signals: { traces: signalWith(fates) } })], true);

const end = (code: number | undefined, how = `code ${code}`) => ({
  name: "replica 0",
  code,
  how,
  words: undefined,
});

/** A fleet of two of which all is well. */
function told(changes: Partial<FleetResult> = {}) {
  const result: FleetResult = {
    ends: [end(0), end(0)],
    account: ended({ accepted: 10 }),
    deaths: [],
    received: undefined,
    ...changes,
  };
  return accountText(result, { colour: false });
}

test("where all is accounted for, the account is all that is told", () => {
  const { text, exitCode } = told();
  expect(text.trimEnd().split("\n").at(-1)).toBe("  balanced: every event is accounted for");
  expect(exitCode).toBe(0);
});

test("a death is told in the end, and is a loss even where the sums agree", () => {
  const { text, exitCode } = told({ deaths: ["collector 0 ended with SIGKILL"] });
  expect(text).toMatch(/every event is accounted for\n\ncollector 0 ended with SIGKILL\n$/);
  expect(exitCode).toBe(1);
});

test("without an account nothing is known to be all right", () => {
  expect(told({ account: undefined })).toEqual({ text: "no account: the ledger died\n", exitCode: 1 });
});

test("what the account calls lost is a loss", () => {
  expect(told({ account: ended({ accepted: 10, failed: 1 }) }).exitCode).toBe(1);
});

test.each([
  { what: "a bug of one", codes: [0, 70], exitCode: 70 },
  { what: "wrong usage of one", codes: [2, 0], exitCode: 2 },
  { what: "losses of one", codes: [0, 1], exitCode: 1 },
  { what: "a target that nobody reached", codes: [3, 3], exitCode: 3 },
  { what: "a target that one did not reach", codes: [3, 0], exitCode: 1 },
  { what: "all stopped before they began", codes: [130, 130], exitCode: 130 },
])("the exit code of $what is $exitCode", ({ codes, exitCode }) => {
  expect(told({ ends: codes.map((code) => end(code)) }).exitCode).toBe(exitCode);
});

test("one that was told to end before it could listen was stopped before it began", () => {
  expect(told({ ends: [end(undefined, "SIGTERM"), end(130)] }).exitCode).toBe(130);
});
