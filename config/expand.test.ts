import { describe, expect, test } from "vitest";
import { expand } from "./expand.ts";

const ENV = { NAME: "value", EMPTY: "", NESTED: "${NAME}" };

describe("expand", () => {
  test.each([
    ["a variable", "${NAME}", "value"],
    ["two in a text", "a ${NAME} b ${NAME}", "a value b value"],
    ["a default that is not needed", "${NAME:-other}", "value"],
    ["a default for an unset variable", "${NONE:-other}", "other"],
    ["a default for an empty variable", "${EMPTY:-other}", "other"],
    ["an empty default", "${NONE:-}", ""],
    ["a default with colon, dash and dollar", "${NONE:-http://a-b:1/$x}", "http://a-b:1/$x"],
    ["an empty variable", "<${EMPTY}>", "<>"],
    ["an escaped reference", "$${NAME}", "${NAME}"],
    ["a dollar that begins no reference", "$NAME costs 5$", "$NAME costs 5$"],
    ["a value that looks like a reference, left alone", "${NESTED}", "${NAME}"],
  ])("%s", (_, text, expected) => expect(expand(text, ENV)).toMatchObject({ ok: true, text: expected }));

  test("tells whether a variable was used", () => {
    expect(expand("$${NAME}", ENV)).toMatchObject({ used: false });
    expect(expand("${NONE:-x}", ENV)).toMatchObject({ used: true });
  });

  test("an undefined variable is named", () => {
    expect(expand("x ${NONE}", ENV)).toEqual({
      ok: false,
      message: "needs the environment variable NONE, which is not set; set it or write ${NONE:-default}",
    });
  });

  test.each(["${", "${NAME", "${}", "${1A}", "${NA ME}", "${NAME-x}"])("%s is an error", (text) => {
    expect(expand(text, ENV)).toMatchObject({
      ok: false,
      message: expect.stringContaining("without a variable"),
    });
  });
});
