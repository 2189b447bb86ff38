/**
 * Every backend of collector-config/, by hand as a second --config and rendered, alone and beside others, judged by the Collector's own
 * `validate`. Those that cannot be judged are told with the reason; docs/backends.md has the same table.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Ran } from "../cli/test-process.ts";
import { listBackends, readBackend } from "../fleet/backends/backend-file.ts";
import { readBase, render, renderText } from "../fleet/backends/render.ts";
import { collectorBinary } from "./collector.ts";
import { run } from "./stampede.ts";

const config = fileURLToPath(new URL("../collector-config/", import.meta.url));

/** By exporter: why no Collector here has it. */
const NOT_BUILT: Record<string, string> = {
  datadog:
    "Go's module proxy lacks several modules of Datadog's agent at the versions that the exporter names",
  elasticsearch: "Go's module proxy lacks the exporter itself at 0.161.0",
  splunk_hec: "Go's module proxy lacks contrib's internal/splunk and pkg/translator/splunk at 0.161.0",
};

const all = listBackends(config).map((name) => readBackend(config, name));
const lacking = (name: string) =>
  Object.keys(all.find((one) => one.name === name)!.exporters)
    .map((id) => id.split("/")[0]!)
    .find((type) => type in NOT_BUILT);
const judged = all.map(({ name }) => name).filter((name) => lacking(name) === undefined);
const notJudged = all.map(({ name }) => name).filter((name) => lacking(name) !== undefined);

/** Something for every variable that a backend needs. */
const environment = {
  ...Object.fromEntries(all.flatMap(({ needed }) => needed.map((name) => [name, "https://localhost"]))),
  COLLECTOR_EXPORT_DIRECTORY: tmpdir(),
};

let binary = "";
let directory = "";
beforeAll(async () => {
  binary = await collectorBinary("backends");
  directory = mkdtempSync(join(tmpdir(), "stampede-backends-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function validate(...files: string[]): Promise<Ran> {
  return run(binary, ["validate", ...files.flatMap((file) => ["--config", file])], environment);
}

/** As `stampede backend` does. */
function renderedFile(...names: string[]): string {
  const backends = names.map((name) => all.find((one) => one.name === name)!);
  const file = join(directory, `${names.join("-")}.yaml`);
  writeFileSync(file, renderText(render(readBase(config), backends), backends));
  return file;
}

/** No complaint, not even a warning about a variable or a deprecated name. */
const ACCEPTED = { exitCode: 0, stdout: "", stderr: "" };

test.each(judged)("the Collector accepts base.yaml with backends/%s.yaml", async (name) => {
  expect(await validate(`${config}base.yaml`, `${config}backends/${name}.yaml`)).toEqual(ACCEPTED);
});

test.each(judged)("the Collector accepts %s, rendered", async (name) => {
  expect(await validate(renderedFile(name))).toEqual(ACCEPTED);
});

test.each(judged)("the Collector accepts %s beside any other", async (name) => {
  for (const other of judged.filter((one) => one > name))
    expect({ other, ...(await validate(renderedFile(name, other))) }).toEqual({ other, ...ACCEPTED });
});

test("the Collector accepts all of them at once", async () => {
  expect(await validate(renderedFile(...judged))).toEqual(ACCEPTED);
});

test.each(notJudged)("%s is not judged here, for the reason that is printed", async (name) => {
  const type = lacking(name)!;
  console.info(`${name}: not validated: ${NOT_BUILT[type]}`);
  // As far as it can be read without the exporter; and the day it can be built, this says so.
  const { exitCode, stderr } = await validate(renderedFile(name));
  expect({ exitCode, stderr }).toEqual({
    exitCode: 1,
    stderr: expect.stringContaining(`unknown type: "${type}"`),
  });
});

test("the Collector accepts the backend that docs/backends.md makes up", async () => {
  const page = readFileSync(join(config, "../docs/backends.md"), "utf8");
  const file = join(directory, "acme.yaml");
  writeFileSync(file, page.match(/```yaml\n(# Acme[\s\S]*?)```/)![1]!);
  const args = ["validate", "--config", `${config}base.yaml`, "--config", file];
  expect(await run(binary, args, { ACME_KEY: "key" })).toEqual(ACCEPTED);
});

test("base.yaml alone is refused: it has no exporters", async () => {
  expect((await validate(`${config}base.yaml`)).exitCode).not.toBe(0);
});
