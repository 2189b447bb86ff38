/**
 * Running a replay from the command line, from the first word to the report. What `replay` and `demo` have in common.
 */
import { runInChildren, runInProcess, shareOf } from "../fleet/local/local-fleet.ts";
import { type FleetName, Membership } from "../fleet/membership.ts";
import { makeReport, type Report } from "../ledger/report.ts";
import { waitForTarget } from "../otlp/client/wait-for-target.ts";
import { formatEndpoints } from "../otlp/endpoint.ts";
import { SIGNALS } from "../otlp/signal.ts";
import { begunBy, type ReplayJob } from "../replayer/job.ts";
import { maskSettings } from "../replayer/mask-settings.ts";
import { planOf } from "../replayer/open-replay.ts";
import { openLiveView } from "../terminal/live-view.ts";
import type { LiveView } from "../terminal/view.ts";
import { compileDuring } from "./compile-during.ts";
import { describeRun } from "./describe-run.ts";
import { CliError, EXIT } from "./exit.ts";
import { followFleet, joined } from "./follow-fleet.ts";
import { onInterrupt } from "./interrupts.ts";
import { deliverReport } from "./report-file.ts";
import { type MetricsPlace, type Seen, serveMetrics } from "./serve-metrics.ts";
import { version } from "./version.ts";
import { watch } from "./watch.ts";

/** What preparing a replay hands over to the process that runs it; plain data. */
export interface ReplayRun {
  /** As the live view names it. */
  command: string;
  job: ReplayJob;
  processes: number;
  /** Where the report goes, if anywhere. */
  reportPath: string | undefined;
  /** Where an HTML report goes, if anywhere. */
  htmlPath?: string | undefined;
  /** The name that its fleet is found under, if there is one to join. */
  fleetName?: FleetName | undefined;
  /** Whether it waits for a word before it begins. */
  isPaused?: boolean | undefined;
  /** Whether it stays after the end until it is interrupted. */
  isToStay?: boolean | undefined;
  /** The ledger service that is told of it, if there is one. */
  ledgerUrl?: string | undefined;
  /** What it is called there; undefined: by its machine and process. */
  name?: string | undefined;
  /** Where /metrics and /healthz are served, if they are asked for. */
  metrics?: MetricsPlace | undefined;
}

/**
 * Wait for the target and the fleet, replay, show it, and make the report. Throws CliError when the target is never reached, ListenError
 * where metrics are asked for and their address is taken.
 */
export async function runReplay(run: ReplayRun): Promise<Report> {
  // What is wrong with the plan is said before anything is waited for.
  const { lanes } = planOf(run.job);
  const sending = SIGNALS.filter((signal) => lanes[signal]);
  const seen: Seen = { fleet: undefined, isWaiting: false, isEnding: false };
  const server = run.metrics && (await serveMetrics(run.metrics, sending, seen));
  const notes = server === undefined ? [] : [`metrics on http://${server.address}/metrics`];
  return replaySeen(run, seen, notes).finally(() => server?.close());
}

/** notes  to be told first */
async function replaySeen(run: ReplayRun, seen: Seen, notes: readonly string[]): Promise<Report> {
  const { command, processes, fleetName, isPaused, ledgerUrl, htmlPath } = run;
  const { settings } = run.job;
  const { protocol, compression, endpoints } = settings.target;
  const view = await openLiveView({
    headline: { command, destination: `${formatEndpoints(endpoints)}, ${protocol}, ${compression}` },
    ledgerFollows: process.stdout.isTTY === true,
  });
  const told = new Set<string>();
  const tell = (notes: readonly string[]) => {
    for (const note of notes) if (!told.has(note)) view.note(note);
    for (const note of notes) told.add(note);
  };
  tell([...notes, ...run.job.notes]);
  // Others count this replica already, so it looks who they are while it waits.
  const membership = fleetName && new Membership(fleetName);
  seen.isWaiting = true;
  await reachTarget(run.job, view);
  const job = membership ? await joined(run.job, membership, view) : run.job;
  seen.isWaiting = false;
  const plan = planOf(job);
  // As each process will say it: every one has series of its own, which come around at its own rate.
  tell(planOf(shareOf(job, 0, processes)).notes);
  view.note(describeRun(plan, job));
  const stopCompiling = compileDuring(job, plan, (text) => view.note(text));
  const startedAt = new Date().toISOString();
  const fleet = processes === 1 ? await runInProcess(job, isPaused) : runInChildren(job, processes, isPaused);
  seen.fleet = fleet;
  if (isPaused) view.note("paused: it begins when it is told to go on");
  let { share } = begunBy(job);
  if (membership) {
    followFleet(membership, fleet, plan, view, (now) => {
      share = now;
    });
  }
  const signals = SIGNALS.filter((signal) => plan.lanes[signal]);
  const onNote = (text: string) => view.note(text);
  const config = maskSettings(settings);
  const endTelling =
    ledgerUrl === undefined
      ? undefined
      : (await import("./tell-ledger.ts")).tellLedger(fleet, {
          url: ledgerUrl,
          name: run.name,
          startedAt,
          signals,
          share: () => share,
          config,
          durationMs: settings.durationMs,
          onNote,
        });
  const endKeeping =
    htmlPath === undefined
      ? undefined
      : (await import("./keep-account.ts")).keepAccount(fleet, {
          startedAt,
          signals,
          config,
          path: htmlPath,
        });
  const release = onInterrupt(view, () => {
    seen.isEnding = true;
    stopCompiling();
    fleet.stop();
  });
  const results = await watch(fleet, view, plan, told).finally(() => {
    stopCompiling();
    membership?.close();
  });
  const context = {
    version: version(),
    startedAt,
    replicas: share.count,
    config,
    signals,
  };
  const report = makeReport(results, context);
  await endTelling?.(results, report);
  await endKeeping?.(results, report);
  release();
  return report;
}

/** Run, print the ledger on stdout, write the report, and stay if it is to; the exit code is set. */
export async function runToTheEnd(run: ReplayRun): Promise<void> {
  const { reportPath } = run;
  // From the beginning: who was interrupted on the way does not stay.
  const stopped = run.isToStay ? (await import("./stay.ts")).stopAsked() : undefined;
  const report = await runReplay(run);
  process.exitCode = report.exitCode;
  const { ledgerTable } = await import("../terminal/ledger-table.ts");
  const colour = process.stdout.isTTY === true && !process.env.NO_COLOR;
  process.stdout.write(ledgerTable(report, { colour }));
  if (reportPath !== undefined) deliverReport(reportPath, report, report.incarnations[0] ?? "idle");
  await stopped;
}

async function reachTarget({ settings }: ReplayJob, view: LiveView): Promise<void> {
  const { target, connectTimeoutMs } = settings;
  const place = formatEndpoints(target.endpoints);
  let isTold = false;
  const abort = new AbortController();
  const release = onInterrupt(view, () => abort.abort());
  const result = await waitForTarget(target, {
    timeoutMs: connectTimeoutMs,
    signal: abort.signal,
    onWaiting: (reason) => {
      if (!isTold) view.note(`waiting for ${place}: ${reason}`);
      isTold = true;
    },
  });
  release();
  if (result.reached) {
    for (const { place, reason } of result.missing) {
      view.note(`${place} cannot be reached (${reason}): the others get its share until it can`);
    }
    return;
  }
  const spent = result.aborted ? "interrupted" : `given up after ${connectTimeoutMs / 1000} s`;
  throw new CliError(
    `${place} was never reachable (${result.reason}), ${spent}; is the collector running, and is this its OTLP port?`,
    EXIT.unreachable,
  );
}
