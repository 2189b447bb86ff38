/**
 * The ledger service: it takes the statements of replicas, reads collectors and sinks once a second, writes down what it learns, and knows
 * when a run is over.
 */
import { randomBytes } from "node:crypto";
import type { Account } from "../../ledger/account-schema.ts";
import type { History, HistoryPoint } from "../../ledger/history.ts";
import { parseStatement, type Statement } from "../../ledger/statement-schema.ts";
import { type AccountSources, makeAccount } from "./books/account.ts";
import { CollectorBook } from "./books/collector-book.ts";
import { MAX_LIVES, MAX_STATEMENTS_BYTES, NEW_WITHIN_MS, ReplicaBook } from "./books/replica-book.ts";
import { SinkBook } from "./books/sink-book.ts";
import {
  type ControlState,
  type Objection,
  obey,
  replyOf,
  type StatementReply,
  UNCONTROLLED,
} from "./control.ts";
import { HistoryBook, type WrittenStep } from "./history/history-book.ts";
import { type LedgerServer, startLedgerServer } from "./http/server.ts";
import type { Site } from "./http/site.ts";
import { boundedConfig } from "./run-config.ts";
import { type News, StateFile } from "./state-file.ts";
import { type Round, readCollectors, readSinks, type Source } from "./watch/collector-watch.ts";

export interface LedgerOptions {
  release: string;
  /** host:port */
  listen: string;
  collectors: readonly Source[];
  sinks: readonly Source[];
  stateDir?: string;
  /** Replicas that are to come; the run is not over before. Absent: as many as do. */
  expected?: number;
  /** How long the end waits: for replicas that are expected, for those that fell silent, and for collectors that are not through. */
  settleMs: number;
  /** Names, besides private ones, that the service may be called by: `ledger.example.org`. */
  allowedHosts?: readonly string[];
  /** Of rates that the control asks for; absent: any may be asked for. */
  objection?: Objection | undefined;
  /** The console's page; absent: none. */
  site?: () => Promise<Site>;
  /** What the user should know. */
  onNote: (text: string) => void;
}

export interface LedgerService {
  /** host:port as bound. */
  readonly address: string;
  /** What POST /api/control wants to hear. */
  readonly token: string;
  /** Resolves when what collectors and sinks counted before the run is noted, or they were waited for in vain: replicas may begin. */
  readonly ready: Promise<void>;
  account(): Account;
  history(): History;
  /** Wait for what is still under way, as long as the end waits, and close the account. */
  finish(): void;
  /** The closed account: all replicas have ended and collectors are through, or `finish` was called. */
  readonly ended: Promise<Account>;
  /** Free the port. Without an end before, whoever starts next goes on with this account. */
  close(): Promise<void>;
}

const LOOK_MS = 1000;
/** Replicas wait for the first looks. */
const FIRST_LOOK_MS = 200;

/** Collectors that do not answer by then are not waited for. */
const READY_WITHIN_MS = 60_000;
const READY_AFTER_ROUNDS = 2;

/** What is off and has a name, such as a dead collector's loss, may be off for good: it is waited for as long as things move, and so long after. */
const QUIET_MS = 3000;

/** Faults that are told apart. */
const MAX_FAULTS = 20;

/** Start the service. Throws ListenError, and errors of the file system for the state directory. */
export async function startLedger(options: LedgerOptions): Promise<LedgerService> {
  const ledger = new Ledger(options);
  await ledger.listen();
  return ledger;
}

class Ledger implements LedgerService {
  address = "";
  token = randomBytes(18).toString("base64url");
  readonly ended: Promise<Account>;
  readonly ready: Promise<void>;
  readonly #options: LedgerOptions;
  readonly #replicas = new ReplicaBook();
  #collectors = new CollectorBook();
  #sinks = new SinkBook();
  #control: ControlState = UNCONTROLLED;
  #config: unknown;
  readonly #history = new HistoryBook();
  #startedAtMs = Date.now();
  readonly #beganAtMs = performance.now();
  #file: StateFile | undefined;
  #server: LedgerServer | undefined;
  #timer: NodeJS.Timeout | undefined;
  #goodRounds = 0;
  #isReady = false;
  #isAsked = false;
  #overSinceMs: number | undefined;
  /** Since when replicas have been running without a gap: the first one's start. */
  #runningSinceMs: number | undefined;
  /** What the identities said last, and since when. */
  #position = "";
  #movedAtMs = 0;
  #isFinal = false;
  /** Statements that came since collectors and sinks were read last. */
  #hasNews = false;
  readonly #notes: string[] = [];
  readonly #faults = new Set<string>();
  #resolveEnded!: (account: Account) => void;
  #resolveReady!: () => void;

  constructor(options: LedgerOptions) {
    this.#options = options;
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
    this.ready = new Promise((resolve) => {
      this.#resolveReady = resolve;
    });
    if (options.stateDir === undefined) return;
    this.#file = new StateFile(options.stateDir, () => this.#lines());
    const steps: WrittenStep[] = [];
    for (const news of this.#file.read()) {
      this.#remember(news);
      if (news.step) steps.push(news.step);
    }
    this.#history.resume(steps, this.#replicas);
    this.#file.rewrite();
    if (this.#replicas.size > 0)
      options.onNote(
        `going on with the account of ${new Date(this.#startedAtMs).toISOString()}: ${this.#replicas.size} replicas`,
      );
  }

  async listen(): Promise<void> {
    const { listen, allowedHosts = [], site } = this.#options;
    this.#server = await startLedgerServer(
      { listen, token: this.token, allowedHosts, site },
      {
        take: (value, text) => this.#take(value, text),
        account: () => this.account(),
        isReady: () => this.#isReady,
        control: (order, from) => this.#obey(order, from),
        // Loaded when somebody asks for it first.
        metrics: async () => (await import("./http/metrics-page.ts")).metricsPage(this.account()),
        history: () => this.history(),
        since: (id) => this.#history.since(id),
        onFault: (text) => this.#noteFault(text),
      },
    );
    this.address = this.#server.address;
    void this.#look();
  }

  account(isFinal = this.#isFinal): Account {
    const { release, expected, collectors, sinks } = this.#options;
    const sources: AccountSources = {
      release,
      startedAtMs: this.#startedAtMs,
      expected,
      replicas: this.#replicas,
      collectorNames: collectors.map(({ text }) => text),
      collectors: this.#collectors,
      hasSink: sinks.length > 0,
      sinks: this.#sinks,
      control: this.#control,
      config: this.#config ?? null,
      notes: this.#notes,
      isFinal,
    };
    return makeAccount(sources, now());
  }

  finish(): void {
    this.#isAsked = true;
    void this.#look();
  }

  history(): History {
    return this.#history.history(new Date(this.#startedAtMs).toISOString());
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#server?.close();
    this.#file?.close();
  }

  #take(value: unknown, text: string): StatementReply | undefined {
    const statement = parseStatement(value);
    const nowMs = now();
    this.#learnConfig(statement);
    const reply = replyOf(this.#control, nowMs, this.#config === undefined);
    this.#learnStart(statement, nowMs);
    if (this.#runningSinceMs !== undefined) reply.elapsedMs = nowMs - this.#runningSinceMs;
    // A closed account is closed.
    if (this.#isFinal) return reply;
    const taken = this.#replicas.take(slim(statement), nowMs, { bytes: text.length });
    if (taken === "full") {
      this.#note(
        `there are more than ${MAX_LIVES} lives of replicas, or their statements have more than ${MAX_STATEMENTS_BYTES} bytes: those beyond are turned away`,
      );
      return undefined;
    }
    if (taken === "new") {
      this.#hasNews = true;
      // Before the reply: what was answered is kept.
      this.#write(`{"statement":${text.replace(/[\r\n]+/g, " ")},"atMs":${nowMs}}`);
    }
    return reply;
  }

  /** From the first word that a replica says of its run. What it claims to have done long before that, nobody goes by. */
  #learnStart({ life, state, elapsedMs }: Statement, nowMs: number): void {
    if (state === "ended" || elapsedMs === 0) return;
    const known = this.#replicas.entry(life);
    if (known && known.statement.elapsedMs > 0) return;
    const beganMs = nowMs - Math.min(elapsedMs, NEW_WITHIN_MS);
    this.#runningSinceMs = Math.min(this.#runningSinceMs ?? beganMs, beganMs);
  }

  /** From the first that tells it: replicas of a fleet are configured alike. */
  #learnConfig({ config, report }: Statement): void {
    if (this.#config !== undefined || this.#isFinal) return;
    this.#config = boundedConfig(config ?? report?.config);
    if (this.#config !== undefined) this.#write(JSON.stringify({ config: this.#config } satisfies News));
  }

  #obey(order: unknown, from: string): void {
    this.#control = obey(this.#control, order, from, now(), this.#options.objection);
    this.#options.onNote(`control: ${this.#control.uses.at(-1)!.what}, from ${from}`);
    this.#write(JSON.stringify({ control: this.#control } satisfies News));
  }

  /** Read everything once, judge whether the run is over, and come back. */
  async #look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    clearTimeout(this.#timer);
    const beganMs = performance.now();
    await this.#read(false);
    this.#isLooking = false;
    if (!this.#server || this.#isFinal) return;
    const account = this.account();
    if (account.replicas.running + account.replicas.paused === 0) this.#runningSinceMs = undefined;
    if (this.#isOver(account)) return this.#end();
    this.#server.tell(account, this.#step(account));
    const betweenMs = this.#isReady ? LOOK_MS : FIRST_LOOK_MS;
    const restMs = Math.max(0, betweenMs - (performance.now() - beganMs));
    this.#timer = setTimeout(() => void this.#look(), restMs);
  }
  #isLooking = false;

  async #read(isVerified: boolean): Promise<void> {
    const { collectors, sinks } = this.#options;
    this.#hasNews = false;
    const hasBegun = this.#replicas.size > 0;
    // What is older than the account counted for somebody else, unless replicas spoke of it before it was read.
    const isFromZero = (startedAtMs: number) => hasBegun || startedAtMs > this.#startedAtMs;
    const rounds = await Promise.all([
      readCollectors(collectors, this.#collectors, isFromZero),
      readSinks(sinks, this.#sinks, isFromZero, isVerified),
    ]);
    if (collectors.length > 0)
      this.#write(JSON.stringify({ collectors: this.#collectors.entries() } satisfies News));
    if (sinks.length > 0) this.#write(JSON.stringify({ sinks: this.#sinks.entries() } satisfies News));
    this.#becomeReady(rounds);
  }

  #becomeReady(rounds: readonly Round[]): void {
    if (this.#isReady) return;
    const troubles = rounds.flatMap((round) => round.troubles);
    this.#goodRounds = troubles.length === 0 ? this.#goodRounds + 1 : 0;
    const isLate = performance.now() - this.#beganAtMs > READY_WITHIN_MS;
    if (isLate) this.#note(`not everything could be read at the start: ${troubles.join("; ").slice(0, 500)}`);
    this.#isReady = isLate || this.#goodRounds >= READY_AFTER_ROUNDS;
    if (this.#isReady) this.#resolveReady();
  }

  /** Whether nothing more is to be waited for. */
  #isOver(account: Account): boolean {
    const { expected, settleMs } = this.#options;
    const { seen, running, paused, lost } = account.replicas;
    const shares = account.replicaRows.map(({ share }) => share.count);
    const wanted = expected ?? shares.reduce((most, count) => Math.max(most, count), 1);
    const hasEnded = running + paused === 0 && (seen > 0 || this.#isAsked);
    if (!hasEnded && !this.#isAsked) {
      this.#overSinceMs = undefined;
      return false;
    }
    this.#overSinceMs ??= performance.now();
    if (performance.now() - this.#overSinceMs > settleMs) return true;
    // Those that fell silent may speak again, those that are missing may come.
    if (!hasEnded || (!this.#isAsked && (lost > 0 || seen < wanted))) return false;
    return !this.#hasNews && (hasArrived(account) || this.#isQuiet(account));
  }

  /** Whether nothing has moved for a while, and all that is off has a name. */
  #isQuiet({ collectors, identities }: Account): boolean {
    const position = JSON.stringify([identities, collectors?.queued]);
    if (position !== this.#position) this.#movedAtMs = performance.now();
    this.#position = position;
    const isMoving = performance.now() - this.#movedAtMs < QUIET_MS || (collectors?.queued ?? 0) > 0;
    return !isMoving && this.account(true).identities.every(({ state }) => state !== "broken");
  }

  async #end(): Promise<void> {
    clearTimeout(this.#timer);
    this.#isLooking = true;
    await this.#read(true);
    this.#isFinal = true;
    this.#write(JSON.stringify({ ended: true } satisfies News));
    const account = this.account();
    this.#server!.tellEnd(account, this.#step(account));
    this.#resolveEnded(account);
  }

  /** The step of the history that is over, if one is. */
  #step(account: Account): HistoryPoint | undefined {
    const step = this.#history.look(account, this.#replicas, now(), this.#isFinal);
    if (step) this.#write(JSON.stringify({ step } satisfies News));
    return step?.point;
  }

  #remember({ account, statement, atMs, collectors, sinks, control, config }: News): void {
    if (account) {
      this.#startedAtMs = account.startedAtMs;
      this.token = account.token;
    }
    // It is silent since the service speaks again, not since the service died.
    if (statement !== undefined && atMs !== undefined)
      this.#replicas.take(slim(parseStatement(statement)), now(), {
        toldAtMs: atMs,
        bytes: JSON.stringify(statement).length,
      });
    // Until it is read again, nobody knows whether it is the same life.
    if (collectors)
      this.#collectors = new CollectorBook(collectors.map((entry) => ({ ...entry, isUp: false })));
    if (sinks) this.#sinks = new SinkBook(sinks);
    if (control) this.#control = control;
    if (config !== undefined) this.#config = config;
  }

  *#lines(): Iterable<string> {
    const json = (news: News) => JSON.stringify(news);
    yield json({ account: { startedAtMs: this.#startedAtMs, token: this.token } });
    for (const { statement, heardAtMs } of this.#replicas.entries())
      yield json({ statement, atMs: heardAtMs });
    yield json({ collectors: this.#collectors.entries() });
    yield json({ sinks: this.#sinks.entries() });
    yield json({ control: this.#control });
    if (this.#config !== undefined) yield json({ config: this.#config });
    for (const step of this.#history.written()) yield json({ step });
    if (this.#isFinal) yield json({ ended: true });
  }

  /** A disk that is full keeps nobody from counting. */
  #write(line: string): void {
    try {
      this.#file?.append(line);
    } catch (error) {
      this.#note(
        `the state cannot be written any more (${(error as Error).message}): a restart would lose the account`,
      );
      this.#file?.close();
      this.#file = undefined;
    }
  }

  /** Of a request that could not be answered. Texts of errors may hold anything, a new one each time. */
  #noteFault(text: string): void {
    if (this.#faults.size >= MAX_FAULTS || this.#faults.has(text)) return;
    this.#faults.add(text);
    this.#note(`a fault of ours, please report it; the service goes on: ${text}`);
  }

  #note(text: string): void {
    if (this.#notes.includes(text)) return;
    this.#notes.push(text);
    this.#options.onNote(text);
  }
}

/** ms since 1970 by the service's clock, which nobody sets while it runs. */
const now = (): number => Math.floor(performance.timeOrigin + performance.now());

/** A statement as it is kept: its configuration may be anything of any depth. */
function slim({ config: _, ...statement }: Statement): Statement {
  if (statement.report) statement.report.config = null;
  return statement;
}

/** All that replicas know of was taken, sent on, received or given up, and the queues are empty. */
function hasArrived({ collectors, identities }: Account): boolean {
  return (collectors?.queued ?? 0) === 0 && identities.every(({ state }) => state !== "open");
}
