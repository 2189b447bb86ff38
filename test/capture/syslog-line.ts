/** Lines of syslog, by their own definitions: RFC 3164 (4.1) and RFC 5424 (6). */

export interface SyslogLine {
  /** facility * 8 + severity. */
  priority: number;
  /** As written: RFC 3164 writes no domain. */
  host: string;
  appname: string;
  /** "" when it is not told. */
  processId: string;
}

const RFC5424 = /^<(\d{1,3})>1 \S+ (\S+) (\S+) (\S+) \S+ (?:-|\[)/;
const RFC3164 = /^<(\d{1,3})>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d (\S+) ([^\s:[]+)(?:\[(\w+)\])?:/;

/** The parts of a line's header, or undefined when it has none. */
export function readSyslogLine(text: string): SyslogLine | undefined {
  const found = RFC5424.exec(text) ?? RFC3164.exec(text);
  if (!found) return undefined;
  const [, priority = "", host = "", appname = "", processId = ""] = found;
  return { priority: Number(priority), host, appname, processId: processId === "-" ? "" : processId };
}

/** What OTLP calls a severity of syslog: the ranges that its data model maps them to. */
export const SYSLOG_SEVERITIES: readonly (readonly [number, number])[] = [
  [21, 24],
  [18, 24],
  [18, 24],
  [17, 17],
  [13, 16],
  [9, 12],
  [9, 9],
  [5, 8],
];
