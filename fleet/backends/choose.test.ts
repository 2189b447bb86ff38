import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { chooseBackends } from "./choose.ts";

const directory = mkdtempSync(join(tmpdir(), "stampede-choose-"));
mkdirSync(join(directory, "backends"));
const file = (name: string, exporter: string, header = "") =>
  writeFileSync(
    join(directory, "backends", `${name}.yaml`),
    `${header}exporters: {debug/${name}: ${exporter}}\nservice: {pipelines: {traces: {exporters: [debug/${name}]}}}\n`,
  );
file("jaeger", "{}");
file("loki", '{a: "${env:LOKI:-near}"}');
file("honeycomb", '{a: "${env:KEY}", b: "${env:PLACE}"}', "#: needs: {KEY: an ingest key}\n");
afterAll(() => rmSync(directory, { recursive: true }));

const choose = (list: string, env: Record<string, string> = {}) =>
  chooseBackends(list, directory, env).map(({ name }) => name);

describe("the backends of a list", () => {
  test("come in its order, and blanks around commas do not count", () => {
    expect(choose("loki, jaeger")).toEqual(["loki", "jaeger"]);
    expect(choose("honeycomb", { KEY: "k", PLACE: "p" })).toEqual(["honeycomb"]);
  });

  test.each([
    [
      "jeager",
      "unknown_backend",
      "no backend is named 'jeager'; did you mean 'jaeger'? there are: honeycomb, jaeger, loki",
    ],
    ["splunk", "unknown_backend", "no backend is named 'splunk'; there are: honeycomb, jaeger, loki"],
    ["jaeger,", "unknown_backend", "no backend is named ''; there are: honeycomb, jaeger, loki"],
    [
      "jaeger,loki,jaeger",
      "repeated_backend",
      "'jaeger' is named twice in 'jaeger,loki,jaeger'; once is enough",
    ],
    [
      "../backends/jaeger",
      "unknown_backend",
      "no backend is named '../backends/jaeger'; there are: honeycomb, jaeger, loki",
    ],
  ])("'%s' is refused as %s", (list, code, message) => {
    expect(() => choose(list)).toThrow(expect.objectContaining({ code, message }));
  });

  test("are refused while a variable is missing, or set to nothing", () => {
    const missing = (message: string) => expect.objectContaining({ code: "missing_variable", message });
    expect(() => choose("jaeger,honeycomb")).toThrow(
      missing("honeycomb needs KEY (an ingest key) and PLACE, which are not set"),
    );
    expect(() => choose("honeycomb", { KEY: "", PLACE: "p" })).toThrow(
      missing("honeycomb needs KEY (an ingest key), which is not set"),
    );
    expect(() => choose("loki", { LOKI: "" })).toThrow(
      expect.objectContaining({
        code: "empty_variable",
        message:
          "LOKI is set to nothing, which hides the default that loki has for it; unset it or give it a value",
      }),
    );
  });
});
