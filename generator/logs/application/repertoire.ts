/**
 * What one service can say: its messages, ready to be filled in, each with the logger and the line of code it comes from.
 */
import { encodeAttributes } from "../../attributes.ts";
import { encodeScope } from "../../resource.ts";
import type { Operation, Service, Step } from "../../scenario/services.ts";
import { hashOf } from "../../scenario/wording.ts";
import { type Level, LOG_ATTRIBUTES, recordHead, SEVERITY } from "../log-record.ts";
import type { CodePlace } from "./code-place.ts";
import { type Happening, type HappeningPlace, placeOf } from "./happening.ts";
import { Message } from "./message.ts";
import { COMMON, OF_LANGUAGE } from "./process-messages.ts";
import { SPAN_MESSAGES } from "./span-messages.ts";
import { VOICES, type Voice } from "./voice.ts";

export const THREADS = 32;

export const LEVELS: readonly Level[] = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];

/** A message of a service. */
export interface Saying {
  readonly level: Level;
  /** Whether it tells of a host outside. */
  readonly isOfOutside: boolean;
  readonly head: Uint8Array;
  readonly message: Message;
  readonly logger: string;
  /** Place of its scope among the service's. */
  readonly scope: number;
  /** Where in the code it comes from. */
  readonly from: CodePlace;
  /** Attributes that say so. */
  readonly code: Uint8Array;
}

type PlaceName = "process" | "domain" | HappeningPlace;

/** What every service has: who tells of its process, of its subject, of requests, calls, statements, messages. */
function placesOf(service: Service): Readonly<Record<PlaceName, CodePlace>> {
  const thing = service.domain.entity.replaceAll("_", "-");
  return {
    process: codeAt(service, "application-lifecycle", "on event"),
    domain: codeAt(service, `${thing}-service`, "handle"),
    server: codeAt(service, "request-logger", "log request"),
    client: codeAt(service, "service-client", "send"),
    database: codeAt(service, `${thing}-repository`, "execute"),
    messaging: codeAt(service, "event-bus", "dispatch"),
  };
}

/** What only servers of HTTP say of themselves. */
const OF_HTTP = /\bhttps?\b|HTTP|Tomcat|actuator/;

const OUTSIDE = /relay|provider|feed|VIES|carrier|manifest|label|object store|reachable/;

/** Messages by level. */
type ByLevel = Readonly<Record<Level, readonly Saying[]>>;

export class Repertoire {
  readonly service: Service;
  readonly voice: Voice;
  /** Whether the logger hands structured records to the SDK; else lines of the console are collected. */
  readonly bridged: boolean;
  /** Its threads, THREADS of them; none where nobody names them. */
  readonly threads: readonly { readonly name: string; readonly attributes: Uint8Array }[];
  /** Scopes of its records, encoded; a saying names its own by the place. */
  readonly scopes: readonly Uint8Array[];
  /** Of its subject, and of the process itself. */
  readonly ofDomain: ByLevel;
  readonly ofProcess: ByLevel;
  /** Parts of the program that have no span of their own, by what they do. */
  readonly #places: Readonly<Record<PlaceName, CodePlace>>;
  readonly #loggers: readonly string[];
  /** By the place of the level in LEVELS. */
  readonly #heads: readonly Uint8Array[];
  readonly #ofSpans = new Map<Happening, Map<number, Saying>>();
  readonly #ofOperations = new Map<number, readonly Saying[]>();

  constructor(service: Service) {
    this.service = service;
    this.voice = VOICES[service.language.sdk];
    this.bridged = (service.index * 7 + 3) % 5 < 3;
    this.#places = placesOf(service);
    this.#loggers = [
      ...new Set(
        [...Object.values(this.#places), ...service.steps].map((code) => this.voice.logger(service, code)),
      ),
    ];
    const { appender, spelling } = this.voice;
    this.threads = Array.from({ length: THREADS }, (_, ordinal) => {
      const name = this.voice.thread(ordinal, service.protocol);
      const attributes = name ? { "thread.id": 20 + ordinal, "thread.name": name } : {};
      return { name, attributes: encodeAttributes(LOG_ATTRIBUTES, attributes) };
    }).filter(({ name }) => name !== "");
    this.scopes = !this.bridged
      ? [encodeScope(service.name, "")]
      : appender
        ? [encodeScope(appender.name, appender.version)]
        : this.#loggers.map((logger) => encodeScope(logger, ""));
    this.#heads = LEVELS.map((level) => {
      const known = spelling[level] === spelling.DEBUG ? "DEBUG" : level;
      return recordHead(SEVERITY[known], spelling[level]);
    });
    this.ofDomain = this.#byLevel("domain", (level) =>
      service.domain.messages.filter((message) => message.level === level).map(({ text }) => text),
    );
    this.ofProcess = this.#byLevel("process", (level) => [
      ...(COMMON[level] ?? []),
      ...(OF_LANGUAGE[service.language.sdk][level] ?? []).filter(
        (text) => service.protocol === "http" || !OF_HTTP.test(text),
      ),
    ]);
  }

  /** What it says of a span at this level, if it says anything. `step`: the span's own, for a part of the program. */
  ofSpan(happening: Happening, level: Level, step: Step | undefined): Saying | undefined {
    const wordings = SPAN_MESSAGES[happening][level];
    if (!wordings) return undefined;
    let sayings = this.#ofSpans.get(happening);
    if (!sayings) {
      sayings = new Map();
      this.#ofSpans.set(happening, sayings);
    }
    const key = (step ? step.index + 1 : 0) * LEVELS.length + LEVELS.indexOf(level);
    let saying = sayings.get(key);
    if (!saying) {
      const from = step ?? this.#places[placeOf(happening)];
      saying = this.#saying(level, wordings[this.service.index % wordings.length]!, from);
      sayings.set(key, saying);
    }
    return saying;
  }

  /** What its subject has to say of a request that it serves well; none, if nothing fits. */
  ofRequest(operation: Operation): readonly Saying[] {
    let sayings = this.#ofOperations.get(operation.index);
    if (!sayings) {
      // An entrance fronts what others do: they tell of it.
      const messages = operation.domain === this.service.domain ? operation.domain.messages : [];
      sayings = messages
        .filter(({ level, text }) => fits(operation, level, text))
        .map(({ level, text }) => this.#saying(level, text, this.#places.domain, operation));
      this.#ofOperations.set(operation.index, sayings);
    }
    return sayings;
  }

  #byLevel(place: "domain" | "process", texts: (level: Level) => readonly string[]): ByLevel {
    const ofLevel = (level: Level) =>
      texts(level).map((text) => this.#saying(level, text, this.#places[place]));
    return {
      TRACE: ofLevel("TRACE"),
      DEBUG: ofLevel("DEBUG"),
      INFO: ofLevel("INFO"),
      WARN: ofLevel("WARN"),
      ERROR: ofLevel("ERROR"),
      FATAL: ofLevel("FATAL"),
    };
  }

  /** A text always comes from the same place of the code. */
  #saying(level: Level, text: string, from: CodePlace, operation?: Operation): Saying {
    const { service, voice } = this;
    const place = { ...from, line: from.line + 1 + (hashOf(text) % 23) };
    const logger = voice.logger(service, from);
    return {
      level,
      isOfOutside: OUTSIDE.test(text),
      head: this.#heads[LEVELS.indexOf(level)]!,
      message: new Message(text, (operation ?? service).domain),
      logger,
      scope: this.bridged && !voice.appender ? this.#loggers.indexOf(logger) : 0,
      from: place,
      code: encodeAttributes(LOG_ATTRIBUTES, {
        "code.function.name": place.functionName,
        "code.file.path": place.file,
        "code.line.number": place.line,
      }),
    };
  }
}

/** Whether a message of a domain tells of such a request: what is changed is told by the verb, what is read in detail only. */
function fits({ endpoint }: Operation, level: Level, text: string): boolean {
  const ofOne = endpoint.path.includes("ID");
  if (endpoint.method === "GET") return level === "DEBUG" && text.includes("{id}") === ofOne;
  const stem = /^[A-Z][a-z]+/.exec(endpoint.verb)?.[0].toLowerCase().replace(/e$/, "") ?? "";
  return level === "INFO" && text.includes("{id}") && stem.length > 2 && new RegExp(`\\b${stem}`).test(text);
}

function codeAt({ name: service, language }: Service, module: string, name: string): CodePlace {
  return {
    functionName: language.functionName(service, module, name),
    file: language.file(service, module),
    line: 20 + (hashOf(service + module) % 160),
  };
}
