/**
 * What varies from one HTTP span to the next: URL, who called, what was answered.
 *
 * Source: semantic-conventions v1.44.0, docs/http/http-spans.md.
 */
import type { ProtoWriter } from "../../otlp/message/writer.ts";
import { AttributePool } from "../attribute-pool.ts";
import { type AttributeKey, attributeKey, encodeAttributes, writeInteger, writeText } from "../attributes.ts";
import { FirstUse } from "../first-use.ts";
import * as facts from "../scenario/request-facts.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { addressOf, type HttpOperation, type Operation, type ServiceInstance } from "../scenario/services.ts";
import { type Naming, namingOf, OLD_TARGET, type Semconv } from "../semconv/naming.ts";
import { exceptionOf } from "./span-exceptions.ts";
import { SPAN_ATTRIBUTES } from "./span-shapes.ts";
import type { WalkedSpan } from "./walked-span.ts";

/** Codes by number, encoded when they come up first. */
type CodeCache = Map<number, Uint8Array>;

export class HttpSpans {
  readonly #server: Naming;
  readonly #client: Naming;
  readonly #clientAddresses: AttributePool;
  readonly #userAgents: AttributePool;
  /** What a caller within the system looks like to the callee. */
  readonly #callers: FirstUse<ServiceInstance, Uint8Array>;
  /** The URL of an operation up to its path. */
  readonly #origins: FirstUse<Operation, string>;
  readonly #pathKey: AttributeKey;
  readonly #queryKey: AttributeKey;
  readonly #targetKey: AttributeKey;
  readonly #urlKey: AttributeKey;
  readonly #resendKey: AttributeKey;
  readonly #responseBytesKey: AttributeKey;
  readonly #requestBytesKey: AttributeKey;
  #word = -1;
  #operation: Operation | undefined;
  #path = "";
  #query = "";
  readonly #answers: CodeCache = new Map();
  readonly #answered: CodeCache = new Map();

  constructor(semconv: Semconv, scenario: Scenario) {
    const server = namingOf(semconv, "server");
    const client = namingOf(semconv, "client");
    this.#server = server;
    this.#client = client;
    this.#clientAddresses = new AttributePool(
      SPAN_ATTRIBUTES,
      "client.address",
      facts.CLIENT_ADDRESSES,
      facts.clientAddress,
      server,
    );
    this.#userAgents = new AttributePool(
      SPAN_ATTRIBUTES,
      "user_agent.original",
      facts.USER_AGENT_COUNT,
      facts.userAgent,
      server,
    );
    this.#callers = new FirstUse(scenario.instances, ({ pod, service }) =>
      encodeAttributes(
        SPAN_ATTRIBUTES,
        {
          "client.address": pod.ip,
          "user_agent.original": service.language.userAgent,
        },
        server,
      ),
    );
    this.#origins = new FirstUse(
      scenario.operations,
      ({ service }) => `http://${addressOf(service)}:${service.port}`,
    );
    this.#pathKey = attributeKey("url.path", server);
    this.#queryKey = attributeKey("url.query", server);
    this.#targetKey = attributeKey(OLD_TARGET, server);
    this.#urlKey = attributeKey("url.full", client);
    this.#resendKey = attributeKey("http.request.resend_count", client);
    this.#responseBytesKey = attributeKey("http.response.body.size", server);
    this.#requestBytesKey = attributeKey("http.request.body.size", server);
  }

  writeServer(writer: ProtoWriter, span: WalkedSpan): void {
    const { word, caller, statusCode } = span;
    const operation = span.operation as HttpOperation;
    this.#fillTarget(operation, word);
    const path = this.#path;
    const query = this.#query;
    writeText(writer, SPAN_ATTRIBUTES, this.#pathKey, path);
    if (query) writeText(writer, SPAN_ATTRIBUTES, this.#queryKey, query);
    if (this.#targetKey.length > 0)
      writeText(writer, SPAN_ATTRIBUTES, this.#targetKey, query ? `${path}?${query}` : path);
    if (caller) writer.raw(this.#callers.of(caller));
    else {
      this.#clientAddresses.write(writer, facts.clientOf(word));
      this.#userAgents.write(writer, facts.userAgentOf(word));
      this.#writeSizes(writer, operation, statusCode, word);
    }
    writer.raw(codeFields(this.#answers, statusCode, 500, this.#server));
  }

  /** Sizes of the bodies: what the access log of an entrance has too. */
  #writeSizes(writer: ProtoWriter, operation: Operation, statusCode: number, word: number): void {
    const sent = facts.requestSizeOf(operation, word);
    if (sent > 0) writeInteger(writer, SPAN_ATTRIBUTES, this.#requestBytesKey, sent);
    const answered = facts.responseSizeOf(operation, statusCode, word);
    writeInteger(writer, SPAN_ATTRIBUTES, this.#responseBytesKey, answered);
  }

  writeClient(writer: ProtoWriter, span: WalkedSpan): void {
    const operation = span.operation as HttpOperation;
    this.#fillTarget(operation, span.word);
    const target = this.#query ? `${this.#path}?${this.#query}` : this.#path;
    writeText(writer, SPAN_ATTRIBUTES, this.#urlKey, this.#origins.of(operation) + target);
    this.#writeAnswer(writer, span);
    if (span.resends > 0) writeInteger(writer, SPAN_ATTRIBUTES, this.#resendKey, span.resends);
  }

  writeExternal(writer: ProtoWriter, span: WalkedSpan): void {
    writeText(writer, SPAN_ATTRIBUTES, this.#urlKey, facts.externalUrlOf(span.external!, span.word));
    this.#writeAnswer(writer, span);
  }

  /** Path and query of a request. The server's span comes right after its client's: the last ones are kept. */
  #fillTarget(operation: HttpOperation, word: number): void {
    if (this.#word === word && this.#operation === operation) return;
    this.#word = word;
    this.#operation = operation;
    this.#path = facts.pathOf(operation, word);
    this.#query = facts.queryOf(operation, word);
  }

  /** What a client got for an answer, or what it threw without one. */
  #writeAnswer(writer: ProtoWriter, span: WalkedSpan): void {
    const { statusCode } = span;
    if (statusCode !== 0) writer.raw(codeFields(this.#answered, statusCode, 400, this.#client));
    else
      writer.raw(encodeAttributes(SPAN_ATTRIBUTES, { "error.type": exceptionOf(span).type }, this.#client));
  }
}

/** Status code of an answer and, from `errorsFrom` on, the error's type. */
function codeFields(cache: CodeCache, code: number, errorsFrom: number, naming: Naming): Uint8Array {
  let encoded = cache.get(code);
  if (!encoded) {
    encoded = encodeAttributes(
      SPAN_ATTRIBUTES,
      { "http.response.status_code": code, ...(code >= errorsFrom ? { "error.type": String(code) } : {}) },
      naming,
    );
    cache.set(code, encoded);
  }
  return encoded;
}
