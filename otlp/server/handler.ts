import type { GrpcCode } from "../grpc-codes.ts";
import type { Signal } from "../signal.ts";
import type { ServerLimits } from "./limits.ts";

/** What a request body was compressed with. */
export type Compression = "none" | "gzip" | "deflate" | "zstd";

/** One export request as it arrived, whichever protocol carried it. */
export interface ExportRequest {
  signal: Signal;
  protocol: "grpc" | "http";
  /** Decompressed body; belongs to the handler from here on. */
  body: Buffer;
  contentType: "protobuf" | "json";
  compression: Compression;
  /** Bytes of the body as it came over the wire: compressed, with gRPC's 5-byte prefix where there is one. */
  wireBytes: number;
}

/** A status, and what goes with it. */
export interface Refused {
  kind: "refused";
  code: GrpcCode;
  message: string;
  /** Said as Retry-After (rounded up to seconds) or google.rpc.RetryInfo. */
  retryAfterMs?: number;
  /** Retry-After is a date instead. */
  retryAfterAsDate?: boolean;
  /** Where HTTP has another word than the one that stands for the code. */
  httpStatus?: number;
}

/** Ways to answer that no client can make sense of. */
export type BrokenAnswer = "content_type" | "truncated" | "endless" | "garbage";

/**
 * What a handler decides; both protocols know how to say it.
 *
 * - `accepted`: everything taken; `warning` is a partial success that rejects nothing, `closes` ends the connection after it
 * - `partial`: `rejected` items refused, the rest taken; a client must not send them again
 * - `refused`: a status
 * - `page`: HTML with this HTTP status, over gRPC too, as something in between would answer
 * - `broken`: something that no client can make sense of
 * - `silence`: no answer, the request stays open until the client gives up
 * - `cut`: no answer, the connection is torn down (over gRPC with every request on it)
 */
export type ExportAnswer = Said & {
  /** The answer is given so much later. */
  delayMs?: number;
};

type Said =
  | { kind: "accepted"; warning?: string; closes?: boolean }
  | { kind: "partial"; rejected: number; message: string }
  | Refused
  | { kind: "page"; httpStatus: number }
  | { kind: "broken"; how: BrokenAnswer }
  | { kind: "silence" }
  | { kind: "cut" };

/** What to do with a request that has only begun: read it with a pause after each piece, never read it, or cut its connection. */
export type Beginning = { kind: "read"; pauseMs: number } | { kind: "ignore" } | { kind: "cut" };

/** Decides over one request. An exception is a fault of ours: the client sees INTERNAL, `onFault` the exception. */
export type ExportHandler = (request: ExportRequest) => ExportAnswer | Promise<ExportAnswer>;

/** What both servers are started with. */
export interface ServerOptions {
  /** Address to bind; nothing but loopback unless the user said so. */
  host: string;
  /** 0 takes a free port. */
  port: number;
  handle: ExportHandler;
  /** What GET of a path answers over HTTP, as JSON; undefined where there is nothing. By default nothing anywhere. */
  look?: (path: string) => object | undefined;
  /** Names, besides private ones, under which pages in browsers may ask over HTTP; by default none. Who is no browser may use any for a POST. */
  allowedHosts?: readonly string[];
  /** Asked when a request begins; by default all are read as they come. */
  begin?: () => Beginning;
  /** Largest body after decompression, in bytes; default 64 MiB, as the specification recommends. */
  maxBodyBytes?: number;
  /** Of connections and their times; what is not given is DEFAULT_LIMITS. */
  limits?: Partial<ServerLimits>;
  /** Compressions that are taken besides none; by default all of them. */
  compressions?: readonly Compression[];
  /**
   * Told when the connection ended before the answer was out (always so for "silence" and "cut"), or when the answer told nothing
   * ("broken"): the client knows nothing, and may send the same body again.
   */
  onUndelivered?: (request: ExportRequest, answer: ExportAnswer) => void;
  /** Told of every exception of the handler. */
  onFault: (fault: unknown) => void;
}

/** A running server of either protocol. */
export interface OtlpServer {
  /** `host:port` as bound. */
  address: string;
  /** Stops listening, lets what is in flight finish for `graceMs` (default 1000), then cuts what is left. */
  close(graceMs?: number): Promise<void>;
}

/** Recommended limit of a request after decompression. Source: opentelemetry-proto 1.11, docs/specification.md. */
export const DEFAULT_MAX_BODY_BYTES = 64 * 1024 * 1024;
