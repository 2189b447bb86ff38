/**
 * The programs of others that Stampede is compared with, each at the settings that were found best for it, and what was looked at
 * and left out.
 */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Compression, Protocol } from "../../otlp/protocol.ts";
import { HTTP_PATHS, type Signal } from "../../otlp/signal.ts";
import { BASE, type SendSpec } from "../cells.ts";
import type { Round } from "../measure-send.ts";
import { type Bench, endpointOf } from "../measure-send.ts";
import { runForeign } from "./run-foreign.ts";

/** What is compared: the same signal over the same protocol, compressed or not. */
export interface Contest {
  signal: Signal;
  protocol: Protocol;
  isCompressed: boolean;
}

/** One who takes part. */
export interface Contender {
  name: string;
  /** One of ours: how it is set. */
  spec?: SendSpec;
  /** One of theirs. Undefined when it does not take part in a contest. */
  command?: (contest: Contest) => PeerCommand | undefined;
}

interface PeerCommand {
  program: PeerName;
  /** With `URL`, `HOST_PORT` and `SECONDS` to be filled in. */
  words: readonly string[];
  variables?: Record<string, string>;
}

type PeerName = "telemetrygen" | "js";

export const CONTESTS: readonly Contest[] = [
  { signal: "traces", protocol: "http/protobuf", isCompressed: true },
  { signal: "traces", protocol: "grpc", isCompressed: true },
  { signal: "traces", protocol: "http/protobuf", isCompressed: false },
  { signal: "traces", protocol: "grpc", isCompressed: false },
  { signal: "logs", protocol: "http/protobuf", isCompressed: true },
  { signal: "logs", protocol: "http/protobuf", isCompressed: false },
  { signal: "metrics", protocol: "http/protobuf", isCompressed: true },
  { signal: "metrics", protocol: "http/protobuf", isCompressed: false },
];

/** `traces, HTTP, compressed` */
export function contestName({ signal, protocol, isCompressed }: Contest): string {
  return `${signal}, ${protocol === "grpc" ? "gRPC" : "HTTP"}, ${isCompressed ? "compressed" : "not compressed"}`;
}

/** Those who take part, ours first: what the others are held against. */
export function contendersIn(contest: Contest): Contender[] {
  const ours = ourSpecs(contest).map((spec) => ({ name: ourName(spec), spec }));
  return [...ours, ...PEERS.filter(({ command }) => command!(contest) !== undefined)];
}

/** As large requests as telemetrygen sends, and few of them at a time: both help where bodies are not compressed. */
const OURS = { ...BASE, batch: 2000, concurrency: 4 } as const;

function ourSpecs({ signal, protocol, isCompressed }: Contest): SendSpec[] {
  const subject = signal === "metrics" ? "numbers" : signal;
  const spec = { ...OURS, subject, protocol } as const;
  if (!isCompressed) return [{ ...spec, compression: "none", form: "plain" }];
  // Peers know gzip only: what ours costs where a receiver takes no more than they send.
  const gzip = { ...spec, compression: "gzip" } as const;
  return [spec, { ...gzip, form: "gzip-fast" }, { ...gzip, form: "plain" }];
}

function ourName({ compression, form }: SendSpec): string {
  if (compression === "none") return "Stampede";
  return form === "plain" ? `Stampede, ${compression} at each send` : `Stampede, ${compression}, compiled`;
}

/**
 * telemetrygen's spans have two attributes and 160 bytes; these make them as large as ours, 480 bytes.
 */
const ATTRIBUTES = {
  "http.request.method": "GET",
  "http.route": "/users/{id}/orders",
  "url.path": "/users/10042/orders",
  "url.scheme": "https",
  "network.protocol.version": "1.1",
  "client.address": "10.0.17.42",
  "user_agent.original": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
  "server.address": "shop.example.com",
};

/** Go's collector runs less often, for a heap three times as large. */
const LARGE_HEAP = { GOGC: "400" };

const PEERS: readonly Contender[] = [
  { name: "telemetrygen", command: (contest) => telemetrygen(contest) },
  { name: "telemetrygen, GOGC=400", command: (contest) => telemetrygen(contest, {}, LARGE_HEAP) },
  {
    name: "telemetrygen, GOGC=400, spans as large as ours",
    command: (contest) =>
      contest.signal === "traces" ? telemetrygen(contest, ATTRIBUTES, LARGE_HEAP) : undefined,
  },
  { name: "OpenTelemetry JS exporter", command: jsExporter },
];

/**
 * Large batches. Of traces one worker, for more of them get in each other's way: two send half as many spans, four a tenth; 21 spans
 * each, and a queue of 20 batches, or else it drops what it has made. Its Go SDK takes compression and queue from the environment.
 */
function telemetrygen(
  contest: Contest,
  attributes: Record<string, string> = {},
  variables: Record<string, string> = {},
): PeerCommand {
  const words = [contest.signal, "--otlp-insecure", "--rate=0", "--duration=SECONDSs", "--batch-size=2000"];
  words.push(contest.signal === "traces" ? "--child-spans=20" : "--workers=4");
  if (contest.protocol !== "grpc") words.push("--otlp-http");
  for (const [key, value] of Object.entries(attributes)) {
    words.push(`--telemetry-attributes=${key}="${value}"`);
  }
  return {
    program: "telemetrygen",
    words: [...words, "--otlp-endpoint=HOST_PORT"],
    variables: {
      OTEL_BSP_MAX_QUEUE_SIZE: "40000",
      ...variables,
      ...(contest.isCompressed ? { OTEL_EXPORTER_OTLP_COMPRESSION: "gzip" } : {}),
    },
  };
}

/** Batches of 1,000, four at a time: half or twice as large ones, and twice as many, make no difference. */
function jsExporter({ signal, protocol, isCompressed }: Contest): PeerCommand | undefined {
  if (signal !== "traces") return undefined;
  const compression: Compression = isCompressed ? "gzip" : "none";
  return { program: "js", words: [protocol, compression, "URL", "1000", "4", "WARM_MS", "MEASURE_MS"] };
}

/** What was looked for and does not take part. */
export const LEFT_OUT: readonly (readonly [string, string])[] = [
  [
    "otelgen 0.5.2 (Go module)",
    "sleeps between spans: 75 a second whatever its rate says, so there is no speed to compare",
  ],
  [
    "otel-loadgen, honeycombio/loadgen, spanforge",
    "named by the Go package index, but the module proxy does not have their code",
  ],
  [
    "xk6-client-tracing, k6",
    "needs a build of k6 with it, and sends with the Collector's exporters at the pace of its scripts",
  ],
  [
    "tercios, lading, otel-arrow's traffic generator (Rust)",
    "no package in a registry: only images or sources",
  ],
  ["tracegen of Jaeger", "sends with the same SDK and exporters as telemetrygen, traces only"],
  [
    "npm, PyPI",
    "no load generator of OTLP was found in their lists; exporters of SDKs only, of which JavaScript's takes part",
  ],
];

const programs = new Map<PeerName, string>();

/** The path of a peer, built or installed if need be. Throws when that cannot be done, with the reason. */
function programOf(name: PeerName): string {
  const known = programs.get(name);
  if (known !== undefined) return known;
  const script = fileURLToPath(new URL("./get-peers", import.meta.url));
  const path = execFileSync(script, [name], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  }).trim();
  programs.set(name, path);
  return path;
}

/** Build what takes part, ahead of the clock. Returns why one cannot, by name. */
export function preparePeers(): Map<PeerName, string> {
  const missing = new Map<PeerName, string>();
  for (const name of ["telemetrygen", "js"] as const) {
    try {
      programOf(name);
    } catch (error) {
      missing.set(name, error instanceof Error ? error.message.split("\n")[0]! : String(error));
    }
  }
  return missing;
}

type Measured = Pick<Round, "items" | "cpuSeconds" | "seconds">;

/** One round of a peer. Its items are those that the receiver has counted, but for the JS exporter, which leaves its start out. */
export async function measurePeer(bench: Bench, contest: Contest, contender: Contender): Promise<Round> {
  const { program, words, variables } = contender.command!(contest)!;
  const endpoint = endpointOf(bench.receiver, { protocol: contest.protocol, tls: false });
  const filled: Record<string, string> = {
    URL: contest.protocol === "grpc" ? endpoint : `${endpoint}${HTTP_PATHS[contest.signal]}`,
    HOST_PORT: new URL(endpoint).host,
    SECONDS: `${Math.ceil((bench.warmMs + bench.measureMs) / 1000)}`,
    WARM_MS: `${bench.warmMs}`,
    MEASURE_MS: `${bench.measureMs}`,
  };
  const command = words.map((word) =>
    word.replace(/URL|HOST_PORT|SECONDS|WARM_MS|MEASURE_MS/, (name) => filled[name]!),
  );
  const interpreter = program === "js" ? [process.execPath] : [];
  await bench.receiver.begin(contest.signal);
  const ran = await runForeign([...interpreter, programOf(program), ...command], variables);
  const received = await bench.receiver.received();
  const measured: Measured =
    program === "js"
      ? (JSON.parse(ran.stdout) as Measured)
      : { items: received.items, cpuSeconds: ran.cpuSeconds, seconds: ran.seconds };
  const share = measured.items / received.items;
  return {
    ...measured,
    requests: received.requests * share,
    wireBytes: received.bodyBytes * share,
    lostItems: 0,
    maxRssBytes: ran.maxRssBytes,
    receiverCpuSeconds: received.cpuSeconds,
  };
}
