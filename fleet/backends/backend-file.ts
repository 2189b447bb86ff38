/**
 * A file of collector-config/backends/: an overlay that a Collector takes as its second --config, and what it says of itself to
 * people in its first comment lines, which begin with `#:` and are YAML (header below).
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, YAMLParseError } from "yaml";
import { z } from "zod";
import { isPrivateOrLoopback } from "../../otlp/endpoint.ts";
import { SIGNALS, type Signal } from "../../otlp/signal.ts";
import { BackendError } from "./backend-error.ts";

const variables = z.record(z.string().regex(/^[A-Za-z_]\w*$/), z.string());

/** What the `#:` lines hold. The texts are for people. */
const headerSchema = z.strictObject({
  /** What people call it: "Honeycomb". */
  title: z.string().optional(),
  /** It may send somebody a bill, so that a fast fleet asks first. */
  bills: z.boolean().default(false),
  /** The variable with its URL. One on this machine or network bills nobody. */
  address: z.string().optional(),
  /** The compose profile that starts one. */
  profile: z.string().optional(),
  /** Environment variables without which it does not work, and what they are. */
  needs: variables.default({}),
  /** Those that have a default, and what they are. */
  takes: variables.default({}),
});

const components = z.record(z.string(), z.unknown());
const overlaySchema = z.object({
  exporters: components,
  processors: components.default({}),
  extensions: components.default({}),
  service: z.object({
    extensions: z.array(z.string()).optional(),
    pipelines: z.partialRecord(
      z.enum(SIGNALS),
      z.object({ exporters: z.array(z.string()), processors: z.array(z.string()).optional() }),
    ),
  }),
});

export type BackendHeader = z.infer<typeof headerSchema>;

/** One backend, as its file has it; `${env:NAME}` stays as it is written. */
export interface Backend extends z.infer<typeof overlaySchema> {
  /** The file's name without its ending. */
  name: string;
  header: BackendHeader;
  /** Variables that it refers to without a default, and with one. */
  needed: string[];
  optional: string[];
}

/** Names of all backends in `directory` (collector-config/), in order. */
export function listBackends(directory: string): string[] {
  return readdirSync(join(directory, "backends"))
    .filter((file) => file.endsWith(".yaml"))
    .map((file) => file.slice(0, -".yaml".length))
    .sort();
}

/** Read `directory`/backends/NAME.yaml. Throws BackendError when it is not what a backend's file must be. */
export function readBackend(directory: string, name: string): Backend {
  const file = join(directory, "backends", `${name}.yaml`);
  return parseBackend(name, readFileSync(file, "utf8"), file);
}

/** As readBackend, from its text; `file` is its name in errors. */
export function parseBackend(name: string, text: string, file: string): Backend {
  const comment = text
    .split("\n")
    .filter((line) => line.startsWith("#:"))
    .map((line) => line.slice("#:".length))
    .join("\n");
  const header = headerSchema.safeParse(parseYaml(comment, file) ?? {});
  if (!header.success) throw badFile(file, "its #: lines", header.error);
  const overlay = overlaySchema.safeParse(parseYaml(text, file));
  if (!overlay.success) throw badFile(file, "", overlay.error);
  return { name, header: header.data, ...overlay.data, ...references(text) };
}

/**
 * Signals that the backend does something with: not those that it hands to the nop exporter alone, as its file must for a Collector whose
 * every pipeline wants an exporter.
 */
export function signalsOf(backend: Backend): Signal[] {
  return SIGNALS.filter((signal) =>
    (backend.service.pipelines[signal]?.exporters ?? []).some((exporter) => !isNop(exporter)),
  );
}

/** Whether somebody may get a bill for what is sent there: a backend that bills, unless its address is on this machine or network. */
export function billsAt({ header }: Backend, env: Readonly<Record<string, string | undefined>>): boolean {
  if (!header.bills) return false;
  const address = header.address === undefined ? undefined : env[header.address];
  return address === undefined || !URL.canParse(address) || !isPrivateOrLoopback(new URL(address).hostname);
}

/** Whether an exporter's id is that of a nop exporter, which drops what it gets. */
export function isNop(exporter: string): boolean {
  return exporter.split("/")[0] === "nop";
}

/** Parse YAML as the Collector does: merge keys count. */
export function parseYaml(text: string, file: string): unknown {
  try {
    return parse(text, { merge: true });
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    const place = error.linePos ? `:${error.linePos[0].line}:${error.linePos[0].col}` : "";
    throw new BackendError("bad_backend_file", `${file}${place}: ${error.message.split("\n")[0]}`, error);
  }
}

/** `${env:NAME}` and `${env:NAME:-default}` outside comments. */
function references(text: string): { needed: string[]; optional: string[] } {
  const code = text.replace(/(^|\s)#.*$/gm, "");
  const found = [...code.matchAll(/\$\{env:(\w+)(:-)?/g)];
  const names = (wanted: (match: RegExpMatchArray) => boolean) => [
    ...new Set(found.filter(wanted).map((match) => match[1]!)),
  ];
  const needed = names((match) => match[2] === undefined);
  return { needed, optional: names((match) => match[2] !== undefined && !needed.includes(match[1]!)) };
}

function badFile(file: string, where: string, error: z.ZodError): BackendError {
  const { path, message } = error.issues[0]!;
  const place = [where, path.join(".")].filter((part) => part !== "").join(" ");
  return new BackendError("bad_backend_file", `${file} ${place}: ${message}`, error);
}
