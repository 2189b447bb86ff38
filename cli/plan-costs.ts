/** The costs that a plan goes by: measured now, measured before on this machine, or another machine's. */
import type { Backend } from "../fleet/backends/backend-file.ts";
import { type CalibrationTask, calibrate, USUAL_CALIBRATION } from "../fleet/plan/calibrate/calibrate.ts";
import {
  type CalibrationOf,
  type StoredCalibration,
  storeCalibration,
  storedCalibration,
  thisMachine,
} from "../fleet/plan/calibrate/stored-calibration.ts";
import type { Costs } from "../fleet/plan/costs.ts";
import { referenceCosts } from "../fleet/plan/reference-costs.ts";
import type { Traffic } from "../fleet/plan/traffic.ts";
import { SIGNALS } from "../otlp/signal.ts";
import { compileOnce } from "../replayer/compile/compile-once.ts";
import { compiledName, formToMake } from "../replayer/compile/compiled-files.ts";
import type { ReplayJob } from "../replayer/job.ts";
import { HOW_TO_GET_COLLECTOR } from "./collector-program.ts";
import { CliError, EXIT } from "./exit.ts";
import { onInterrupt } from "./interrupts.ts";

/** What is known without measuring. */
export function knownCosts(of: CalibrationOf, traffic: Traffic): Costs {
  const stored = storedCalibration(of);
  return stored ? costsOf(stored, of, traffic) : reference(of, traffic);
}

interface Measured {
  of: CalibrationOf;
  job: ReplayJob;
  traffic: Traffic;
  backend: Backend;
  /** The Collector's program; undefined: there is none. */
  binary: string | undefined;
  /** At each rate; undefined: as usual. */
  measureMs: number | undefined;
}

/** Measure, and keep it for later plans. Throws CalibrationError, and CliError when interrupted. */
export async function calibratedCosts(
  { of, job, traffic, backend, binary, measureMs }: Measured,
  note: (text: string) => void,
): Promise<Costs> {
  const stop = new AbortController();
  const release = onInterrupt({ note }, () =>
    stop.abort(new CliError("interrupted: nothing was measured", EXIT.interrupted)),
  );
  try {
    const task: CalibrationTask = {
      ...USUAL_CALIBRATION,
      ...(measureMs !== undefined && { times: { ...USUAL_CALIBRATION.times, measureMs } }),
      job,
      compiled: await compiledFor(of, job, note),
      toCollectors: of.toCollectors,
      toBackend: of.toBackend,
      collector: binary === undefined ? undefined : { binary, backend },
      environment: process.env,
    };
    const measured = { at: new Date().toISOString(), ...(await calibrate(task, note, stop.signal)) };
    storeCalibration(of, measured);
    return costsOf(measured, of, traffic);
  } catch (error) {
    throw stop.signal.aborted ? stop.signal.reason : error;
  } finally {
    release();
  }
}

async function compiledFor(
  { toCollectors, toBackend }: CalibrationOf,
  { frozen, settings }: ReplayJob,
  note: (text: string) => void,
): Promise<CalibrationTask["compiled"]> {
  const compiled: CalibrationTask["compiled"] = {};
  for (const { compression } of [toCollectors, toBackend]) {
    const form = formToMake(compression, settings.effort);
    if (form === undefined || compiled[compression]) continue;
    compiled[compression] = {};
    for (const signal of SIGNALS) {
      const path = frozen[signal];
      if (path === undefined) continue;
      const { isNew } = await compileOnce(path, form);
      if (isNew) note(`compiled ${signal} to ${compression}, once`);
      compiled[compression][signal] = compiledName(path, form);
    }
  }
  return compiled;
}

/** What was not measured is another machine's. */
function costsOf(
  { at, collector, ...senders }: StoredCalibration,
  of: CalibrationOf,
  traffic: Traffic,
): Costs {
  const known = reference(of, traffic);
  const notes = [...known.measured.notes];
  if (!collector) {
    const { cpu, node } = known.measured.machine;
    notes.push(
      `No Collector was measured (${HOW_TO_GET_COLLECTOR}): its costs are those of another machine (${cpu}, Node ${node}), fitted to these templates.`,
    );
  }
  const { forwardedBytes, ...curves } = senders;
  return {
    ...curves,
    collector: collector ?? known.collector,
    ...(forwardedBytes !== undefined && { forwardedBytes }),
    measured: { isHere: true, at, machine: thisMachine(), notes },
  };
}

function reference({ toCollectors, toBackend, exporter }: CalibrationOf, traffic: Traffic): Costs {
  return referenceCosts(traffic, toCollectors, toBackend, exporter);
}
