/**
 * A run in a network of its own, whose kernel loses packets: this file is its own child process there. Toxiproxy stands above TCP, and
 * loses none. Needs root, unshare (util-linux), ip (iproute2) and iptables.
 */
import { fileURLToPath } from "node:url";
import { run } from "../stampede.ts";
import type { Cell, Result, Row } from "./row.ts";
import { runRow } from "./run-row.ts";
import { sinkWith } from "./sinks.ts";

const FILE = fileURLToPath(import.meta.url);

/** Packets of the usual size, and of all of them a share lost, whoever sends them. */
const LOSSY = (share: number) =>
  [
    "ip link set lo mtu 1500 up",
    `iptables -A INPUT -i lo -p tcp -m statistic --mode random --probability ${share} -j DROP`,
  ].join(" && ");

/** Whether this machine lets us have such a network; the reason if not. */
export async function whyNoNamespace(): Promise<string | undefined> {
  const { exitCode, stderr } = await run("unshare", ["-n", "sh", "-c", LOSSY(0.01)]).catch(
    (error: Error) => ({
      exitCode: 1,
      stderr: error.message,
    }),
  );
  return exitCode === 0 ? undefined : stderr.trim();
}

/** Run a row before a sink of its own, where this share of all packets is lost. */
export async function runLossy(row: Row, cell: Cell, templates: string, share: number): Promise<Result> {
  const command = `${LOSSY(share)} && exec "$0" "$@"`;
  const { target: _, ...plain } = row;
  const what = JSON.stringify({ row: plain, cell, templates });
  const { exitCode, stdout, stderr } = await run("unshare", [
    "-n",
    "sh",
    "-c",
    command,
    process.execPath,
    FILE,
    what,
  ]);
  if (exitCode !== 0) throw new Error(`the run in its own network ended with ${exitCode}: ${stderr}`);
  return JSON.parse(stdout) as Result;
}

if (process.argv[1] === FILE) {
  const { row, cell, templates } = JSON.parse(process.argv[2]!) as {
    row: Row;
    cell: Cell;
    templates: string;
  };
  const target = await sinkWith("")(cell);
  const result = await runRow(row, cell, target, templates);
  await target.close();
  process.stdout.write(JSON.stringify(result));
}
