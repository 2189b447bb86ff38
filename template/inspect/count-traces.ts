/** What is counted of spans. */
import type { Message } from "../../otlp/message/schema.ts";
import { countEnvelopes, nameOf, type Shared, type SignalCounter, Tally } from "./tally.ts";
import { TraceShapes, type TraceShapesSummary } from "./trace-shapes.ts";

export interface TracesSummary extends TraceShapesSummary {
  kinds: Record<string, number>;
  status: Record<string, number>;
  /** Spans by what they stand for: `http server`, `database client`, `internal` ... */
  roles: Record<string, number>;
  names: Record<string, number>;
  events: number;
  eventNames: Record<string, number>;
  links: number;
  spansWithLinks: number;
}

export function countTraces(shared: Shared): SignalCounter<"traces", TracesSummary> {
  const { attributes } = shared;
  const shapes = new TraceShapes();
  const [kinds, status, roles, names, eventNames] = [
    new Tally(),
    new Tally(),
    new Tally(),
    new Tally(),
    new Tally(),
  ];
  let [events, links, spansWithLinks] = [0, 0, 0];
  const countSpan = (span: Message<"Span">): void => {
    shapes.add(span);
    const kind = nameOf("SpanKind", span.kind);
    kinds.add(kind);
    status.add(nameOf("StatusCode", span.status?.code));
    roles.add(roleOf(kind, span.attributes));
    names.add(span.name ?? "");
    attributes.add("span", span.attributes);
    for (const event of span.events ?? []) {
      events++;
      eventNames.add(event.name ?? "");
      attributes.add("event", event.attributes);
    }
    if (!span.links?.length) return;
    spansWithLinks++;
    links += span.links.length;
    for (const link of span.links) attributes.add("link", link.attributes);
  };
  return {
    add: ({ resourceSpans }) =>
      countEnvelopes(
        shared,
        resourceSpans,
        (resource) => resource.scopeSpans,
        ({ spans = [] }) => {
          spans.forEach(countSpan);
          return spans.length;
        },
      ),
    result: () => ({
      ...shapes.result(),
      kinds: kinds.result(),
      status: status.result(),
      roles: roles.result(),
      names: names.result(),
      events,
      eventNames: eventNames.result(),
      links,
      spansWithLinks,
    }),
  };
}

/** Attributes that tell a span's role, old and stable names; the first one of this list that a span has decides. */
const ROLE_OF_KEY: [string, string][] = [
  ["messaging.system", "messaging"],
  ["db.system.name", "database"],
  ["db.system", "database"],
  ["rpc.system.name", "rpc"],
  ["rpc.system", "rpc"],
  ["http.request.method", "http"],
  ["http.method", "http"],
];
const RANKS = new Map(ROLE_OF_KEY.map(([key], rank) => [key, rank]));

function roleOf(kind: string, attributes: Message<"Span">["attributes"]): string {
  let best = ROLE_OF_KEY.length;
  for (const { key } of attributes ?? []) best = Math.min(best, RANKS.get(key ?? "") ?? best);
  const role = ROLE_OF_KEY[best]?.[1];
  return role === undefined ? kind : `${role} ${kind}`;
}
