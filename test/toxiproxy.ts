/**
 * Toxiproxy for tests: a real proxy process (scripts/get-toxiproxy) that stands before a target and does to TCP connections what a bad
 * network does. Proxies listen on free ports of 127.0.0.1. Its control is a small HTTP API, spoken here with fetch.
 */
import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { freePorts } from "../fleet/local-collectors/free-ports.ts";
import { bring } from "./bring.ts";

const START_TIMEOUT_MS = 30_000;

/** What a toxic does, with its numbers: times in milliseconds unless the name says otherwise. */
export interface Toxics {
  /** Everything arrives so much later, give or take `jitter`. */
  latency: { latency: number; jitter?: number };
  /** At most so many kilobytes a second. */
  bandwidth: { rate: number };
  /** The other side hears of a closed connection so much later. */
  slow_close: { delay: number };
  /** Nothing gets through; after `timeout` the connection is closed. 0: not until the toxic is removed, which closes it too. */
  timeout: { timeout: number };
  /** The connection is reset (RST) after `timeout`. */
  reset_peer: { timeout: number };
  /** Data goes on in pieces of some `average_size` bytes, with `delay` microseconds between them. */
  slicer: { average_size: number; size_variation?: number; delay?: number };
  /** The connection is closed after so many bytes. */
  limit_data: { bytes: number };
}

export type ToxicType = keyof Toxics;

export interface ToxicOptions {
  /** upstream: what the client sends; downstream (the default): what comes back to it. */
  stream?: "upstream" | "downstream";
  /** Share of the connections that it works on, 0 to 1; by default all. Drawn when a connection, or the toxic, is new. */
  toxicity?: number;
}

/** Takes a toxic off again. */
export type RemoveToxic = () => Promise<void>;

export interface ToxicProxy {
  /** `host:port` that it listens on; the same after down() and up(). */
  address: string;
  /** Works on connections that stand as well as on new ones. */
  addToxic<T extends ToxicType>(type: T, attributes: Toxics[T], options?: ToxicOptions): Promise<RemoveToxic>;
  /** Take off all toxics. */
  heal(): Promise<void>;
  /** Close every connection and refuse new ones, until up(). */
  down(): Promise<void>;
  up(): Promise<void>;
  /** Stand before another upstream from now on; connections are closed. */
  redirect(upstream: string): Promise<void>;
}

export interface Toxiproxy {
  /** A proxy before `upstream`, which is `host:port` or a URL. */
  proxy(upstream: string): Promise<ToxicProxy>;
  /** End it by its pid, its proxies with it. */
  close(): Promise<void>;
}

/** Start toxiproxy without any proxy; it is built now if it is not there. */
export async function startToxiproxy(): Promise<Toxiproxy> {
  const binary = await bring("toxiproxy");
  const [port] = await freePorts(1);
  const child = spawn(binary, ["--host=127.0.0.1", `--port=${port}`], { stdio: "ignore" });
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const call: Call = (method, path, body) => request(`http://127.0.0.1:${port}${path}`, method, body);
  let proxies = 0;
  const close = async () => {
    child.kill("SIGKILL");
    await exited;
  };
  try {
    await untilUp(() => call("GET", "/version"));
  } catch (error) {
    await close();
    throw error;
  }
  return {
    proxy: async (upstream) => {
      const name = `proxy-${++proxies}`;
      const made = await call("POST", "/proxies", {
        name,
        listen: "127.0.0.1:0",
        upstream: hostOf(upstream),
      });
      return proxyAt(`/proxies/${name}`, made.listen as string, call);
    },
    close,
  };
}

/** Speak to its API; what is refused throws. */
type Call = (method: string, path: string, body?: unknown) => Promise<Record<string, unknown>>;

function proxyAt(path: string, address: string, call: Call): ToxicProxy {
  const toxics = new Set<string>();
  let made = 0;
  const remove = async (name: string) => {
    if (toxics.delete(name)) await call("DELETE", `${path}/toxics/${name}`);
  };
  const enable = async (enabled: boolean) => {
    await call("POST", path, { enabled });
  };
  return {
    address,
    addToxic: async (type, attributes, { stream = "downstream", toxicity = 1 } = {}) => {
      const name = `${type}-${++made}`;
      await call("POST", `${path}/toxics`, { name, type, stream, toxicity, attributes });
      toxics.add(name);
      return () => remove(name);
    },
    heal: async () => {
      for (const name of [...toxics]) await remove(name);
    },
    down: () => enable(false),
    up: () => enable(true),
    redirect: async (upstream) => {
      await call("POST", path, { upstream: hostOf(upstream), enabled: true });
    },
  };
}

function hostOf(upstream: string): string {
  return upstream.includes("://") ? new URL(upstream).host : upstream;
}

async function request(url: string, method: string, body: unknown): Promise<Record<string, unknown>> {
  const response = await fetch(url, { method, ...(body !== undefined && { body: JSON.stringify(body) }) });
  const text = await response.text();
  if (!response.ok) throw new Error(`toxiproxy: ${method} ${url}: ${response.status} ${text}`);
  return text === "" ? {} : JSON.parse(text);
}

async function untilUp(answer: () => Promise<unknown>): Promise<void> {
  const deadlineMs = performance.now() + START_TIMEOUT_MS;
  for (;;) {
    try {
      await answer();
      return;
    } catch (error) {
      if (performance.now() > deadlineMs) throw new Error("toxiproxy does not answer", { cause: error });
      await sleep(20);
    }
  }
}
