/** Every way in which a run can end, tried on the real command; docs/ending.md says what is to become of it. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer } from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { again, killStarted, start, startMain } from "../cli/test-process.ts";
import { freePorts } from "../fleet/local-collectors/free-ports.ts";
import { descendantsOf, isAlive } from "../fleet/test-process-table.ts";
import { makeTemplates } from "../generator/test-templates.ts";
import type { Report } from "../ledger/report.ts";
import { SIGNALS } from "../otlp/signal.ts";
import { receivedItems } from "../sink/counts.ts";
import { parseFaults } from "../sink/faults.ts";
import { type Sink, type SinkOptions, startSink } from "../sink/sink.ts";

/** What a shell is to run. */
const COMMAND = [process.execPath, join(import.meta.dirname, "../cli/main.ts")];
const WAIT = { timeout: 20_000 };
const folder = mkdtempSync(join(tmpdir(), "stampede-endings-"));
const templates = join(folder, "templates");

beforeAll(() => makeTemplates(templates));
afterEach(killStarted);
afterAll(() => rmSync(folder, { recursive: true }));

async function sinkWith(options: SinkOptions = {}): Promise<Sink> {
  const sink = await startSink({ grpc: "127.0.0.1:0", http: false, doubtMs: 0, ...options });
  onTestFinished(() => sink.close(0));
  return sink;
}

const argsFor = (sink: Sink, args: readonly string[]) => [
  "replay",
  "--input",
  templates,
  "--endpoint",
  `http://${sink.grpcAddress}`,
  ...args,
];
const replay = (sink: Sink, ...args: string[]) => startMain(argsFor(sink, args));

const arriving = (sink: Sink, items = 50) =>
  expect.poll(() => receivedItems(sink.counts()), WAIT).toBeGreaterThan(items);

const sumOf = (report: Report, name: "sent" | "accepted" | "unsent" | "intended") =>
  SIGNALS.reduce((total, signal) => total + (report.signals[signal]?.[name] ?? 0), 0);
const readReport = (path: string) => JSON.parse(readFileSync(path, "utf8")) as Report;

test("a plain endpoint on a port for TLS: that takes connections, so the ledger says what became of it all, 1", async () => {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as { port: number };
  const config = join(folder, "few-retries.yaml");
  writeFileSync(config, "sending: {retry: {max_elapsed: 200ms}}\n");
  for (const protocol of ["grpc", "http/protobuf"]) {
    const path = join(folder, "not-understood.json");
    const to = ["--endpoint", `http://127.0.0.1:${port}`, "--protocol", protocol];
    const args = ["--config", config, "--input", templates, "--count", "20", "--report", path];
    const run = startMain(["replay", ...to, ...args]);
    expect(await run.ended).toBe(1);
    const report = readReport(path);
    expect([sumOf(report, "sent"), sumOf(report, "accepted"), report.balanced]).toEqual([20, 0, true]);
  }
  server.close();
});

describe("interrupted", () => {
  test("twice, with several processes: 130, soon, and no process is left", async () => {
    const sink = await sinkWith({ faults: parseFaults("drop=1") });
    const run = replay(sink, "--rate", "1000", "--duration", "0", "--processes", "3");
    await expect.poll(() => sink.counts().signals.logs.requests, WAIT).toBeGreaterThan(0);
    const workers = descendantsOf(run.child.pid!);
    expect(workers.length).toBeGreaterThanOrEqual(3);
    run.child.kill("SIGINT");
    await expect.poll(run.stderr, WAIT).toContain("once more to end at once");
    await expect.poll(() => again(run, "SIGINT"), WAIT).toBe(130);
    await expect.poll(() => workers.filter(isAlive), WAIT).toEqual([]);
    expect(run.stdout()).toBe("");
  });

  test("while it waits for the target: one line, 3", async () => {
    const [port] = await freePorts(1);
    const args = ["replay", "--input", templates, "--endpoint", `http://127.0.0.1:${port}`];
    const run = startMain(args);
    await expect.poll(run.stderr, WAIT).toContain("waiting for");
    run.child.kill("SIGINT");
    expect(await run.ended).toBe(3);
    expect(run.stderr().trim().split("\n").at(-1)).toContain("interrupted; is the collector running");
  });

  test.each([
    ["SIGTERM", 130],
    ["SIGKILL", null],
  ] as const)("by %s while templates are made: nothing is left of it", async (signal, exitCode) => {
    const cache = join(folder, `cache-${signal}`);
    const sink = await sinkWith();
    const run = startMain(["replay", "--endpoint", `http://${sink.grpcAddress}`, "--count", "10"], {
      environment: { XDG_CACHE_HOME: cache },
    });
    await expect.poll(run.stderr, WAIT).toContain("generating a default set");
    const below = descendantsOf(run.child.pid!);
    expect(below.length).toBeGreaterThan(0);
    run.child.kill(signal);
    expect(await run.ended).toBe(exitCode);
    await expect.poll(() => below.filter(isAlive), WAIT).toEqual([]);
    expect(receivedItems(sink.counts())).toBe(0);
    expect(run.stderr()).not.toMatch(/^ {4}at /m);
  });

  test("in its drain, once more: 130", async () => {
    const sink = await sinkWith({ faults: parseFaults("drop=1") });
    const run = replay(sink, "--rate", "1000", "--duration", "0");
    await expect.poll(() => sink.counts().signals.logs.requests, WAIT).toBeGreaterThan(0);
    run.child.kill("SIGTERM");
    await expect.poll(run.stderr, WAIT).toContain("stopping");
    await expect.poll(() => again(run, "SIGTERM"), WAIT).toBe(130);
  });
});

describe("killed", () => {
  test("its processes stop sending and end", async () => {
    const sink = await sinkWith();
    const run = replay(sink, "--rate", "1000", "--duration", "0", "--processes", "3");
    await arriving(sink, 500);
    const workers = descendantsOf(run.child.pid!);
    run.child.kill("SIGKILL");
    await expect.poll(() => workers.filter(isAlive), WAIT).toEqual([]);
  });
});

describe("stopped by Ctrl-Z and continued", () => {
  test("what is older than max_lag is unsent, not sent in a burst", async () => {
    const sink = await sinkWith();
    const config = join(folder, "short-lag.yaml");
    writeFileSync(config, "sending: {max_lag: 1s}\n");
    const path = join(folder, "stopped.json");
    const run = replay(sink, "--config", config, "--rate", "1000", "--duration", "0", "--report", path);
    await arriving(sink, 500);
    run.child.kill("SIGSTOP");
    const stoppedAt = performance.now();
    const received = receivedItems(sink.counts());
    await expect.poll(() => performance.now() - stoppedAt, WAIT).toBeGreaterThan(6000);
    const stoppedSeconds = (performance.now() - stoppedAt) / 1000;
    run.child.kill("SIGCONT");
    await arriving(sink, received + 1500);
    run.child.kill("SIGINT");
    expect(await run.ended).toBe(0);
    const report = readReport(path);
    // A second of it is caught up with; requests are lumps, and machines are busy.
    expect(sumOf(report, "unsent")).toBeGreaterThan((stoppedSeconds - 3) * 1000);
    expect(report.balanced).toBe(true);
  });
});

describe("a terminal that is closed", () => {
  test("ends the run as its duration would: the report is written, and nothing hangs on", async () => {
    const sink = await sinkWith();
    const path = join(folder, "closed.json");
    // What runs in a terminal: script is its keyboard and its screen.
    const words = argsFor(sink, ["--rate", "1000", "--duration", "0", "--processes", "2", "--report", path]);
    const line = `stty rows 24 cols 80; exec ${[...COMMAND, ...words].map((word) => `'${word}'`).join(" ")}`;
    const terminal = start("script", ["-qec", line, "/dev/null"], { stdin: "pipe" });
    await arriving(sink, 500);
    await expect.poll(terminal.stdout, WAIT).toContain("in flight");
    const below = descendantsOf(terminal.child.pid!);
    expect(below.length).toBeGreaterThanOrEqual(3);
    terminal.child.kill("SIGKILL");
    await expect.poll(() => below.filter(isAlive), WAIT).toEqual([]);
    const report = readReport(path);
    expect([report.exitCode, report.balanced]).toEqual([0, true]);
    expect(sumOf(report, "accepted")).toBe(receivedItems(sink.counts()));
  });

  test("Ctrl-C in a terminal ends it once, and leaves the terminal as it was", async () => {
    const sink = await sinkWith();
    const words = argsFor(sink, ["--rate", "1000", "--duration", "0", "--processes", "2"]);
    const line = [...COMMAND, ...words].map((word) => `'${word}'`).join(" ");
    // What stty says of the terminal before and after. The shell is of the terminal's group, so Ctrl-C is for it too; with a
    // trap it goes on afterwards, whichever shell it is.
    const terminal = start(
      "script",
      [
        "-qec",
        `trap : INT; stty rows 24 cols 80; stty -a > ${folder}/before; ${line}; echo code $?; stty -a > ${folder}/after`,
        "/dev/null",
      ],
      { stdin: "pipe" },
    );
    await arriving(sink, 500);
    await expect.poll(terminal.stdout, WAIT).toContain("in flight");
    terminal.child.stdin!.write("\u0003");
    await expect.poll(terminal.stdout, WAIT).toContain("code 0");
    expect(terminal.stdout()).toContain("balanced");
    expect(readFileSync(join(folder, "after"), "utf8")).toBe(readFileSync(join(folder, "before"), "utf8"));
    // Synchronized output alone was switched, and off again; the cursor was never hidden.
    expect(new Set(terminal.stdout().match(/\u001B\[\?\d+[hl]/g))).toEqual(
      new Set(["\u001B[?2026h", "\u001B[?2026l"]),
    );
  });
});

describe("where its output goes", () => {
  test("standard output closed early: no word about it, the report, and the code of the run", async () => {
    const sink = await sinkWith();
    const path = join(folder, "early.json");
    const line = `"$@" | true; exit \${PIPESTATUS[0]}`;
    const words = [...COMMAND, ...argsFor(sink, ["--count", "50", "--report", path])];
    const run = start("bash", ["-c", line, "bash", ...words]);
    expect(await run.ended).toBe(0);
    expect(run.stderr()).not.toMatch(/EPIPE|^ {4}at /m);
    expect(sumOf(readReport(path), "accepted")).toBe(50);
  });

  test("standard error closed: the run goes on, and the ledger comes", async () => {
    const sink = await sinkWith();
    const words = [...COMMAND, ...argsFor(sink, ["--count", "50"])];
    const run = start("bash", ["-c", `"$@" 2> >(true)`, "bash", ...words]);
    expect(await run.ended).toBe(0);
    expect(run.stdout()).toContain("balanced");
  });

  test("a report goes into a pipe as it is", async () => {
    const sink = await sinkWith();
    const words = [...COMMAND, ...argsFor(sink, ["--count", "50"])];
    const run = start("bash", ["-c", `"$@" --report >(cat >&2)`, "bash", ...words]);
    expect(await run.ended).toBe(0);
    await expect.poll(run.stderr, WAIT).toContain('"balanced": true');
  });

  test("a report on a disk that has become full: one line, the ledger, the report on standard output, 2", async () => {
    const sink = await sinkWith();
    const run = replay(sink, "--count", "50", "--report", "/dev/full");
    expect(await run.ended).toBe(2);
    expect(run.stderr().trim().split("\n").at(-1)).toBe(
      "the report was not written: the output: no space left on the device; make room and run it again; it is the last line of standard output",
    );
    expect(run.stdout()).toContain("balanced");
    const report = JSON.parse(run.stdout().trim().split("\n").at(-1)!) as Report;
    expect([sumOf(report, "accepted"), report.exitCode]).toEqual([50, 0]);
  });

  test("a report whose directory goes away meanwhile is printed too", async () => {
    const sink = await sinkWith();
    const directory = join(folder, "going");
    mkdirSync(directory);
    const run = replay(sink, "--rate", "1000", "--duration", "0", "--report", join(directory, "report.json"));
    await arriving(sink);
    rmSync(directory, { recursive: true });
    run.child.kill("SIGINT");
    expect(await run.ended).toBe(2);
    expect(run.stderr()).toContain(`${join(directory, "report.json")}: no such file or directory`);
    expect(() => JSON.parse(run.stdout().trim().split("\n").at(-1)!)).not.toThrow();
  });

  test("a report that cannot be written is known before anything is sent", async () => {
    const sink = await sinkWith();
    const path = join(folder, "no", "such", "report.json");
    const run = replay(sink, "--count", "50", "--report", path);
    expect(await run.ended).toBe(2);
    expect([run.stdout(), run.stderr()]).toEqual(["", `${path}: no such file or directory\n`]);
    expect(receivedItems(sink.counts())).toBe(0);
  });

  test("a report replaces an older one as a whole, and leaves no other file", async () => {
    const sink = await sinkWith();
    const directory = join(folder, "replaced");
    mkdirSync(directory);
    const path = join(directory, "report.json");
    writeFileSync(path, "old");
    const run = replay(sink, "--count", "50", "--report", path);
    expect(await run.ended).toBe(0);
    expect(sumOf(readReport(path), "accepted")).toBe(50);
    expect(readdirSync(directory)).toEqual(["report.json"]);
    expect(existsSync(path)).toBe(true);
  });
});
