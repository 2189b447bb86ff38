/** Lines of HTTP servers' access logs: Apache's common log format, and the combined one with referer and user agent. */

export interface AccessLine {
  client: string;
  method: string;
  path: string;
  /** Without its question mark; "" for none. */
  query: string;
  /** As on the wire: 1.0, 1.1, 2.0, 3.0. */
  protocol: string;
  status: string;
  /** "" for `-`: none was sent. */
  size: string;
  /** Of the combined format; undefined in the common one, "" for `-`. */
  referer: string | undefined;
  agent: string | undefined;
}

const LINE =
  /^(\S+) (\S+) (\S+) \[([^\]]+)\] "([A-Z]+) (\S+) HTTP\/([\d.]+)" (\d{3}) (\d+|-)(?: "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)")?(?: .*)?$/;

/** The parts of a line, or undefined when it is none. */
export function readAccessLine(text: string): AccessLine | undefined {
  const found = LINE.exec(text);
  if (!found) return undefined;
  const [
    ,
    client = "",
    ,
    ,
    ,
    method = "",
    target = "",
    protocol = "",
    status = "",
    size = "",
    referer,
    agent,
  ] = found;
  const [path = "", ...query] = target.split("?");
  const optional = (part: string | undefined) => (part === "-" ? "" : part?.replaceAll('\\"', '"'));
  return {
    client,
    method,
    path,
    query: query.join("?"),
    protocol,
    status,
    size: size === "-" ? "" : size,
    referer: optional(referer),
    agent: optional(agent),
  };
}
