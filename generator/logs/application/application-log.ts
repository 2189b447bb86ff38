/**
 * Application logs: what services say while they work, each in the manner of its language.
 */
import type { ProtoWriter } from "../../../otlp/message/writer.ts";
import { encodeAttributes } from "../../attributes.ts";
import { writeExceptionAttributes } from "../../exception-attributes.ts";
import { makeException } from "../../exception-origin.ts";
import { FirstUse } from "../../first-use.ts";
import { cumulate, type Random } from "../../random.ts";
import { type Exception, fromAnswer, fromDatabase, thrownBy } from "../../scenario/exceptions.ts";
import type { Scenario } from "../../scenario/scenario.ts";
import type { Service, ServiceInstance } from "../../scenario/services.ts";
import { CLIENT, CONSUMER, DATABASE, EXTERNAL, PRODUCER, SERVER, STEP } from "../../span-role.ts";
import type { SampledSpan } from "../../span-sample.ts";
import { beginRecord, endRecord, type Level, LOG_ATTRIBUTES, writeEventName } from "../log-record.ts";
import { type Happening, happeningOf } from "./happening.ts";
import { type Moment, usualMsOf } from "./moment.ts";
import { LEVELS, Repertoire, type Saying, THREADS } from "./repertoire.ts";
import type { Voice } from "./voice.ts";

/** Weights of LEVELS: without a span; of a span that is well; of work inside, which is told in less detail; of what ends badly. */
const UNLINKED = cumulate([1, 12, 71, 11.5, 4.2, 0.3]);
const WELL = cumulate([1, 12, 87, 0, 0, 0]);
const INSIDE = cumulate([2, 25, 73, 0, 0, 0]);
/** Most programs tell of statements only when they are asked to. */
const STATEMENT = cumulate([3, 75, 22, 0, 0, 0]);
const REFUSED = cumulate([0, 6, 34, 60, 0, 0]);

/** What takes so many times as long as usual is worth a warning, most times. */
const SLOW_FACTOR = 4;
const WARNING_SHARE = 0.7;

/** Share of records without a span that are about the service's subject; the others are about the process. */
const DOMAIN_SHARE = 0.6;
/** Share of requests that the subject has something to say of, where it has. */
const REQUEST_SHARE = 0.5;

export class ApplicationLog {
  readonly #random: Random;
  readonly #scenario: Scenario;
  readonly #repertoires: readonly (Repertoire | undefined)[];
  /** Where the console of an instance goes. */
  readonly #consoles: FirstUse<ServiceInstance, Uint8Array>;
  readonly #moment: Moment;
  #saying!: Saying;
  #exception: Exception | undefined;

  /** talkers: the services that write application logs. */
  constructor(scenario: Scenario, talkers: ReadonlySet<Service>, random: Random) {
    this.#random = random;
    this.#scenario = scenario;
    this.#repertoires = scenario.services.map((service) =>
      talkers.has(service) ? new Repertoire(service) : undefined,
    );
    this.#consoles = new FirstUse(scenario.instances, (instance) =>
      encodeConsole(instance, this.#repertoires[instance.service.index]!.voice),
    );
    this.#moment = emptyMoment(scenario.instances[0]!);
  }

  /** Scopes of a service's records, encoded: what `begin` gives is a place among them. */
  scopesOf(service: Service): readonly Uint8Array[] {
    return this.#repertoires[service.index]?.scopes ?? [];
  }

  /**
   * Decide what the next record says: of this span, or of something that no span shows. Returns the place of its scope.
   * `write` writes it.
   */
  begin(span: SampledSpan | undefined, instance: ServiceInstance): number {
    const repertoire = this.#repertoires[instance.service.index]!;
    this.#aim(span, instance);
    this.#saying = span ? this.#sayingOf(span, repertoire) : this.#drawSaying(repertoire);
    this.#exception = span?.exception && makeException(span.exception);
    if (!span && this.#saying.level === "ERROR") {
      this.#exception = thrownOutsideRequests(instance, this.#saying, this.#moment.word);
    }
    this.#moment.reason = span ? undefined : this.#exception?.message;
    return this.#saying.scope;
  }

  /** Write the record that was begun. */
  write(writer: ProtoWriter): void {
    const { instance, span, word } = this.#moment;
    const repertoire = this.#repertoires[instance.service.index]!;
    const saying = this.#saying;
    const exception = this.#exception;
    const { message, head } = saying;
    const thread = repertoire.threads[(word >>> 9) % THREADS];
    const text = message.fill(this.#random, this.#moment);
    if (repertoire.bridged) {
      beginRecord(writer, head, text);
      message.writeAttributes(writer);
      writer.raw(saying.code);
      if (thread) writer.raw(thread.attributes);
      const event = span && eventOf(span, saying.level, this.#moment);
      if (event) writeEventName(writer, event);
    } else {
      const { level, logger, from } = saying;
      const entry = {
        instance,
        span,
        level,
        logger,
        from,
        thread: thread?.name ?? "",
        text,
        message,
        exception,
      };
      beginRecord(writer, head, repertoire.voice.line(entry));
      writer.raw(this.#consoles.of(instance));
    }
    if (exception) writeExceptionAttributes(writer, LOG_ATTRIBUTES, exception);
    endRecord(writer, span);
  }

  /** Set what the record is about. */
  #aim(span: SampledSpan | undefined, instance: ServiceInstance): void {
    const moment = this.#moment;
    const { operations, externalCalls, databaseCalls, steps, topics, consumers } = this.#scenario;
    moment.instance = instance;
    moment.span = span;
    moment.domain = instance.service.domain;
    moment.word = span ? span.word : this.#random.word();
    moment.traceWord = span ? span.traceWord : moment.word;
    moment.operation = undefined;
    moment.http = undefined;
    moment.external = undefined;
    moment.database = undefined;
    moment.step = undefined;
    moment.topic = undefined;
    moment.consumer = undefined;
    if (!span) return;
    const { role, what } = span;
    if (role === SERVER || role === CLIENT) moment.operation = operations[what]!;
    else if (role === EXTERNAL) moment.external = externalCalls[what]!;
    else if (role === DATABASE) moment.database = databaseCalls[what]!;
    else if (role === STEP) moment.step = steps[what]!;
    else if (role === PRODUCER) moment.topic = topics[what]!;
    else if (role === CONSUMER) {
      moment.consumer = consumers[what]!;
      moment.topic = moment.consumer.topic;
    }
    const { operation } = moment;
    if (operation?.protocol === "http") moment.http = operation;
    if (role === SERVER) moment.domain = operation!.domain;
  }

  #sayingOf(span: SampledSpan, repertoire: Repertoire): Saying {
    const random = this.#random;
    const { operation, database, step } = this.#moment;
    const happening = happeningOf(span, operation, database);
    const own = span.role === STEP ? step : undefined;
    if (span.exception) return repertoire.ofSpan(happening, "ERROR", own)!;
    if (span.failed) return repertoire.ofSpan(happening, "WARN", own)!;
    if (this.#isSlow(span) && random.chance(WARNING_SHARE)) {
      return repertoire.ofSpan(happening, "WARN", own)!;
    }
    if (span.role === SERVER && isWell(happening) && random.chance(REQUEST_SHARE)) {
      const sayings = repertoire.ofRequest(operation!);
      if (sayings.length > 0) return random.pick(sayings);
    }
    const level = LEVELS[random.weighted(weightsOf(happening))]!;
    return repertoire.ofSpan(happening, level, own) ?? this.#anyOf(happening, repertoire, own);
  }

  #isSlow({ durationNs }: SampledSpan): boolean {
    return durationNs > SLOW_FACTOR * 1e6 * usualMsOf(this.#moment);
  }

  /** Not every happening is told at every level. */
  #anyOf(happening: Happening, repertoire: Repertoire, own: Moment["step"]): Saying {
    return (
      repertoire.ofSpan(happening, "INFO", own) ??
      repertoire.ofSpan(happening, "DEBUG", own) ??
      repertoire.ofSpan(happening, "WARN", own)!
    );
  }

  #drawSaying({ ofDomain, ofProcess }: Repertoire): Saying {
    const random = this.#random;
    const level = LEVELS[random.weighted(UNLINKED)]!;
    const sayings = random.chance(DOMAIN_SHARE) ? ofDomain[level] : ofProcess[level];
    return random.pick(sayings.length > 0 ? sayings : ofProcess[level]);
  }
}

function encodeConsole({ pod }: ServiceInstance, { stream }: Voice): Uint8Array {
  const { spec, restarts } = pod.containers[0]!;
  return encodeAttributes(LOG_ATTRIBUTES, {
    "log.iostream": stream,
    "log.file.path": `/var/log/pods/${pod.deployment.namespace.name}_${pod.name}_${pod.uid}/${spec.name}/${restarts}.log`,
  });
}

/** The event that a structured record is, if it is one: what was published, or an exception that nobody handled. */
function eventOf({ role }: SampledSpan, level: Level, { topic, operation }: Moment): string | undefined {
  if (role === PRODUCER && level === "INFO") return topic!.event;
  if (role !== SERVER || level !== "ERROR") return undefined;
  return operation!.protocol === "grpc" ? "rpc.server.call.exception" : "http.server.request.exception";
}

/** What jobs fail with: a host outside where the message tells of one, else the database. */
function thrownOutsideRequests(instance: ServiceInstance, { isOfOutside }: Saying, word: number): Exception {
  const { externalCalls, databaseCalls } = instance.service;
  const external = externalCalls[word % Math.max(1, externalCalls.length)];
  if (isOfOutside && external) return fromAnswer(instance, external, 0, word);
  const call = databaseCalls[(word >>> 7) % Math.max(1, databaseCalls.length)];
  return call ? fromDatabase(instance, call, word) : thrownBy(instance, word);
}

function isWell(happening: Happening): boolean {
  return happening === "request" || happening === "rpc" || happening === "consume";
}

function weightsOf(happening: Happening): readonly number[] {
  if (isWell(happening)) return WELL;
  if (happening === "statement" || happening === "query" || happening === "command") return STATEMENT;
  return happening === "refusedRequest" || happening === "refusedRpc" ? REFUSED : INSIDE;
}

function emptyMoment(instance: ServiceInstance): Moment {
  return {
    instance,
    domain: instance.service.domain,
    word: 0,
    traceWord: 0,
    reason: undefined,
    span: undefined,
    operation: undefined,
    http: undefined,
    external: undefined,
    database: undefined,
    step: undefined,
    topic: undefined,
    consumer: undefined,
  };
}
