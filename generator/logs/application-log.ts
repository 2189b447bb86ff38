/**
 * Application logs: what services say while they work, each in the manner of its language.
 */
import type { ProtoWriter } from "../../otlp/message/writer.ts";
import { attributeKey, encodeAttributes, writeInteger, writeText } from "../attributes.ts";
import { cumulate, type Random } from "../random.ts";
import { exceptionOf } from "../scenario/exceptions.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { DatabaseCall, ServiceInstance, Step } from "../scenario/services.ts";
import type { SampledSpan } from "../span-sample.ts";
import {
  beginRecord,
  endRecord,
  type Level,
  LOG_ATTRIBUTES,
  spanIdText,
  TIME_TEXT,
  traceIdText,
} from "./log-record.ts";

/** Share of records whose body is a whole line with a time; the others have only the message. */
const LINE_SHARE = 0.5;

const LEVELS = ["DEBUG", "INFO", "WARN", "ERROR"] as const;
const UNLINKED_LEVELS = cumulate([12, 72, 12, 4]);
/** A span that is well has no ERROR record. */
const LINKED_LEVELS = cumulate([15, 75, 10, 0]);

/** Messages by level; N becomes a number. */
const MESSAGES: Readonly<Record<(typeof LEVELS)[number], readonly string[]>> = {
  DEBUG: [
    "cache lookup took N us",
    "loaded N rows from the replica",
    "connection pool has N idle connections",
    "feature flags refreshed, N rules active",
  ],
  INFO: [
    "request handled in N ms",
    "published N messages",
    "item N updated",
    "session N renewed",
    "batch of N records committed",
    "price list N applied",
  ],
  WARN: [
    "slow downstream call: N ms",
    "retrying after N ms",
    "stale entry served, age N s",
    "rate limit at N percent",
  ],
  ERROR: ["request N failed", "could not store item N", "giving up after N ms"],
};

const functionKey = attributeKey("code.function.name");
const lineKey = attributeKey("code.line.number");
const threadKey = attributeKey("thread.name");
const typeKey = attributeKey("exception.type");
const messageKey = attributeKey("exception.message");
const stackKey = attributeKey("exception.stacktrace");
const constant = encodeAttributes(LOG_ATTRIBUTES, { "log.iostream": "stderr" });

export class ApplicationLog {
  readonly #random: Random;
  readonly #instances: readonly ServiceInstance[];
  readonly #databaseCalls: readonly DatabaseCall[];

  constructor(scenario: Scenario, random: Random) {
    this.#random = random;
    this.#instances = scenario.instances;
    this.#databaseCalls = scenario.services.flatMap(({ databaseCalls }) => databaseCalls);
  }

  /** Write a record of this instance; with a span, one of what happened there. */
  write(writer: ProtoWriter, span: SampledSpan | undefined, instance: ServiceInstance): void {
    const random = this.#random;
    const failed = span?.failed ?? false;
    const level = failed ? "ERROR" : LEVELS[random.weighted(span ? LINKED_LEVELS : UNLINKED_LEVELS)]!;
    const step = random.pick(instance.service.steps);
    const message = random.pick(MESSAGES[level]).replace("N", String(random.int(1, 5000)));
    const thread = `worker-${random.int(0, 31)}`;
    const body = random.chance(LINE_SHARE) ? lineOf(instance, level, message, step, thread, span) : message;
    beginRecord(writer, level, spellingOf(instance, level), body);
    writeText(writer, LOG_ATTRIBUTES, functionKey, step.functionName);
    writeInteger(writer, LOG_ATTRIBUTES, lineKey, step.line);
    writeText(writer, LOG_ATTRIBUTES, threadKey, thread);
    writer.raw(constant);
    if (level === "ERROR") {
      const database = span && span.database >= 0 ? this.#databaseCalls[span.database] : undefined;
      const exception = exceptionOf(instance, span?.word ?? random.word(), database);
      writeText(writer, LOG_ATTRIBUTES, typeKey, exception.type);
      writeText(writer, LOG_ATTRIBUTES, messageKey, exception.message);
      writeText(writer, LOG_ATTRIBUTES, stackKey, exception.stackTrace);
    }
    endRecord(writer, span);
  }

  /** The instance in which a span was made. */
  instanceOf(span: SampledSpan): ServiceInstance {
    return this.#instances[span.instance]!;
  }
}

/** A level as the language's loggers write it. */
function spellingOf({ service }: ServiceInstance, level: Level): string {
  if (service.language.sdk === "nodejs") return level.toLowerCase();
  return service.language.sdk === "python" && level === "WARN" ? "WARNING" : level;
}

/** The line that the language's usual logger prints, with the record's own time and ids in it. */
function lineOf(
  instance: ServiceInstance,
  level: Level,
  message: string,
  step: Step,
  thread: string,
  span: SampledSpan | undefined,
): string {
  const spelling = spellingOf(instance, level);
  switch (instance.service.language.sdk) {
    case "java":
      return `${TIME_TEXT["RFC 3339 milliseconds"]} ${spelling.padStart(5)} 1 --- [${thread}] ${step.functionName} : ${message}`;
    case "nodejs": {
      const ids = span ? `,"trace_id":"${traceIdText(span)}","span_id":"${spanIdText(span)}"` : "";
      return `{"level":"${spelling}","time":"${TIME_TEXT["RFC 3339 milliseconds"]}","msg":"${message}"${ids}}`;
    }
    case "python":
      return `${TIME_TEXT["ISO, blank and comma"]} ${spelling} [${step.functionName}] ${message}`;
    case "go": {
      const ids = span ? ` trace_id=${traceIdText(span)} span_id=${spanIdText(span)}` : "";
      return `time=${TIME_TEXT["RFC 3339 seconds"]} level=${spelling} msg="${message}"${ids}`;
    }
  }
}
