/**
 * Bad input, case by case: one clear line each, exit code 2, and nothing changed on disk. The lines stand in docs/bad-input.md;
 * after a change of words, write them anew with: UPDATE_BAD_INPUT=1 scripts/node node_modules/vitest/vitest.mjs run cli/bad-input
 */
import { spawnSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { encodeRequest } from "../otlp/message/encode.ts";
import { parseOtlpJson } from "../otlp/message/json.ts";
import { encodeFrame } from "../template/frames.ts";
import { templateSpanId, templateTraceId } from "../template/import/foreign-ids.ts";
import { type BadInput, badInputs, type CaseFile } from "./bad-input.cases.ts";
import { startMain } from "./test-process.ts";

const MAIN = join(import.meta.dirname, "main.ts");
const DOCUMENT = join(import.meta.dirname, "../docs/bad-input.md");
const directory = mkdtempSync(join(tmpdir(), "stampede-bad-input-"));
afterAll(() => rmSync(directory, { recursive: true }));

const good = goodFiles();
const sections = badInputs(good);
/** What was said, by `keyOf` a case. */
const said = new Map<string, string>();
const keyOf = (title: string, what: string) => `${title}: ${what}`;

describe.each(sections)("$title", ({ title, cases }) => {
  test.each(cases)("$what", (each) => {
    const place = mkdtempSync(join(directory, "case-"));
    layOut(place, each);
    const unmount = mount(place, each);
    if (unmount === undefined) return;
    try {
      const before = listing(place);
      const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...each.command], {
        cwd: place,
        encoding: "utf8",
        timeout: 30_000,
        env: { ...process.env, SECRET_TOKEN: "hush-hush", XDG_CACHE_HOME: join(place, "cache") },
      });
      const lines = stderr
        .trimEnd()
        .split("\n")
        .filter((line) => !line.startsWith("{") && !HELP.test(line));
      said.set(keyOf(title, each.what), lines.join("\n"));
      expect({ status, stdout }, stderr).toEqual({ status: 2, stdout: "" });
      expect(lines[0]).toContain(each.names);
      if (!each.what.includes("all in one pass")) expect(lines).toHaveLength(1);
      expect(stderr).not.toMatch(/hush-hush|^ {4}at /m);
      expect(listing(place)).toEqual(before);
    } finally {
      unmount();
    }
  });
});

const HELP = /^\(--help tells how it is used\)$/;

test("docs/bad-input.md says what the program says; if not, run: UPDATE_BAD_INPUT=1 ... vitest run cli/bad-input", () => {
  // What could not be tried here (mounting needs root) keeps the line that it has.
  const written = existsSync(DOCUMENT) ? linesOf(readFileSync(DOCUMENT, "utf8")) : new Map<string, string>();
  const text = render((key) => said.get(key) ?? written.get(key) ?? "not tried");
  if (process.env.UPDATE_BAD_INPUT) writeFileSync(DOCUMENT, text);
  expect(readFileSync(DOCUMENT, "utf8")).toBe(text);
});

test("an interrupted generate leaves the set that was there, and nothing else", async () => {
  const place = mkdtempSync(join(directory, "interrupted-"));
  writeFileSync(join(place, "large.yaml"), "traces: {count: 2_000_000}\n");
  mkdirSync(join(place, "out"));
  for (const name of ["telemetry-traces.pb", "metadata.yaml"]) writeFileSync(join(place, "out", name), "old");
  const before = listing(place);
  const generate = ["generate", "--config", "large.yaml", "--output-dir", "out"];
  const { child, ran } = startMain(generate, { directory: place });
  const isWriting = () => readdirSync(join(place, "out")).some((name) => name.endsWith(".tmp"));
  await expect.poll(isWriting, { timeout: 20_000, interval: 20 }).toBe(true);
  child.kill("SIGINT");
  const { exitCode, stderr } = await ran();
  expect(exitCode).toBe(130);
  expect(stderr).toContain("interrupted: nothing in out has changed\n");
  expect(listing(place)).toEqual(before);
});

function layOut(place: string, { files = {} }: BadInput): void {
  const all: Record<string, CaseFile> = {
    "good.yaml": "traces: {count: 300}\nmetrics: {metric_count: 10}\nlogs: {count: 500}\n",
    "set/telemetry-traces.pb": Buffer.concat(Array.from({ length: 400 }, () => good.traces)),
    ...files,
  };
  for (const [name, content] of Object.entries(all)) {
    const path = join(place, name);
    mkdirSync(dirname(path), { recursive: true });
    if (typeof content === "object" && "directory" in content) mkdirSync(path);
    else writeFileSync(path, content);
  }
}

/** Mount what a case asks for; returns how to undo it, undefined where it cannot be done. */
function mount(place: string, { mount: wanted }: BadInput): (() => void) | undefined {
  if (wanted === undefined) return () => {};
  const at = join(place, wanted.at);
  mkdirSync(at);
  const { status, stderr } = spawnSync("mount", ["-t", "tmpfs", "-o", wanted.options, "none", at], {
    encoding: "utf8",
  });
  if (status !== 0) {
    console.warn(`not tried, for mounting needs root: ${stderr}`);
    return undefined;
  }
  return () => void spawnSync("umount", [at]);
}

/** Every file below a directory with its content, caches aside. */
function listing(place: string): [string, string][] {
  return readdirSync(place, { recursive: true, encoding: "utf8" })
    .filter((name) => !/(^|\/)(cache|\.stampede)(\/|$)/.test(name))
    .toSorted()
    .map((name) => {
      const path = join(place, name);
      return [name, lstatSync(path).isFile() ? readFileSync(path).toString("latin1") : ""];
    });
}

const HEAD = `# Bad input, and what is said of it

What \`stampede\` says when it is given something wrong: where, what is wrong, what was found, what to do. Every line here is what the
program says, held against it by \`cli/bad-input.test.ts\`. In all of these cases the exit code is 2, output that was there stays as it
is, and no temporary files are left. A config's problems come all in one pass, a line each.
`;

function render(lineOf: (key: string) => string): string {
  const parts = sections.map(({ title, cases }) => {
    const rows = cases.map(({ what, command }) => {
      const shown = lineOf(keyOf(title, what))
        .split("\n")
        .map((line) => `\`\` ${line.replaceAll("|", "\\|")} \`\``);
      const words = command.map((word) => (word === "" ? "''" : word)).join(" ");
      return `| ${what} | \`${words}\` | ${shown.join("<br>")} |`;
    });
    return `\n## ${title}\n\n| input | stampede ... | what is said |\n|---|---|---|\n${rows.join("\n")}\n`;
  });
  return HEAD + parts.join("");
}

/** What a rendered document says, by `keyOf` a case. */
function linesOf(text: string): Map<string, string> {
  const sections = text.split(/^## /m).slice(1);
  return new Map(
    sections.flatMap((section) => {
      const [title] = section.split("\n");
      const rows = [...section.matchAll(/^\| (.+?) \| `.*?` \| `` (.*) `` \|$/gm)];
      return rows.map(([, what, line]) => [
        keyOf(title!, what!),
        line!.replaceAll("\\|", "|").split(" ``<br>`` ").join("\n"),
      ]);
    }),
  );
}

/** A small set of templates made by hand, so that nothing here depends on what the generator writes. */
function goodFiles() {
  const hex = (id: Uint8Array) => Buffer.from(id).toString("hex");
  const spans = Array.from({ length: 60 }, (_, n) => ({
    traceId: hex(templateTraceId(0)),
    spanId: hex(templateSpanId(n, 60)),
    ...(n > 0 ? { parentSpanId: hex(templateSpanId(0, 60)) } : {}),
    name: "GET /orders",
    startTimeUnixNano: "0",
    endTimeUnixNano: "1000000",
    attributes: [{ key: "url.path", value: { stringValue: `/orders/${n}` } }],
  }));
  const resource = { attributes: [{ key: "service.name", value: { stringValue: "orders" } }] };
  const traces = JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans }] }] });
  const record = { timeUnixNano: "0", observedTimeUnixNano: "0", body: { stringValue: "started" } };
  const logs = JSON.stringify({ resourceLogs: [{ resource, scopeLogs: [{ logRecords: [record] }] }] });
  return {
    traces: encodeFrame(encodeRequest("traces", parseOtlpJson("traces", traces))),
    tracesJson: Buffer.from(`${traces}\n`),
    logs: encodeFrame(encodeRequest("logs", parseOtlpJson("logs", logs))),
  };
}
