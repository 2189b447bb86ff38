/** What the figures were measured on, without the machine's name. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus, totalmem, type } from "node:os";
import type { Machine } from "./results.ts";

export function describeMachine(): Machine {
  const cores = cpus();
  return {
    cpu: cores[0]?.model ?? "unknown CPU",
    cores: cores.length,
    memoryBytes: totalmem(),
    system: `${type()} ${process.arch}`,
    node: process.versions.node,
    version: version(),
  };
}

function version(): string {
  const file = new URL("../package.json", import.meta.url);
  const { version } = JSON.parse(readFileSync(file, "utf8")) as { version: string };
  try {
    const commit = git("rev-parse", "--short", "HEAD");
    return `${version} (${commit}${git("status", "--porcelain", "--untracked-files=no") === "" ? "" : "+"})`;
  } catch {
    // Not a checkout.
    return version;
  }
}

function git(...words: string[]): string {
  return execFileSync("git", words, {
    cwd: new URL("..", import.meta.url),
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  }).trim();
}
