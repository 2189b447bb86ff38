/**
 * Progress of long work on standard error: bars that are redrawn on a terminal, a line now and then elsewhere. What was drawn is
 * taken away at the end: the result says more.
 */
import { renderRows } from "./cell.ts";
import type { LineWriter } from "./line-view.ts";
import { openLineWriter } from "./line-writer.ts";
import { canDraw, type Environment, type OutputStream } from "./view.ts";
import { progressRows, progressText, type WorkStep } from "./work-progress.ts";

/** How often it is shown: redrawn, or as a new line. */
const REDRAW_MS = 100;
const NEW_LINE_MS = 5000;

/** A step that is coming. */
export type PlannedStep = Pick<WorkStep, "name" | "unit" | "total">;

export interface ProgressView {
  /**
   * Tell how far a step is; may be called as often as you like. The step before it is over.
   *
   * total  needed for a step that was not planned
   */
  show(name: string, done: number, total?: number): void;
  /** Print a line that stays. */
  note(text: string): void;
  /** Take away what was drawn. Harmless when repeated. */
  close(): void;
}

export interface ProgressOptions {
  steps: readonly PlannedStep[];
  /** Of steps that were not planned. */
  unit?: string;
  /** Where to; stderr, for stdout is for results. */
  stream?: OutputStream;
  env?: Environment;
  /** Milliseconds that only grow. */
  now?: () => number;
}

/** Open the view that fits the stream. NO_COLOR is obeyed. Work that is over at once shows nothing. */
export async function openProgress(options: ProgressOptions): Promise<ProgressView> {
  const { stream = process.stderr, env = process.env, now = () => performance.now() } = options;
  const lines = await openLineWriter(stream);
  const steps = options.steps.map(begun);
  const isDrawn = canDraw(stream, env);
  const screen = isDrawn ? await drawn(stream, !env.NO_COLOR) : printed(lines);
  const pauseMs = isDrawn ? REDRAW_MS : NEW_LINE_MS;
  let [nextAt, startedAt] = [now() + pauseMs, now()];
  let current: WorkStep | undefined;
  const enter = (name: string, total: number, at: number): WorkStep => {
    if (current) Object.assign(current, { isOver: true, elapsedMs: at - startedAt });
    startedAt = at;
    const planned = steps.find((step) => step.name === name);
    if (planned) return planned;
    const added = begun({ name, unit: options.unit ?? "", total });
    steps.push(added);
    return added;
  };
  return {
    show(name, done, total = 0) {
      const at = now();
      if (current?.name !== name) current = enter(name, total, at);
      current.done = done;
      if (at < nextAt) return;
      current.elapsedMs = at - startedAt;
      nextAt = at + pauseMs;
      screen.show(steps, current);
    },
    note(text) {
      screen.clear();
      lines.note(text);
    },
    close: () => screen.clear(),
  };
}

function begun(step: PlannedStep): WorkStep {
  return { ...step, done: 0, elapsedMs: Number.NaN, isOver: false };
}

interface Screen {
  show(steps: readonly WorkStep[], current: WorkStep): void;
  clear(): void;
}

function printed(lines: LineWriter): Screen {
  return { show: (_, current) => lines.note(progressText(current)), clear() {} };
}

async function drawn(stream: OutputStream, colour: boolean): Promise<Screen> {
  // Loaded only where there is a terminal.
  const { createLogUpdate } = await import("log-update");
  const screen = createLogUpdate(stream, { showCursor: true });
  let isDrawn = false;
  return {
    show(steps) {
      screen(renderRows(progressRows(steps, stream.columns ?? 80), colour));
      isDrawn = true;
    },
    clear() {
      if (isDrawn) screen.clear();
      isDrawn = false;
    },
  };
}
