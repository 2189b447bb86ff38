/** What a Collector has spent, as its own page of metrics says. */
import parsePrometheusTextFormat from "parse-prometheus-text-format";
import { CalibrationError } from "./calibration-error.ts";

export interface CollectorReading {
  /** Since its start; user and system time. */
  cpuSeconds: number;
  memoryBytes: number;
}

const ANSWER_MS = 5000;
/** With a unit and `_total` or without, as release and settings have it. */
const CPU = /^otelcol_process_cpu_seconds(_total)?$/;
const MEMORY = /^otelcol_process_memory_rss(_bytes)?$/;

/** Read the page at `url`. Throws CalibrationError where it does not tell. */
export async function readCollector(url: string): Promise<CollectorReading> {
  const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) });
  const families = parsePrometheusTextFormat(await response.text());
  const value = (name: RegExp) =>
    Number(families.find((family) => name.test(family.name))?.metrics[0]?.value);
  const reading = { cpuSeconds: value(CPU), memoryBytes: value(MEMORY) };
  if (Number.isFinite(reading.cpuSeconds) && Number.isFinite(reading.memoryBytes)) return reading;
  throw new CalibrationError(`${url}: does not tell the Collector's CPU time and memory`);
}
