import { type PerSignal, perSignal, type Signal } from "../otlp/signal.ts";

/** What a sink counted of one signal. Items are spans, data points or log records. */
export interface SignalCounts {
  /** Items taken in, once however often they were sent again after a lost answer. */
  received: number;
  /** Items refused in a partial success. */
  rejected: number;
  /** Items refused for good; no client may send them again. */
  refused: number;
  /** Items that came again because the answer to them was lost, or whose requests were allowed to come again. */
  repeated: number;
  /** Requests that arrived whole, whatever was answered. */
  requests: number;
  /** Requests answered with a status that lets the client try again. */
  retryableRequests: number;
  /** Requests that are no OTLP. */
  malformedRequests: number;
  /** Bytes of request bodies, decompressed and as they came. */
  bodyBytes: number;
  wireBytes: number;
}

/** What came over one protocol with one compression. */
export interface TransportCounts {
  requests: number;
  bodyBytes: number;
  wireBytes: number;
}

/** Everything a sink counts. */
export interface SinkCounts {
  signals: PerSignal<SignalCounts>;
  /** By protocol, content type and compression: `grpc/protobuf/gzip`. */
  transports: Record<string, TransportCounts>;
}

/** All zero. */
export function newSinkCounts(): SinkCounts {
  return { signals: perSignal(newSignalCounts), transports: {} };
}

/** Items taken in over all signals. */
export function receivedItems(counts: SinkCounts): number {
  return Object.values(counts.signals).reduce((sum, { received }) => sum + received, 0);
}

/** The counts of one transport, made when it is first used. */
export function transportCounts(counts: SinkCounts, name: string): TransportCounts {
  counts.transports[name] ??= { requests: 0, bodyBytes: 0, wireBytes: 0 };
  return counts.transports[name];
}

function newSignalCounts(_signal: Signal): SignalCounts {
  return {
    received: 0,
    rejected: 0,
    refused: 0,
    repeated: 0,
    requests: 0,
    retryableRequests: 0,
    malformedRequests: 0,
    bodyBytes: 0,
    wireBytes: 0,
  };
}
