/**
 * Reading OTLP/JSON of any size in bounded memory: a request a line, one document over many lines, or an array of requests.
 *
 * Documents of several GB come in pieces: once PIECE_BYTES have been read and an item (span, record, metric) is complete, the
 * items so far go out as a request of their own, under the resource and scope that enclose them.
 */
import { closeSync, openSync, readSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";
import Assembler from "stream-json/assembler.js";
import { jsonParser, type Token } from "stream-json/core/parser.js";
import { fromOtlpJson, OtlpJsonError } from "../../otlp/message/json.ts";
import type { RequestOf } from "../../otlp/message/schema.ts";
import type { Signal } from "../../otlp/signal.ts";
import { ImportError } from "./import-error.ts";

/** An export request of any signal. */
export type SomeRequest = { [S in Signal]: { signal: S; request: RequestOf<S> } }[Signal];

/** A request and where it was read. */
export type ReadRequest = SomeRequest & {
  /** Place in the file for messages: `file.json:12` or `file.pb: byte 1024 (frame 3)`. */
  place: string;
  /** Byte of the file at which the request ends or begins; about right for JSON. */
  position: number;
  /** The request's bytes where the file holds them; valid until the next one is read. */
  encoded?: Uint8Array;
};

const CHUNK_BYTES = 256 * 1024;
/** Text read before the items so far are handed out. */
const PIECE_BYTES = 4 * 1024 * 1024;
/** Text of one item, or of a request without complete items. */
const MAX_PIECE_BYTES = 64 * 1024 * 1024;

const SIGNAL_OF_KEY: Record<string, Signal> = {
  resourceSpans: "traces",
  resourceMetrics: "metrics",
  resourceLogs: "logs",
};
const ITEM_KEYS = new Set<unknown>(["spans", "metrics", "logRecords"]);

/** The requests of an OTLP/JSON file, in order. Throws ImportError naming file and line. */
export function* readJsonRequests(path: string): Generator<ReadRequest> {
  const parse = jsonParser({ jsonStreaming: true, streamValues: false });
  const assembler = new RequestAssembler();
  const fail = (line: number, cause: unknown): never => {
    const reason = (cause as Error).message.replace(/^Parser (cannot parse input: )?/, "not JSON: ");
    throw new ImportError("bad_template_file", `${path}:${line}: ${reason}`, { cause });
  };
  let line = 1;
  let requestLine = 0;
  let pieceBytes = 0;
  let position = 0;
  for (const text of readLines(path)) {
    try {
      const parsed = parse(text);
      pieceBytes += text.length;
      position += text.length;
      for (const token of typeof parsed === "object" && "values" in parsed ? parsed.values : []) {
        if (requestLine === 0) requestLine = line;
        const value = assembler.take(token as Token, pieceBytes >= PIECE_BYTES);
        if (value === undefined) continue;
        for (const some of requestsIn(value)) yield { ...some, place: `${path}:${requestLine}`, position };
        pieceBytes = 0;
        if (assembler.depth <= 1) requestLine = 0;
      }
      if (pieceBytes > MAX_PIECE_BYTES) throw new OtlpJsonError("an item is larger than 64 MiB");
    } catch (error) {
      if (error instanceof OtlpJsonError || (error as Error).message.startsWith("Parser")) {
        fail(error instanceof OtlpJsonError && requestLine > 0 ? requestLine : line, error);
      }
      throw error;
    }
    if (text.endsWith("\n")) line++;
  }
  if (assembler.depth > 0)
    fail(
      requestLine,
      new Error(
        "the file ends inside the request that begins here; it is cut off, generate or copy it again",
      ),
    );
}

/** One request per signal that the value holds. */
function* requestsIn(value: unknown): Generator<SomeRequest> {
  const signals = Object.entries(SIGNAL_OF_KEY).filter(([key]) => Object.hasOwn(value as object, key));
  if (signals.length === 0) {
    if (Object.keys(value as object).length === 0) return; // legal, and says nothing
    throw new OtlpJsonError(
      "an export request has resourceSpans, resourceMetrics or resourceLogs, found none of them",
    );
  }
  for (const [, signal] of signals) yield { signal, request: fromOtlpJson(signal, value) } as SomeRequest;
}

/** Text in pieces of a line each, or of a chunk where lines are longer; ends with a line break. */
function* readLines(path: string): Generator<string> {
  const fd = openSync(path, "r");
  try {
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    const decoder = new StringDecoder("utf8");
    let isFirst = true;
    for (;;) {
      const bytes = readSync(fd, buffer, 0, CHUNK_BYTES, null);
      let text = bytes > 0 ? decoder.write(buffer.subarray(0, bytes)) : `${decoder.end()}\n`;
      if (isFirst) text = text.replace(/^\uFEFF/, "");
      isFirst = false;
      let from = 0;
      for (let to = text.indexOf("\n") + 1; to > 0; to = text.indexOf("\n", from) + 1) {
        yield text.slice(from, to);
        from = to;
      }
      if (from < text.length) yield text.slice(from);
      if (bytes === 0) return;
    }
  } finally {
    closeSync(fd);
  }
}

type Container = Record<string, unknown> & unknown[];

/** Builds values from tokens as the base class does, and hands out requests as soon as they, or a piece of them, are complete. */
class RequestAssembler extends Assembler {
  /** Resources and scopes of which a piece went out before their description was read. */
  readonly #headless = new Set<unknown>();

  /** Integers beyond 2^53 stay text, as OTLP writes them. */
  override numberValue(text: string): void {
    const value = Number(text);
    if (Number.isInteger(value) && !Number.isSafeInteger(value)) this.stringValue(text);
    else super.numberValue(text);
  }

  /** Feed a token. Returns an object that holds a request's fields when one is ready. */
  take(token: Token, isPieceWanted: boolean): unknown {
    const closing = token.name === "endObject" ? this.current : undefined;
    this.consume(token);
    if (this.done) {
      if (token.name === "endArray") return undefined; // its elements have gone out one by one
      if (token.name !== "endObject") throw new OtlpJsonError("an export request must be an object");
      return this.#complete(closing);
    }
    if (closing === undefined) {
      if (this.stack.length === 0 && Array.isArray(this.current) && this.current.length > 0) {
        throw new OtlpJsonError("an export request must be an object");
      }
      return undefined;
    }
    if (this.stack.length === 0 && Array.isArray(this.current)) return this.#complete(this.current.pop());
    this.#refuseLateHead(closing);
    if (!isPieceWanted || !ITEM_KEYS.has(this.stack.at(-1))) return undefined;
    return this.#piece();
  }

  #complete(value: unknown): unknown {
    this.#refuseLateHead(value);
    return value;
  }

  /** The items read so far, in copies of what encloses them. The tree keeps the enclosing objects, without items. */
  #piece(): unknown {
    // stack: parent, key, parent, key, ...; from the request down: its key, an array, a resource, its key, an array, a scope.
    const path = Array.isArray(this.stack[0]) ? this.stack.slice(2) : this.stack;
    const [, resourcesKey, resources, , resource, scopesKey, scopes, , scope, itemsKey] = path as Container[];
    if (path.length !== 10 || !Array.isArray(resources) || !Array.isArray(scopes)) return undefined;
    const items = (this.current as unknown[]).splice(0);
    if (!("resource" in resource!)) this.#headless.add(resource);
    if (!("scope" in scope!)) this.#headless.add(scope);
    const scopePiece = { ...scope, [String(itemsKey)]: items };
    const resourcePiece = { ...resource, [String(scopesKey)]: [...scopes.splice(0), scopePiece] };
    return { [String(resourcesKey)]: [...resources.splice(0), resourcePiece] };
  }

  #refuseLateHead(closed: unknown): void {
    if (!this.#headless.delete(closed)) return;
    for (const key of ["resource", "scope"]) {
      if (Object.hasOwn(closed as object, key)) {
        throw new OtlpJsonError(
          `"${key}" must stand before the items it describes in a request of more than ${PIECE_BYTES} bytes`,
        );
      }
    }
  }
}
