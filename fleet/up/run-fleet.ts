/**
 * A fleet on this machine, from its first process to its last: started in order, watched, stopped so that nothing is lost on the way,
 * and told of as a whole.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Report } from "../../ledger/report.ts";
import type { SinkReport } from "../../sink/report.ts";
import { lastWords } from "../local/last-words.ts";
import { hasBackend } from "../local-collectors/backends.ts";
import {
  CollectorError,
  type LocalCollector,
  startLocalCollector,
  takenAddress,
} from "../local-collectors/collector.ts";
import type { Books } from "../report/balance.ts";
import { Collectors } from "../report/collectors.ts";
import { pause } from "../report/pause.ts";
import { itemsOf, listReports, mergeReportFiles } from "../report/replica-reports.ts";
import { settle } from "../report/settle.ts";
import { type Guard, startGuard } from "./guard.ts";
import {
  collectorOptions,
  exportDirectory,
  type FleetPlan,
  needsSink,
  type PlannedProcess,
  replicaProcess,
  sinkProcess,
} from "./plan.ts";
import { describeEnd, type ProcessEnd, type RunningProcess, startProcess } from "./process.ts";
import { type FleetProgress, ReplicaLines } from "./replica-lines.ts";

const LOOK_MS = 1000;
const LOOKS_PER_LINE = 5;
/** A replica waits 15 s for what is in flight; one that is not done then hangs. */
const REPLICA_STOP_MS = 30_000;
const SINK_START_MS = 30_000;
/** How long Collectors may take to hand on what they took; with one dead, its share will never come. */
const SETTLE_MS = 30_000;
const SETTLE_AFTER_DEATH_MS = 3000;

/** Exit codes of a replica that refuses what it was told, and of one that was stopped before it sent anything. */
const USAGE = 2;
const INTERRUPTED = 130;

/** What is told while it runs. */
export interface FleetView {
  note(text: string): void;
  progress(state: FleetProgress, replicasAlive: number): void;
}

export interface FleetResult {
  /** How each replica ended. */
  ends: ProcessEnd[];
  /** Of all replicas that left one, as one; undefined when none did. */
  report: Report | undefined;
  books: Books;
  /** Deaths that nobody asked for, a line each. */
  deaths: string[];
  /** Of the sink, if there was one and it lived to tell. */
  received: SinkReport | undefined;
}

/** Something that the fleet cannot run without did not start. */
export class FleetError extends Error {
  override readonly name = "FleetError";
  readonly code = "fleet_not_started";
}

/**
 * Run the plan until all replicas have ended, or until `stop`: then they end as if their duration were over. Collectors end when they
 * have handed on what they took, the sink last. Throws FleetError when one of them does not come up; then nothing is left running.
 */
export async function runFleet(plan: FleetPlan, view: FleetView, stop: AbortSignal): Promise<FleetResult> {
  const folder = mkdtempSync(join(tmpdir(), "stampede-up-"));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once("exit", remove);
  const fleet = new Fleet(plan, view, folder, stop);
  try {
    return await fleet.run();
  } finally {
    await fleet.killAll();
    remove();
    process.off("exit", remove);
  }
}

class Fleet {
  readonly #plan: FleetPlan;
  readonly #view: FleetView;
  readonly #reports: string;
  readonly #sinkReport: string;
  readonly #stop: AbortController = new AbortController();
  readonly #guard: Guard = startGuard();
  readonly #lines: ReplicaLines;
  readonly #deaths: string[] = [];
  readonly #collectors: LocalCollector[] = [];
  readonly #replicas: RunningProcess[] = [];
  readonly #alive = new Set<RunningProcess | LocalCollector>();
  #sink: RunningProcess | undefined;
  #collectorsAlive = 0;
  /** The end of Collectors and sink is no death any more. */
  #isClosing = false;

  constructor(plan: FleetPlan, view: FleetView, folder: string, stop: AbortSignal) {
    this.#plan = plan;
    this.#view = view;
    this.#reports = join(folder, "reports");
    this.#sinkReport = join(folder, "sink.json");
    this.#lines = new ReplicaLines((text) => view.note(text));
    const onStop = () => this.#stop.abort();
    if (stop.aborted) onStop();
    else stop.addEventListener("abort", onStop, { once: true });
  }

  async run(): Promise<FleetResult> {
    const { replicas } = this.#plan;
    mkdirSync(this.#reports);
    const sinkAddresses = needsSink(this.#plan) ? await this.#startSink() : undefined;
    const endpoints = this.#plan.collectors
      ? await this.#startCollectors(sinkAddresses?.grpc)
      : [`http://${this.#plan.protocol === "grpc" ? sinkAddresses!.grpc : sinkAddresses!.http}`];
    const scraped = this.#plan.collectors && new Collectors(this.#collectors.map((one) => one.metricsUrl));
    scraped?.countFromZero();
    if (this.#stop.signal.aborted) throw new FleetError(this.#deaths[0] ?? "interrupted");
    for (let index = 0; index < replicas; index++) {
      this.#startReplica(replicaProcess(this.#plan, index, endpoints, this.#reports));
    }
    const ends = await this.#watch(scraped);
    const report = mergeReportFiles(this.#reports, listReports(this.#reports));
    const books: Books = {
      replicas: listReports(this.#reports).length,
      // Those that were stopped before they began have nothing to report.
      expectedReplicas: replicas - ends.filter(({ code }) => code === INTERRUPTED).length,
      replicaItems: itemsOf(report),
    };
    if (scraped) {
      const settleMs = this.#deaths.length === 0 ? SETTLE_MS : SETTLE_AFTER_DEATH_MS;
      await settle(books, scraped, settleMs, new AbortController().signal);
    }
    return { ends, report, books, deaths: this.#deaths, received: await this.#close() };
  }

  /** Start the sink; resolves with where it listens. */
  async #startSink(): Promise<{ grpc: string; http: string }> {
    const listening = Promise.withResolvers<{ grpc: string; http: string }>();
    const sink = startProcess(sinkProcess(this.#plan, this.#sinkReport), (line) => {
      const found = /^listening: grpc (\S+), http (\S+)$/.exec(line);
      if (found) listening.resolve({ grpc: found[1]!, http: found[2]! });
      return line;
    });
    this.#sink = sink;
    this.#join(sink);
    const late = setTimeout(
      () => listening.reject(new FleetError(`the sink did not listen within ${SINK_START_MS / 1000} s`)),
      SINK_START_MS,
    );
    void sink.ended.then((end) => {
      listening.reject(new FleetError(`the sink did not start: ${describeEnd(end)}`));
      if (!this.#isClosing) this.#bury(`${describeEnd(end)}; nothing is left to send to`, true);
    });
    return listening.promise.finally(() => clearTimeout(late));
  }

  /** Start all Collectors at once; resolves with their endpoints. */
  async #startCollectors(sinkAddress: string | undefined): Promise<string[]> {
    const { collectors, environment, protocol } = this.#plan;
    if (hasBackend(collectors!.backend, "file")) {
      const directory = exportDirectory(environment);
      mkdirSync(directory, { recursive: true });
      this.#view.note(`what the Collectors export goes to ${directory}`);
    }
    const starts = Array.from({ length: collectors!.count }, (_, index) =>
      this.#startCollector(collectorOptions(this.#plan, index, sinkAddress)),
    );
    const outcomes = await Promise.allSettled(starts);
    const failure = outcomes.find((outcome) => outcome.status === "rejected");
    if (failure) throw failure.reason;
    return this.#collectors.map(({ grpc, http }) => (protocol === "grpc" ? grpc : http));
  }

  async #startCollector(options: ReturnType<typeof collectorOptions>): Promise<void> {
    const { name } = options;
    let collector: LocalCollector;
    try {
      collector = await startLocalCollector({ ...options, signal: this.#stop.signal });
    } catch (error) {
      throw error instanceof CollectorError
        ? new FleetError(whyNotStarted(name, options.binary, error))
        : error;
    }
    this.#collectors.push(collector);
    this.#join(collector);
    this.#collectorsAlive++;
    this.#view.note(
      `${name}: ${this.#plan.protocol} ${collector[this.#plan.protocol === "grpc" ? "grpc" : "http"]}, its own metrics ${collector.metricsUrl}`,
    );
    void collector.ended.then((how) => {
      if (this.#isClosing) return;
      this.#collectorsAlive--;
      const isLast = this.#collectorsAlive === 0;
      const words = lastWords(collector.log());
      const rest = isLast ? "no Collector is left: stopping" : "the others get its share";
      this.#bury(`${name} ended with ${how}${words === undefined ? "" : ` (${words})`}; ${rest}`, isLast);
    });
  }

  #startReplica(planned: PlannedProcess): void {
    const { name } = planned;
    const replica = startProcess(planned, (line) => this.#lines.read(name, line));
    this.#replicas.push(replica);
    this.#join(replica);
    void replica.ended.then((end) => {
      this.#lines.end(name);
      // Codes 0 and 1 come with a report.
      if (end.code === 0 || end.code === 1) return;
      const isStopping = this.#stop.signal.aborted;
      // What one does not understand, the others will not.
      const isHopeless = end.code === USAGE;
      if (isStopping && (isHopeless || end.code === INTERRUPTED)) return;
      this.#bury(isHopeless ? `${describeEnd(end)}; stopping` : describeEnd(end), isHopeless);
    });
  }

  /** A process of the fleet from now on, until it ends. */
  #join(one: RunningProcess | LocalCollector): void {
    const { pid } = one;
    if (pid === undefined) return;
    this.#alive.add(one);
    this.#guard.add(pid);
    void one.ended.then(() => {
      this.#alive.delete(one);
      this.#guard.remove(pid);
    });
  }

  #bury(death: string, isEnd: boolean): void {
    this.#deaths.push(death);
    this.#view.note(death);
    if (isEnd) this.#stop.abort();
  }

  /** Look at the fleet until all replicas have ended. */
  async #watch(scraped: Collectors | undefined): Promise<ProcessEnd[]> {
    const all = Promise.all(this.#replicas.map((replica) => replica.ended));
    const over = new AbortController();
    void all.then(() => over.abort());
    const release = this.#stopReplicasOnce();
    for (let looks = 1; ; looks++) {
      await pause(LOOK_MS, over.signal);
      await scraped?.read();
      if (over.signal.aborted) break;
      const progress = looks % LOOKS_PER_LINE === 0 ? this.#lines.progress() : undefined;
      const alive = this.#replicas.filter((replica) => this.#alive.has(replica)).length;
      if (progress) this.#view.progress(progress, alive);
    }
    release();
    return all;
  }

  /** Tell replicas to end as soon as that is asked for. Returns how to forget about it. */
  #stopReplicasOnce(): () => void {
    let timer: NodeJS.Timeout | undefined;
    const tell = () => {
      for (const replica of this.#replicas) replica.send("SIGTERM");
      timer = setTimeout(() => {
        for (const replica of this.#replicas) replica.send("SIGKILL");
      }, REPLICA_STOP_MS);
    };
    const { signal } = this.#stop;
    if (signal.aborted) tell();
    else signal.addEventListener("abort", tell);
    return () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", tell);
    };
  }

  /** End Collectors, which empty their queues first, then the sink; resolves with its report. */
  async #close(): Promise<SinkReport | undefined> {
    this.#isClosing = true;
    await Promise.all(this.#collectors.map((collector) => collector.stop()));
    if (!this.#sink) return undefined;
    this.#sink.send("SIGTERM");
    const { code } = await this.#sink.ended;
    if (code !== 0 && code !== 1) return undefined;
    return JSON.parse(readFileSync(this.#sinkReport, "utf8")) as SinkReport;
  }

  /** Whatever is left, at once: after an end in good order nothing is. */
  async killAll(): Promise<void> {
    this.#isClosing = true;
    const left = [...this.#alive];
    for (const one of left) one.send("SIGKILL");
    await Promise.all(left.map((one) => one.ended));
    await this.#guard.release();
  }
}

/** One line: which, and its own words where they tell more than its end. */
function whyNotStarted(name: string, binary: string, { message, log }: CollectorError): string {
  const taken = takenAddress(log);
  if (taken !== undefined) {
    return `${name}: ${taken}: the address is in use; stop what listens there, or leave out COLLECTOR_*_PORT for ports that are free`;
  }
  const words = lastWords(log);
  return `${name} (${binary}) did not start: ${message}${words === undefined ? "" : `: ${words}`}`;
}
