/** All that is said of the data in a capture: one object that is shown every resource, span, record and point. */
import { attributesText } from "./attributes.ts";
import { KeyCheck } from "./check-keys.ts";
import { MetricDataCheck, type MetricDataCounts } from "./check-metric-data.ts";
import { ObjectCheck, type ObjectCounts } from "./check-objects.ts";
import { RecordCheck, type RecordCounts } from "./check-records.ts";
import { SpanCheck } from "./check-spans.ts";
import { languagesOfScope } from "./conventions/languages.ts";
import type { DataRules } from "./data-rules.ts";
import type { Origin } from "./origin.ts";
import type {
  Attributed,
  LogRecord,
  Metric,
  MetricKind,
  Point,
  Scope,
  SignalName,
  Span,
} from "./requests.ts";
import type { SpanFacts } from "./span-facts.ts";
import type { Violations } from "./violations.ts";

export interface DataCounts {
  /** Spans of each role. */
  roles: Record<string, number>;
  spanNames: number;
  /** Share of spans with the status Error. */
  errorShare: number;
  exceptions: number;
  objects: ObjectCounts;
  records: RecordCounts;
  metrics: MetricDataCounts;
  /** Per role: keys and the share of its spans that have them, most frequent first. */
  keys: Record<string, Record<string, number>>;
}

/** Errors come in chains, so their number scatters more than that of independent draws. */
const ERROR_SPREAD = 4;

export class DataCheck {
  readonly records: RecordCheck;
  readonly metrics: MetricDataCheck;
  readonly #rules: DataRules;
  readonly #violations: Violations;
  readonly #keys: KeyCheck;
  readonly #spans: SpanCheck;
  readonly #objects: ObjectCheck;
  /** Resources that were looked at: they repeat in every request. */
  readonly #seen = new Set<string>();

  constructor(rules: DataRules, violations: Violations) {
    this.#rules = rules;
    this.#violations = violations;
    this.#keys = new KeyCheck(rules, violations);
    this.#spans = new SpanCheck(rules, violations);
    this.#objects = new ObjectCheck(violations);
    this.records = new RecordCheck(rules, violations);
    this.metrics = new MetricDataCheck(rules, violations);
  }

  resource(signal: SignalName, resource: Attributed, where: () => string): void {
    const text = `${signal} ${attributesText(resource.attributes)}`;
    if (this.#seen.has(text)) return;
    this.#seen.add(text);
    this.#keys.check(resource, "resource", where);
    this.#objects.add(signal, resource, where);
  }

  scope(scope: Scope | undefined, { language }: Pick<Origin, "language">, where: () => string): void {
    if (!scope?.name) this.#violations.add("a scope has no name", where);
    const languages = languagesOfScope(scope?.name ?? "");
    if (language !== "" && languages.length > 0 && !languages.includes(language)) {
      const example = () => `${scope!.name} in ${language}: ${where()}`;
      this.#violations.add("a scope is a library of another language", example);
    }
    this.#keys.check(scope ?? {}, "scope", where);
  }

  span(span: Span, facts: SpanFacts, origin: Origin, where: () => string): void {
    this.#keys.check(span, facts.role, where);
    for (const event of span.events ?? []) {
      if (!event.name) this.#violations.add("an event has no name", where);
      this.#keys.check(event, "event", where);
    }
    for (const link of span.links ?? []) this.#keys.check(link, "link", where);
    this.#spans.check(span, facts, origin, where);
    this.records.linked.compare(span, facts, origin, where);
  }

  record(record: LogRecord, resource: Attributed, scope: Scope | undefined, where: () => string): void {
    this.#keys.check(record, "log", where);
    this.records.add(record, resource, scope, where);
  }

  point(
    point: Point,
    metric: Metric,
    kind: MetricKind,
    resource: ReadonlyMap<string, string>,
    where: () => string,
  ): void {
    this.#keys.check(point, "point", where);
    this.metrics.add(point, metric, kind, resource, where);
  }

  /** Call when everything was shown. */
  finish(): void {
    this.#spans.finish();
    this.#objects.finish();
    this.records.finish();
    this.metrics.finish();
    this.#checkErrorRate();
  }

  get counts(): DataCounts {
    const spans = this.#spans;
    const keys = [...this.#keys.uses].map(([place, { items, keys: byKey }]) => {
      const shares = [...byKey].map(
        ([key, uses]) => [key, Math.round((1000 * uses) / items) / 1000] as const,
      );
      return [
        place,
        Object.fromEntries(shares.sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))),
      ] as const;
    });
    return {
      roles: Object.fromEntries([...spans.byRole].sort((a, b) => b[1] - a[1])),
      spanNames: spans.names,
      errorShare: spans.failed / Math.max(1, spans.spans),
      exceptions: spans.exceptions,
      objects: this.#objects.counts,
      records: this.records.counts,
      metrics: this.metrics.counts,
      keys: Object.fromEntries(keys),
    };
  }

  #checkErrorRate(): void {
    const { errorRate } = this.#rules;
    const { spans, failed } = this.#spans;
    if (errorRate === undefined || spans === 0) return;
    const deviation = Math.sqrt((errorRate * (1 - errorRate)) / spans);
    const share = failed / spans;
    if (Math.abs(share - errorRate) <= 0.05 * errorRate + ERROR_SPREAD * deviation) return;
    this.#violations.add(
      "the share of failed spans is not the configured one",
      () => `${share}, not ${errorRate}`,
    );
  }
}
