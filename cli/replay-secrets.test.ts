/** What a header holds is seen by the target and by nobody else: not in what a run prints or writes, nor in its children's arguments. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, test } from "vitest";
import { startMain } from "./test-process.ts";

const SECRET = 'k3y=with,"odd" parts % and é';
const directory = mkdtempSync(join(tmpdir(), "stampede-secrets-"));
afterAll(() => rmSync(directory, { recursive: true }));

test("a header's value reaches the target byte for byte, and nobody else", async () => {
  const values = new Set<string>();
  const server = http.createServer((request, response) => {
    values.add(Buffer.from(`${request.headers["x-key"]}`, "latin1").toString("utf8"));
    request.resume().on("end", () => response.writeHead(401).end(`no such key`));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const words = [
    "--protocol=http/protobuf",
    `--endpoint=http://127.0.0.1:${port}`,
    `--header=x-key=${SECRET}`,
  ];
  const { child, ended, text } = startMain(
    ["replay", ...words, "--count=100", "--processes=2", `--report=${directory}/report.json`],
    { environment: { TMPDIR: directory, XDG_CACHE_HOME: directory } },
  );
  // By process, the last that was seen: one that was just forked has its parent's arguments until it has its own program.
  const lineOf = new Map<string, string>();
  while (child.exitCode === null) {
    for (const [pid, line] of childrenOf(child.pid!)) lineOf.set(pid, line);
    await sleep(20);
  }
  expect(await ended).toBe(1);
  server.close();
  expect([...values]).toEqual([SECRET]);
  expect(lineOf.size).toBeGreaterThan(0);
  const written = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"));
  expect(written.length).toBeGreaterThan(0);
  for (const one of [text(), ...lineOf.values(), ...written]) expect(one.includes("k3y=with")).toBe(false);
});

/** Of each child of `pid`, its id and its arguments. */
function childrenOf(pid: number): [pid: string, line: string][] {
  try {
    return execFileSync("ps", ["-o", "pid=,args=", "--ppid", `${pid}`], { encoding: "utf8" })
      .split("\n")
      .filter(Boolean)
      .map((line) => {
        const [, childPid = "", words = ""] = /^\s*(\d+)\s+(.*)$/.exec(line) ?? [];
        return [childPid, words];
      });
  } catch {
    // None.
    return [];
  }
}
