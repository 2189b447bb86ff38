/**
 * Access logs: the line that a web server writes for a request, and the same facts as attributes.
 */
import type { ProtoWriter } from "../../otlp/message/writer.ts";
import { attributeKey, encodeAttributes, writeInteger, writeText } from "../attributes.ts";
import type { Random } from "../random.ts";
import * as facts from "../scenario/request-facts.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { Operation } from "../scenario/services.ts";
import type { SampledSpan } from "../span-sample.ts";
import { beginRecord, endRecord, type Level, LOG_ATTRIBUTES, TIME_TEXT } from "./log-record.ts";

/** Codes of requests that no span tells about, as often as they stand here; 0 stands for the endpoint's own. */
const WRITE_CODES = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 400, 401, 409, 500] as const;
const READ_CODES = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 304, 304, 301, 404, 404, 401, 500] as const;

const NO_BODY = new Set([204, 304]);

const pathKey = attributeKey("url.path");
const queryKey = attributeKey("url.query");
const methodKey = attributeKey("http.request.method");
const routeKey = attributeKey("http.route");
const statusKey = attributeKey("http.response.status_code");
const bytesKey = attributeKey("http.response.body.size");
const clientKey = attributeKey("client.address");
const userAgentKey = attributeKey("user_agent.original");
const constant = encodeAttributes(LOG_ATTRIBUTES, {
  "network.protocol.version": "2",
  "log.iostream": "stdout",
});

export class AccessLog {
  readonly #random: Random;
  readonly #operations: readonly Operation[];
  readonly #entrances: readonly Operation[];

  constructor(scenario: Scenario, random: Random) {
    this.#random = random;
    this.#operations = scenario.services.flatMap(({ operations }) => operations);
    this.#entrances = scenario.ingress.flatMap(({ operations }) => operations);
  }

  /** The endpoint of a record without a span. */
  drawOperation(): Operation {
    return this.#random.pick(this.#entrances);
  }

  /** Write the record of a request: of this span, or made up for this endpoint. */
  write(writer: ProtoWriter, span: SampledSpan | undefined, operation: Operation): void {
    const word = span?.word ?? this.#random.word();
    const codes = operation.method === "GET" ? READ_CODES : WRITE_CODES;
    const status = span?.statusCode || this.#random.pick(codes) || operation.successCode;
    const path = facts.pathOf(operation, word);
    const query = facts.queryOf(operation, word);
    const bytes = NO_BODY.has(status) ? 0 : facts.responseBytesOf(word);
    const client = facts.clientAddress(facts.clientOf(word));
    const target = query ? `${path}?${query}` : path;
    const line = `${client} - - [${TIME_TEXT["common log"]}] "${operation.method} ${target} HTTP/2.0" ${status} ${bytes || "-"}`;
    const level = levelOf(status);
    beginRecord(writer, level, level, line);
    writeText(writer, LOG_ATTRIBUTES, methodKey, operation.method);
    writeText(writer, LOG_ATTRIBUTES, pathKey, path);
    if (query) writeText(writer, LOG_ATTRIBUTES, queryKey, query);
    writeText(writer, LOG_ATTRIBUTES, routeKey, operation.route);
    writeInteger(writer, LOG_ATTRIBUTES, statusKey, status);
    writeInteger(writer, LOG_ATTRIBUTES, bytesKey, bytes);
    writeText(writer, LOG_ATTRIBUTES, clientKey, client);
    writeText(writer, LOG_ATTRIBUTES, userAgentKey, facts.userAgent(facts.userAgentOf(word)));
    writer.raw(constant);
    endRecord(writer, span);
  }

  /** The endpoint that a span serves. */
  operationOf(span: SampledSpan): Operation {
    return this.#operations[span.operation]!;
  }
}

function levelOf(status: number): Level {
  if (status >= 500) return "ERROR";
  return status >= 400 ? "WARN" : "INFO";
}
