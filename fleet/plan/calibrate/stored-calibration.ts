/** Calibrations of this machine, kept in the user's cache: a plan of the same traffic goes by the last one. */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { cpus, type as systemName } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { SIGNALS } from "../../../otlp/signal.ts";
import { userCacheDirectory } from "../../../replayer/freeze/freeze-cache.ts";
import type { InputPaths } from "../../../replayer/inputs.ts";
import type { ReplayerSettings } from "../../../replayer/settings.ts";
import type { Machine, SenderForm } from "../costs.ts";
import type { ExporterForm } from "../exporter-form.ts";
import type { Calibration } from "./calibrate.ts";

const curve = z
  .array(
    z.strictObject({
      eventsPerSecond: z.number().positive(),
      cores: z.number().nonnegative(),
      memoryBytes: z.number().nonnegative(),
    }),
  )
  .min(1);

const storedSchema = z.strictObject({
  at: z.iso.datetime(),
  toCollectors: curve,
  toBackend: curve,
  collector: curve.optional(),
  forwardedBytes: z.number().nonnegative().optional(),
});

/** A calibration, and the moment of it (RFC 3339). */
export type StoredCalibration = Calibration & { at: string };

/** All that a calibration depends on. */
export interface CalibrationOf {
  inputs: InputPaths;
  settings: ReplayerSettings;
  toCollectors: SenderForm;
  toBackend: SenderForm;
  exporter: ExporterForm;
}

/** Requests of more events than that are as large as they get whatever the rate. */
const LARGE_REQUEST = 2048;

/** The last calibration of this; undefined when there is none that can be read. */
export function storedCalibration(of: CalibrationOf): StoredCalibration | undefined {
  try {
    // Absent and undefined are one in JSON.
    return storedSchema.parse(JSON.parse(readFileSync(pathOf(of), "utf8"))) as StoredCalibration;
  } catch {
    return undefined;
  }
}

export function storeCalibration(of: CalibrationOf, calibration: StoredCalibration): void {
  const path = pathOf(of);
  mkdirSync(userCacheDirectory(), { recursive: true });
  const part = `${path}.${process.pid}.part`;
  writeFileSync(part, JSON.stringify(calibration));
  renameSync(part, path);
}

function pathOf({ inputs, settings, ...forms }: CalibrationOf): string {
  const templates = SIGNALS.flatMap((signal) => {
    if (inputs[signal] === undefined) return [];
    const { size, mtimeMs } = statSync(inputs[signal]);
    return [{ signal, size, mtimeMs }];
  });
  const { batchSize, maxSpans, maxRequestBytes, mix } = settings;
  const requests = { batchSize, maxSpans: Math.min(maxSpans, LARGE_REQUEST), maxRequestBytes, mix };
  const content = JSON.stringify({ machine: thisMachine(), templates, requests, ...forms });
  const key = createHash("sha256").update(content).digest("hex").slice(0, 12);
  return join(userCacheDirectory(), `calibration-${key}.json`);
}

/** Without its name. */
export function thisMachine(): Machine {
  const all = cpus();
  return {
    cpu: all[0]?.model ?? "unknown CPU",
    cores: all.length,
    system: `${systemName()} ${process.arch}`,
    node: process.versions.node,
  };
}
