import { describe, expect, test } from "vitest";
import { billsAt, parseBackend, signalsOf } from "./backend-file.ts";

const FILE = "backends/here.yaml";
const OVERLAY = `exporters: {nop: , otlp_http/here: {endpoint: "\${env:HERE}", headers: {key: "\${env:KEY:-none}"}}}
service: {pipelines: {traces: {exporters: [otlp_http/here]}, logs: {exporters: [nop]}}}
`;

describe("a backend's file", () => {
  test("says in its #: lines what the Collector need not know", () => {
    const text = `# For people.\n#: title: Here\n#: bills: true\n#: needs:\n#:   HERE: its URL\n${OVERLAY}`;
    expect(parseBackend("here", text, FILE)).toMatchObject({
      name: "here",
      header: { title: "Here", bills: true, needs: { HERE: "its URL" }, takes: {} },
      needed: ["HERE"],
      optional: ["KEY"],
    });
  });

  test("needs no #: lines: what it refers to without a default is needed", () => {
    const { header, needed } = parseBackend("here", OVERLAY, FILE);
    expect({ header, needed }).toEqual({ header: { bills: false, needs: {}, takes: {} }, needed: ["HERE"] });
  });

  test("refers to nothing in its comments", () => {
    const { needed } = parseBackend("here", `# not \${env:THIS}\n${OVERLAY}# nor \${env:THAT}\n`, FILE);
    expect(needed).toEqual(["HERE"]);
  });

  test("takes the signals that it does not hand to nop alone", () => {
    expect(signalsOf(parseBackend("here", OVERLAY, FILE))).toEqual(["traces"]);
  });

  test.each([
    ["an unknown key in its #: lines", "#: bill: true\n", 'here.yaml its #: lines: Unrecognized key: "bill"'],
    ["what is no YAML", "exporters: {a\n", "here.yaml:2:"],
    ["no pipelines", "exporters: {}\nservice: {}\n#", "here.yaml service.pipelines: "],
  ])("is refused in one line for %s", (_, start, says) => {
    const parsing = () => parseBackend("here", start.endsWith("#") ? start : start + OVERLAY, FILE);
    expect(parsing).toThrow(says);
    expect(parsing).toThrow(expect.objectContaining({ code: "bad_backend_file" }));
    expect(parsing).not.toThrow("\n");
  });

  test("bills for what leaves this machine and network, and for an address that cannot be read", () => {
    const bills = parseBackend("here", `#: bills: true\n#: address: HERE\n${OVERLAY}`, FILE);
    const at = (address?: string) => billsAt(bills, { HERE: address });
    expect([at("https://api.honeycomb.io"), at(undefined), at("what")]).toEqual([true, true, true]);
    expect([at("http://127.0.0.1:4318"), at("http://sink:4318"), at("http://10.0.0.7")]).toEqual([
      false,
      false,
      false,
    ]);
    expect(billsAt(parseBackend("here", OVERLAY, FILE), {})).toBe(false);
  });
});
