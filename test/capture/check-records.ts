/**
 * Log records as data: kinds and their shares, severities, access lines that equal their attributes, and records of a span that tell
 * what the span shows. Logs are read before traces: what a linked record claims waits here for its span.
 */
import { readAccessLine } from "./access-line.ts";
import { stringAttribute } from "./attributes.ts";
import type { DataRules } from "./data-rules.ts";
import { type Origin, originOf } from "./origin.ts";
import type { AnyValue, Attributed, LogRecord, Scope, Span } from "./requests.ts";
import { type SpanFacts, scalarText, textOf } from "./span-facts.ts";
import { readSyslogLine, SYSLOG_SEVERITIES } from "./syslog-line.ts";
import type { Violations } from "./violations.ts";

export const RECORD_KINDS = ["access", "application", "system"] as const;
export type RecordKind = (typeof RECORD_KINDS)[number];

export interface RecordCounts {
  kinds: Record<RecordKind, number>;
  linkedByKind: Record<RecordKind, number>;
  severities: Record<string, number>;
  /** Linked records compared with their spans; beyond a limit they are not kept. */
  compared: number;
  /** Records with an exception, and those of them that belong to a span. */
  exceptions: number;
  linkedExceptions: number;
  /** Distinct bodies, digits aside: how many things are said. */
  bodies: number;
  /** Bodies that are lines of syslog. */
  syslogLines: number;
}

/** Some 500 bytes each are kept of linked records. */
const MAX_KEPT = 300_000;
const MAX_BODIES = 50_000;

/** Words for severities and the numbers that they may have: OTLP's ranges, syslog's levels mapped into them. */
const SEVERITIES: readonly [RegExp, number, number][] = [
  [/^(trace|trc|verbose|vrb|silly|finest|finer)$/i, 1, 4],
  [/^(debug|dbg|dbug|fine|config)$/i, 5, 8],
  [/^(info|information|informational|inf|i|notice)$/i, 9, 12],
  [/^(warn|warning|wrn|w)$/i, 13, 16],
  [/^(err|error|eror|e|fail|severe)$/i, 17, 20],
  [/^(crit|critical|alert)$/i, 18, 24],
  [/^(emerg|emergency|panic|fatal|ftl|f)$/i, 21, 24],
];
const ERROR_SEVERITY = 17;

/** Keys of records that are their own, whatever a span has under that name. */
const OWN_KEYS = new Set([
  "thread.name",
  "thread.id",
  "code.function.name",
  "code.file.path",
  "code.line.number",
]);

interface Claim {
  kind: RecordKind;
  attributes: readonly [string, AnyValue][];
  origin: Origin;
  hasException: boolean;
  isError: boolean;
}

export class RecordCheck {
  readonly counts: RecordCounts = {
    kinds: { access: 0, application: 0, system: 0 },
    linkedByKind: { access: 0, application: 0, system: 0 },
    severities: {},
    compared: 0,
    exceptions: 0,
    linkedExceptions: 0,
    bodies: 0,
    syslogLines: 0,
  };
  readonly #rules: DataRules;
  readonly #violations: Violations;
  readonly #claims = new Map<string, Claim[]>();
  readonly #bodies = new Set<string>();
  #kept = 0;

  constructor(rules: DataRules, violations: Violations) {
    this.#rules = rules;
    this.#violations = violations;
  }

  add(record: LogRecord, resource: Attributed, scope: Scope | undefined, where: () => string): void {
    const { counts } = this;
    const values = new Map((record.attributes ?? []).map(({ key, value }) => [key, value]));
    const kind = kindOf(resource, values);
    counts.kinds[kind]++;
    const severity = record.severityText ?? "";
    counts.severities[severity] = (counts.severities[severity] ?? 0) + 1;
    this.#checkSeverity(record, where);
    this.#checkBody(record, values, kind, where);
    if (kind === "system") this.#checkSyslog(record, values, resource, where);
    if (!scope?.name && kind !== "system") this.#violations.add("a record's scope has no name", where);
    const hasException = values.has("exception.type") || values.has("exception.message");
    if (hasException) counts.exceptions++;
    if (hasException && !(values.has("exception.type") && values.has("exception.message"))) {
      this.#violations.add("a record's exception lacks type or message", where);
    }
    if (!record.traceId || !record.spanId) return;
    counts.linkedByKind[kind]++;
    if (hasException) counts.linkedExceptions++;
    if (kind === "system") this.#violations.add("a system record belongs to a span", where);
    if (this.#kept >= MAX_KEPT) return;
    this.#kept++;
    const claim: Claim = {
      kind,
      attributes: [...values],
      origin: originOf(resource),
      hasException,
      isError: (record.severityNumber ?? 0) >= ERROR_SEVERITY,
    };
    const key = record.traceId + record.spanId;
    const claims = this.#claims.get(key);
    if (claims) claims.push(claim);
    else this.#claims.set(key, [claim]);
  }

  /** Compare a span with the records that belong to it. */
  compare(span: Span, facts: SpanFacts, origin: Origin, where: () => string): void {
    const key = span.traceId + span.spanId;
    const claims = this.#claims.get(key);
    if (!claims) return;
    this.#claims.delete(key);
    for (const claim of claims) {
      this.counts.compared++;
      const add = (rule: string, detail: string) => this.#violations.add(rule, () => `${detail}: ${where()}`);
      if (claim.origin.instance !== origin.instance) {
        add("a record and its span are of different processes", `${claim.origin.service}, ${origin.service}`);
      }
      if (claim.kind === "access" && facts.role !== "http-server") {
        add("an access record belongs to a span that serves no HTTP", facts.role);
      }
      if (claim.isError && claim.kind === "application" && !facts.failed && facts.exceptions.length === 0) {
        add(
          "an error was logged in a span that shows none",
          textOf(new Map(claim.attributes), "exception.type"),
        );
      }
      compareAttributes(claim, facts, add);
      if (claim.hasException) compareException(claim, facts, add);
    }
  }

  /** What shows only over all records. */
  finish(): void {
    this.counts.bodies = this.#bodies.size;
    const { logShares } = this.#rules;
    const { kinds } = this.counts;
    const total = RECORD_KINDS.reduce((sum, kind) => sum + kinds[kind], 0);
    if (!logShares || total === 0) return;
    for (const kind of RECORD_KINDS) {
      const expected = (total * logShares[kind]) / 100;
      if (Math.abs(kinds[kind] - expected) < 1) continue;
      const example = () => `${kind}: ${kinds[kind]} of ${total}, not ${expected}`;
      this.#violations.add("a kind of records has not its share", example);
    }
  }

  #checkSeverity({ severityNumber = 0, severityText = "" }: LogRecord, where: () => string): void {
    const example = () => `${severityText} (${severityNumber}): ${where()}`;
    if (!(severityNumber >= 1 && severityNumber <= 24)) {
      this.#violations.add("a severity number is none", example);
      return;
    }
    const known = SEVERITIES.find(([word]) => word.test(severityText));
    if (!known) this.#violations.add("a severity text is not known", example);
    else if (severityNumber < known[1] || severityNumber > known[2]) {
      this.#violations.add("a severity's number and text disagree", example);
    }
  }

  /** A line of syslog repeats what the record's fields say. */
  #checkSyslog(
    record: LogRecord,
    values: ReadonlyMap<string, AnyValue>,
    resource: Attributed,
    where: () => string,
  ): void {
    const line = readSyslogLine(record.body?.stringValue ?? "");
    if (!line) return;
    this.counts.syslogLines++;
    const host = stringAttribute(resource, "host.name") ?? "";
    const severity = record.severityNumber ?? 0;
    const [least, most] = SYSLOG_SEVERITIES[line.priority % 8]!;
    const facts: [string, string | number, string | number][] = [
      ["host", line.host.includes(".") ? host : host.split(".")[0]!, line.host],
      ["priority", textOf(values, "priority") || line.priority, line.priority],
      ["facility", textOf(values, "facility") || line.priority >> 3, line.priority >> 3],
      ["appname", textOf(values, "appname") || line.appname, line.appname],
      ["proc_id", textOf(values, "proc_id") || line.processId, line.processId],
    ];
    for (const [key, told, written] of facts) {
      if (String(told) === String(written)) continue;
      const example = () => `${key} ${told}, ${written}: ${where()}`;
      this.#violations.add("a syslog line is not what its record says", example);
    }
    if (severity < least || severity > most) {
      const example = () => `priority ${line.priority}, severity ${severity}: ${where()}`;
      this.#violations.add("a syslog line's priority is not the record's severity", example);
    }
  }

  #checkBody(
    record: LogRecord,
    values: ReadonlyMap<string, AnyValue>,
    kind: RecordKind,
    where: () => string,
  ): void {
    const body = record.body?.stringValue;
    if (record.body === undefined || body === "") {
      this.#violations.add("a record has no body", where);
      return;
    }
    if (body !== undefined && this.#bodies.size < MAX_BODIES)
      this.#bodies.add(body.replaceAll(/[\da-f]{4,}|\d+/g, "#"));
    if (kind !== "access" || body === undefined) return;
    const line = readAccessLine(body);
    if (!line) {
      this.#violations.add("an access record's body is no access line", where);
      return;
    }
    const text = (...keys: string[]) => textOf(values, ...keys);
    const pairs: [string, string, string | undefined][] = [
      ["client.address", text("client.address"), line.client],
      ["http.request.method", text("http.request.method"), line.method],
      ["url.path", text("url.path"), line.path],
      ["url.query", text("url.query"), line.query],
      ["http.response.status_code", text("http.response.status_code"), line.status],
      [
        "http.response.body.size",
        text("http.response.body.size"),
        line.size || (text("http.response.body.size") === "0" ? "0" : ""),
      ],
      [
        "network.protocol.version",
        text("network.protocol.version"),
        line.protocol.replace(/^([23])\.0$/, "$1"),
      ],
      ["user_agent.original", text("user_agent.original"), line.agent],
      ["referer", refererOf(values), line.referer],
    ];
    for (const [key, attribute, inBody] of pairs) {
      // A fact that the format leaves out may stand in the attributes alone.
      if (inBody === undefined || attribute === inBody) continue;
      this.#violations.add(
        "an access line is not what its attributes say",
        () => `${key} ${attribute}, ${inBody}: ${where()}`,
      );
    }
  }
}

/** Records of machines name no service; access records have a request's method and the status that was answered. */
function kindOf({ attributes = [] }: Attributed, values: ReadonlyMap<string, AnyValue>): RecordKind {
  if (!attributes.some(({ key }) => key === "service.name")) return "system";
  const isAccess = ["http.request.method", "url.path", "client.address", "http.response.status_code"].every(
    (key) => values.has(key),
  );
  return isAccess ? "access" : "application";
}

function refererOf(values: ReadonlyMap<string, AnyValue>): string {
  return values.get("http.request.header.referer")?.arrayValue?.values?.[0]?.stringValue ?? "";
}

type Add = (rule: string, detail: string) => void;

/** What record and span both say, they say alike. */
function compareAttributes({ attributes, kind }: Claim, facts: SpanFacts, add: Add): void {
  const spans: Record<string, string> = {
    "http.request.method": isHttp(facts) ? facts.subject : "",
    "url.path": facts.path,
    "http.response.status_code": isHttp(facts) ? facts.code : "",
    "rpc.response.status_code": isHttp(facts) ? "" : facts.code,
    "rpc.method": isHttp(facts) ? "" : facts.subject,
    "client.address": textOf(facts.attributes, "client.address", "http.client_ip"),
    "user_agent.original": textOf(facts.attributes, "user_agent.original", "http.user_agent"),
    "http.response.body.size": textOf(
      facts.attributes,
      "http.response.body.size",
      "http.response_content_length",
    ),
  };
  for (const [key, value] of attributes) {
    if (OWN_KEYS.has(key) || key.startsWith("exception.")) continue;
    const onSpan = spans[key] || textOf(facts.attributes, key);
    const inRecord = scalarText(value);
    if (onSpan !== "" && onSpan !== inRecord)
      add(`a record's ${key} is not its span's`, `${inRecord}, ${onSpan}`);
  }
  if (kind !== "access") return;
  const query = textOf(new Map(attributes), "url.query");
  if (query !== facts.query) add("a record's url.query is not its span's", `${query}, ${facts.query}`);
}

function isHttp({ role }: SpanFacts): boolean {
  return role === "http-server" || role === "http-client";
}

const EXCEPTION_KEYS = ["exception.type", "exception.message", "exception.stacktrace"];

function compareException({ attributes }: Claim, { exceptions }: SpanFacts, add: Add): void {
  const values = new Map(attributes);
  const inRecord = EXCEPTION_KEYS.map((key) => textOf(values, key));
  if (exceptions.length === 0) {
    add("a record has an exception and its span none", inRecord[0]!);
    return;
  }
  const isThere = exceptions.some((event) => {
    const inEvent = new Map((event.attributes ?? []).map(({ key, value }) => [key, value]));
    return EXCEPTION_KEYS.every((key, i) => inRecord[i] === "" || textOf(inEvent, key) === inRecord[i]);
  });
  if (!isThere) add("a record's exception is not its span's", inRecord.slice(0, 2).join(": "));
}
