/**
 * A real Prometheus for tests: the binary of scripts/get-prometheus on a free port of 127.0.0.1, and what it answers over its HTTP API.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stringify } from "yaml";
import { freePorts } from "../../fleet/local-collectors/free-ports.ts";
import { bring } from "../bring.ts";
import type { NativeHistogram } from "./mapping.ts";

const START_TIMEOUT_MS = 60_000;

/** One series of an instant query: its labels, the name under `__name__`, and its value. */
export interface Sample {
  labels: Record<string, string>;
  value: number;
}

/** A stored series as it came in: moments in milliseconds since the epoch, and values. */
export interface Series {
  labels: Record<string, string>;
  points: { atMs: number; value: number | NativeHistogram }[];
}

export interface Prometheus {
  /** `http://127.0.0.1:port` */
  url: string;
  /** Evaluate, now or `at` seconds since the epoch. Throws with what Prometheus says is wrong with the query. */
  query(expression: string, at?: number): Promise<Sample[]>;
  /** Every point of the last hour of the series that a selector finds, untouched. */
  stored(selector: string): Promise<Series[]>;
  /** Type of each metric, as scraped or received. */
  types(): Promise<Record<string, string>>;
  log(): string;
  /** End it by its pid and remove its data. */
  dispose(): Promise<void>;
}

/**
 * Start Prometheus; it is built now if it is not there. Resolves when it is ready.
 *
 * config  as in its configuration file
 * flags   more of its command line
 */
export async function startPrometheus(config: object, flags: readonly string[] = []): Promise<Prometheus> {
  const binary = await bring("prometheus");
  const directory = mkdtempSync(join(tmpdir(), "stampede-prometheus-"));
  writeFileSync(join(directory, "prometheus.yml"), stringify(config));
  const [port] = await freePorts(1);
  const child = spawn(
    binary,
    [
      `--config.file=${directory}/prometheus.yml`,
      `--storage.tsdb.path=${directory}/data`,
      `--web.listen-address=127.0.0.1:${port}`,
      ...flags,
    ],
    { cwd: directory, stdio: ["ignore", "ignore", "pipe"] },
  );
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    log += text;
  });
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const dispose = async () => {
    child.kill("SIGKILL");
    await exited;
    rmSync(directory, { recursive: true, force: true });
  };
  const url = `http://127.0.0.1:${port}`;
  const deadlineMs = performance.now() + START_TIMEOUT_MS;
  while (!(await isReady(url))) {
    if (child.exitCode !== null || performance.now() > deadlineMs) {
      await dispose();
      throw new Error(`Prometheus did not start:\n${log.slice(-3000)}`);
    }
    await sleep(100);
  }
  return {
    url,
    query: async (query, at) => {
      const { result } = await ask(url, "query", { query, ...(at !== undefined && { time: `${at}` }) });
      return (result as InstantSeries[]).map(({ metric, value }) => ({
        labels: metric,
        value: Number(value[1]),
      }));
    },
    stored: async (selector) => {
      const { result } = await ask(url, "query", { query: `${selector}[1h]` });
      return (result as RangeSeries[]).map(({ metric, values = [], histograms = [] }) => ({
        labels: metric,
        points: [
          ...values.map(([at, text]) => ({ atMs: Math.round(at * 1000), value: Number(text) })),
          ...histograms.map(([at, one]) => ({ atMs: Math.round(at * 1000), value: histogramOf(one) })),
        ],
      }));
    },
    types: async () => {
      const metadata = (await ask(url, "metadata", {})) as unknown as Record<string, { type: string }[]>;
      return Object.fromEntries(Object.entries(metadata).map(([name, [first]]) => [name, first!.type]));
    },
    log: () => log,
    dispose,
  };
}

type InstantSeries = { metric: Record<string, string>; value: [number, string] };
type RangeSeries = {
  metric: Record<string, string>;
  values?: [number, string][];
  histograms?: [number, WrittenHistogram][];
};
type WrittenHistogram = {
  count: string;
  sum: string;
  buckets?: [rule: number, from: string, to: string, count: string][];
};

function histogramOf({ count, sum, buckets = [] }: WrittenHistogram): NativeHistogram {
  return {
    count: Number(count),
    sum: Number(sum),
    buckets: buckets.map(([, , to, held]) => ({ upTo: Number(to), count: Number(held) })),
  };
}

async function ask(
  url: string,
  path: string,
  form: Record<string, string>,
): Promise<{ resultType: string; result: unknown[] }> {
  const response = await fetch(`${url}/api/v1/${path}?${new URLSearchParams(form)}`);
  const answer = (await response.json()) as { status: string; error?: string; data: never };
  if (answer.status !== "success") throw new Error(`${path} ${JSON.stringify(form)}: ${answer.error}`);
  return answer.data;
}

function isReady(url: string): Promise<boolean> {
  return fetch(`${url}/-/ready`).then(
    (response) => response.ok,
    () => false,
  );
}
