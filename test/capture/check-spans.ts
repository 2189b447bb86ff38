/** One span by itself: its name, its status, its error and its exceptions, as the conventions want them for what it does. */
import { textOf, textsByKey } from "./attributes.ts";
import { checkDatabase } from "./check-database-span.ts";
import { checkHttp } from "./check-http-span.ts";
import { MANNERS } from "./conventions/languages.ts";
import { GRPC_SERVER_ERRORS } from "./conventions/rpc.ts";
import { isHttp, isRpc, type SpanRole } from "./conventions/tables.ts";
import type { DataRules, Semconv } from "./data-rules.ts";
import { within } from "./map-within.ts";
import type { Origin } from "./origin.ts";
import type { Span, SpanEvent } from "./requests.ts";
import type { SpanFacts } from "./span-facts.ts";
import type { Report, Violations } from "./violations.ts";

const OK = 1;
/** Distinct names of one role in one service: a route or statement each, no parameters. */
const MAX_NAMES = 300;
/** Traces end within minutes; a rounded duration here and there is chance. */
const MAX_ROUND_SHARE = 0.05;
const FEW_SPANS = 500;

/** A part of a name that is a number, a UUID, or a long hexadecimal id. */
const ID_IN_NAME =
  /(?:^|[/\s:=._-])(?:\d{2,}|[0-9a-f]{8}-[0-9a-f-]{27}|(?=[a-f]*\d)[0-9a-f]{12,})(?=$|[/\s?&:])/i;

export class SpanCheck {
  readonly byRole = new Map<SpanRole, number>();
  readonly #semconv: Semconv;
  readonly #violations: Violations;
  readonly #names = new Map<string, Set<string>>();
  #round = 0;
  spans = 0;
  failed = 0;
  exceptions = 0;

  constructor({ semconv }: DataRules, violations: Violations) {
    this.#semconv = semconv;
    this.#violations = violations;
  }

  /** Distinct span names over all services and roles. */
  get names(): number {
    return new Set([...this.#names.values()].flatMap((names) => [...names])).size;
  }

  check(span: Span, facts: SpanFacts, { service, language }: Origin, where: () => string): void {
    const report: Report = (rule, detail) =>
      this.#violations.add(rule, () => `${detail === undefined ? "" : `${detail} in `}${where()}`);
    this.spans++;
    this.byRole.set(facts.role, (this.byRole.get(facts.role) ?? 0) + 1);
    if (facts.failed) this.failed++;
    this.#checkName(span.name ?? "", facts.role, service, report);
    this.#checkDuration(span, report);
    checkStatus(span, facts, this.#semconv, report);
    for (const event of facts.exceptions) checkException(event, language, report);
    this.exceptions += facts.exceptions.length;
    if (isHttp(facts.role)) checkHttp(span, facts, this.#semconv, report);
    else if (isRpc(facts.role)) checkRpc(span, facts, report);
    else if (facts.role === "database") checkDatabase(span, facts, this.#semconv, report);
    else if (facts.role !== "internal") checkMessaging(span, facts, this.#semconv, report);
    if (this.#semconv === "dup") checkPairs(facts, report);
  }

  /** What shows only over all spans. */
  finish(): void {
    for (const [of, names] of this.#names) {
      if (names.size <= MAX_NAMES) continue;
      this.#violations.add("a service has too many span names", () => `${of}: ${names.size}`);
    }
    if (this.spans > FEW_SPANS && this.#round > MAX_ROUND_SHARE * this.spans) {
      const example = () => `${this.#round} of ${this.spans} last whole microseconds`;
      this.#violations.add("durations look rounded", example);
    }
  }

  #checkName(name: string, role: SpanRole, service: string, report: Report): void {
    if (name === "") report("a span has no name");
    if (ID_IN_NAME.test(name)) report("a span's name holds an id", name);
    const names = within(this.#names, `${service} ${role}`, () => new Set<string>());
    // More than the limit is not kept: a capture with ids in its names would hold them all.
    if (names.size <= MAX_NAMES) names.add(name);
  }

  #checkDuration(span: Span, report: Report): void {
    const nanos = BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano);
    if (nanos < 1000n) report("a span lasts less than a microsecond", `${nanos} ns`);
    if (nanos % 1000n === 0n) this.#round++;
  }
}

/** Failed exactly where the conventions say so; `error.type` exactly on what failed. */
function checkStatus(span: Span, facts: SpanFacts, semconv: Semconv, report: Report): void {
  const { failed, errorType, code } = facts;
  if (span.status?.code === OK) report("a status is Ok, which instrumentations leave to applications");
  if (failed && errorType === "" && semconv !== "old") report("a span that failed has no error.type");
  if (!failed && errorType !== "") report("a span has an error.type but did not fail", errorType);
  const message = span.status?.message ?? "";
  if (message !== "" && !failed) report("a status has a description but is no error", message);
  if (message !== "" && (message === errorType || message === code)) {
    report("a status description repeats the error's type or code", message);
  }
  const expected = shouldFail(facts);
  if (expected !== undefined && expected !== failed) {
    report(
      failed
        ? "a span failed though its code is no error"
        : "a span did not fail though its code is an error",
      `${facts.role} ${code}`,
    );
  }
}

/** Whether a span of this code is to have the status Error; undefined when the code does not decide it. */
function shouldFail({ role, code }: SpanFacts): boolean | undefined {
  switch (role) {
    case "http-server":
      return code === "" || Number(code) >= 500;
    case "http-client":
      return code === "" || Number(code) >= 400;
    case "rpc-server":
      return GRPC_SERVER_ERRORS.has(code);
    case "rpc-client":
      return code !== "OK";
    default:
      return undefined;
  }
}

function checkException(event: SpanEvent, language: string, report: Report): void {
  const values = textsByKey(event);
  const type = values.get("exception.type") ?? "";
  const stack = values.get("exception.stacktrace") ?? "";
  for (const key of ["exception.type", "exception.message", "exception.stacktrace"]) {
    if (!values.get(key)) report(`an exception has no ${key}`);
  }
  if (stack === "") return;
  const lines = stack.trimEnd().split("\n").length;
  if (lines < 2 || lines > 80)
    report("a stack trace has too few or too many lines", `${lines} lines of ${type}`);
  const manner = MANNERS[language];
  if (manner && !manner.stack.test(stack)) {
    report("a stack trace is not printed as its language does", `${language}: ${stack.slice(0, 160)}`);
  }
  const shortType = type.split(/[.:\\/$]/).at(-1)!;
  if (!stack.includes(shortType) && !isNameless(stack, type, language)) {
    report("a stack trace does not name its exception", `${type}: ${stack.slice(0, 120)}`);
  }
}

/**
 * Go's runtime.Stack begins with the goroutine, Rust's chain of errors with their texts; neither names a type. The SDK for JavaScript
 * calls an error by its code, if it has one.
 */
function isNameless(stack: string, type: string, language: string): boolean {
  if (language === "nodejs") return /^[A-Z0-9_]+$/.test(type);
  return language === "rust" || stack.startsWith("goroutine ");
}

function checkRpc({ name }: Span, { subject, code, errorType, failed }: SpanFacts, report: Report): void {
  if (name !== subject) report("an RPC span's name is not its method", `${name}, ${subject}`);
  if (!/^[\w.]+\.\w+\/\w+$/.test(subject)) report("an RPC method is not package.Service/Method", subject);
  if (failed && errorType !== code && /^[A-Z_]+$/.test(errorType)) {
    report("an error.type is not the code", `${errorType}, ${code}`);
  }
}

function checkMessaging(
  span: Span,
  { role, attributes, subject }: SpanFacts,
  semconv: Semconv,
  report: Report,
): void {
  const operation = textOf(attributes, "messaging.operation.name", "messaging.operation");
  if (semconv !== "old" && span.name !== `${operation} ${subject}`) {
    report(
      "a messaging span's name is not operation and destination",
      `${span.name}, ${operation} ${subject}`,
    );
  }
  const type = textOf(attributes, "messaging.operation.type");
  const types = {
    producer: ["create", "send"],
    consumer: ["process"],
    receive: ["receive", "settle"],
  } as Record<string, string[]>;
  if (type !== "" && types[role]?.includes(type) === false) {
    report("a messaging operation does not fit the span's kind", `${role} ${type}`);
  }
  const system = textOf(attributes, "messaging.system");
  for (const key of attributes.keys()) {
    const owner = /^messaging\.(kafka|rabbitmq|rocketmq|gcp_pubsub|servicebus|eventhubs)\./.exec(key)?.[1];
    if (owner && owner !== system) report("a key belongs to another messaging system", `${key} on ${system}`);
  }
  const count = textOf(attributes, "messaging.batch.message_count");
  const links = span.links?.length ?? 0;
  if (role === "consumer" && links === 0) report("a consumer has no link to what it processes");
  if (role === "consumer" && count === "" && links > 1)
    report("a consumer of several messages does not say how many");
  if (role === "consumer" && count !== "" && Number(count) < links) {
    report("a batch has fewer messages than links", `${count}, ${links}`);
  }
}

/** Names whose values are the same before and after. */
const PAIRS: readonly { old: string; now: string }[] = [
  { old: "http.method", now: "http.request.method" },
  { old: "http.status_code", now: "http.response.status_code" },
  { old: "http.url", now: "url.full" },
  { old: "http.scheme", now: "url.scheme" },
  { old: "http.user_agent", now: "user_agent.original" },
  { old: "http.client_ip", now: "client.address" },
  { old: "http.resend_count", now: "http.request.resend_count" },
  { old: "net.sock.peer.addr", now: "network.peer.address" },
  { old: "net.peer.ip", now: "network.peer.address" },
  { old: "db.statement", now: "db.query.text" },
  { old: "db.operation", now: "db.operation.name" },
  { old: "db.sql.table", now: "db.collection.name" },
  { old: "rpc.system", now: "rpc.system.name" },
  { old: "messaging.client_id", now: "messaging.client.id" },
  { old: "messaging.kafka.consumer.group", now: "messaging.consumer.group.name" },
  { old: "messaging.kafka.destination.partition", now: "messaging.destination.partition.id" },
  { old: "messaging.kafka.message.offset", now: "messaging.kafka.offset" },
];

/** Both generations at once must tell the same. */
function checkPairs({ attributes }: SpanFacts, report: Report): void {
  for (const { old, now } of PAIRS) {
    const [before, after] = [textOf(attributes, old), textOf(attributes, now)];
    if (before !== "" && after !== "" && before !== after) {
      report("an old key contradicts the new one", `${old} ${before}, ${now} ${after}`);
    }
  }
  const target = textOf(attributes, "http.target");
  const query = textOf(attributes, "url.query");
  const path = textOf(attributes, "url.path");
  if (target !== "" && path !== "" && target !== (query === "" ? path : `${path}?${query}`)) {
    report(
      "an old key contradicts the new one",
      `http.target ${target}, url.path ${path}, url.query ${query}`,
    );
  }
}
