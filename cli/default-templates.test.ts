import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { afterAll, afterEach, expect, test, vi } from "vitest";
import { readMetadata } from "../template/metadata.ts";
import { cachedTemplates } from "./default-templates.ts";

const MAIN = join(import.meta.dirname, "main.ts");
const cache = mkdtempSync(join(tmpdir(), "stampede-default-templates-"));
afterAll(() => rmSync(cache, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

/** A terminal that keeps what is drawn on it. */
function terminal() {
  let text = "";
  const stream = new Writable({
    write(chunk, _, done) {
      text += chunk;
      done();
    },
  });
  return { stream: Object.assign(stream, { isTTY: true, columns: 80 }), text: () => text };
}

test("the default set is made once, of all signals, with a bar for each of them", async () => {
  vi.stubEnv("XDG_CACHE_HOME", join(cache, "once"));
  const { stream, text } = terminal();
  const directory = await cachedTemplates((to) => `making ${to}`, stream);
  expect(text()).toMatch(`making ${directory}\n`);
  expect(text()).toMatch(/traces .*━.* \d+ %/);
  expect(text()).toMatch(/metrics .*─/);
  // What was drawn is taken away.
  expect(text()).toMatch(/\u001B\[2K[^━]*$/);
  expect(Object.keys(readMetadata(directory)?.signals ?? {})).toEqual(["traces", "metrics", "logs"]);

  const made = statSync(join(directory, "metadata.yaml")).mtimeMs;
  expect(await cachedTemplates(() => expect.unreachable(), terminal().stream)).toBe(directory);
  expect(statSync(join(directory, "metadata.yaml")).mtimeMs).toBe(made);
});

test("interrupting its making leaves nothing in the cache that would be taken for it", async () => {
  const home = join(cache, "interrupted");
  const env = { ...process.env, XDG_CACHE_HOME: home };
  const child = spawn(process.execPath, [MAIN, "demo"], { env, stdio: ["ignore", "ignore", "pipe"] });
  const exit = once(child, "exit") as Promise<[number | null]>;
  let said = "";
  for await (const chunk of child.stderr) {
    if (said === "") child.kill("SIGINT");
    said += chunk;
  }
  const [code] = await exit;
  expect({ code, said }).toEqual({
    code: 130,
    said: expect.stringMatching(/generating templates into .*\n.*interrupted: nothing in /),
  });
  expect(existsSync(home) ? readdirSync(home, { recursive: true }) : []).toEqual([]);
});
