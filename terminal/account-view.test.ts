import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { fitted, openAccountView } from "./account-view.ts";
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

test("what is drawn is gone when the view is closed, and notes stay", async () => {
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 80, rows: 24 });
  let written = "";
  stream.on("data", (chunk) => {
    written += String(chunk);
  });
  const note = () => expect.unreachable("a terminal that can draw has no lines");
  const view = await openAccountView({ note, progress: note }, stream, { NO_COLOR: "1" });
  view.note("replica 1 ended with SIGKILL");
  view.close();
  view.close();
  expect(written).toBe("replica 1 ended with SIGKILL\n");
});
