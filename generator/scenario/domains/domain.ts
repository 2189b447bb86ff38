/**
 * What a service is about: its things, where they are kept, what can be done with them, what goes wrong.
 */

export type MessageLevel = "DEBUG" | "INFO" | "WARN" | "ERROR";

/** A table, or a collection of documents. The first column is the key. */
export interface Table {
  readonly name: string;
  readonly columns: readonly string[];
}

/** Something that can be asked of a service: by HTTP, or by its verb where the service speaks gRPC. */
export interface Endpoint {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** What follows the collection: "", "/ID", "/ID/cancel". */
  readonly path: string;
  /** Query template, empty for none; `wording.ts` has its placeholders. */
  readonly query: string;
  readonly verb: string;
  /** Whether it leaves everything as it is: such a request calls only others that read, and publishes nothing. */
  readonly reads: boolean;
  /** Usual latency in ms. */
  readonly ms: number;
  readonly successCode: number;
  /** What it publishes when it succeeds; empty for nothing. One of the domain's events. */
  readonly event: string;
  /** Verbs of other domains' endpoints that it calls, where services of those domains are there to be called. */
  readonly calls: readonly string[];
  /** Whether it asks a host outside. */
  readonly external: boolean;
  /** Whether it is for customers, and entrances offer it; others are for services and staff. */
  readonly isPublic: boolean;
}

/** A part of a program with a span of its own. */
export interface StepKind {
  readonly name: string;
  readonly module: string;
  /** When it is taken: at the beginning of any request, before a change, or to shape the answer of one that reads. */
  readonly use: "begin" | "change" | "answer";
}

/** What goes wrong in a domain. */
export interface Failure {
  readonly name: string;
  /** With placeholders. */
  readonly message: string;
}

/** A host outside, and what is asked of it. */
export interface External {
  readonly method: "GET" | "POST";
  readonly host: string;
  /** With ID where an id stands. */
  readonly path: string;
  readonly ms: number;
}

export interface Domain {
  /** One thing: `order`. */
  readonly entity: string;
  /** Many of them, as paths and topics call them: `orders`. */
  readonly collection: string;
  readonly idStyle: "number" | "uuid" | "code";
  /** What ids of the style `code` begin with; empty: ten letters and digits. */
  readonly idPrefix: string;
  /** What a thing can be: {state} in texts. */
  readonly states: readonly string[];
  /** The kind of database that suits it; absent: whatever the service's language is used with. */
  readonly store?: "mongodb" | "elasticsearch";
  /** Place in the order of calls, 0 to 9: a domain calls those of higher layers, or later ones of its own. */
  readonly layer: number;
  /** Events of others that it acts on. */
  readonly consumes: readonly string[];
  readonly tables: readonly Table[];
  readonly endpoints: readonly Endpoint[];
  readonly steps: readonly StepKind[];
  readonly events: readonly string[];
  readonly failures: readonly Failure[];
  /** Those that can come of looking things up. */
  readonly failuresOfReading: readonly Failure[];
  readonly messages: readonly { readonly level: MessageLevel; readonly text: string }[];
  readonly externals: readonly External[];
}

/** How domains are written down: a line of text for each thing. */
export interface DomainText {
  readonly entity: string;
  readonly collection: string;
  /** `number`, `uuid`, `code` or `code SKU`. */
  readonly id: string;
  readonly states: string;
  readonly store?: "mongodb" | "elasticsearch";
  readonly layer: number;
  readonly consumes?: string;
  /** `name: key column column ...` */
  readonly tables: readonly string[];
  /** `METHOD PATH Verb ms [code] [>event] [?query] [+VerbOfOther] [*] [public]`; PATH is `-` for the collection, * asks a host outside. */
  readonly endpoints: readonly string[];
  /** `[change:|answer:]name @module` */
  readonly steps: readonly string[];
  /** `[change:]Name: message`; change: only where something is changed. */
  readonly failures: readonly string[];
  readonly messages: Readonly<Record<MessageLevel, readonly string[]>>;
  /** `METHOD host path ms` */
  readonly externals?: readonly string[];
}

/** Questions that take a body, and so are POST. */
const READING_VERBS = /^(Quote|Convert|Calculate|Verify|Validate|Evaluate)/;

/** Read a domain from its lines. Its events are those that its endpoints publish. */
export function readDomain(text: DomainText): Domain {
  const [idStyle, idPrefix = ""] = text.id.split(" ");
  const endpoints = text.endpoints.map(readEndpoint);
  const reading = text.failures.filter((line) => !line.startsWith("change:"));
  return {
    entity: text.entity,
    collection: text.collection,
    idStyle: idStyle as Domain["idStyle"],
    idPrefix,
    states: text.states.split(" "),
    ...(text.store ? { store: text.store } : {}),
    layer: text.layer,
    consumes: words(text.consumes ?? ""),
    tables: text.tables.map((line) => {
      const [name, columns] = line.split(": ");
      return { name: name!, columns: words(columns!) };
    }),
    endpoints,
    steps: text.steps.map((line) => {
      const [, use = "begin", name, module] = /^(?:(change|answer):)?(.+) @(.+)$/.exec(line)!;
      return { name: name!, module: module!, use: use as StepKind["use"] };
    }),
    events: [...new Set(endpoints.map(({ event }) => event).filter(Boolean))],
    failures: text.failures.map(readFailure),
    failuresOfReading: reading.map(readFailure),
    messages: (["DEBUG", "INFO", "WARN", "ERROR"] as const).flatMap((level) =>
      text.messages[level].map((message) => ({ level, text: message })),
    ),
    externals: (text.externals ?? []).map((line) => {
      const [method, host, path, ms] = line.split(" ");
      return { method: method as External["method"], host: host!, path: path!, ms: Number(ms) };
    }),
  };
}

function readFailure(line: string): Failure {
  const [, name, message] = /^(?:change:)?(\w+): (.+)$/.exec(line)!;
  return { name: name!, message: message! };
}

function readEndpoint(line: string): Endpoint {
  const [method, path, verb, ms, ...rest] = line.split(" ");
  const marked = (mark: string): string => rest.find((part) => part.startsWith(mark))?.slice(1) ?? "";
  const code = rest.find((part) => /^\d/.test(part)) ?? (method === "DELETE" ? "204" : "200");
  return {
    method: method as Endpoint["method"],
    path: path === "-" ? "" : path!,
    verb: verb!,
    reads: method === "GET" || READING_VERBS.test(verb!),
    ms: Number(ms),
    successCode: Number(code),
    event: marked(">"),
    query: marked("?"),
    calls: rest.filter((part) => part.startsWith("+")).map((part) => part.slice(1)),
    external: rest.includes("*"),
    isPublic: rest.includes("public"),
  };
}

const words = (text: string): string[] => (text ? text.split(" ") : []);
