/**
 * Spans as bytes. What an endpoint, a statement or a step always says is encoded once (its "shape"); a span is its ids,
 * its shape, its times and the little that varies.
 *
 * Attributes follow the semantic conventions 1.44 (docs/http/http-spans.md, docs/db/database-spans.md, both stable).
 */
import { ProtoWriter } from "../../otlp/message/writer.ts";
import {
  NEVER_SENT_ORDINAL,
  SPAN_ID_BYTES,
  TRACE_ID_BYTES,
  writeTemplateSpanId,
  writeTemplateTraceId,
} from "../../template/ids.ts";
import {
  type AttributeKey,
  type Attributes,
  attributeKey,
  encodeAttributes,
  writeInteger,
  writeText,
} from "../attributes.ts";
import type { GeneratorConfig } from "../config.ts";
import { ITEM_FIELD } from "../frame-groups.ts";
import type { Random } from "../random.ts";
import { exceptionOf } from "../scenario/exceptions.ts";
import * as facts from "../scenario/request-facts.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { Operation, ServiceInstance } from "../scenario/services.ts";
import { type Naming, namingOf, OLD_TARGET } from "../semconv/naming.ts";
import { CLIENT, DATABASE, EXTERNAL, SERVER, type SpanRole, STEP } from "../span-role.ts";
import { CustomAttributes } from "./custom-attributes.ts";
import { FAILED, FINE, type WalkedSpan } from "./walk.ts";

const ATTRIBUTES = 9;
const KIND_INTERNAL = 1;
const KIND_SERVER = 2;
const KIND_CLIENT = 3;

/** W3C flags sampled and random, and OTLP's "it is known whether the parent is remote". */
const FLAGS_LOCAL = 0x103;
const FLAGS_REMOTE_PARENT = 0x303;

/** Offsets in the scratch of ids: trace_id (tag 0x0a), span_id (0x12), parent_span_id (0x22). */
const SPAN_ID_AT = 2 + TRACE_ID_BYTES + 2;
const PARENT_ID_AT = SPAN_ID_AT + SPAN_ID_BYTES + 2;
const IDS_BYTES = PARENT_ID_AT + SPAN_ID_BYTES;

const THREADS = 32;

/** Name and kind, and attributes, as encoded fields of a span. */
interface Shape {
  readonly head: Uint8Array;
  readonly attributes: Uint8Array;
}

export class SpanEncoder {
  readonly #custom: CustomAttributes;
  readonly #serverShapes: readonly Shape[];
  readonly #clientShapes: readonly Shape[];
  readonly #externalShapes: readonly Shape[];
  readonly #databaseShapes: readonly Shape[];
  readonly #stepShapes: readonly Shape[];
  /** Small sets of values, encoded once. Indexed by what their name says. */
  readonly #clientAddresses: readonly Uint8Array[];
  readonly #userAgents: readonly Uint8Array[];
  readonly #users: readonly Uint8Array[];
  readonly #callers: readonly Uint8Array[];
  readonly #peers: readonly Uint8Array[];
  readonly #threads: readonly Uint8Array[];
  readonly #serverStatus = new Map<number, Uint8Array>();
  readonly #clientStatus = new Map<number, Uint8Array>();
  readonly #errorTypes = new Map<string, Uint8Array>();
  readonly #serverNaming: Naming;
  readonly #clientNaming: Naming;
  readonly #pathKey: AttributeKey;
  readonly #queryKey: AttributeKey;
  readonly #targetKey: AttributeKey;
  readonly #urlKey: AttributeKey;
  readonly #responseBytesKey: AttributeKey;
  readonly #rowsKey: AttributeKey;
  readonly #ids = new Uint8Array(IDS_BYTES);
  readonly #idView = new DataView(this.#ids.buffer);
  readonly #rootIds = this.#ids.subarray(0, SPAN_ID_AT + SPAN_ID_BYTES);
  #rootless = false;
  #traceWord = 0;
  /** Span events written so far. */
  events = 0;

  constructor(config: GeneratorConfig, scenario: Scenario, random: Random) {
    const { semconv } = config.traces;
    const server = namingOf(semconv, "server");
    const client = namingOf(semconv, "client");
    this.#serverNaming = server;
    this.#clientNaming = client;
    this.#custom = new CustomAttributes(config.traces.custom_attributes, random);
    this.#pathKey = attributeKey("url.path", server);
    this.#queryKey = attributeKey("url.query", server);
    this.#targetKey = attributeKey(OLD_TARGET, server);
    this.#urlKey = attributeKey("url.full", client);
    this.#responseBytesKey = attributeKey("http.response.body.size", server);
    this.#rowsKey = attributeKey("db.response.returned_rows", client);
    const { services, instances } = scenario;
    const ingress = new Set(scenario.ingress);
    const operations = services.flatMap((service) => service.operations);
    const shape = (name: string, kind: number, attributes: Attributes, naming = client): Shape => ({
      head: encodeHead(name, kind),
      attributes: encodeAttributes(ATTRIBUTES, attributes, naming),
    });
    this.#serverShapes = operations.map((operation) => {
      const entrance = ingress.has(operation.service);
      return shape(
        `${operation.method} ${operation.route}`,
        KIND_SERVER,
        {
          "http.request.method": operation.method,
          "http.route": operation.route,
          "url.scheme": entrance ? "https" : "http",
          "server.address": entrance ? "shop.example.com" : hostOf(operation),
          "server.port": entrance ? 443 : operation.service.port,
          "network.protocol.version": entrance ? "2" : "1.1",
        },
        server,
      );
    });
    this.#clientShapes = operations.map((operation) =>
      shape(`${operation.method} ${operation.route}`, KIND_CLIENT, {
        "http.request.method": operation.method,
        "url.template": operation.route,
        "server.address": hostOf(operation),
        "server.port": operation.service.port,
        "network.protocol.version": "1.1",
      }),
    );
    this.#externalShapes = services.flatMap(({ externalCalls }) =>
      externalCalls.map(({ method, host, path, peer }) =>
        shape(method, KIND_CLIENT, {
          "http.request.method": method,
          "url.full": `https://${host}${path}`,
          "server.address": host,
          "server.port": 443,
          "network.protocol.version": "2",
          "network.peer.address": peer,
        }),
      ),
    );
    this.#databaseShapes = services.flatMap(({ databaseCalls }) =>
      databaseCalls.map(({ system, statement, database, table, address, peer }) => {
        const cache = system.name === "redis";
        const summary = cache ? statement.operation : `${statement.operation} ${table}`;
        return shape(summary, KIND_CLIENT, {
          "db.system.name": system.name,
          "db.namespace": database,
          ...(cache ? {} : { "db.collection.name": table }),
          "db.operation.name": statement.operation,
          "db.query.text": statement.text,
          "db.query.summary": summary,
          "server.address": address,
          "server.port": system.port,
          "network.peer.address": peer,
        });
      }),
    );
    this.#stepShapes = services.flatMap(({ steps }) =>
      steps.map(({ name, functionName, file, line }) =>
        shape(name, KIND_INTERNAL, {
          "code.function.name": functionName,
          "code.file.path": file,
          "code.line.number": line,
        }),
      ),
    );
    const pool = (count: number, name: string, value: (n: number) => string, naming = server) =>
      Array.from({ length: count }, (_, n) => encodeAttributes(ATTRIBUTES, { [name]: value(n) }, naming));
    this.#clientAddresses = pool(facts.CLIENT_ADDRESSES, "client.address", facts.clientAddress);
    this.#userAgents = pool(facts.USER_AGENT_COUNT, "user_agent.original", facts.userAgent);
    this.#users = pool(facts.USERS, "user.id", facts.userId);
    this.#callers = instances.map(({ pod, service }) =>
      encodeAttributes(
        ATTRIBUTES,
        { "client.address": pod.ip, "user_agent.original": service.language.userAgent },
        server,
      ),
    );
    this.#peers = instances.map(({ pod }) =>
      encodeAttributes(ATTRIBUTES, { "network.peer.address": pod.ip }, client),
    );
    this.#threads = Array.from({ length: THREADS }, (_, n) =>
      encodeAttributes(ATTRIBUTES, { "thread.id": 20 + n, "thread.name": `worker-${n}` }),
    );
    this.#ids.set([0x0a, TRACE_ID_BYTES], 0);
    this.#ids.set([0x12, SPAN_ID_BYTES], SPAN_ID_AT - 2);
    this.#ids.set([0x22, SPAN_ID_BYTES], PARENT_ID_AT - 2);
  }

  /** Set what all spans of a trace share. rootless: parents of -1 are written as parents that are never sent. */
  beginTrace(trace: number, spanCount: number, traceWord: number, rootless: boolean): void {
    writeTemplateTraceId(this.#ids, 2, trace);
    writeTemplateSpanId(this.#ids, SPAN_ID_AT, 0, spanCount);
    writeTemplateSpanId(this.#ids, PARENT_ID_AT, 0, spanCount);
    this.#traceWord = traceWord;
    this.#rootless = rootless;
  }

  /** Write one span as an item of its group. */
  write(writer: ProtoWriter, span: WalkedSpan, ordinal: number): void {
    writer.begin(ITEM_FIELD, 2);
    this.#writeIds(writer, span.parent, ordinal);
    switch (span.role) {
      case SERVER:
        this.#writeBody(writer, span, this.#serverShapes[span.operation!.index]!);
        this.#writeServer(writer, span, span.operation!);
        break;
      case CLIENT:
        this.#writeBody(writer, span, this.#clientShapes[span.operation!.index]!);
        this.#writeClient(writer, span, span.operation!, span.callee!);
        break;
      case EXTERNAL:
        this.#writeBody(writer, span, this.#externalShapes[span.external!.index]!);
        this.#writeStatus(writer, span.statusCode, true);
        break;
      case DATABASE:
        this.#writeBody(writer, span, this.#databaseShapes[span.database!.index]!);
        this.#writeDatabase(writer, span);
        break;
      case STEP:
        this.#writeBody(writer, span, this.#stepShapes[span.step!.index]!);
        writer.raw(this.#threads[span.word % THREADS]!);
        if (span.failure !== FINE) this.#writeErrorType(writer, exceptionOf(span.instance, span.word).type);
        break;
    }
    this.#custom.write(writer, this.#traceWord);
    if (span.failure !== FINE) this.#writeFailure(writer, span);
    writer.fixed32(16, span.caller ? FLAGS_REMOTE_PARENT : FLAGS_LOCAL);
    writer.end();
  }

  #writeIds(writer: ProtoWriter, parent: number, ordinal: number): void {
    // The first half of both ids, the count of spans, stands since the trace began; the second is the ordinal plus one.
    this.#idView.setUint32(SPAN_ID_AT + 4, ordinal + 1);
    if (parent < 0 && !this.#rootless) {
      writer.raw(this.#rootIds);
      return;
    }
    this.#idView.setUint32(PARENT_ID_AT + 4, (parent < 0 ? NEVER_SENT_ORDINAL : parent) + 1);
    writer.raw(this.#ids);
  }

  #writeBody(writer: ProtoWriter, span: WalkedSpan, shape: Shape): void {
    writer.raw(shape.head);
    writer.fixed64(7, span.start);
    writer.fixed64(8, span.end);
    writer.raw(shape.attributes);
  }

  #writeServer(writer: ProtoWriter, span: WalkedSpan, operation: Operation): void {
    // A request from outside is described by the trace's word, which its access log reads too.
    const word = span.caller ? span.word : this.#traceWord;
    const path = facts.pathOf(operation, word);
    const query = facts.queryOf(operation, word);
    writeText(writer, ATTRIBUTES, this.#pathKey, path);
    if (query) writeText(writer, ATTRIBUTES, this.#queryKey, query);
    if (this.#targetKey.length > 0)
      writeText(writer, ATTRIBUTES, this.#targetKey, query ? `${path}?${query}` : path);
    if (span.caller) writer.raw(this.#callers[span.caller.index]!);
    else {
      writer.raw(this.#clientAddresses[facts.clientOf(word)]!);
      writer.raw(this.#userAgents[facts.userAgentOf(word)]!);
    }
    writer.raw(this.#users[facts.userOf(this.#traceWord)]!);
    this.#writeStatus(writer, span.statusCode, false);
    writeInteger(writer, ATTRIBUTES, this.#responseBytesKey, facts.responseBytesOf(word));
  }

  #writeClient(writer: ProtoWriter, span: WalkedSpan, operation: Operation, callee: ServiceInstance): void {
    const path = facts.pathOf(operation, span.word);
    writeText(
      writer,
      ATTRIBUTES,
      this.#urlKey,
      `http://${hostOf(operation)}:${operation.service.port}${path}`,
    );
    writer.raw(this.#peers[callee.index]!);
    this.#writeStatus(writer, span.statusCode, true);
  }

  #writeDatabase(writer: ProtoWriter, span: WalkedSpan): void {
    const { system, statement } = span.database!;
    if (span.failure !== FINE) {
      this.#writeCached(writer, this.#errorTypes, `${system.name} failure`, () => ({
        "db.response.status_code": system.failure.code,
        "error.type": system.failure.type,
      }));
    } else if (statement.reads) writeInteger(writer, ATTRIBUTES, this.#rowsKey, span.word % 50);
  }

  /** Status code of an answer and, where the conventions call it an error, its type. 0: there was no answer. */
  #writeStatus(writer: ProtoWriter, code: number, client: boolean): void {
    const cache = client ? this.#clientStatus : this.#serverStatus;
    let encoded = cache.get(code);
    if (!encoded) {
      const failed = code >= (client ? 400 : 500);
      encoded = encodeAttributes(
        ATTRIBUTES,
        code === 0
          ? { "error.type": "timeout" }
          : { "http.response.status_code": code, ...(failed ? { "error.type": String(code) } : {}) },
        client ? this.#clientNaming : this.#serverNaming,
      );
      cache.set(code, encoded);
    }
    writer.raw(encoded);
  }

  #writeErrorType(writer: ProtoWriter, type: string): void {
    this.#writeCached(writer, this.#errorTypes, type, () => ({ "error.type": type }));
  }

  #writeCached(
    writer: ProtoWriter,
    cache: Map<string, Uint8Array>,
    key: string,
    attributes: () => Attributes,
  ): void {
    let encoded = cache.get(key);
    if (!encoded) {
      encoded = encodeAttributes(ATTRIBUTES, attributes(), this.#clientNaming);
      cache.set(key, encoded);
    }
    writer.raw(encoded);
  }

  /** The exception of a span in which an error began, and the status Error. */
  #writeFailure(writer: ProtoWriter, span: WalkedSpan): void {
    const exception =
      span.failure === FAILED && throwsExceptions(span.role)
        ? exceptionOf(span.instance, span.word, span.database)
        : undefined;
    if (exception) {
      writer.begin(11, 2);
      writer.fixed64(1, span.end);
      writer.string(2, "exception");
      writer.raw(
        encodeAttributes(3, {
          "exception.type": exception.type,
          "exception.message": exception.message,
          "exception.stacktrace": exception.stackTrace,
        }),
      );
      writer.end();
      this.events++;
    }
    writer.begin(15);
    if (exception) writer.string(2, exception.message);
    writer.varint(3, 2);
    writer.end();
  }
}

/** Clients report the answer they got; everything else has an exception where an error begins. */
function throwsExceptions(role: SpanRole): boolean {
  return role === SERVER || role === STEP || role === DATABASE;
}

function hostOf({ service }: Operation): string {
  return `${service.name}.${service.namespace}`;
}

function encodeHead(name: string, kind: number): Uint8Array {
  const writer = new ProtoWriter();
  writer.string(5, name);
  writer.varint(6, kind);
  return writer.finish();
}
