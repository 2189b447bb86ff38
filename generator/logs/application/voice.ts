/**
 * How the programs of a language log: what levels are called, what loggers are called, what a line on the console looks like.
 */
import type { Exception } from "../../scenario/exceptions.ts";
import type { Language, Library } from "../../scenario/languages.ts";
import type { Service, ServiceInstance } from "../../scenario/services.ts";
import type { SampledSpan } from "../../span-sample.ts";
import { type Level, spanIdText, TIME_TEXT, traceIdText } from "../log-record.ts";
import type { CodePlace } from "./code-place.ts";
import type { Message } from "./message.ts";

/** A record on its way to the console. */
export interface ConsoleEntry {
  readonly instance: ServiceInstance;
  readonly span: SampledSpan | undefined;
  readonly level: Level;
  /** Name of the logger. */
  readonly logger: string;
  readonly from: CodePlace;
  readonly thread: string;
  readonly text: string;
  /** What the text was filled in from: its parameters. */
  readonly message: Message;
  readonly exception: Exception | undefined;
}

export interface Voice {
  /** A level's own spelling. A language without TRACE has DEBUG there. */
  readonly spelling: Readonly<Record<Level, string>>;
  /** The appender that hands records to the SDK, where the scope is named after it; otherwise it has the logger's name. */
  readonly appender: Library | undefined;
  /** Which stream of the process the lines go to. */
  readonly stream: "stdout" | "stderr";
  /** Name of the logger of a part of the program. */
  readonly logger: (service: Service, from: CodePlace) => string;
  /** Name of one of so many threads; empty where nobody names them. */
  readonly thread: (ordinal: number, protocol: Service["protocol"]) => string;
  readonly line: (entry: ConsoleEntry) => string;
}

const PLAIN = { TRACE: "TRACE", DEBUG: "DEBUG", INFO: "INFO", WARN: "WARN", ERROR: "ERROR", FATAL: "FATAL" };
const LOWER = { TRACE: "trace", DEBUG: "debug", INFO: "info", WARN: "warn", ERROR: "error", FATAL: "fatal" };

/** A step's function without its last part: the class, the module, the package. */
const ownerOf = ({ functionName }: CodePlace): string =>
  functionName.replace(/(\.|::|#|->)[^.:#>]+$/, "").replace(/[()*]/g, "");

/** Inside of a JSON text. */
const escaped = (text: string): string => (/["\\\n\t]/.test(text) ? JSON.stringify(text).slice(1, -1) : text);
const jsonField = (name: string, value: string, isText: boolean): string =>
  `,"${name}":${isText ? `"${escaped(value)}"` : value}`;
const plainField = (name: string, value: string): string =>
  ` ${name}=${/[\s"=]/.test(value) ? JSON.stringify(value) : value}`;

/** Java packages as logback shortens them to 40 characters. There are few: kept. */
function shortened(logger: string): string {
  let text = shortLoggers.get(logger);
  if (text === undefined) {
    const parts = logger.split(".");
    text = logger;
    for (let index = 0; index < parts.length - 1 && text.length > 40; index++) {
      parts[index] = parts[index]![0]!;
      text = parts.join(".");
    }
    text = text.padEnd(40);
    shortLoggers.set(logger, text);
  }
  return text;
}

const shortLoggers = new Map<string, string>();

/** pino names an error's class, where the SDK takes its code if it has one. */
function classOf({ stackTrace }: Exception): string {
  const name = stackTrace.slice(0, stackTrace.indexOf(":"));
  // What node-postgres throws has another name than its class.
  return name === "error" ? "DatabaseError" : name;
}

const LEVEL_NUMBERS = { TRACE: 10, DEBUG: 20, INFO: 30, WARN: 40, ERROR: 50, FATAL: 60 };

export const VOICES: Readonly<Record<Language["sdk"], Voice>> = {
  java: {
    spelling: PLAIN,
    appender: undefined,
    stream: "stdout",
    logger: (_, from) => ownerOf(from),
    thread: (ordinal, protocol) =>
      protocol === "http" ? `http-nio-8080-exec-${ordinal + 1}` : `grpc-default-executor-${ordinal}`,
    line: ({ instance, span, level, logger, thread, text, exception }) => {
      const ids = span ? ` [${traceIdText(span)}-${spanIdText(span)}]` : "";
      const line = `${TIME_TEXT["RFC 3339 milliseconds"]} ${level.padStart(5)} 1 --- [${instance.service.name}] [${thread.slice(-15).padStart(15)}]${ids} ${shortened(logger)} : ${text}`;
      return exception ? `${line}\n\n${exception.stackTrace}` : line;
    },
  },
  nodejs: {
    spelling: LOWER,
    appender: { name: "@opentelemetry/instrumentation-pino", version: "0.51.0" },
    stream: "stdout",
    logger: ({ name }) => name,
    thread: () => "",
    line: ({ instance, span, level, text, message, exception }) => {
      const ids = span
        ? `,"trace_id":"${traceIdText(span)}","span_id":"${spanIdText(span)}","trace_flags":"01"`
        : "";
      const error = exception
        ? `,"err":{"type":"${classOf(exception)}","message":"${escaped(exception.message)}","stack":"${escaped(exception.stackTrace)}"}`
        : "";
      return `{"level":${LEVEL_NUMBERS[level]},"time":"${TIME_TEXT["RFC 3339 milliseconds"]}","pid":1,"hostname":"${instance.pod.name}"${message.fieldsText(jsonField)}${error}${ids},"msg":"${escaped(text)}"}`;
    },
  },
  python: {
    spelling: {
      TRACE: "DEBUG",
      DEBUG: "DEBUG",
      INFO: "INFO",
      WARN: "WARNING",
      ERROR: "ERROR",
      FATAL: "CRITICAL",
    },
    appender: undefined,
    stream: "stderr",
    logger: (_, from) => ownerOf(from),
    thread: (ordinal, protocol) =>
      ordinal === 0
        ? "MainThread"
        : protocol === "http"
          ? `AnyIO worker thread ${ordinal}`
          : `ThreadPoolExecutor-0_${ordinal}`,
    line: ({ instance, span, level, logger, from, text, exception }) => {
      const ids = span ? `trace_id=${traceIdText(span)} span_id=${spanIdText(span)}` : "trace_id=0 span_id=0";
      const file = from.file.slice(from.file.lastIndexOf("/") + 1);
      const line = `${TIME_TEXT["ISO, blank and comma"]} ${VOICES.python.spelling[level]} [${logger}] [${file}:${from.line}] [${ids} resource.service.name=${instance.service.name} trace_sampled=${span ? "True" : "False"}] - ${text}`;
      return exception ? `${line}\n${exception.stackTrace}` : line;
    },
  },
  go: {
    spelling: PLAIN,
    appender: undefined,
    stream: "stderr",
    logger: (_, from) => ownerOf(from).replace(/\.[A-Z]\w*$/, ""),
    thread: () => "",
    line: ({ span, level, text, message, exception }) => {
      const ids = span ? ` trace_id=${traceIdText(span)} span_id=${spanIdText(span)}` : "";
      const error = exception ? ` err=${JSON.stringify(exception.message)}` : "";
      return `time=${TIME_TEXT["RFC 3339 milliseconds"]} level=${level} msg=${JSON.stringify(text)}${message.fieldsText(plainField)}${error}${ids}`;
    },
  },
  dotnet: {
    spelling: {
      TRACE: "Trace",
      DEBUG: "Debug",
      INFO: "Information",
      WARN: "Warning",
      ERROR: "Error",
      FATAL: "Critical",
    },
    appender: undefined,
    stream: "stdout",
    logger: (_, from) => ownerOf(from),
    thread: () => "",
    line: ({ span, level, logger, text, message, exception }) => {
      const ids = span ? `,"TraceId":"${traceIdText(span)}","SpanId":"${spanIdText(span)}"` : "";
      const error = exception ? `,"Exception":"${escaped(exception.stackTrace)}"` : "";
      return `{"Timestamp":"${TIME_TEXT["RFC 3339 milliseconds"]}","EventId":0,"LogLevel":"${VOICES.dotnet.spelling[level]}","Category":"${escaped(logger)}","Message":"${escaped(text)}"${error},"State":{"Message":"${escaped(text)}"${message.fieldsText(jsonField)}}${ids}}`;
    },
  },
  ruby: {
    spelling: { ...PLAIN, TRACE: "DEBUG" },
    appender: { name: "OpenTelemetry::Instrumentation::Logger", version: "0.1.1" },
    stream: "stdout",
    logger: ({ name }) => name,
    thread: () => "",
    line: ({ instance, span, level, text, message, exception }) => {
      const ids = span ? `,"trace_id":"${traceIdText(span)}","span_id":"${spanIdText(span)}"` : "";
      const error = exception ? `,"exception":"${escaped(`${exception.type}: ${exception.message}`)}"` : "";
      return `{"severity":"${level}","time":"${TIME_TEXT["RFC 3339 microseconds"]}","progname":"${instance.service.name}"${message.fieldsText(jsonField)}${error}${ids},"message":"${escaped(text)}"}`;
    },
  },
  rust: {
    spelling: PLAIN,
    appender: { name: "opentelemetry-appender-tracing", version: "0.31.0" },
    stream: "stdout",
    logger: (_, from) => ownerOf(from),
    thread: (ordinal) => `tokio-runtime-worker-${ordinal}`,
    line: ({ span, level, logger, text, message, exception }) => {
      const ids = span ? ` trace_id=${traceIdText(span)} span_id=${spanIdText(span)}` : "";
      const error = exception ? ` error=${JSON.stringify(exception.message)}` : "";
      return `${TIME_TEXT["RFC 3339 microseconds"]} ${level.padStart(5)} ${logger}: ${text}${message.fieldsText(plainField)}${error}${ids}`;
    },
  },
  php: {
    spelling: {
      TRACE: "DEBUG",
      DEBUG: "DEBUG",
      INFO: "INFO",
      WARN: "WARNING",
      ERROR: "ERROR",
      FATAL: "CRITICAL",
    },
    appender: { name: "monolog", version: "" },
    stream: "stderr",
    logger: () => "app",
    thread: () => "",
    line: ({ span, level, text, message, exception }) => {
      const ids = span ? `{"trace_id":"${traceIdText(span)}","span_id":"${spanIdText(span)}"}` : "[]";
      const fields = message.fieldsText(jsonField).slice(1);
      const error = exception
        ? `${fields ? "," : ""}"exception":"[object] (${escaped(`${exception.type}(code: 0): ${exception.message}`)})"`
        : "";
      return `[${TIME_TEXT["RFC 3339 milliseconds"]}] production.${VOICES.php.spelling[level]}: ${text} {${fields}${error}} ${ids}`;
    },
  },
};
