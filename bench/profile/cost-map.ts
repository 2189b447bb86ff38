/**
 * Where a send's time goes: a CPU profile summed up by what each function works at, in nanoseconds an item.
 *
 * V8 samples the main thread, and takes for idle what the event loop does in native code around its poll, which is where HTTP/2 writes
 * its sockets. What the operating system has booked tells how much that is, and what other threads did. A system call counts for the
 * native function that makes it. Samples are of time by the clock: on a machine that is busy with something else they say too much.
 */
import type { Profiler } from "node:inspector";

export interface CostMap {
  /** CPU time of all threads. */
  nanosecondsPerItem: number;
  /** Largest first. */
  parts: CostPart[];
}

export interface CostPart {
  name: string;
  nanosecondsPerItem: number;
  /** Its largest functions, `name file`, with nanoseconds an item. */
  functions: [string, number][];
}

/** The first that fits a function's `name file` names its part. */
const PARTS: readonly [RegExp, string][] = [
  [/^\(garbage collector\)/, "garbage collection"],
  [/^\(program\)/, "native code without a JavaScript frame"],
  [
    /^(request|respond|destroy|priority|rstStream|updateChunksSent|shutdown) $/,
    "Node: sockets, streams, HTTP/2",
  ],
  [/^(writev|writeBuffer|writeLatin1String|writeUtf8String) /, "socket: write, with the copy to the kernel"],
  [/^(read|readSync|readBuffers) |frozen-file\.ts/, "read: a record from the page cache"],
  [/replayer\/stamp\//, "stamp"],
  [/template\/(ids|mix|time-text)\.ts/, "stamp"],
  [/replayer\/(send|pace)\//, "replay: schedule, buffers, books"],
  [/ledger\/|hdr-histogram-js/, "replay: schedule, buffers, books"],
  [/otlp\/client\//, "transport: our own code"],
  [/node:internal\/(http2|stream_base_commons)|node:http2/, "Node: sockets, streams, HTTP/2"],
  [
    /node:(net|tls|_tls_wrap|internal\/streams|stream|events|internal\/tls)/,
    "Node: sockets, streams, HTTP/2",
  ],
  [/node:zlib/, "Node: compression, main thread"],
  [/node:(internal\/)?(timers|process|async_hooks|util)|^runMicrotasks /, "Node: timers, ticks"],
];
const NOT_SAMPLED = "native code of the event loop, not sampled: polls, HTTP/2's sockets";
const OTHER_THREADS = "other threads: V8's collector and compiler, zlib, the profiler itself";
const NOT_WORK = /^\((idle|root)\)|node:(internal\/)?inspector/;
const FUNCTIONS_SHOWN = 5;

/** CPU time that the operating system has booked meanwhile. */
export interface BookedSeconds {
  mainThread: number;
  allThreads: number;
}

/** The cost map of a profile during which so many items were sent. */
export function costMapOf(profile: Profiler.Profile, items: number, booked: BookedSeconds): CostMap {
  const parts = new Map<string, Map<string, number>>();
  for (const [label, microseconds] of selfTimes(profile)) {
    if (NOT_WORK.test(label)) continue;
    const name = PARTS.find(([pattern]) => pattern.test(label))?.[1] ?? "other";
    const functions = parts.get(name) ?? new Map<string, number>();
    functions.set(label, (functions.get(label) ?? 0) + (microseconds * 1000) / items);
    parts.set(name, functions);
  }
  const summed: CostPart[] = [...parts].map(([name, functions]) => ({
    name,
    nanosecondsPerItem: sum(functions.values()),
    functions: [...functions].sort((a, b) => b[1] - a[1]).slice(0, FUNCTIONS_SHOWN),
  }));
  const sampled = sum(summed.map((part) => part.nanosecondsPerItem));
  const main = (booked.mainThread * 1e9) / items;
  const others = ((booked.allThreads - booked.mainThread) * 1e9) / items;
  summed.push(
    { name: NOT_SAMPLED, nanosecondsPerItem: Math.max(0, main - sampled), functions: [] },
    { name: OTHER_THREADS, nanosecondsPerItem: others, functions: [] },
  );
  summed.sort((a, b) => b.nanosecondsPerItem - a.nanosecondsPerItem);
  return { nanosecondsPerItem: Math.max(main, sampled) + others, parts: summed };
}

/** As text, a part a line with its largest functions below. */
export function costMapText({ nanosecondsPerItem, parts }: CostMap): string {
  const lines = parts.flatMap((part) => [
    costLine(part.nanosecondsPerItem, nanosecondsPerItem, part.name),
    ...part.functions.map(([label, each]) => `      ${costLine(each, nanosecondsPerItem, label)}`),
  ]);
  return [...lines, costLine(nanosecondsPerItem, nanosecondsPerItem, "all")].join("\n");
}

function costLine(each: number, all: number, name: string): string {
  return `${each.toFixed(2).padStart(8)} ns ${((each / all) * 100).toFixed(0).padStart(4)} %  ${name}`;
}

/** Microseconds by function: `name file`. */
function selfTimes({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): Map<string, number> {
  const labels = new Map(nodes.map(({ id, callFrame }) => [id, labelOf(callFrame)]));
  const times = new Map<string, number>();
  for (const [index, node] of samples.entries()) {
    const label = labels.get(node)!;
    times.set(label, (times.get(label) ?? 0) + timeDeltas[index]!);
  }
  return times;
}

const ROOT = new URL("../../", import.meta.url).href;

function labelOf({ functionName, url }: { functionName: string; url: string }): string {
  const file = url.startsWith(ROOT) ? url.slice(ROOT.length) : url;
  return `${functionName === "" ? "(anonymous)" : functionName} ${file}`;
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
