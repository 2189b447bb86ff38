import fc from "fast-check";
import { expect, test } from "vitest";
import { oneLine, printable } from "./cell.ts";
import { openLineWriter } from "./line-writer.ts";

test("no text from elsewhere has anything that a terminal obeys", () => {
  const part = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom("\u001b[31m", "\u009b1m", "\u0007", "\r\n", "\u202e", "\u2066", "\u2028", "\u{e0041}"),
  );
  fc.assert(
    fc.property(fc.array(part), (parts) => {
      for (const text of [printable(parts.join("")), oneLine(parts.join(""), 30)])
        expect(text).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    }),
  );
});

test("a note on a terminal is one line, whatever it tells of", async () => {
  const written: string[] = [];
  const terminal = { isTTY: true, write: (text: string) => written.push(text) };
  const { note } = await openLineWriter(terminal as unknown as NodeJS.WriteStream);
  note("it said \u001b]0;title\u0007\nNOT BALANCED \u202egnp é ü 日本");
  expect(written).toEqual(["it said  ]0;title NOT BALANCED  gnp é ü 日本\n"]);
});
