import type { Answer } from "../answer.ts";
import type { Endpoint } from "../endpoint.ts";
import type { Compression, Protocol } from "../protocol.ts";
import type { Signal } from "../signal.ts";
import type { TlsMaterial } from "../tls.ts";

/** Name and value of every header, as the user wrote them. */
export type Headers = Readonly<Record<string, string>>;

/** Everything needed to talk to one OTLP endpoint. */
export interface TargetSettings {
  endpoint: Endpoint;
  protocol: Protocol;
  /** Default none. */
  compression?: Compression;
  /** gzip 1..9, zstd 1..22; default 1, the fastest. */
  compressionLevel?: number;
  /** Sent with every request; values byte for byte (UTF-8). */
  headers?: Headers;
  tls?: TlsMaterial;
  /** How long one try may take, connecting included, ms; default 10 s. */
  timeoutMs?: number;
  /** How long connecting may take, ms; default: as long as the whole try. */
  connectMs?: number;
  /** gRPC: connections that requests are dealt out to, in turn; default 1. HTTP has one per request in flight. */
  connections?: number;
  /** A connection that stands for about so long takes no new request, ms; 0: it may stand for ever. Default 0. */
  maxConnectionAgeMs?: number;
}

/** Endpoints that are the same to the sender, at least one, and how to talk to them. */
export interface Target extends Omit<TargetSettings, "endpoint"> {
  endpoints: readonly Endpoint[];
}

export const DEFAULT_TIMEOUT_MS = 10_000;

/** Hears that a body is not read any more; intact: that nobody has read it either. */
export type Released = (intact?: boolean) => void;

/** A way to send encoded requests to one target. */
export interface Transport {
  /**
   * Send one export request, one try.
   *
   * body      the protobuf message: plain, to be compressed as the target's settings or `setCompression` say, or ready, as `ready`
   *           says; belongs to the transport until `released` is called
   * done      called exactly once and never before `send` returned
   * released  called exactly once, as soon as the body is not read any more, no later than `done`: it has been written to the
   *           connection, or compressed. A slow answer then holds no buffer. `intact`: nothing of it was read, and the answer,
   *           which follows at once, is that no connection stood
   * ready     the body is in this compression already, and is sent as it is under that name. Nobody looks inside. `none` is a plain
   *           body that must stay plain
   * avoid     address of an answer after which another one had better have the request, where there are several
   * Never throws: whatever happens is an answer.
   */
  send(
    signal: Signal,
    body: Buffer,
    done: (answer: Answer) => void,
    released?: Released,
    ready?: Compression,
    avoid?: string,
  ): void;
  /** Compress plain bodies in another way from now on, for the target does not take the one of its settings. */
  setCompression(compression: Compression): void;
  /** Close every connection. Requests still in flight are answered as lost. */
  close(): Promise<void>;
}

/** Opens transports of one protocol. Throws TargetError for settings that cannot work. */
export type OpenTransport = (target: TargetSettings) => Transport;
