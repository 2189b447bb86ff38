/** What is counted of log records. */
import type { Message } from "../../otlp/message/schema.ts";
import { DistinctCounter } from "./distinct.ts";
import { countEnvelopes, nameOf, type Shared, type SignalCounter, Tally } from "./tally.ts";

export interface LogsSummary {
  severities: Record<string, number>;
  /** Records that carry a trace id, and their share. */
  linked: number;
  linkedShare: number;
  /** Linked records by name of their scope. */
  linkedByScope: Record<string, number>;
  /** Records by form of their body: `access line`, `text`, `text of many lines`, `map`, ... */
  bodies: Record<string, number>;
  distinctBodies: { count: number; approximate: boolean };
  /** Records that are named events. */
  eventNames: Record<string, number>;
}

export function countLogs(shared: Shared): SignalCounter<"logs", LogsSummary> {
  const { attributes } = shared;
  const [severities, linkedByScope, bodies, eventNames] = [
    new Tally(),
    new Tally(),
    new Tally(),
    new Tally(),
  ];
  const texts = new DistinctCounter(10_000);
  let [records, linked] = [0, 0];
  const countRecord = (record: Message<"LogRecord">, scope: string): void => {
    records++;
    severities.add(nameOf("SeverityNumber", record.severityNumber));
    if (record.traceId?.some((byte) => byte !== 0)) {
      linked++;
      linkedByScope.add(scope);
    }
    if (record.eventName) eventNames.add(record.eventName);
    bodies.add(formOf(record.body));
    if (record.body?.stringValue !== undefined) texts.add(record.body.stringValue);
    attributes.add("record", record.attributes);
  };
  return {
    add: ({ resourceLogs }) =>
      countEnvelopes(
        shared,
        resourceLogs,
        (resource) => resource.scopeLogs,
        ({ scope, logRecords = [] }) => {
          for (const record of logRecords) countRecord(record, scope?.name || "(no name)");
          return logRecords.length;
        },
      ),
    result: () => ({
      severities: severities.result(),
      linked,
      linkedShare: records > 0 ? linked / records : 0,
      linkedByScope: linkedByScope.result(),
      bodies: bodies.result(),
      distinctBodies: { count: texts.count, approximate: texts.isApproximate },
      eventNames: eventNames.result(),
    }),
  };
}

/** Common log format: client, two names, time in brackets, request in quotes. */
const ACCESS_LINE = /^\S+ \S+ \S+ \[[^\]]+\] "/;

function formOf(body: Message<"AnyValue"> | undefined): string {
  const text = body?.stringValue;
  if (text !== undefined) {
    if (ACCESS_LINE.test(text)) return "access line";
    return text.includes("\n") ? "text of many lines" : "text";
  }
  if (body?.kvlistValue !== undefined) return "map";
  if (body?.arrayValue !== undefined) return "list";
  return body === undefined || Object.keys(body).length === 0 ? "empty" : "value";
}
