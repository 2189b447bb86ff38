/**
 * metadata.yaml: what the frames of a template set cannot tell. docs/template-format.md describes it for users.
 */
import { readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse, YAMLParseError } from "yaml";
import { z } from "zod";

const signalFile = {
  file: z.string(),
  sha256: z.string(),
  bytes: z.number().int().nonnegative(),
  frames: z.number().int().nonnegative(),
  /** Spans, data points or log records. */
  items: z.number().int().nonnegative(),
};

const valueModel = z
  .object({
    kind: z.enum(["gauge", "sum", "histogram", "exponentialHistogram"]),
    value: z.enum(["int", "double"]),
    firstByte: z.number().int().min(0).max(7),
    width: z.number().int().min(1).max(8),
    spread: z.number().min(0).max(1).optional(),
    min: z.number().optional(),
    max: z.number().optional(),
  })
  .refine(({ firstByte, width }) => firstByte + width <= 8, {
    path: ["width"],
    error: "firstByte + width must be at most 8: a value has 8 bytes",
  });

/** How the values of one metric move, and which of their bytes may change. docs/template-format.md has the table. */
export type ValueModel = z.infer<typeof valueModel>;

const lateRoot = z.object({ trace: z.number().int().nonnegative(), delayMs: z.number().nonnegative() });

/** A trace, by its ordinal, whose root leaves so much later than the rest. */
export type LateRoot = z.infer<typeof lateRoot>;

export const metadataSchema = z.object({
  format: z.literal(1),
  generator: z.string(),
  createdAt: z.string(),
  seed: z.number().int(),
  config: z.unknown(),
  signals: z.object({
    traces: z
      .object({
        ...signalFile,
        traces: z.number().int(),
        maxSpansPerTrace: z.number().int(),
        spanEvents: z.number().int(),
        spanLinks: z.number().int(),
      })
      .optional(),
    metrics: z.object({ ...signalFile, metrics: z.number().int(), series: z.number().int() }).optional(),
    logs: z.object({ ...signalFile, linked: z.number().int() }).optional(),
  }),
  lateRoots: z.array(lateRoot),
  instanceAttribute: z.string(),
  metrics: z.record(z.string(), valueModel),
});

/** The contents of metadata.yaml. */
export type TemplateMetadata = z.infer<typeof metadataSchema>;

/** Name of the file, beside the frame files it describes. */
export const METADATA_FILE = "metadata.yaml";

/** metadata.yaml cannot be read as one. */
export class MetadataError extends Error {
  override readonly name = "MetadataError";
  readonly code = "bad_metadata";
}

/** What was read last: a start asks for the same file several times, and reading it takes longer than all else that it does. */
let latest: { file: string; metadata: TemplateMetadata } | undefined;

/**
 * The metadata of a template directory; undefined when it has none. The same object for the same file: not to be changed.
 * Throws MetadataError when it is not what we write.
 */
export function readMetadata(directory: string): TemplateMetadata | undefined {
  const path = join(directory, METADATA_FILE);
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  if (!stat) return undefined;
  const file = [resolve(path), stat.ino, stat.size, stat.mtimeNs].join();
  if (latest?.file === file) return latest.metadata;
  const result = metadataSchema.safeParse(parseYaml(path));
  if (result.success) {
    latest = { file, metadata: result.data };
    return result.data;
  }
  const [issue] = result.error.issues;
  throw new MetadataError(
    `${path}: ${issue!.path.join(".")}: ${issue!.message}; generate the templates again with this release`,
  );
}

function parseYaml(path: string): unknown {
  try {
    return parse(readFileSync(path, "utf8"));
  } catch (cause) {
    const place = cause instanceof YAMLParseError ? cause.linePos?.[0] : undefined;
    const at = place === undefined ? path : `${path}:${place.line}:${place.col}`;
    throw new MetadataError(
      `${at}: cannot be read as YAML; generate the templates again, or remove it with what it tells`,
      { cause },
    );
  }
}
