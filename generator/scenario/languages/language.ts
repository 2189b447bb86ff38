/**
 * What a language brings along: its SDK, libraries and their scopes, how its programs name things and how they fail.
 */
import type { GrpcCode } from "../../../otlp/grpc-codes.ts";
import type { DatabaseFailure } from "../database-failures.ts";

/** An instrumentation library: name and version of an instrumentation scope. */
export interface Library {
  readonly name: string;
  readonly version: string;
}

/** What is thrown: `message` may have placeholders. */
export interface Thrown {
  /** As `exception.type` and `error.type` have it. */
  readonly type: string;
  readonly message: string;
  /** What a printed stack trace calls it, where that differs from the type. */
  readonly printed?: string;
}

/** A place in a program of the scenario. */
export interface Frame {
  readonly functionName: string;
  readonly file: string;
  readonly line: number;
}

/** How a stack trace goes: frames of libraries as they are printed, the program's own between them; innermost first. */
export interface Stack {
  /** Inside a driver or client; empty where the program itself throws. */
  readonly inner: readonly string[];
  /** What that driver or client is for: a `db.system.name`, `http` (no answer came), `http answer`, `rpc`, `broker`, or empty. */
  readonly library: string;
  readonly own: readonly Frame[];
  /** What called the program: a server framework, or the loop of a worker. */
  readonly outer: readonly string[];
}

/** Frames of libraries, as they are printed, innermost first. Those of databases may have `[[for reading|for others]]`. */
export interface LibraryFrames {
  readonly http: readonly string[];
  readonly grpc: readonly string[];
  /** By `db.system.name`; `other` for those that are not there. */
  readonly database: Readonly<Partial<Record<string, readonly string[]>>> & {
    readonly other: readonly string[];
  };
  /** Where an answer is found to be bad, and where none came. */
  readonly httpClient: { readonly answered: readonly string[]; readonly unanswered: readonly string[] };
  readonly rpcClient: readonly string[];
  readonly broker: readonly string[];
  /** What hands events to workers. */
  readonly worker: Readonly<Record<"kafka" | "rabbitmq", readonly string[]>>;
}

/** How its programs run, as resource detectors see it. */
export interface ProcessLook {
  readonly executable: string;
  readonly path: string;
  readonly arguments: readonly string[];
  readonly owner: string;
  readonly pid: number;
}

/** A resource attribute that not every language's detectors give. */
export type Detected =
  | "process.pid"
  | "process.owner"
  | "process.executable.name"
  | "process.executable.path"
  | "process.command"
  | "process.command_args"
  | "process.runtime.name"
  | "process.runtime.version"
  | "process.runtime.description"
  | "host.arch"
  | "os.type"
  | "os.name"
  | "os.version"
  | "os.description";

export interface Language {
  /** `telemetry.sdk.language`. */
  readonly sdk: "java" | "nodejs" | "python" | "go" | "dotnet" | "ruby" | "rust" | "php";
  readonly sdkVersion: string;
  readonly distro?: Library;
  /** The description may have {arch} (amd64) or {machine} (x86_64) of the host. */
  readonly runtime: { readonly name: string; readonly version: string; readonly description: string };
  readonly process: (service: string) => ProcessLook;
  /** Which of a process's facts its SDK and detectors report, beside those that all report. */
  readonly detected: readonly Detected[];
  /** What its HTTP client calls itself, and its gRPC client. */
  readonly userAgent: string;
  readonly rpcUserAgent: string;
  /** Ports that its services usually listen on. */
  readonly ports: { readonly http: number; readonly grpc: number };
  /** A parameter in a route, as its web framework writes it. */
  readonly parameter: (name: string) => string;
  /** Scopes of what traces it. */
  readonly server: Library;
  readonly client: Library;
  readonly rpcServer: Library;
  readonly rpcClient: Library;
  readonly messaging: (system: "kafka" | "rabbitmq") => Library;
  readonly database: (system: string) => Library;
  /** File and function of a place in the program, as `code.file.path` and `code.function.name`. */
  readonly file: (service: string, module: string) => string;
  readonly functionName: (service: string, module: string, name: string) => string;
  /** The class of a failure of the domain: InsufficientStock -> com.example.inventory.InsufficientStockException. */
  readonly domainFailure: (service: string, name: string) => string;
  /** What goes wrong in its programs whatever they are about. */
  readonly runtimeErrors: readonly Thrown[];
  readonly databaseError: (system: string, failure: DatabaseFailure) => Thrown;
  /** Its HTTP client on an answer of this status, 0 for none. {target} is the URL, {host} and {port} are the callee's. */
  readonly httpError: (status: number, method: string) => Thrown;
  /** Its gRPC client on this code. */
  readonly rpcError: (code: GrpcCode, message: string) => Thrown;
  readonly brokerErrors: Readonly<Record<"kafka" | "rabbitmq", readonly Thrown[]>>;
  readonly frames: LibraryFrames;
  readonly print: (thrown: Thrown, message: string, stack: Stack, cause?: Cause) => string;
}

/** The exception below another one. */
export interface Cause {
  readonly thrown: Thrown;
  readonly message: string;
  readonly stack: Stack;
}

export const camel = (text: string): string =>
  text.replace(/[-_ .]+(\w)/g, (_, letter: string) => letter.toUpperCase());
export const pascal = (text: string): string => camel(`-${text}`);
export const snake = (text: string): string => text.replace(/[- .]+/g, "_");

/** An identifier made of a service's name: letters, digits, the separator; never with a digit first. */
export function identifier(service: string, separator: string): string {
  const words = service
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(Boolean)
    .join(separator);
  return /^[a-z]/.test(words) ? words : `app${separator}${words}`;
}

/** Reason phrases of HTTP codes that clients put into their messages. */
export const REASONS: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  409: "Conflict",
  422: "Unprocessable Entity",
  429: "Too Many Requests",
  500: "Internal Server Error",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
};
