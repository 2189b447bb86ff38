/**
 * Long-running commands as process 1, with the words of the image's entry point: what `docker stop` sends ends each of them well. In a PID
 * namespace of its own, without an engine; needs root and unshare (util-linux).
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { killStarted, type Running, start } from "../cli/test-process.ts";
import { freePorts } from "../fleet/local-collectors/free-ports.ts";
import { makeTemplates } from "../generator/test-templates.ts";
import type { Report } from "../ledger/report.ts";
import { receivedItems } from "../sink/counts.ts";
import { startSink } from "../sink/sink.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const WAIT = { timeout: 60_000 };
const UNSHARE = ["--pid", "--fork", "--mount-proc", "--kill-child"];
const whyNot = spawnSync("unshare", [...UNSHARE, "true"], { encoding: "utf8" });
const folder = mkdtempSync(join(tmpdir(), "stampede-process-one-"));
const templates = join(folder, "templates");

beforeAll(() => makeTemplates(templates));
afterEach(killStarted);
afterAll(() => rmSync(folder, { recursive: true }));

/** The image's, with this machine's Node in the place of its own, and this checkout in that of the bundle. */
function entryPoint(): string[] {
  const line = /^ENTRYPOINT (\[.*\])$/m.exec(readFileSync(join(ROOT, "Dockerfile"), "utf8"))![1]!;
  const [command, ...words] = JSON.parse(line) as string[];
  expect([command, words.pop()]).toEqual(["node", "/app/dist/main.cjs"]);
  return [process.execPath, ...words, join(ROOT, "cli/main.ts")];
}

interface ProcessOne extends Running {
  /** Signal it as an engine does: from outside of its namespace. */
  send(signal: NodeJS.Signals): void;
}

function asProcessOne(words: readonly string[]): ProcessOne {
  const running = start("unshare", [...UNSHARE, ...words]);
  return {
    ...running,
    send: (signal) => {
      const inside = execFileSync("ps", ["--ppid", `${running.child.pid}`, "-o", "pid="], {
        encoding: "utf8",
      });
      process.kill(Number(inside), signal);
    },
  };
}

const stampede = (...words: string[]) => asProcessOne([...entryPoint(), ...words]);

describe.skipIf(whyNot.status !== 0).each(["SIGTERM", "SIGINT"] as const)("as process 1, %s", (signal) => {
  test.each([{ processes: 1 }, { processes: 2 }])(
    "ends a replay of $processes processes with its ledger and its report, nothing missing",
    async ({ processes }) => {
      const sink = await startSink({ grpc: "127.0.0.1:0", http: false, doubtMs: 0 });
      onTestFinished(() => sink.close(0));
      const file = join(folder, `${signal}-${processes}.json`);
      const replay = stampede(
        "replay",
        `--input=${templates}`,
        `--endpoint=http://${sink.grpcAddress}`,
        "--rate=2000",
        `--processes=${processes}`,
        `--report=${file}`,
      );
      await expect.poll(() => receivedItems(sink.counts()), WAIT).toBeGreaterThan(100);
      replay.send(signal);
      expect(await replay.ended).toBe(0);
      expect(replay.stdout()).toContain("balanced");
      const report: Report = JSON.parse(readFileSync(file, "utf8"));
      const accepted = Object.values(report.signals).reduce((sum, one) => sum + (one?.accepted ?? 0), 0);
      expect(accepted).toBe(receivedItems(sink.counts()));
    },
  );

  test("ends a replay that waits for its target", async () => {
    const [port] = await freePorts(1);
    const replay = stampede("replay", `--input=${templates}`, `--endpoint=http://127.0.0.1:${port}`);
    await expect.poll(replay.stderr, WAIT).toContain("waiting for 127.0.0.1");
    replay.send(signal);
    expect(await replay.ended).toBe(3);
  });

  test("ends a sink with its report", async () => {
    const sink = stampede("sink", "--grpc=127.0.0.1:0", "--http=127.0.0.1:0");
    await expect.poll(sink.stderr, WAIT).toContain("listening: grpc");
    sink.send(signal);
    expect(await sink.ended).toBe(0);
    expect(sink.stdout()).toContain("received in");
  });

  test("ends a fleet with its account", async () => {
    const fleet = stampede("up", "--collector=none", `--input=${templates}`, "--rate=1000", "--replicas=2");
    await expect.poll(fleet.stderr, WAIT).toMatch(/ accepted [1-9]/);
    fleet.send(signal);
    expect(await fleet.ended).toBe(0);
    expect(fleet.stdout()).toContain("balanced: every event is accounted for");
  });

  test("ends what nobody listens for it in, a command that is still starting, as it would any other process", async () => {
    const script = `
      const { answerSignalsAsProcessOne } = await import(${JSON.stringify(join(ROOT, "cli/process-one.ts"))});
      answerSignalsAsProcessOne();
      setInterval(() => {}, 1000);
      process.stdout.write("here");`;
    const starting = asProcessOne([process.execPath, "--input-type=module", "-e", script]);
    await expect.poll(starting.stdout, WAIT).toBe("here");
    starting.send(signal);
    expect(await starting.ended).toBe(signal === "SIGTERM" ? 143 : 130);
  });
});
