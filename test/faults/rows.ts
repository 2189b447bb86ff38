/** The rows of the fault table, in groups. */
import { vi } from "vitest";
import { collectorAlone, collectorAndSink, proxied, secureSettings } from "./collectors.ts";
import { badStatus, blackHole, nobody, speaking } from "./network.ts";
import type { Per, Row, Running } from "./row.ts";
import { sinkWith } from "./sinks.ts";

export interface Group {
  title: string;
  rows: Row[];
}

const NONE: readonly string[] = [];
const LOST: readonly string[] = ["connection_lost"];
/** Whatever a connection that breaks can look like, by the moment. */
const BREAKS = ["connection_lost", "refused_stream", "unreachable", "timeout"] as const;

/** A status under its names over both protocols. */
const status = (grpc: string, http: number): Per<readonly string[]> => ({
  grpc: [`grpc_${grpc}`],
  http: [`http_${http}`],
});

const PATIENCE = { timeout: 60_000, interval: 20 };
/** Resolves when some of the run has been accepted. */
const untilSomeAccepted = (running: Running) => vi.waitUntil(() => running.accepted() > 0, PATIENCE);
/** Resolves when something besides acceptance has been answered, or nothing at all. */
const untilTrouble = (running: Running) => vi.waitUntil(() => running.answers().length > 0, PATIENCE);

const REFUSALS: Row[] = [
  {
    what: "UNAVAILABLE / 503 to 30 %",
    target: sinkWith("unavailable=0.3,seed=1"),
    answers: status("unavailable", 503),
    ends: [],
  },
  {
    what: "UNAVAILABLE with RetryInfo / 503 with Retry-After in seconds, to 10 %",
    target: sinkWith("unavailable=0.1@300ms,seed=2"),
    answers: status("unavailable", 503),
    ends: [],
  },
  {
    what: "RESOURCE_EXHAUSTED with RetryInfo / 429 with Retry-After in seconds, to 10 %",
    target: sinkWith("throttled=0.1@300ms,seed=3"),
    answers: status("resource_exhausted", 429),
    ends: [],
  },
  {
    what: "RESOURCE_EXHAUSTED with RetryInfo / 429 with Retry-After as a date, to 10 %",
    target: sinkWith("throttled_date=0.1@300ms,seed=4"),
    answers: status("resource_exhausted", 429),
    ends: [],
  },
  {
    what: "RESOURCE_EXHAUSTED / 429 without a hint, to 20 %",
    target: sinkWith("exhausted=0.2,seed=5"),
    answers: status("resource_exhausted", 429),
    ends: { grpc: ["failed"], http: [] },
  },
  {
    what: "ABORTED / 503 to 20 %",
    target: sinkWith("aborted=0.2,seed=6"),
    answers: status("aborted", 503),
    ends: [],
  },
  {
    what: "CANCELLED / 503 to 20 %",
    target: sinkWith("cancelled=0.2,seed=7"),
    answers: status("cancelled", 503),
    ends: [],
  },
  {
    what: "DATA_LOSS / 503 to 20 %",
    target: sinkWith("data_loss=0.2,seed=8"),
    answers: status("data_loss", 503),
    ends: [],
  },
  {
    what: "OUT_OF_RANGE / 503 to 20 %",
    target: sinkWith("out_of_range=0.2,seed=9"),
    answers: status("out_of_range", 503),
    ends: [],
  },
  {
    what: "DEADLINE_EXCEEDED / 504 to 20 %",
    target: sinkWith("gateway_timeout=0.2,seed=10"),
    answers: status("deadline_exceeded", 504),
    ends: [],
  },
  {
    what: "502 with a page of HTML, over gRPC too, to 20 %",
    target: sinkWith("bad_gateway=0.2,seed=11"),
    answers: status("unavailable", 502),
    ends: [],
  },
  {
    what: "INVALID_ARGUMENT / 400 to 20 %",
    target: sinkWith("invalid=0.2,seed=12"),
    answers: status("invalid_argument", 400),
    ends: ["failed"],
  },
  {
    what: "UNAUTHENTICATED / 401 to all",
    target: sinkWith("unauthenticated=1,seed=13"),
    answers: status("unauthenticated", 401),
    ends: ["failed"],
    isHopeless: true,
  },
  {
    what: "RESOURCE_EXHAUSTED / 413, too large, to 20 %",
    target: sinkWith("too_large=0.2,seed=14"),
    answers: status("resource_exhausted", 413),
    ends: ["failed"],
  },
  {
    what: "INTERNAL / 500 to 20 %",
    target: sinkWith("internal=0.2,seed=15"),
    answers: status("internal", 500),
    ends: ["failed"],
  },
  {
    what: "UNKNOWN / 599, a status nobody knows, to 20 %",
    target: sinkWith("unknown=0.2,seed=16"),
    answers: status("unknown", 599),
    ends: ["failed"],
  },
  {
    what: "UNAVAILABLE / 503 to all, until the request is given up",
    target: sinkWith("unavailable=1,seed=17"),
    retry: { initial: "5ms", max: "5ms", max_elapsed: "50ms" },
    answers: status("unavailable", 503),
    ends: ["failed"],
    isHopeless: true,
  },
];

const SUCCESSES: Row[] = [
  {
    what: "partial success to 30 %",
    target: sinkWith("partial=0.3,seed=21"),
    answers: ["partial_success"],
    ends: ["rejected"],
  },
  {
    what: "partial success that rejects more items than were sent, to 20 %",
    target: sinkWith("overcount=0.2,seed=22"),
    answers: ["partial_success"],
    ends: ["rejected"],
  },
  {
    what: "partial success that rejects nothing and says something, to 30 %",
    target: sinkWith("warning=0.3,seed=23"),
    answers: ["warning"],
    ends: [],
  },
  {
    what: "every answer 150 ms late",
    target: sinkWith("delay=150ms,seed=24"),
    total: 1200,
    answers: NONE,
    ends: [],
  },
  {
    what: "GOAWAY / connection: close after 30 % of the answers",
    target: sinkWith("goodbye=0.3,seed=25"),
    answers: NONE,
    mayAnswer: ["refused_stream"],
    ends: [],
  },
];

const BROKEN: Row[] = [
  {
    what: "a page of HTML with status 200 to 20 %: no answer over gRPC, a strange one over HTTP",
    target: sinkWith("content_type=0.2,seed=31"),
    answers: { grpc: LOST, http: ["warning"] },
    ends: [],
  },
  {
    what: "an answer that ends halfway, without trailers over gRPC, to 20 %",
    target: sinkWith("truncated=0.2,seed=32"),
    answers: LOST,
    ends: [],
  },
  {
    what: "an answer that never ends, to 5 %",
    target: sinkWith("endless=0.05,seed=34"),
    timeout: "2s",
    answers: ["timeout"],
    ends: [],
  },
  {
    what: "garbage instead of an answer, to 10 %",
    target: sinkWith("garbage=0.1,seed=35"),
    answers: LOST,
    mayAnswer: BREAKS,
    ends: [],
  },
  {
    what: "garbage over connections that are going away already: 5 % of the answers, after 20 % GOAWAY",
    // What breaks takes along answers that were on their way to others, whose requests come again.
    target: sinkWith("goodbye=0.2,garbage=0.05,delay=30ms@0.3,seed=36", { allowRepeats: true }),
    answers: LOST,
    mayAnswer: BREAKS,
    ends: [],
  },
  {
    what: "a greeting in another protocol (SSH)",
    target: speaking((socket) => socket.write("SSH-2.0-OpenSSH_9.9\r\n")),
    total: 300,
    retry: { max_elapsed: "1ms" },
    answers: { grpc: ["unreachable"], http: LOST },
    mayAnswer: BREAKS,
    ends: { grpc: ["failed"], http: ["inDoubt"] },
    mayEnd: ["failed", "inDoubt"],
    isHopeless: true,
  },
  {
    what: "a status that is no number (grpc-status: abc; HTTP/1.1 abc)",
    target: badStatus,
    total: 300,
    retry: { max_elapsed: "1ms" },
    answers: { grpc: ["grpc_unknown"], http: LOST },
    ends: { grpc: ["failed"], http: ["inDoubt"] },
    isHopeless: true,
  },
];

const SILENCE: Row[] = [
  {
    what: "connections reset after the request was taken, at 10 %",
    target: sinkWith("reset=0.1,seed=41"),
    answers: LOST,
    mayAnswer: BREAKS,
    ends: [],
  },
  {
    what: "connections reset when a request begins, at 10 %",
    target: sinkWith("reset_early=0.1,seed=42"),
    isLarge: true,
    answers: LOST,
    mayAnswer: BREAKS,
    ends: [],
  },
  {
    what: "no answer to 5 %, and nothing taken",
    target: sinkWith("drop=0.05,seed=44"),
    timeout: "2s",
    answers: ["timeout"],
    ends: [],
  },
  {
    what: "no answer to 10 %, and no time to try again",
    target: sinkWith("drop=0.1,seed=45"),
    timeout: "2s",
    retry: { max_elapsed: "1ms" },
    answers: ["timeout"],
    ends: ["inDoubt"],
  },
  {
    what: "an answer after the deadline to 5 %: what was taken comes again",
    target: sinkWith("delay=4s@0.05,seed=46"),
    timeout: "2s",
    answers: ["timeout"],
    ends: [],
  },
  {
    what: "no answer after the request was taken, or INVALID_ARGUMENT / 400: refused after doubt",
    target: sinkWith("truncated=0.3,invalid=0.3,seed=47"),
    answers: {
      grpc: ["connection_lost", "grpc_invalid_argument"],
      http: ["connection_lost", "http_400"],
    },
    ends: ["failed", "inDoubt"],
  },
  {
    what: "requests read at a trickle (16 KiB, then a pause)",
    target: sinkWith("slow_read=20ms,seed=48"),
    isLarge: true,
    answers: NONE,
    ends: [],
  },
  {
    what: "requests taken in, but never read, at 30 %",
    target: sinkWith("stalled=0.3,seed=1"),
    isLarge: true,
    timeout: "3s",
    answers: ["timeout"],
    ends: [],
  },
];

const CONNECTIONS: Row[] = [
  {
    what: "a port where nobody listens",
    target: nobody,
    total: 300,
    retry: { max_elapsed: "100ms" },
    answers: ["unreachable"],
    ends: ["failed"],
    isHopeless: true,
  },
  {
    what: "a black hole: connections that are never answered",
    target: blackHole,
    total: 300,
    timeout: "500ms",
    retry: { max_elapsed: "1ms" },
    answers: { grpc: NONE, http: ["timeout"] },
    mayAnswer: ["unreachable", "timeout"],
    ends: ["failed"],
    isHopeless: true,
  },
  {
    what: "connections taken, and never a word",
    target: speaking(() => {}),
    total: 300,
    timeout: "1s",
    retry: { max_elapsed: "1ms" },
    answers: { grpc: NONE, http: ["timeout"] },
    mayAnswer: ["unreachable", "timeout"],
    ends: { grpc: ["failed"], http: ["inDoubt"] },
    isHopeless: true,
  },
  {
    what: "connections taken, and never a word of TLS",
    target: async () => ({ ...(await speaking(() => {})()), tls: {} }),
    total: 300,
    timeout: "1s",
    retry: { max_elapsed: "1ms" },
    answers: NONE,
    mayAnswer: ["unreachable", "timeout"],
    mustTrouble: true,
    ends: ["failed"],
    isHopeless: true,
  },
  {
    what: "a certificate that nobody vouches for",
    target: async (cell, { certificates }) => ({
      ...(await collectorAndSink(cell, { settings: secureSettings(certificates) })),
      tls: {},
    }),
    total: 300,
    retry: { max_elapsed: "100ms" },
    answers: ["unreachable"],
    ends: ["failed"],
    isHopeless: true,
  },
];

const NETWORK: Row[] = [
  {
    what: "latency of 100 ms, give or take 50",
    target: proxied({ before: (proxy) => proxy.addToxic("latency", { latency: 100, jitter: 50 }) }),
    total: 1200,
    answers: NONE,
    ends: [],
  },
  {
    what: "a bandwidth of 500 kB/s a connection",
    target: proxied({
      before: (proxy) => proxy.addToxic("bandwidth", { rate: 500 }, { stream: "upstream" }),
    }),
    isLarge: true,
    total: 12_000,
    answers: NONE,
    ends: [],
  },
  {
    what: "answers in pieces of 20 bytes",
    target: proxied({
      before: (proxy) => proxy.addToxic("slicer", { average_size: 20, size_variation: 10, delay: 10 }),
    }),
    answers: NONE,
    ends: [],
  },
  {
    what: "a close that comes half a second late",
    target: proxied({ before: (proxy) => proxy.addToxic("slow_close", { delay: 500 }) }),
    answers: NONE,
    ends: [],
  },
  {
    what: "every connection reset as soon as it is used, for a while",
    target: proxied({
      before: (proxy) => proxy.addToxic("reset_peer", { timeout: 0 }),
      during: async (proxy, running) => {
        await untilTrouble(running);
        await proxy.heal();
      },
    }),
    rate: 2400,
    answers: NONE,
    mayAnswer: BREAKS,
    mustTrouble: true,
    ends: [],
  },
  {
    what: "1 % of all packets lost, before a sink",
    target: nobody,
    lostPackets: 0.01,
    answers: NONE,
    ends: [],
  },
  {
    what: "every connection closed in the middle of a request, after 60 kB",
    target: proxied({
      before: (proxy) => proxy.addToxic("limit_data", { bytes: 60_000 }, { stream: "upstream" }),
    }),
    total: 6000,
    answers: NONE,
    mayAnswer: BREAKS,
    mustTrouble: true,
    ends: [],
    // Over gRPC one connection carries them all, so that each close costs a try of each; the budget for those is used up.
    mayEnd: ["inDoubt"],
  },
  {
    what: "a peer that is gone without a word (nothing gets through, no FIN), and comes back",
    target: proxied({
      during: async (proxy, running) => {
        await untilSomeAccepted(running);
        await proxy.addToxic("timeout", { timeout: 0 }, { stream: "upstream" });
        await proxy.addToxic("timeout", { timeout: 0 });
        await untilTrouble(running);
        await proxy.heal();
      },
    }),
    rate: 1200,
    timeout: "2s",
    answers: NONE,
    mayAnswer: BREAKS,
    mustTrouble: true,
    ends: [],
  },
  {
    what: "the target gone, and back",
    target: proxied({
      during: async (proxy, running) => {
        await untilSomeAccepted(running);
        await proxy.down();
        await untilTrouble(running);
        await proxy.up();
      },
    }),
    rate: 1200,
    answers: NONE,
    mayAnswer: BREAKS,
    mustTrouble: true,
    ends: [],
  },
  {
    what: "the target gone, and back, over TLS",
    target: proxied({
      isSecure: true,
      during: async (proxy, running) => {
        await untilSomeAccepted(running);
        await proxy.down();
        await untilTrouble(running);
        await proxy.up();
      },
    }),
    rate: 1200,
    answers: NONE,
    mayAnswer: BREAKS,
    mustTrouble: true,
    ends: [],
  },
];

const COLLECTORS: Row[] = [
  {
    what: "a Collector that ends its connections: after 100 ms (max_connection_age), after each answer over HTTP",
    target: (cell) =>
      collectorAndSink(cell, {
        settings: [
          "receivers::otlp::protocols::grpc::keepalive::server_parameters::max_connection_age: 100ms",
          "receivers::otlp::protocols::grpc::keepalive::server_parameters::max_connection_age_grace: 1s",
          "receivers::otlp::protocols::http::keep_alives_enabled: false",
        ],
      }),
    rate: 1200,
    answers: NONE,
    // What is refused by two connections in a row.
    mayAnswer: ["refused_stream"],
    ends: [],
  },
  {
    what: "a Collector that takes one call at a time (max_concurrent_streams: 1)",
    target: (cell) =>
      collectorAndSink(cell, {
        settings: ["receivers::otlp::protocols::grpc::max_concurrent_streams: 1"],
      }),
    answers: NONE,
    ends: [],
  },
  {
    what: "a Collector, killed in the middle and started again",
    target: (cell) =>
      collectorAndSink(cell, {
        during: async (chain, running) => {
          await untilSomeAccepted(running);
          await chain.collector.kill();
          await untilTrouble(running);
          await chain.startAgain();
        },
      }),
    rate: 1200,
    retry: { max_elapsed: "60s" },
    answers: NONE,
    mayAnswer: BREAKS,
    mustTrouble: true,
    ends: [],
  },
  {
    what: "a Collector that hangs for a while, its connections open",
    target: (cell) =>
      collectorAndSink(cell, {
        during: async ({ collector }, running) => {
          await untilSomeAccepted(running);
          collector.hang();
          await untilTrouble(running);
          collector.goOn();
        },
      }),
    rate: 1200,
    timeout: "2s",
    answers: ["timeout"],
    mayAnswer: BREAKS,
    ends: [],
  },
  {
    what: "a Collector above its memory limit",
    target: (cell) =>
      collectorAlone(cell, "nop", [
        "processors::memory_limiter::limit_mib: 2",
        "processors::memory_limiter::spike_limit_mib: 1",
        "processors::memory_limiter::check_interval: 5ms",
      ]),
    retry: { max_elapsed: "300ms" },
    answers: status("unavailable", 503),
    ends: ["failed"],
    isHopeless: true,
  },
  {
    what: "a Collector whose queue is full, its backend dead",
    target: (cell) =>
      collectorAlone(cell, "sink", [
        "exporters::otlp_grpc/sink::sending_queue::queue_size: 600",
        "exporters::otlp_grpc/sink::sending_queue::batch::min_size: 100",
        "exporters::otlp_grpc/sink::sending_queue::batch::max_size: 100",
      ]),
    retry: { max_elapsed: "300ms" },
    answers: status("unavailable", 503),
    ends: ["failed"],
  },
  {
    what: "requests larger than a Collector takes",
    target: (cell) =>
      collectorAlone(cell, "nop", [
        "receivers::otlp::protocols::grpc::max_recv_msg_size_mib: 1",
        "receivers::otlp::protocols::http::max_request_body_size: 1000000",
      ]),
    isLarge: true,
    answers: status("resource_exhausted", 400),
    ends: ["failed"],
  },
  {
    what: "refusals, resets, cuts, delays and partial successes at once, by the command",
    target: sinkWith(
      "unavailable=0.1,throttled=0.05@100ms,partial=0.1,reset=0.05,invalid=0.05,truncated=0.05,goodbye=0.1,delay=30ms@0.3,seed=51",
    ),
    answers: NONE,
    mayAnswer: [
      ...BREAKS,
      "grpc_unavailable",
      "http_503",
      "grpc_resource_exhausted",
      "http_429",
      "grpc_invalid_argument",
      "http_400",
      "partial_success",
    ],
    ends: ["rejected"],
    mayEnd: ["failed", "inDoubt"],
    isByCommand: true,
  },
];

export const GROUPS: Group[] = [
  { title: "Refusals", rows: REFUSALS },
  { title: "Successes that are not plain", rows: SUCCESSES },
  { title: "Answers that are none", rows: BROKEN },
  { title: "No answer, and slow reading", rows: SILENCE },
  { title: "No connection", rows: CONNECTIONS },
  { title: "A bad network before a Collector (toxiproxy)", rows: NETWORK },
  { title: "Collectors in trouble, and everything at once", rows: COLLECTORS },
];
