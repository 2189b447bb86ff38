/**
 * Where a send's time goes: a CPU profile summed up by what each function works at, in nanoseconds an item.
 *
 * Only the main thread is sampled: what V8's collector and zlib do in threads of their own is the rest of the CPU time. A system call
 * counts for the native function that makes it.
 */
import type { Profiler } from "node:inspector";

export interface CostMap {
  /** Of the main thread, idle aside. */
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
  [/^(writev|writeBuffer|writeLatin1String|writeUtf8String) /, "socket: write, with the copy to the kernel"],
  [/^(read|readSync|readBuffers) |frozen-file\.ts/, "read: a record from the page cache"],
  [/replayer\/stamp\//, "stamp"],
  [/template\/ids\.ts/, "stamp"],
  [/replayer\/(send|pace)\//, "replay: schedule, buffers, books"],
  [/ledger\/|hdr-histogram-js/, "replay: schedule, buffers, books"],
  [/otlp\/client\//, "transport: our own code"],
  [/node:internal\/(http2|stream_base_commons)|node:http2/, "Node: sockets, streams, HTTP/2"],
  [
    /node:(net|tls|_tls_wrap|internal\/streams|stream|events|internal\/tls)/,
    "Node: sockets, streams, HTTP/2",
  ],
  [/node:zlib/, "Node: compression, main thread"],
  [/node:(internal\/)?(timers|process|async_hooks|util)/, "Node: timers, ticks"],
];
const NOT_WORK = /^\((idle|root)\)|node:(internal\/)?inspector/;
const FUNCTIONS_SHOWN = 5;

/** The cost map of a profile during which so many items were sent. */
export function costMapOf(profile: Profiler.Profile, items: number): CostMap {
  const parts = new Map<string, Map<string, number>>();
  for (const [label, microseconds] of selfTimes(profile)) {
    if (NOT_WORK.test(label)) continue;
    const name = PARTS.find(([pattern]) => pattern.test(label))?.[1] ?? "other";
    const functions = parts.get(name) ?? new Map<string, number>();
    functions.set(label, (functions.get(label) ?? 0) + (microseconds * 1000) / items);
    parts.set(name, functions);
  }
  const summed = [...parts].map(([name, functions]) => ({
    name,
    nanosecondsPerItem: sum(functions.values()),
    functions: [...functions].sort((a, b) => b[1] - a[1]).slice(0, FUNCTIONS_SHOWN),
  }));
  summed.sort((a, b) => b.nanosecondsPerItem - a.nanosecondsPerItem);
  return { nanosecondsPerItem: sum(summed.map((part) => part.nanosecondsPerItem)), parts: summed };
}

/** As text, a part a line with its largest functions below. */
export function costMapText({ nanosecondsPerItem, parts }: CostMap): string {
  const lines = parts.flatMap((part) => [
    costLine(part.nanosecondsPerItem, nanosecondsPerItem, part.name),
    ...part.functions.map(([label, each]) => `      ${costLine(each, nanosecondsPerItem, label)}`),
  ]);
  return [...lines, costLine(nanosecondsPerItem, nanosecondsPerItem, "all of the main thread")].join("\n");
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

function labelOf({ functionName, url }: { functionName: string; url: string }): string {
  const file = url.replace(/^file:\/\/.*?\/(?=(?:bench|ledger|otlp|replayer|template)\/)/, "");
  return `${functionName === "" ? "(anonymous)" : functionName} ${file}`;
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
