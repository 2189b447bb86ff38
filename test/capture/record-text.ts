/** Lines that web servers and syslog write: what stands in the text stands in the record's fields too. */
import { readAccessLine } from "./access-line.ts";
import { textOf } from "./attributes.ts";
import type { AnyValue } from "./requests.ts";
import { SYSLOG_SEVERITIES, type SyslogLine } from "./syslog-line.ts";
import type { Report } from "./violations.ts";

/** Hold an access record's body against its attributes. */
export function checkAccessLine(body: string, values: ReadonlyMap<string, AnyValue>, report: Report): void {
  const line = readAccessLine(body);
  if (!line) {
    report("an access record's body is no access line");
    return;
  }
  const text = (...keys: string[]) => textOf(values, ...keys);
  const pairs: [string, string, string | undefined][] = [
    ["client.address", text("client.address"), line.client],
    ["http.request.method", text("http.request.method"), line.method],
    ["url.path", text("url.path"), line.path],
    ["url.query", text("url.query"), line.query],
    ["http.response.status_code", text("http.response.status_code"), line.status],
    [
      "http.response.body.size",
      text("http.response.body.size"),
      line.size || (text("http.response.body.size") === "0" ? "0" : ""),
    ],
    [
      "network.protocol.version",
      text("network.protocol.version"),
      line.protocol.replace(/^([23])\.0$/, "$1"),
    ],
    ["user_agent.original", text("user_agent.original"), line.agent],
    ["referer", refererOf(values), line.referer],
  ];
  for (const [key, attribute, inBody] of pairs) {
    // A fact that the format leaves out may stand in the attributes alone.
    if (inBody === undefined || attribute === inBody) continue;
    report("an access line is not what its attributes say", `${key} ${attribute}, ${inBody}`);
  }
}

/** Hold a line of syslog against its record: `told` is what resource and severity say. */
export function checkSyslogLine(
  line: SyslogLine,
  values: ReadonlyMap<string, AnyValue>,
  { host, severity }: { host: string; severity: number },
  report: Report,
): void {
  const [least, most] = SYSLOG_SEVERITIES[line.priority % 8]!;
  const facts: [string, string | number, string | number][] = [
    ["host", line.host.includes(".") ? host : host.split(".")[0]!, line.host],
    ["priority", textOf(values, "priority") || line.priority, line.priority],
    ["facility", textOf(values, "facility") || line.priority >> 3, line.priority >> 3],
    ["appname", textOf(values, "appname") || line.appname, line.appname],
    ["proc_id", textOf(values, "proc_id") || line.processId, line.processId],
  ];
  for (const [key, told, written] of facts) {
    if (String(told) === String(written)) continue;
    report("a syslog line is not what its record says", `${key} ${told}, ${written}`);
  }
  if (severity < least || severity > most) {
    const detail = `priority ${line.priority}, severity ${severity}`;
    report("a syslog line's priority is not the record's severity", detail);
  }
}

function refererOf(values: ReadonlyMap<string, AnyValue>): string {
  return values.get("http.request.header.referer")?.arrayValue?.values?.[0]?.stringValue ?? "";
}
