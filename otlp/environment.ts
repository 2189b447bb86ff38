/**
 * The OTEL_EXPORTER_OTLP_* variables: what a target's settings are when neither flag nor file says otherwise.
 * Source: opentelemetry-specification v1.60, specification/protocol/exporter.md. An empty variable counts as unset.
 * The variants for one signal (OTEL_EXPORTER_OTLP_TRACES_...) are not read: Stampede sends all signals to one target.
 */
import { COMPRESSIONS, type Compression, PROTOCOLS, type Protocol } from "./protocol.ts";
import { TargetError } from "./target-error.ts";
import type { TlsFiles } from "./tls.ts";

/** What the environment says about the target; absent means that it says nothing. */
export interface EnvironmentTarget {
  endpoint?: string;
  protocol?: Protocol;
  compression?: Compression;
  headers?: Record<string, string>;
  timeoutMs?: number;
  insecure?: boolean;
  tls?: TlsFiles;
}

const PREFIX = "OTEL_EXPORTER_OTLP_";

/** Read the variables. Throws TargetError that names the variable; what it holds is told unless it is HEADERS. */
export function readEnvironment(variables: Readonly<Record<string, string | undefined>>): EnvironmentTarget {
  const read = (name: string): string | undefined => variables[PREFIX + name]?.trim() || undefined;
  const target: EnvironmentTarget = {};

  const endpoint = read("ENDPOINT");
  if (endpoint !== undefined) target.endpoint = endpoint;
  const protocol = read("PROTOCOL");
  if (protocol !== undefined) target.protocol = oneOf("PROTOCOL", protocol, PROTOCOLS);
  const compression = read("COMPRESSION");
  if (compression !== undefined) target.compression = oneOf("COMPRESSION", compression, COMPRESSIONS);
  const headers = read("HEADERS");
  if (headers !== undefined) target.headers = parseHeaderList(headers);
  const timeout = read("TIMEOUT");
  if (timeout !== undefined) target.timeoutMs = parseTimeout(timeout);
  const insecure = read("INSECURE");
  // The specification knows "true" in any case; everything else is false.
  if (insecure !== undefined) target.insecure = insecure.toLowerCase() === "true";

  const tls = readTls(read);
  if (Object.keys(tls).length > 0) target.tls = tls;
  return target;
}

function readTls(read: (name: string) => string | undefined): TlsFiles {
  const tls: TlsFiles = {};
  const ca = read("CERTIFICATE");
  if (ca !== undefined) tls.ca = ca;
  const cert = read("CLIENT_CERTIFICATE");
  if (cert !== undefined) tls.cert = cert;
  const key = read("CLIENT_KEY");
  if (key !== undefined) tls.key = key;
  return tls;
}

function oneOf<T extends string>(name: string, value: string, known: readonly T[]): T {
  if ((known as readonly string[]).includes(value)) return value as T;
  throw new TargetError("bad_environment", `${PREFIX}${name}: must be ${listed(known)}, got "${value}"`);
}

function listed(names: readonly string[]): string {
  return `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
}

function parseTimeout(value: string): number {
  const ms = /^\d+$/.test(value) ? Number(value) : 0;
  if (ms > 0) return ms;
  throw new TargetError(
    "bad_environment",
    `${PREFIX}TIMEOUT: must be a whole number of milliseconds above 0, got "${value}"`,
  );
}

/** `key1=value1,key2=value2`, values percent-encoded (W3C Baggage without properties). */
function parseHeaderList(list: string): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [index, member] of list.split(",").entries()) {
    if (member.trim() === "") continue;
    const equals = member.indexOf("=");
    const name = member.slice(0, Math.max(0, equals)).trim();
    if (name === "") throw headerError(index, 'is not of the form "name=value"');
    headers[decode(name, index)] = decode(member.slice(equals + 1).trim(), index);
  }
  return headers;
}

function decode(text: string, index: number): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw headerError(index, "has a % that begins no percent-encoded byte; write %25 for it");
  }
}

function headerError(index: number, what: string): TargetError {
  return new TargetError("bad_environment", `${PREFIX}HEADERS: entry ${index + 1} ${what}`);
}
