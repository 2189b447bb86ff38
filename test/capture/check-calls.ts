/**
 * What spans of one trace say of one another: calls have two sides that agree, processes are left only by calls and messages, errors
 * travel, retries and forwarded requests have what they repeat.
 */
import type { SpanRole } from "./conventions/tables.ts";
import { CONSUMER, FAILED, RESENT, SERVER, type SpanTable } from "./span-table.ts";
import type { Violations } from "./violations.ts";

export interface CallCounts {
  /** Calls of which both sides came. */
  calls: number;
  /** Calls of services that nobody answered: external ones, and those that failed on the way. */
  unanswered: number;
  failedClients: number;
  /** Of the failed clients with a server's span, those whose server failed too. */
  failedClientsWithFailedServer: number;
  failedClientsWithServer: number;
  failedServers: number;
  /** A failed child of the same process explains it. */
  failedServersByChild: number;
  /** No child failed: the exception on the span itself is the origin. */
  failedServersByThemselves: number;
  consumers: number;
  /** Consumers that end after the span that sent the message. */
  outlasting: number;
  /** Consumers that begin before one of the messages that they process, in another trace, was sent. */
  beforeTheirMessage: number;
  retries: number;
  /** Servers that call the route that they serve, and those of them that ask for the same thing. */
  forwarded: number;
  forwardedUnchanged: number;
}

const ANSWERS: Partial<Record<SpanRole, SpanRole>> = {
  "http-server": "http-client",
  "rpc-server": "rpc-client",
};
/** What such a span calls has spans in another process, or none. */
const LEAVES: ReadonlySet<SpanRole> = new Set([
  "http-client",
  "rpc-client",
  "database",
  "producer",
  "receive",
]);

/** Spans are rows of a table that has all of them. */
export class CallCheck {
  readonly counts: CallCounts = {
    calls: 0,
    unanswered: 0,
    failedClients: 0,
    failedClientsWithFailedServer: 0,
    failedClientsWithServer: 0,
    failedServers: 0,
    failedServersByChild: 0,
    failedServersByThemselves: 0,
    consumers: 0,
    outlasting: 0,
    beforeTheirMessage: 0,
    retries: 0,
    forwarded: 0,
    forwardedUnchanged: 0,
  };
  readonly #table: SpanTable;
  readonly #violations: Violations;

  constructor(table: SpanTable, violations: Violations) {
    this.#table = table;
    this.#violations = violations;
  }

  /** A link of a consumer: `linked` is the row of what it names. */
  checkLink(row: number, linked: number, where: () => string): void {
    const table = this.#table;
    if (!table.is(row, CONSUMER)) return;
    if (table.role(linked) !== "producer") {
      this.#violations.add("a consumer's link names no producer", () => `${table.role(linked)}: ${where()}`);
    } else if (table.subjects[linked] !== table.subjects[row]) {
      const example = () => `${this.#text(linked)}, ${this.#text(row)}: ${where()}`;
      this.#violations.add("a consumer's link names a producer of another destination", example);
    }
    if (table.starts[linked]! > table.starts[row]!) this.counts.beforeTheirMessage++;
  }

  /** What a span says of its parent. */
  checkParent(row: number, parent: number, where: () => string): void {
    const table = this.#table;
    const role = table.role(row);
    const above = table.role(parent);
    const caller = ANSWERS[role];
    if (role === "consumer") this.#checkConsumer(row, parent, where);
    else if (caller && above === caller) this.#checkCall(row, parent, where);
    else if (caller)
      this.#add("a server's parent is not a client of its protocol", `${role} below ${above}`, where);
    else if (LEAVES.has(above))
      this.#add("a span stands below a call, where only a server's can", `${role} below ${above}`, where);
    else if (table.instances[row] !== table.instances[parent]) {
      this.#violations.add("a trace changes its process without a call", where);
    }
  }

  #checkCall(server: number, client: number, where: () => string): void {
    const table = this.#table;
    this.counts.calls++;
    if (table.services[server] === table.services[client])
      this.#violations.add("a service calls itself", where);
    const both = (column: Int32Array) =>
      `${table.texts.text(column[client]!)}, ${table.texts.text(column[server]!)}`;
    if (table.subjects[server] !== table.subjects[client]) {
      this.#add("the two sides of a call name different methods", both(table.subjects), where);
    }
    if (table.role(server) === "http-server" && table.paths[server] !== table.paths[client]) {
      this.#violations.add("the two sides of a call name different paths", where);
    }
    const [code, answered] = [table.codes[client]!, table.codes[server]!];
    if (code !== 0 && answered !== 0 && code !== answered) {
      this.#add("the two sides of a call name different codes", both(table.codes), where);
    }
    const service = table.texts.text(table.services[server]!);
    const address = table.texts.text(table.addresses[client]!);
    if (!address.startsWith(service)) {
      this.#add(
        "a client's server.address is not the service that answered",
        `${address}, ${service}`,
        where,
      );
    }
    if (table.is(server, FAILED) && !table.is(client, FAILED)) {
      this.#violations.add("a server failed and its caller did not see it", where);
    }
  }

  #checkConsumer(row: number, parent: number, where: () => string): void {
    const table = this.#table;
    this.counts.consumers++;
    if (table.role(parent) !== "producer") {
      this.#add("a consumer's parent is no producer", table.role(parent), where);
      return;
    }
    if (table.subjects[row] !== table.subjects[parent]) {
      this.#add(
        "a consumer's parent sends to another destination",
        `${this.#text(parent)}, ${this.#text(row)}`,
        where,
      );
    }
    const [sent, read] = [table.codes[parent]!, table.codes[row]!];
    if (sent !== 0 && read !== 0 && sent !== read) {
      const both = `${table.texts.text(sent)}, ${table.texts.text(read)}`;
      this.#add("a consumer reads another partition than its message was sent to", both, where);
    }
    if (table.starts[row]! < table.starts[parent]!) {
      this.#violations.add("a consumer begins before its message is sent", where);
    }
    if (table.ends[row]! > table.ends[parent]!) this.counts.outlasting++;
  }

  /** What the children of a span say of it. */
  checkChildren(row: number, children: readonly number[], where: () => string): void {
    const { counts } = this;
    const table = this.#table;
    const role = table.role(row);
    const servers = children.filter((child) => table.is(child, SERVER));
    if (servers.length > 1) this.#add("several servers answered one call", `${servers.length}`, where);
    if (role === "database" && children.some((child) => table.services[child] !== table.services[row])) {
      this.#violations.add("a database's span has children in another service", where);
    }
    if (role === "http-client" || role === "rpc-client") {
      if (servers.length === 0) counts.unanswered++;
      if (table.is(row, FAILED)) {
        counts.failedClients++;
        if (servers.length > 0) counts.failedClientsWithServer++;
        if (servers.some((child) => table.is(child, FAILED))) counts.failedClientsWithFailedServer++;
      }
    }
    if (table.is(row, SERVER) && table.is(row, FAILED)) this.#explain(row, children, where);
    this.#checkRetries(children, where);
    if (role === "http-server") this.#checkForwarded(row, children, where);
  }

  /** A server does not fail for nothing: a child of its process failed, or it carries an exception of its own. */
  #explain(row: number, children: readonly number[], where: () => string): void {
    const table = this.#table;
    this.counts.failedServers++;
    const failed = children.filter((child) => table.is(child, FAILED));
    if (failed.length > 0) {
      this.counts.failedServersByChild++;
    } else if (table.exceptions[row] !== 0) this.counts.failedServersByThemselves++;
    else this.#violations.add("a server failed and nothing says why", where);
  }

  /** A gateway that passes a request on asks for the same thing, whatever else it asks for. */
  #checkForwarded(server: number, children: readonly number[], where: () => string): void {
    const { routes, subjects, innerPaths } = this.#table;
    if (routes[server] === 0) return;
    const calls = children.filter(
      (child) =>
        this.#table.role(child) === "http-client" &&
        routes[child] === routes[server] &&
        subjects[child] === subjects[server],
    );
    if (calls.length === 0) return;
    this.counts.forwarded++;
    if (calls.some((child) => innerPaths[child] === innerPaths[server])) this.counts.forwardedUnchanged++;
    else this.#violations.add("a request is passed on with another path", where);
  }

  #checkRetries(children: readonly number[], where: () => string): void {
    const table = this.#table;
    for (const child of children) {
      if (!table.is(child, RESENT)) continue;
      this.counts.retries++;
      const isExplained = children.some(
        (other) =>
          other !== child &&
          table.is(other, FAILED) &&
          table.subjects[other] === table.subjects[child] &&
          table.paths[other] === table.paths[child] &&
          table.starts[other]! < table.starts[child]!,
      );
      if (!isExplained) this.#violations.add("a call is sent again though none failed before", where);
    }
  }

  #add(rule: string, detail: string, where: () => string): void {
    this.#violations.add(rule, () => `${detail}: ${where()}`);
  }

  #text(row: number): string {
    return this.#table.texts.text(this.#table.subjects[row]!);
  }
}
