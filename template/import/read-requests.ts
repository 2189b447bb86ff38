/**
 * The export requests of a template or capture file, whatever it is written in: frames of protobuf (the Collector's file
 * exporter, `format: proto`) or OTLP/JSON.
 */
import { DecodeError, decodeRequest } from "../../otlp/message/decode.ts";
import { recognizeSignal } from "../../otlp/message/recognize.ts";
import { WireError } from "../../otlp/message/wire.ts";
import type { Signal } from "../../otlp/signal.ts";
import { readFrames } from "../frames.ts";
import { isJson, MAX_CAPTURE_FRAME_BYTES } from "./file-kind.ts";
import { ImportError } from "./import-error.ts";
import { type ReadRequest, readJsonRequests, type SomeRequest } from "./json-requests.ts";

/** The requests of a file in order, those without items left out. Memory is bounded by the largest request. */
export function* readRequests(path: string): Generator<ReadRequest> {
  if (isJson(path)) {
    yield* readJsonRequests(path);
    return;
  }
  for (const { message, position, index } of readFrames(path, MAX_CAPTURE_FRAME_BYTES)) {
    const place = `${path}: byte ${position} (frame ${index})`;
    try {
      const signal = recognizeSignal(message);
      if (signal === undefined) continue;
      yield { ...decoded(signal, message), place, position, encoded: message };
    } catch (cause) {
      if (!(cause instanceof WireError || cause instanceof DecodeError)) throw cause;
      const reason = `not an OTLP export request: ${cause.message}`;
      throw new ImportError("bad_template_file", `${place}: ${reason}`, { cause });
    }
  }
}

function decoded(signal: Signal, message: Uint8Array): SomeRequest {
  return { signal, request: decodeRequest(signal, message) } as SomeRequest;
}
