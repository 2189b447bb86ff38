/**
 * Freeze: compile a template file into batches that are ready but for their slots.
 *
 * Runs ahead of the clock, in bounded memory: frames are read one by one, a batch is assembled, its slots are located, its
 * record is appended to the frozen file. See template/slots.ts for the record and docs/template-format.md for the input.
 */
import type { Signal } from "../../otlp/signal.ts";
import { FrameError } from "../../template/frames.ts";
import { FreezeError } from "./freeze-error.ts";
import { freezeLogs } from "./freeze-logs.ts";
import { freezeMetrics } from "./freeze-metrics.ts";
import type { FreezeProgress, FreezeRun, FreezeSettings } from "./freeze-run.ts";
import { freezeTraces } from "./freeze-traces.ts";
import { FrozenFileWriter, type FrozenSummary } from "./frozen-file.ts";

export type { FreezeProgress, FreezeSettings } from "./freeze-run.ts";

/**
 * Freeze the template file of one signal into `target`, which appears only when it is complete.
 * Throws FreezeError, FrameError: the template breaks its contract; the text names the file.
 */
export function freezeTemplate(
  signal: Signal,
  templatePath: string,
  target: string,
  settings: FreezeSettings,
  onProgress: FreezeProgress = () => {},
): FrozenSummary {
  const writer = new FrozenFileWriter(target);
  const summary: FrozenSummary = {
    signal,
    items: 0,
    droppedItems: 0,
    dropped: [],
    traces: 0,
    lateRoots: 0,
    bodyBytes: 0,
    maxRecordBytes: 0,
    series: 0,
    metricNames: Object.keys(settings.models).length,
    lifetimeSeconds: null,
    hasDelta: false,
    linked: 0,
  };
  try {
    FREEZE[signal]({ templatePath, writer, settings, summary, onProgress });
    if (writer.batches === 0) throw new FreezeError("the file holds nothing that can be sent");
    summary.maxRecordBytes = writer.maxRecordBytes;
    writer.finish(summary);
    return summary;
  } catch (error) {
    writer.abandon();
    if (error instanceof FreezeError) {
      throw new FrameError(`${templatePath}: ${error.message}`, { cause: error });
    }
    throw error;
  }
}

const FREEZE: Record<Signal, (run: FreezeRun) => void> = {
  traces: freezeTraces,
  metrics: freezeMetrics,
  logs: freezeLogs,
};
