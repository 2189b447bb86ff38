import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { freePorts } from "../fleet/local-collectors/free-ports.ts";
import { childrenOf, isAlive } from "../fleet/test-process-table.ts";
import { makeTemplates } from "../generator/test-templates.ts";
import type { Report } from "../ledger/report.ts";
import { SIGNALS } from "../otlp/signal.ts";
import { receivedItems } from "../sink/counts.ts";
import { parseFaults } from "../sink/faults.ts";
import { type Sink, type SinkOptions, startSink } from "../sink/sink.ts";
import { again, killStarted, type Running, startMain } from "./test-process.ts";

const folder = mkdtempSync(join(tmpdir(), "stampede-replay-"));
const templates = join(folder, "templates");
const LOCAL = { grpc: "127.0.0.1:0", http: "127.0.0.1:0", doubtMs: 0 };

beforeAll(async () => {
  await makeTemplates(templates);
  // The frozen files of the usual settings are made here, once.
  const sink = await startSink(LOCAL);
  await replay([...to(sink), "--count", "1"]).ended;
  await sink.close(0);
}, 60_000);
afterEach(killStarted);
afterAll(() => rmSync(folder, { recursive: true }));

async function start(options: SinkOptions = {}): Promise<Sink> {
  const sink = await startSink({ ...LOCAL, ...options });
  onTestFinished(() => sink.close(0));
  return sink;
}

const to = (sink: Sink) => ["--input", templates, "--endpoint", `http://${sink.grpcAddress}`];

const replay = (args: readonly string[], environment: Record<string, string> = {}): Running =>
  startMain(["replay", ...args], { environment });

const readReport = (path: string) => JSON.parse(readFileSync(path, "utf8")) as Report;
const sum = ({ signals }: Report, name: "sent" | "accepted" | "inDoubt" | "failed" | "intended") =>
  SIGNALS.reduce((total, signal) => total + (signals[signal]?.[name] ?? 0), 0);

async function arriving(sink: Sink, items = 50): Promise<void> {
  await expect.poll(() => receivedItems(sink.counts()), { timeout: 20_000 }).toBeGreaterThan(items);
}

describe("stampede replay", () => {
  test("sends what it was asked for, prints the ledger, writes the report, exit 0", async () => {
    const sink = await start();
    const path = join(folder, "count.json");
    const { exitCode, stdout, stderr } = await replay([
      ...to(sink),
      "--rate",
      "0",
      "--count",
      "1234",
      "--processes",
      "2",
      "--report",
      path,
    ]).ran();
    expect({ exitCode, stderr }).toEqual({
      exitCode: 0,
      stderr: expect.stringContaining("as fast as it goes"),
    });
    expect(stdout).toMatch(/accepted .* 1,234$/m);
    const report = readReport(path);
    expect([sum(report, "accepted"), report.balanced, report.incarnations.length]).toEqual([1234, true, 2]);
    expect(sink.report()).toMatchObject({ exitCode: 0, verification: { findings: {} } });
    expect(receivedItems(sink.counts())).toBe(1234);
  });

  test("ends with 1 when items were refused", async () => {
    const sink = await start({ faults: parseFaults("invalid=1") });
    const { exitCode, stdout } = await replay([...to(sink), "--count", "100"]).ran();
    expect(exitCode).toBe(1);
    expect(stdout).toContain("INVALID_ARGUMENT");
  });

  test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "ends on %s as if its time were over, with ledger and report",
    async (signal) => {
      const sink = await start();
      const path = join(folder, `${signal}.json`);
      const run = replay([...to(sink), "--rate", "1000", "--duration", "0", "--report", path]);
      await arriving(sink);
      run.child.kill(signal);
      const { exitCode, stdout, stderr } = await run.ran();
      expect(exitCode).toBe(0);
      expect(stderr).toMatch(/stopping.*: waiting for what is in flight/);
      expect(stdout).toContain("balanced");
      const report = readReport(path);
      expect(sum(report, "accepted")).toBe(receivedItems(sink.counts()));
      expect(sum(report, "accepted")).toBe(sum(report, "sent"));
    },
  );

  test("ends at once with 130 when it is interrupted twice", async () => {
    const sink = await start({ faults: parseFaults("drop=1") });
    const run = replay([...to(sink), "--rate", "1000", "--duration", "0"]);
    await expect.poll(() => sink.counts().signals.logs.requests, { timeout: 20_000 }).toBeGreaterThan(0);
    run.child.kill("SIGINT");
    await expect.poll(run.stderr, { timeout: 20_000 }).toContain("once more to end at once");
    await expect.poll(() => again(run, "SIGINT"), { timeout: 20_000 }).toBe(130);
    expect((await run.ran()).stdout).toBe("");
  });

  test("of several processes ends them all on one signal to the first, and leaves none behind when that is killed", async () => {
    const sink = await start();
    const run = replay([...to(sink), "--rate", "1000", "--duration", "0", "--processes", "2"]);
    await arriving(sink);
    run.child.kill("SIGTERM");
    expect(await run.ended).toBe(0);

    const killed = replay([...to(sink), "--rate", "1000", "--duration", "0", "--processes", "2"]);
    await arriving(sink, receivedItems(sink.counts()) + 50);
    const workers = childrenOf(killed.child.pid!);
    expect(workers.length).toBe(2);
    killed.child.kill("SIGKILL");
    await expect.poll(() => workers.filter(isAlive), { timeout: 20_000 }).toEqual([]);
    // Each of them ended by itself, without a word on what the two have in common: standard error.
    await expect.poll(killed.stderr).not.toMatch(/Error/);
  });

  test("of several processes says once what each of them would, and the report says the same", async () => {
    const sink = await start();
    const path = join(folder, "notes.json");
    const slow = ["--rate", "20", "--duration", "1500ms", "--processes", "2", "--report", path];
    const { exitCode, stderr } = await replay([...to(sink), ...slow]).ran();
    const said = stderr.split("\n").filter((line) => line.includes("come around every"));
    expect([exitCode, said]).toEqual([0, [expect.stringContaining(readReport(path).notes.join())]]);
  });

  test("of several processes goes on without one that is killed, says so, and ends with 1", async () => {
    const sink = await start();
    const path = join(folder, "killed.json");
    const run = replay([
      ...to(sink),
      "--rate",
      "1000",
      "--duration",
      "0",
      "--processes",
      "2",
      "--report",
      path,
    ]);
    await arriving(sink);
    process.kill(childrenOf(run.child.pid!)[0]!, "SIGKILL");
    await arriving(sink, receivedItems(sink.counts()) + 100);
    run.child.kill("SIGINT");
    const { exitCode } = await run.ran();
    const report = readReport(path);
    expect([exitCode, report.exitCode, report.balanced]).toEqual([1, 1, true]);
    expect(report.notes.join()).toContain("ended with SIGKILL");
  });

  test("gives up a target that is never reachable: one line, exit 3", async () => {
    const [port] = await freePorts(1);
    const config = join(folder, "impatient.yaml");
    writeFileSync(config, "sending: {connect_timeout: 300ms}\n");
    const args = ["--config", config, "--input", templates, "--endpoint", `http://127.0.0.1:${port}`];
    const { exitCode, stdout, stderr } = await replay(args).ran();
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: "" });
    expect(stderr.trim().split("\n").at(-1)).toBe(
      `127.0.0.1:${port} was never reachable (connect ECONNREFUSED 127.0.0.1:${port}), given up after 0.3 s; is the collector running, and is this its OTLP port?`,
    );
  });

  test("begins when one of several targets is there, and says which is not", async () => {
    const sink = await start();
    const [port] = await freePorts(1);
    const both = `http://127.0.0.1:${port},http://${sink.grpcAddress}`;
    const args = ["--input", templates, "--endpoint", both, "--count", "100"];
    const { exitCode, stderr } = await replay(args).ran();
    expect(exitCode).toBe(0);
    expect(stderr).toContain(`127.0.0.1:${port} cannot be reached (connect ECONNREFUSED 127.0.0.1:${port})`);
    expect(stderr).toContain(`to 127.0.0.1:${port}, ${sink.grpcAddress} over grpc`);
  });

  test("waits for a target that comes late", async () => {
    const [port] = await freePorts(1);
    const run = replay(["--input", templates, "--endpoint", `http://127.0.0.1:${port}`, "--count", "100"]);
    await expect.poll(run.stderr, { timeout: 20_000 }).toContain("waiting for 127.0.0.1");
    const sink = await start({ grpc: `127.0.0.1:${port}` });
    expect(await run.ended).toBe(0);
    expect(receivedItems(sink.counts())).toBe(100);
  });

  test("tells its health and its counters from the wait for the target to the end", async () => {
    const [port] = await freePorts(1);
    const run = replay([
      ...["--input", templates, "--endpoint", `http://127.0.0.1:${port}`],
      ...["--rate", "500", "--processes", "2", "--metrics-listen", "0"],
    ]);
    const told = () => /metrics on (http:.*)\/metrics/.exec(run.stderr())?.[1];
    await expect.poll(told, { timeout: 20_000 }).toBeDefined();
    const health = async () => {
      const response = await fetch(`${told()}/healthz`);
      const { state, processes } = (await response.json()) as { state: string; processes: number };
      return [response.status, state, processes];
    };
    await expect.poll(health, { timeout: 20_000 }).toEqual([200, "waiting", 0]);
    const sink = await start({ grpc: `127.0.0.1:${port}`, faults: parseFaults("delay=2s") });
    await expect.poll(health, { timeout: 20_000 }).toEqual([200, "sending", 2]);
    const page = async () => (await fetch(`${told()}/metrics`)).text();
    await expect
      .poll(page, { timeout: 20_000 })
      .toMatch(/^stampede_sent_items_total\{signal="traces"\} [1-9]/m);
    const asked = async () => Number(/^stampede_target_items_per_second (.*)$/m.exec(await page())?.[1]);
    await expect.poll(asked, { timeout: 20_000 }).toBeCloseTo(500, 6);
    await arriving(sink);
    run.child.kill("SIGTERM");
    // What is in flight takes two seconds to come to its end.
    await expect.poll(health, { timeout: 20_000 }).toEqual([503, "ending", 2]);
    expect(await run.ended).toBe(0);
    await expect(health()).rejects.toThrow();
  });

  test("ends with 2 and one line where the port of its metrics is taken", async () => {
    const sink = await start();
    const args = [...to(sink), "--count", "1", "--metrics-listen", sink.httpAddress!];
    const { exitCode, stdout, stderr } = await replay(args).ran();
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr.trim().split("\n").at(-1)).toBe(
      `cannot listen on ${sink.httpAddress}: something else listens there: choose another port, or 0 for any free one`,
    );
  });

  test("takes flags before the file, the file before the environment", async () => {
    const sink = await start();
    const config = join(folder, "layers.yaml");
    const path = join(folder, "layers.json");
    writeFileSync(
      config,
      `otlp: {endpoint: "http://${sink.httpAddress}", protocol: http/protobuf, headers: {x-key: SECRET-1}}
sending: {rate_limit: {events_per_second: 500}, concurrency: 3, total: 77}
seed: 1
report: ${path}
`,
    );
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1",
      OTEL_EXPORTER_OTLP_COMPRESSION: "gzip",
      OTEL_EXPORTER_OTLP_HEADERS: "x-other=SECRET-2",
    };
    const run = replay(["--config", config, "--input", templates, "--rate", "2000", "--seed", "9"], env);
    const { exitCode, stdout, stderr } = await run.ran();
    expect(exitCode).toBe(0);
    expect(Object.keys(sink.counts().transports)).toEqual(["http/protobuf/gzip"]);
    const report = readReport(path);
    expect(report.config).toMatchObject({ eventsPerSecond: 2000, concurrency: 3, seed: 9, totalEvents: 77 });
    expect(stdout + stderr + readFileSync(path, "utf8")).not.toContain("SECRET");
  });

  test.each([
    ["a header without a name", ["--header", "SECRET"], "--header: must be NAME=VALUE"],
    ["a header that cannot be", ["--header", "a b=SECRET"], 'header "a b": the name has characters'],
    ["a value that cannot be", ["--header", "a=SECRET\nSECRET"], 'header "a": the value has characters'],
    ["credentials in the endpoint", ["--endpoint", "http://u:SECRET@127.0.0.1:1"], "holds a user name"],
  ])(
    "refuses %s in one line without the secret, exit 2, with any number of processes",
    async (_, args, words) => {
      const sink = await start();
      for (const processes of ["1", "2"]) {
        const all = [...to(sink), "--count", "10", "--processes", processes, ...args];
        const { exitCode, stdout, stderr } = await replay(all).ran();
        expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
        expect(stderr).toContain(words);
        expect(stderr).not.toContain("SECRET");
        expect(stderr).not.toMatch(/^ {4}at /m);
      }
    },
  );

  test("does not send fast to somebody else's address unasked, by limit or by mix; says how much an hour", async () => {
    const config = join(folder, "mix.yaml");
    writeFileSync(config, "sending: {mix: {traces: 20000, logs: 5000}}\n");
    for (const [args, amount] of [
      [["--rate", "25000"], "90,000,000 events an hour"],
      [["--rate", "0"], "as many events as the target takes"],
      [["--config", config], "90,000,000 events an hour"],
      // Bursts are asked about by their peak, and told by their mean over ten minutes.
      [
        ["--burst", "--normal", "10", "--peak", "25000"],
        "7,533,000 events an hour (25,000 a second at the most)",
      ],
    ] as const) {
      const { exitCode, stderr } = await replay([
        "--input",
        templates,
        "--endpoint",
        "https://api.example.com",
        ...args,
      ]).ran();
      expect(exitCode).toBe(2);
      expect(stderr).toContain(`this would send ${amount}`);
      expect(stderr).toContain("to api.example.com:443");
      if (args[1] !== "0") expect(stderr).toMatch(/[\d,]+ as Honeycomb counts span events and links/);
      expect(stderr).toContain("--yes");
    }
  });

  test("names the report after its incarnation where it is given a directory", async () => {
    const sink = await start();
    const directory = `${join(folder, "reports")}/`;
    await replay([...to(sink), "--count", "50", "--report", directory]).ran();
    const [name, ...others] = readdirSync(directory);
    expect(others).toEqual([]);
    expect(name).toBe(`${readReport(join(directory, name!)).incarnations[0]}.json`);
  });

  test.each(["stdout", "stderr"] as const)(
    "goes on to its end when nobody reads its %s any more",
    async (stream) => {
      const sink = await start();
      const path = join(folder, `closed-${stream}.json`);
      const run = replay([...to(sink), "--rate", "1000", "--count", "1500", "--report", path]);
      run.child[stream]!.destroy();
      const { exitCode } = await run.ran();
      expect(exitCode).toBe(0);
      expect(sum(readReport(path), "accepted")).toBe(1500);
    },
  );
});
