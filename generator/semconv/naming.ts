/**
 * Attribute names of the semantic conventions, and the names that they had before they became stable.
 *
 * Instrumentations switch by OTEL_SEMCONV_STABILITY_OPT_IN: the old names, the stable ones, or both ("dup").
 * Source: semantic-conventions v1.44.0, docs/non-normative/http-migration.md and db-migration.md.
 */

/** The names that go out for an attribute's stable name; none leaves the attribute out. */
export type Naming = (name: string) => readonly string[];

/** Which side of a call an attribute describes: some old names differ by it. */
export type Side = "server" | "client";

/** The path with its query: an attribute of the old conventions only. */
export const OLD_TARGET = "http.target";

/** Old names; an empty text: there was none, the old conventions leave it out. */
const OLD_NAMES: Readonly<Record<string, string>> = {
  "http.request.method": "http.method",
  "http.response.status_code": "http.status_code",
  "http.request.body.size": "http.request_content_length_uncompressed",
  "http.response.body.size": "http.response_content_length_uncompressed",
  "url.full": "http.url",
  "url.scheme": "http.scheme",
  "url.path": "",
  "url.query": "",
  "url.template": "",
  "user_agent.original": "http.user_agent",
  "client.address": "http.client_ip",
  "network.protocol.version": "http.flavor",
  "network.peer.address": "net.sock.peer.addr",
  "network.peer.port": "net.sock.peer.port",
  "db.system.name": "db.system",
  "db.namespace": "db.name",
  "db.collection.name": "db.sql.table",
  "db.operation.name": "db.operation",
  "db.query.text": "db.statement",
  "db.query.summary": "",
  "db.response.status_code": "",
  "error.type": "",
  "service.peer.name": "peer.service",
};

const OLD_NAMES_BY_SIDE: Readonly<Record<Side, Readonly<Record<string, string>>>> = {
  server: { "server.address": "net.host.name", "server.port": "net.host.port" },
  client: { "server.address": "net.peer.name", "server.port": "net.peer.port" },
};

/** Each attribute under its stable name. */
export const stableNames: Naming = (name) => (name === OLD_TARGET ? [] : [name]);

/** The naming of a run, for the attributes of one side of a call. */
export function namingOf(semconv: "stable" | "old" | "dup", side: Side): Naming {
  if (semconv === "stable") return stableNames;
  return (name) => {
    const old = OLD_NAMES_BY_SIDE[side][name] ?? OLD_NAMES[name] ?? name;
    const names = semconv === "old" || name === OLD_TARGET ? [old] : [name, old];
    return [...new Set(names)].filter((each) => each !== "");
  };
}
