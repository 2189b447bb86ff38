/**
 * Records of a span tell what the span shows. Logs are read before traces: what a linked record claims waits here for its span.
 */
import { scalarText, textOf, valuesByKey } from "./attributes.ts";
import { isHttp } from "./conventions/tables.ts";
import { within } from "./map-within.ts";
import type { Origin } from "./origin.ts";
import type { AnyValue, Span } from "./requests.ts";
import type { SpanFacts } from "./span-facts.ts";
import type { Report, Violations } from "./violations.ts";

/** Some 500 bytes each are kept of linked records; beyond this they are not compared. */
const MAX_KEPT = 300_000;

/** Keys of records that are their own, whatever a span has under that name. */
const OWN_KEYS = new Set([
  "thread.name",
  "thread.id",
  "code.function.name",
  "code.file.path",
  "code.line.number",
]);

/** What a record says of the span that it belongs to. */
export interface Claim {
  /** Of an access log, which tells everything that the span tells. */
  isAccess: boolean;
  attributes: ReadonlyMap<string, AnyValue>;
  origin: Origin;
  hasException: boolean;
  /** The program complained. */
  isError: boolean;
}

export class LinkedRecords {
  /** How many were compared. */
  compared = 0;
  readonly #violations: Violations;
  readonly #claims = new Map<string, Claim[]>();
  #kept = 0;

  constructor(violations: Violations) {
    this.#violations = violations;
  }

  /** key: trace id and span id, one after the other */
  add(key: string, claim: Claim): void {
    if (this.#kept >= MAX_KEPT) return;
    this.#kept++;
    within(this.#claims, key, (): Claim[] => []).push(claim);
  }

  /** Compare a span with the records that belong to it. */
  compare(span: Span, facts: SpanFacts, origin: Origin, where: () => string): void {
    const key = span.traceId + span.spanId;
    const claims = this.#claims.get(key);
    if (!claims) return;
    this.#claims.delete(key);
    const report = this.#violations.at(where);
    for (const claim of claims) {
      this.compared++;
      compareClaim(claim, facts, origin, report);
    }
  }
}

function compareClaim(claim: Claim, facts: SpanFacts, origin: Origin, report: Report): void {
  if (claim.origin.instance !== origin.instance) {
    report("a record and its span are of different processes", `${claim.origin.service}, ${origin.service}`);
  }
  if (claim.isAccess && facts.role !== "http-server") {
    report("an access record belongs to a span that serves no HTTP", facts.role);
  }
  if (claim.isError && !facts.failed && facts.exceptions.length === 0) {
    const type = textOf(claim.attributes, "exception.type");
    report("an error was logged in a span that shows none", type);
  }
  compareAttributes(claim, facts, report);
  if (claim.hasException) compareException(claim, facts, report);
}

/** What record and span both say, they say alike. */
function compareAttributes({ attributes, isAccess }: Claim, facts: SpanFacts, report: Report): void {
  const spans: Record<string, string> = {
    "http.request.method": isHttp(facts.role) ? facts.subject : "",
    "url.path": facts.path,
    "http.response.status_code": isHttp(facts.role) ? facts.code : "",
    "rpc.response.status_code": isHttp(facts.role) ? "" : facts.code,
    "rpc.method": isHttp(facts.role) ? "" : facts.subject,
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
      report(`a record's ${key} is not its span's`, `${inRecord}, ${onSpan}`);
  }
  if (!isAccess) return;
  const query = textOf(attributes, "url.query");
  if (query !== facts.query) report("a record's url.query is not its span's", `${query}, ${facts.query}`);
}

const EXCEPTION_KEYS = ["exception.type", "exception.message", "exception.stacktrace"];

function compareException({ attributes }: Claim, { exceptions }: SpanFacts, report: Report): void {
  const inRecord = EXCEPTION_KEYS.map((key) => textOf(attributes, key));
  if (exceptions.length === 0) {
    report("a record has an exception and its span none", inRecord[0]!);
    return;
  }
  const isThere = exceptions.some((event) => {
    const inEvent = valuesByKey(event);
    return EXCEPTION_KEYS.every((key, i) => inRecord[i] === "" || textOf(inEvent, key) === inRecord[i]);
  });
  if (!isThere) report("a record's exception is not its span's", inRecord.slice(0, 2).join(": "));
}
