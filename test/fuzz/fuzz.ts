/**
 * Hostile answers, thrown at the transports over real sockets: every case follows from a seed and its number, and can be run alone.
 *
 * Of each is claimed: one answer of the five, once, in time, with a line that can be printed; the body is given back once; and the
 * transport works with a good server afterwards.
 */
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Random } from "../../generator/random.ts";
import type { Answer } from "../../otlp/answer.ts";
import { openTransport, type Transport } from "../../otlp/client/transport.ts";
import { parseEndpoint } from "../../otlp/endpoint.ts";
import type { Protocol } from "../../otlp/protocol.ts";
import { SIGNALS } from "../../otlp/signal.ts";
import { grpcScript } from "./grpc-script.ts";
import { HostileServer, type Kind, OVERWRITTEN } from "./hostile-server.ts";
import { httpScript } from "./http-script.ts";
import { faultsOf } from "./judge.ts";
import { pick, type Script } from "./script.ts";
import { tlsScript } from "./tls-script.ts";

export interface FuzzOptions {
  seed: number;
  /** Cases 0 to count - 1. */
  count: number;
  /** Only this case. */
  only?: number;
  onProgress?: (done: number) => void;
}

export interface Memory {
  afterCases: number;
  heapBytes: number;
  rssBytes: number;
}

export interface FuzzResult {
  cases: number;
  /** Answers by kind and code. */
  answers: Record<string, number>;
  /** Cases of each protocol. */
  protocols: Record<string, number>;
  failures: string[];
  /** Longest time until an answer, and longest time that the event loop stood still, ms. */
  slowestMs: number;
  longestBlockMs: number;
  /** After a tenth of the cases and after all. */
  memory: Memory[];
}

/** Of one try. Many scripts never answer, so it is what most of a run's time goes into. */
const TIMEOUT_MS = 250;
/** A body that was begun may take the transport another second to get rid of; the rest is for a busy machine. */
const LATEST_MS = TIMEOUT_MS + 1_000 + 10_000;
/** A good server may be hit by the pause after an attempt that failed, or by a busy machine. */
const GOOD_TRIES = 40;
const RECOVER_EVERY = 4;
const MOST_CASES_OF_A_TRANSPORT = 16;
const MOST_FAILURES = 20;

interface LaneKind {
  name: string;
  kind: Kind;
  protocol: Protocol;
  script: (random: Random) => Script;
  lanes: number;
}

/** Of twenty cases nine are HTTP, nine are gRPC, and two meet a client that wants TLS. */
const LANE_KINDS: LaneKind[] = [
  { name: "http", kind: "http", protocol: "http/protobuf", script: httpScript, lanes: 14 },
  { name: "grpc", kind: "grpc", protocol: "grpc", script: grpcScript, lanes: 14 },
  { name: "tls http", kind: "tls", protocol: "http/protobuf", script: tlsScript, lanes: 2 },
  { name: "tls grpc", kind: "tls", protocol: "grpc", script: tlsScript, lanes: 2 },
];

function laneKindOf(number: number): LaneKind {
  const place = number % 20;
  return LANE_KINDS[place < 9 ? 0 : place < 18 ? 1 : place - 16]!;
}

/** Run the cases. Never throws for what a case does: that is a failure in the result. */
export async function fuzz(options: FuzzOptions): Promise<FuzzResult> {
  const run = new Run(options);
  const onStray = (error: unknown): void =>
    run.fail("an error that nobody caught", `${(error as Error)?.stack ?? error}`);
  process.on("uncaughtException", onStray).on("unhandledRejection", onStray);
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  const lanes = LANE_KINDS.flatMap((laneKind) =>
    Array.from({ length: laneKind.lanes }, () => runLane(run, laneKind)),
  );
  await Promise.all(lanes);
  // What comes late comes now.
  await sleep(TIMEOUT_MS * 2);
  process.off("uncaughtException", onStray).off("unhandledRejection", onStray);
  delay.disable();
  run.result.longestBlockMs = Math.round(delay.max / 1e6);
  run.measureMemory();
  return run.result;
}

class Run {
  readonly result: FuzzResult = {
    cases: 0,
    answers: {},
    protocols: {},
    failures: [],
    slowestMs: 0,
    longestBlockMs: 0,
    memory: [],
  };
  readonly options: FuzzOptions;
  readonly #next: Map<LaneKind, number> = new Map();
  readonly #current = new Set<number>();

  constructor(options: FuzzOptions) {
    this.options = options;
  }

  /** The next case of a kind, or undefined when there is none. */
  take(laneKind: LaneKind): number | undefined {
    if (this.result.failures.length >= MOST_FAILURES) return undefined;
    const { only, count } = this.options;
    const from = this.#next.get(laneKind) ?? only ?? 0;
    const to = only === undefined ? count : only + 1;
    for (let number = from; number < to; number++) {
      if (laneKindOf(number) !== laneKind) continue;
      this.#next.set(laneKind, number + 1);
      this.#current.add(number);
      return number;
    }
    return undefined;
  }

  ended(number: number, { name }: LaneKind, answer: Answer | undefined, tookMs: number): void {
    const { result } = this;
    this.#current.delete(number);
    result.cases++;
    result.protocols[name] = (result.protocols[name] ?? 0) + 1;
    result.slowestMs = Math.max(result.slowestMs, Math.round(tookMs));
    const code = answer === undefined ? "none" : `${answer.kind}${"code" in answer ? ` ${answer.code}` : ""}`;
    result.answers[code] = (result.answers[code] ?? 0) + 1;
    if (result.cases === Math.ceil(this.options.count / 10)) this.measureMemory();
    this.options.onProgress?.(result.cases);
  }

  fail(what: string, details: string, number?: number, label?: string): void {
    const { seed } = this.options;
    const which =
      number === undefined ? `during cases ${[...this.#current].join(", ")}` : `case ${number} (${label})`;
    const again = `again: --seed ${seed} --only ${number ?? "N"}`;
    if (this.result.failures.length < MOST_FAILURES)
      this.result.failures.push(`${which}: ${what}; ${again}\n  ${details}`);
  }

  measureMemory(): void {
    collectGarbage();
    const { heapUsed, rss } = process.memoryUsage();
    this.result.memory.push({ afterCases: this.result.cases, heapBytes: heapUsed, rssBytes: rss });
  }
}

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** A server, and one transport after the other, that cases of one kind are run with. */
async function runLane(run: Run, laneKind: LaneKind): Promise<void> {
  const server = new HostileServer(laneKind.kind);
  const address = await server.listen();
  const open = (random: Random): Promise<Transport> => {
    const scheme = laneKind.kind === "tls" ? "https" : "http";
    const endpoint = parseEndpoint(`${scheme}://${address}`, { protocol: laneKind.protocol });
    const compression = pick(random, ["none", "none", "gzip", "zstd"] as const);
    return openTransport({ endpoint, protocol: laneKind.protocol, timeoutMs: TIMEOUT_MS, compression });
  };
  let transport: Transport | undefined;
  let cases = 0;
  for (let number = run.take(laneKind); number !== undefined; number = run.take(laneKind)) {
    const random = new Random(run.options.seed).fork(`case ${number}`);
    if (transport && (cases % MOST_CASES_OF_A_TRANSPORT === 0 || random.chance(0.1))) {
      await transport.close();
      transport = undefined;
    }
    transport ??= await open(random);
    transport = await runCase(run, laneKind, server, transport, () => open(random), number, random);
    cases++;
  }
  await transport?.close();
  await server.close();
}

async function runCase(
  run: Run,
  laneKind: LaneKind,
  server: HostileServer,
  given: Transport,
  reopen: () => Promise<Transport>,
  number: number,
  random: Random,
): Promise<Transport> {
  let transport = given;
  const script = laneKind.script(random);
  const fail = (what: string, details = ""): void => run.fail(what, details, number, script.label);
  const bodyBytes = pick(random, [0, 100, 100, 100, 5_000, 300_000, random.chance(0.1) ? 3_000_000 : 1]);
  const { played } = server;
  server.playOnce(script);
  let sent = await send(transport, random, bodyBytes, fail);
  // After an attempt that failed, a transport waits before the next one; another has nothing to wait for.
  for (let tries = 0; server.played === played && tries < 20; tries++) {
    await transport.close();
    transport = await reopen();
    sent = await send(transport, random, bodyBytes, fail);
  }
  if (server.played === played) fail("the server never got the request");
  if (sent.answer === undefined) fail("there was no answer", `within ${LATEST_MS} ms`);
  else for (const fault of faultsOf(sent.answer, sent.mostBytes)) fail(fault);
  if (server.overwritten > 0) fail("a body was given back before it was written");
  server.overwritten = 0;
  run.ended(number, laneKind, sent.answer, sent.tookMs);
  const wantsGood =
    laneKind.kind !== "tls" && (number % RECOVER_EVERY === 0 || run.options.only !== undefined);
  if (wantsGood && !(await worksAgain(server, transport, random, fail)))
    fail("the transport does not work afterwards");
  return transport;
}

async function worksAgain(
  server: HostileServer,
  transport: Transport,
  random: Random,
  fail: Fail,
): Promise<boolean> {
  server.recover();
  for (let tries = 0; tries < GOOD_TRIES; tries++) {
    const { answer } = await send(transport, random, 100, fail);
    if (answer?.kind === "accepted" && answer.warning === undefined) return true;
    await sleep(20);
  }
  return false;
}

type Fail = (what: string, details?: string) => void;

interface Sent {
  answer: Answer | undefined;
  tookMs: number;
  /** Bytes that the body may have had on the wire: packing a short one makes it longer. */
  mostBytes: number;
}

/** One request, watched: answered once, not before `send` returned, given back once and no later. */
async function send(transport: Transport, random: Random, bodyBytes: number, fail: Fail): Promise<Sent> {
  const body = Buffer.alloc(bodyBytes, 0x11);
  const startedAt = performance.now();
  let released = 0;
  let isReturned = false;
  let answers = 0;
  const answered = new Promise<Answer | undefined>((resolve) => {
    const timer = setTimeout(resolve, LATEST_MS, undefined);
    const done = (answer: Answer): void => {
      clearTimeout(timer);
      if (++answers > 1) fail("it was answered twice", JSON.stringify(answer));
      if (!isReturned) fail("it was answered before send returned");
      if (released !== 1) fail(`its body was given back ${released} times before the answer`);
      resolve(answer);
    };
    const onReleased = (): void => {
      if (++released > 1) fail("its body was given back twice");
      body.fill(OVERWRITTEN);
    };
    try {
      transport.send(pick(random, SIGNALS), body, done, onReleased);
    } catch (error) {
      fail("send threw", (error as Error).stack);
      resolve(undefined);
    }
    isReturned = true;
  });
  const answer = await answered;
  return { answer, tookMs: performance.now() - startedAt, mostBytes: bodyBytes + 64 };
}
