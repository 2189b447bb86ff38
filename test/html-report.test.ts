/** `--html`: what a run leaves to look at, held against its report. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { accountSchema } from "../ledger/account-schema.ts";
import type { RunRecord } from "../ledger/history.ts";
import { SIGNALS } from "../otlp/signal.ts";
import { type Sink, startSink } from "../sink/sink.ts";
import { stampede } from "./stampede.ts";
import { generateTemplates } from "./templates.ts";

let directory = "";
let templates = "";
let sink: Sink;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "stampede-html-"));
  templates = await generateTemplates(directory);
  sink = await startSink({ grpc: "127.0.0.1:0", http: false });
});
afterAll(async () => {
  await sink.close(0);
  rmSync(directory, { recursive: true });
});

const replay = (...flags: string[]) =>
  stampede(
    ...["replay", `--input=${templates}`, `--endpoint=http://${sink.grpcAddress}`, "--rate=2000"],
    ...flags,
  );

test("a replay of two processes without a ledger leaves its history: a row each, and every item in some second", async () => {
  const report = join(directory, "report.json");
  const pages = join(directory, "pages/");
  const run = await replay(
    ...["--duration=4s", "--processes=2", "--header=x-secret=hunter2"],
    ...[`--report=${report}`, `--html=${pages}`],
  );
  expect(run.exitCode, run.stderr).toBe(0);
  const [name] = readdirSync(pages);
  expect(name).toMatch(/^[0-9a-f]{12}\.html$/);
  const page = readFileSync(join(pages, name!), "utf8");
  expect(page).not.toContain("hunter2");
  const json = /<script type="application\/json" id="stampede-run">(.*)<\/script>/.exec(page)![1]!;
  const { account, history } = JSON.parse(json) as RunRecord;
  expect(accountSchema.parse(account)).toEqual(account);
  expect(account).toMatchObject({
    state: "ended",
    balanced: true,
    exitCode: 0,
    collectors: null,
    sink: null,
  });
  expect(account.replicaRows.map((row) => [row.name, row.state])).toEqual([
    ["process 0", "ended"],
    ["process 1", "ended"],
  ]);
  const { signals, config } = JSON.parse(readFileSync(report, "utf8"));
  expect(account.config).toEqual(config);
  for (const signal of SIGNALS) {
    const steps = history.points.map((point) => point.signals[signal]);
    for (const counter of ["intended", "sent", "accepted", "requests", "wireBytes"] as const)
      expect(steps.reduce((sum, step) => sum + (step?.[counter] ?? 0), 0)).toBe(signals[signal][counter]);
  }
});

test("a place where it cannot be written is told before anything is sent", async () => {
  const run = await replay("--count=100", `--html=${join(directory, "no/such/run.html")}`);
  expect(run.exitCode).toBe(2);
  expect(run.stderr).toContain("no/such/run.html");
  expect(run.stdout).toBe("");
});
