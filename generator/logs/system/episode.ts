/**
 * Episodes: lines that a machine writes about one happening, one after the other, with the same facts in them.
 *
 * Tables write a line as `program facility.severity text`, the way syslog.conf names the two:
 * `sshd authpriv.info Accepted publickey for {user} from {bastion} port {port} ssh2`.
 */

/** Syslog facilities and severities by number: RFC 5424, tables 1 and 2. */
const FACILITIES: Readonly<Record<string, number>> = {
  kern: 0,
  user: 1,
  daemon: 3,
  auth: 4,
  syslog: 5,
  cron: 9,
  authpriv: 10,
  local0: 16,
};
const SEVERITIES = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"];

export interface Line {
  readonly program: string;
  readonly facility: number;
  readonly severity: number;
  readonly text: string;
}

export interface Episode {
  /** How often it happens, relative to the others. */
  readonly weight: number;
  readonly lines: readonly Line[];
}

/** An episode of these lines. */
export function episode(weight: number, ...lines: readonly string[]): Episode {
  return { weight, lines: lines.map(parseLine) };
}

function parseLine(line: string): Line {
  const [, program, facility, severity, text] = /^(\S+) (\w+)\.(\w+) (.+)$/s.exec(line) ?? [];
  const numbers = {
    facility: FACILITIES[facility ?? ""] ?? -1,
    severity: SEVERITIES.indexOf(severity ?? ""),
  };
  if (!program || !text || numbers.facility < 0 || numbers.severity < 0) {
    throw new Error(`"${line}" is not "program facility.severity text"`);
  }
  return { program, text, ...numbers };
}
