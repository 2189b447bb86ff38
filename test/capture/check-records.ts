/** Log records as data: kinds and their shares, severities, bodies that say what the fields say. */
import { stringAttribute, valuesByKey } from "./attributes.ts";
import type { DataRules } from "./data-rules.ts";
import { LinkedRecords } from "./linked-records.ts";
import { originOf } from "./origin.ts";
import { checkAccessLine, checkSyslogLine } from "./record-text.ts";
import type { AnyValue, Attributed, LogRecord, Scope } from "./requests.ts";
import { readSyslogLine } from "./syslog-line.ts";
import type { Violations } from "./violations.ts";

const RECORD_KINDS = ["access", "application", "system"] as const;
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
  /** What records say of their spans, until those come. */
  readonly linked: LinkedRecords;
  readonly #rules: DataRules;
  readonly #violations: Violations;
  readonly #bodies = new Set<string>();

  constructor(rules: DataRules, violations: Violations) {
    this.#rules = rules;
    this.#violations = violations;
    this.linked = new LinkedRecords(violations);
  }

  add(record: LogRecord, resource: Attributed, scope: Scope | undefined, where: () => string): void {
    const { counts } = this;
    const values = valuesByKey(record);
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
    this.linked.add(record.traceId + record.spanId, {
      isAccess: kind === "access",
      attributes: values,
      origin: originOf(resource),
      hasException,
      isError: kind === "application" && (record.severityNumber ?? 0) >= ERROR_SEVERITY,
    });
  }

  /** What shows only over all records. */
  finish(): void {
    this.counts.bodies = this.#bodies.size;
    this.counts.compared = this.linked.compared;
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

  #checkSyslog(
    record: LogRecord,
    values: ReadonlyMap<string, AnyValue>,
    resource: Attributed,
    where: () => string,
  ): void {
    const line = readSyslogLine(record.body?.stringValue ?? "");
    if (!line) return;
    this.counts.syslogLines++;
    const told = { host: stringAttribute(resource, "host.name") ?? "", severity: record.severityNumber ?? 0 };
    checkSyslogLine(line, values, told, this.#violations.at(where));
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
    checkAccessLine(body, values, this.#violations.at(where));
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
