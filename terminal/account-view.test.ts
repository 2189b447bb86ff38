import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { accountOf } from "../fleet/ledger/books/test-account.ts";
import { lifeName, signalWith, statementWith } from "../fleet/ledger/test-statements.ts";
import { accountLine, fitted, openAccountView } from "./account-view.ts";
import { cell, plainText } from "./cell.ts";

const rowsOf = (...texts: string[]) => texts.map((text) => (text === "" ? [] : [cell(text)]));
const textOf = (rows: ReturnType<typeof fitted>) => rows.map(plainText);

test("a table that is too high for the screen loses its gaps first, then what stands before the verdict", () => {
  const rows = rowsOf("head", "", "sent", "accepted", "", "balanced");
  const at = (height: number) => textOf(fitted(rows, { columns: 80, rows: height }));
  expect(at(7)).toEqual(["head", "", "sent", "accepted", "", "balanced"]);
  expect(at(6)).toEqual(["head", "sent", "accepted", "balanced"]);
  expect(at(4)).toEqual(["head", "sent", "balanced"]);
});

test("no row is wider than the screen", () => {
  const [row] = fitted(rowsOf("a long line of an account"), { columns: 10, rows: 24 });
  expect(plainText(row!).length).toBeLessThanOrEqual(10);
});

/** Two replicas, one of them behind, after so long. */
function accountAt(elapsedMs: number) {
  const signals = { traces: signalWith({ accepted: elapsedMs, failed: 7 }) };
  const both = [
    statementWith({ elapsedMs, signals }),
    statementWith({ elapsedMs, signals, life: lifeName(2), lagMs: 2500 }),
  ];
  return accountOf(both, false);
}

test("a line says who is there, what became of everything, and what is wrong", () => {
  expect(accountLine(accountAt(10_000))).toBe(
    "00:10 2 of 2 replicas, sent 20,014, 2,001 a second, accepted 20,000, rejected, failed or in doubt 14, 2.50 s behind schedule",
  );
});

test("where nothing can be drawn there is a line every five seconds of the run", async () => {
  const told: string[] = [];
  const note = (text: string) => void told.push(text);
  const stream = Object.assign(new PassThrough(), { isTTY: false });
  const view = await openAccountView({ note, progress: note }, stream, {});
  for (let ms = 1000; ms <= 12_000; ms += 1000) view.show(accountAt(ms));
  view.close();
  expect(told.map((line) => line.slice(0, 5))).toEqual(["00:05", "00:10"]);
});

test("what is drawn is gone when the view is closed, and notes stay", async () => {
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 80, rows: 24 });
  let written = "";
  stream.on("data", (chunk) => {
    written += String(chunk);
  });
  const note = () => expect.unreachable("a terminal that can draw has no lines");
  const view = await openAccountView({ note, progress: note }, stream, { NO_COLOR: "1" });
  view.show(accountAt(1000));
  expect(written).toContain("2 of 2 replicas: 2 running");
  view.note("replica 1 ended with SIGKILL");
  view.close();
  view.close();
  const end = written.slice(written.lastIndexOf("replica 1 ended with SIGKILL"));
  // The picture below the note is taken away, all its lines, and nothing comes after it.
  const [, picture, up, rest] = /^[^\n]*\n(.*)\u001B\[(\d+)A\r\u001B\[J(.*)$/s.exec(end)!;
  expect(picture!.split("\n")).toHaveLength(Number(up) + 1);
  expect(rest).toBe("");
});
