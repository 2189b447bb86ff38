/** What a plan has to say beside its figures, a sentence or two each. */
import type { CapacityPlan, PlanRequest, Way } from "./capacity-plan.ts";
import type { Group } from "./demand.ts";

/** A process at so little of a core is there for other reasons than CPU. */
const MOSTLY_IDLE = 0.02;
const GIGABIT = 1e9;

/** concurrency  requests in flight of a replayer, where nobody says how many */
export function planNotes(
  request: PlanRequest,
  { through, straight }: CapacityPlan,
  concurrency: number,
): string[] {
  const { exporter, toCollectors, isEncrypted, latencyMs, replicas } = request;
  const notes: string[] = [];
  for (const way of straight ? [through, straight] : [through]) notes.push(...legNotes(way));
  if (toCollectors.compression === "none" && (through.legs[0]?.bitsPerSecond ?? 0) > 5 * GIGABIT)
    notes.push(
      "Replayers send to Collectors uncompressed. With --compression zstd it is a tenth of the bytes, and Collectors took it in no dearer where it was measured.",
    );
  if (replicas !== undefined && through.replicas.processes > replicas)
    notes.push(
      `${replicas} replicas are too few through Collectors: ${through.replicas.processes} are planned.`,
    );
  if (exporter.by === "other")
    notes.push(
      "The backend has a protocol of its own, which Stampede does not speak. What its exporter costs is not known: it is counted as OTLP over HTTP with gzip, the dearest of OTLP's.",
    );
  else if (!exporter.isExact)
    notes.push("The backend's file has a compression that Stampede does not: it is counted as gzip.");
  if (isEncrypted)
    notes.push("TLS to the backend is counted at 0.55 CPU-nanoseconds a byte; no calibration measures it.");
  if (straight && straight.requestsInFlight > concurrency)
    notes.push(
      `Straight to the backend, each replayer has ${straight.requestsInFlight} requests in flight, twice the average at ${latencyMs} ms an answer; by default it has ${concurrency}.`,
    );
  if (isIdle(through.replicas))
    notes.push("So many replicas have next to nothing to do each: fewer cost less memory.");
  return notes;
}

function legNotes({ name, legs, machines, machineTraffic }: Way): string[] {
  const large = legs.filter(({ bitsPerSecond }) => bitsPerSecond > 10 * GIGABIT);
  if (large.length === 0 || machines === 1) return [];
  const what = large
    .map(
      ({ to, bitsPerSecond }) =>
        `${Math.round(bitsPerSecond / GIGABIT)} Gbit/s to the ${to === "backend" ? "backend" : "Collectors"}`,
    )
    .join(" and ");
  const each = machineTraffic.interface;
  return [
    `${name[0]!.toUpperCase()}${name.slice(1)}: ${what} in all are more than a 10 Gb/s interface carries; ${
      each === undefined
        ? "no usual interface carries the share of one machine"
        : `a machine's share fits into ${each} Gb/s`
    }.`,
  ];
}

function isIdle({ coresEach, processes }: Group): boolean {
  return processes > 1 && coresEach < MOSTLY_IDLE;
}
