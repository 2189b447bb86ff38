/**
 * What a sender loads: forty of them share a machine, and each module costs each of them. A replay that is started from a script, without a
 * terminal, is looked at from within, once it has sent and ended.
 */
import { execFileSync } from "node:child_process";
import { globSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { start } from "../cli/test-process.ts";
import { startTestLedger } from "../fleet/ledger/test-ledger.ts";
import { type Sink, startSink } from "../sink/sink.ts";
import { generateTemplates } from "./templates.ts";
import type { Trace } from "./trace-modules.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const TRACER = join(ROOT, "test/trace-modules.ts");
const directory = mkdtempSync(join(tmpdir(), "stampede-light-"));
let templates = "";
let sink: Sink;

beforeAll(async () => {
  templates = await generateTemplates(directory);
  sink = await startSink({ grpc: "127.0.0.1:0", http: "127.0.0.1:0" });
});
afterAll(async () => {
  await sink.close(0);
  rmSync(directory, { recursive: true });
});

interface Loaded {
  /** Names of packages. */
  packages: string[];
  /** Paths in the repository. */
  files: string[];
  /** Modules of Node's, such as `http2` and `internal/deps/undici/undici`. */
  builtins: string[];
}

let runs = 0;

/** Run a command that sends a little. What all its processes have loaded in the end, by their ids. */
async function tracesOf(...words: string[]): Promise<{ pid: number; traces: Map<number, Trace> }> {
  const folder = join(directory, `traces-${runs++}`);
  mkdirSync(folder);
  const flags = ["--disable-warning=ExperimentalWarning", `--import=${TRACER}`, join(ROOT, "cli/main.ts")];
  const amount = [`--input=${templates}`, "--rate=2000", "--count=500"];
  const { child, ran } = start(process.execPath, [...flags, ...words, ...amount], {
    // As scripts/stampede has it.
    environment: { STAMPEDE_TEST_TRACES: folder, NODE_COMPILE_CACHE: join(directory, "compiled") },
  });
  const { exitCode, stderr } = await ran();
  expect(exitCode, stderr).toBe(0);
  const traceIn = (file: string): Trace => JSON.parse(readFileSync(join(folder, file), "utf8"));
  const traces = new Map(readdirSync(folder).map((file) => [Number.parseInt(file, 10), traceIn(file)]));
  return { pid: child.pid!, traces };
}

/** What the sending process of a replay has loaded; the one that prepared has a trace of its own. */
async function loadedBy(...flags: string[]): Promise<Loaded> {
  const { pid, traces } = await tracesOf("replay", ...flags);
  return loadedIn(traces.get(pid)!);
}

function loadedIn({ urls, builtins }: Trace): Loaded {
  const paths = urls.filter((url) => url.startsWith("file:")).map((url) => fileURLToPath(url));
  const packageOf = (path: string) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1];
  return {
    packages: [...new Set(paths.map(packageOf))].filter((name) => name !== undefined).sort(),
    files: paths.filter((path) => packageOf(path) === undefined).map((path) => path.replace(ROOT, "")),
    builtins: builtins.map((name) => name.replace(/^\S+ /, "")),
  };
}

/** All that a sender may have of packages, and what for. */
const LATENCIES = ["hdr-histogram-js"];
/** pino, and what it needs: without a terminal, each line is JSON. */
const LINES = [
  "@pinojs/redact",
  "atomic-sleep",
  "on-exit-leak-free",
  "pino",
  "pino-std-serializers",
  "quick-format-unescaped",
  "safe-stable-stringify",
  "sonic-boom",
  "thread-stream",
];
const ALLOWED = [...LATENCIES, ...LINES].sort();

/** What a sender does without: paths in the repository begin so. */
const PARTS = [
  { what: "the command line's parser: another process has read it", part: "cli/program.ts" },
  { what: "schemas of the configuration: another process has judged it", part: "config/" },
  { what: "the generator: templates are there", part: "generator/" },
  { what: "what freezes: it is done", part: "replayer/freeze/freeze.ts" },
  {
    what: "what compiles: a thread of its own does it, where it pays",
    part: "replayer/compile/compress-record.ts",
  },
  { what: "decoders of whole messages: nothing is decoded", part: "otlp/message/decode" },
  { what: "servers: it serves nobody", part: "otlp/server/" },
  { what: "what draws on terminals: there is none", part: "terminal/drawn-view.ts" },
  { what: "the sink", part: "sink/" },
  { what: "the ledger and what tells it: nobody has asked for it", part: "fleet/ledger/" },
  { what: "the page of metrics and its server: nobody has asked for it", part: "fleet/metrics/" },
  { what: "pages of metrics: nobody has asked for them", part: "fleet/metrics/" },
];

/** The same of Node's own modules. */
const BUILTINS = [
  { what: "fetch", builtin: "internal/deps/undici/undici" },
  { what: "Node's HTTP/2: ours is lighter", builtin: "http2" },
  { what: "Node's HTTP", builtin: "http" },
  {
    what: "what strips types: a compile cache has what is run",
    builtin: "internal/deps/amaro/dist/index",
  },
];

test("what a sender is said to do without is there to be loaded", () => {
  expect(PARTS.filter(({ part }) => globSync(`${part}*`, { cwd: ROOT }).length === 0)).toEqual([]);
  const all = `require("node:http2"); fetch("data:,").then(() => console.log(process.moduleLoadList.join("\\n")))`;
  const typed = ["--input-type=commonjs-typescript", "-e", `const n: number = 1; ${all}`];
  const there = execFileSync(process.execPath, typed, { encoding: "utf8" });
  expect(BUILTINS.filter(({ builtin }) => !there.includes(` ${builtin}\n`))).toEqual([]);
});

describe.each([
  { name: "over gRPC", flags: () => [`--endpoint=http://${sink.grpcAddress}`] },
  {
    name: "over HTTP",
    flags: () => ["--protocol=http/protobuf", `--endpoint=http://${sink.httpAddress}`],
  },
  {
    name: "compressed",
    flags: () => [`--endpoint=http://${sink.grpcAddress}`, "--compression=zstd"],
  },
])("a sender $name", ({ flags }) => {
  let loaded: Loaded;
  beforeAll(async () => {
    // The first finds no compile cache, and fills it.
    await loadedBy(...flags());
    loaded = await loadedBy(...flags());
  });

  test("has of packages only those that measure latencies and write lines", () => {
    expect(loaded.packages).toEqual(ALLOWED);
  });

  test.each(PARTS)("does not load $what", ({ part }) => {
    expect(loaded.files.filter((file) => file.startsWith(part))).toEqual([]);
  });

  test.each(BUILTINS)("does not load $what", ({ builtin }) => {
    expect(loaded.builtins).not.toContain(builtin);
  });
});

test("serving metrics takes a server of ours, and no package before somebody asks for the page", async () => {
  const { packages, files } = await loadedBy(`--endpoint=http://${sink.grpcAddress}`, "--metrics-listen=0");
  expect(packages).toEqual(ALLOWED);
  expect(files.filter((file) => file.startsWith("fleet/metrics/"))).toEqual(["fleet/metrics/server.ts"]);
});

test("telling the ledger takes no package, and neither the service nor a schema", async () => {
  const ledger = await startTestLedger({ settleMs: 100 });
  const { packages, files } = await loadedBy(
    `--endpoint=http://${sink.grpcAddress}`,
    `--ledger=http://${ledger.address}`,
  );
  expect((await ledger.ended).replicas.ended).toBe(1);
  expect(packages).toEqual(ALLOWED);
  expect(files.filter((file) => file.startsWith("fleet/ledger/"))).toEqual(["fleet/ledger/push.ts"]);
  expect(files.filter((file) => file.includes("-schema"))).toEqual([]);
});

test("a replica of stampede up loads what any other does that tells a ledger, and no process prepares for it", async () => {
  const { traces } = await tracesOf("up", "--collector=none", "--replicas=2");
  const all = [...traces.values()];
  const replicas = all.filter(({ words }) => words[2] === "replay");
  // One that prepares is told its words by message.
  expect(all.filter(({ words }) => words.length === 2 && words[1]!.endsWith("cli/main.ts"))).toEqual([]);
  expect(replicas.map(({ words }) => words.at(-1)).sort()).toEqual(["--replica=0/2", "--replica=1/2"]);
  const others = PARTS.filter(({ part }) => part !== "fleet/ledger/");
  for (const { packages, files } of replicas.map(loadedIn)) {
    expect(packages).toEqual(ALLOWED);
    expect(others.filter(({ part }) => files.some((file) => file.startsWith(part)))).toEqual([]);
    expect(files).toContain("fleet/ledger/push.ts");
  }
});
