/**
 * A fleet on this machine, from its first process to its last: started in order, watched, stopped so that nothing is lost on the way,
 * and told of as a whole.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Account } from "../../ledger/account-schema.ts";
import type { SinkReport } from "../../sink/report.ts";
import { lastWords } from "../local/last-words.ts";
import { hasBackend } from "../local-collectors/backends.ts";
import {
  CollectorError,
  type LocalCollector,
  startLocalCollector,
  takenAddress,
} from "../local-collectors/collector.ts";
import { type Guard, startGuard } from "./guard.ts";
import { type FleetLedger, type LedgerKeeper, startFleetLedger } from "./ledger.ts";
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
import { ProcessLines } from "./process-lines.ts";

/** A replica waits 15 s for what is in flight; one that is not done then hangs. */
const REPLICA_STOP_MS = 30_000;
const SINK_START_MS = 30_000;

/** Exit codes of a replica that refuses what it was told, and of one that was stopped before it sent anything. */
const USAGE = 2;
const INTERRUPTED = 130;

/** What is told while it runs. */
export interface FleetView {
  note(text: string): void;
  /** The ledger listens there, and the replicas begin. */
  begin(ledgerUrl: string): void;
  /** The account is closed. */
  end(): void;
}

export interface FleetResult {
  /** How each replica ended. */
  ends: ProcessEnd[];
  /** The ledger's; undefined where it has died for good. */
  account: Account | undefined;
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
 * Run the plan until all replicas have ended, or until `stop`: then they end as if their duration were over. The ledger ends when what
 * they sent has arrived, or is not waited for any more; then the Collectors, the sink last. Throws FleetError when one of them does not
 * come up; then nothing is left running.
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
  readonly #folder: string;
  readonly #sinkReport: string;
  readonly #stop: AbortController = new AbortController();
  readonly #guard: Guard = startGuard();
  readonly #lines: ProcessLines;
  readonly #deaths: string[] = [];
  readonly #collectors: LocalCollector[] = [];
  readonly #replicas: RunningProcess[] = [];
  readonly #alive = new Set<RunningProcess | LocalCollector>();
  #sink: RunningProcess | undefined;
  #ledger: FleetLedger | undefined;
  #collectorsAlive = 0;
  /** The end of Collectors and sink is no death any more. */
  #isClosing = false;

  constructor(plan: FleetPlan, view: FleetView, folder: string, stop: AbortSignal) {
    this.#plan = plan;
    this.#view = view;
    this.#folder = folder;
    this.#sinkReport = join(folder, "sink.json");
    this.#lines = new ProcessLines((text) => view.note(text));
    const onStop = () => this.#stop.abort();
    if (stop.aborted) onStop();
    else stop.addEventListener("abort", onStop, { once: true });
  }

  async run(): Promise<FleetResult> {
    const { replicas, protocol, collectors } = this.#plan;
    const sink = needsSink(this.#plan) ? await this.#startSink() : undefined;
    const endpoints = collectors
      ? await this.#startCollectors(sink?.grpc)
      : [`http://${protocol === "grpc" ? sink!.grpc : sink!.http}`];
    const ledger = await this.#startLedger(sink?.http);
    if (this.#stop.signal.aborted) throw this.#notStarted("interrupted");
    for (let index = 0; index < replicas; index++) {
      this.#startReplica(replicaProcess(this.#plan, index, endpoints, ledger.url));
    }
    this.#view.begin(ledger.url);
    const release = this.#stopReplicasOnce();
    const ends = await Promise.all(this.#replicas.map((replica) => replica.ended));
    release();
    const account = await ledger.close();
    this.#view.end();
    return { ends, account, deaths: this.#deaths, received: await this.#close() };
  }

  /** Start the sink; resolves with where it listens. */
  async #startSink(): Promise<{ grpc: string; http: string }> {
    const listening = Promise.withResolvers<{ grpc: string; http: string }>();
    const sink = startProcess(sinkProcess(this.#plan, this.#sinkReport), (line) => {
      const found = /^listening: grpc (\S+), http (\S+)$/.exec(line);
      if (found) listening.resolve({ grpc: found[1]!, http: found[2]! });
      return found ? undefined : line;
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
        ? this.#notStarted(whyNotStarted(name, options.binary, error), error)
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

  async #startLedger(sink: string | undefined): Promise<FleetLedger> {
    const place = {
      listen: "127.0.0.1:0",
      collectors: this.#collectors.map(({ metricsUrl }) => metricsUrl),
      sink,
      directory: join(this.#folder, "ledger"),
    };
    const keeper: LedgerKeeper = {
      start: (planned, isForAll) => {
        const { name } = planned;
        const started = startProcess(planned, (line) =>
          isForAll(line) ? this.#lines.read(name, line) : undefined,
        );
        // Told to end, it would wait for replicas.
        this.#join(started, true);
        return started;
      },
      note: (text) => this.#view.note(text),
      onDeath: (death) => this.#bury(`${death}; nobody keeps the account: stopping`, true),
    };
    mkdirSync(place.directory);
    try {
      this.#ledger = await startFleetLedger(this.#plan, place, keeper, this.#stop.signal);
    } catch (error) {
      throw this.#notStarted(`the ledger did not start: ${(error as Error).message}`, error);
    }
    const { url, token } = this.#ledger;
    this.#view.note(
      `ledger: ${url}, control token ${token}; \`stampede ledger --watch ${url}\` shows the account`,
    );
    return this.#ledger;
  }

  /** The error for what did not start; where something died meanwhile, that is why. */
  #notStarted(text: string, cause?: unknown): FleetError {
    return new FleetError(this.#deaths[0] ?? text, { cause });
  }

  #startReplica(planned: PlannedProcess): void {
    const { name } = planned;
    const replica = startProcess(planned, (line) => this.#lines.read(name, line));
    this.#replicas.push(replica);
    this.#join(replica);
    void replica.ended.then((end) => {
      // Codes 0 and 1 come with a last word to the ledger.
      if (end.code === 0 || end.code === 1) return;
      // What one does not understand, the others will not.
      const isHopeless = end.code === USAGE;
      if (this.#stop.signal.aborted && (isHopeless || wasInterrupted(end))) return;
      this.#bury(isHopeless ? `${describeEnd(end)}; stopping` : describeEnd(end), isHopeless);
    });
  }

  /** A process of the fleet from now on, until it ends. */
  #join(one: RunningProcess | LocalCollector, isWaiting = false): void {
    const { pid } = one;
    if (pid === undefined) return;
    this.#alive.add(one);
    this.#guard.add(pid, isWaiting);
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
    this.#ledger?.abandon();
    const left = [...this.#alive];
    for (const one of left) one.send("SIGKILL");
    await Promise.all(left.map((one) => one.ended));
    await this.#guard.release();
  }
}

/** Whether a replica that was told to end had not begun yet, or was not even there to hear it. */
export function wasInterrupted({ code, how }: ProcessEnd): boolean {
  return code === INTERRUPTED || how === "SIGTERM";
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
