/**
 * System logs: what the machines of the cluster write to syslog, in the old (RFC 3164) or the new form (RFC 5424).
 */
import type { ProtoWriter } from "../../otlp/message/writer.ts";
import { attributeKey, encodeAttributes, writeText } from "../attributes.ts";
import { cumulate, type Random } from "../random.ts";
import type { Node } from "../scenario/infrastructure.ts";
import { beginRecord, endRecord, type Level, LOG_ATTRIBUTES, TIME_TEXT } from "./log-record.ts";

interface Line {
  readonly program: string;
  /** Syslog facility and severity: RFC 5424, tables 1 and 2. */
  readonly facility: number;
  readonly severity: number;
  readonly weight: number;
  /** N becomes a number, ADDRESS an address. */
  readonly message: string;
}

const LINES: readonly Line[] = [
  { program: "systemd", facility: 3, severity: 6, weight: 14, message: "Started Session N of User deploy." },
  {
    program: "systemd",
    facility: 3,
    severity: 6,
    weight: 10,
    message: "run-containerd-N.mount: Deactivated successfully.",
  },
  {
    program: "sshd",
    facility: 10,
    severity: 6,
    weight: 12,
    message: "Accepted publickey for deploy from ADDRESS port N ssh2",
  },
  {
    program: "sshd",
    facility: 10,
    severity: 4,
    weight: 6,
    message: "Failed password for invalid user admin from ADDRESS port N ssh2",
  },
  {
    program: "kubelet",
    facility: 3,
    severity: 6,
    weight: 16,
    message: '"SyncLoop (PLEG): event for pod" generation=N',
  },
  {
    program: "kubelet",
    facility: 3,
    severity: 3,
    weight: 4,
    message: '"Error syncing pod, skipping" err="back-off N s restarting failed container"',
  },
  {
    program: "containerd",
    facility: 3,
    severity: 6,
    weight: 14,
    message: 'level=info msg="garbage collected N blobs"',
  },
  { program: "kernel", facility: 0, severity: 6, weight: 8, message: "eth0: renamed from tmpN" },
  {
    program: "kernel",
    facility: 0,
    severity: 4,
    weight: 4,
    message: "nvme nvme0: I/O N QID 3 timeout, completion polled",
  },
  {
    program: "kernel",
    facility: 0,
    severity: 2,
    weight: 1,
    message: "Out of memory: Killed process N (java)",
  },
  {
    program: "CRON",
    facility: 9,
    severity: 6,
    weight: 9,
    message: "pam_unix(cron:session): session opened for user root by (uid=N)",
  },
  {
    program: "chronyd",
    facility: 3,
    severity: 5,
    weight: 2,
    message: "Selected source ADDRESS after N polls",
  },
];

const WEIGHTS = cumulate(LINES.map(({ weight }) => weight));

/** Level and own spelling of a syslog severity, as the Collector's syslog receiver maps them. */
const SEVERITIES: readonly (readonly [Level, string])[] = [
  ["FATAL", "emerg"],
  ["ERROR", "alert"],
  ["ERROR", "crit"],
  ["ERROR", "err"],
  ["WARN", "warning"],
  ["INFO", "notice"],
  ["INFO", "info"],
  ["DEBUG", "debug"],
];

const processKey = attributeKey("proc_id");
const constants = LINES.map(({ program, facility, severity }) =>
  encodeAttributes(LOG_ATTRIBUTES, { appname: program, facility, priority: facility * 8 + severity }),
);

export class SystemLog {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Write a record of this machine. Machines of even ordinal write the old form, the others the new one. */
  write(writer: ProtoWriter, node: Node, ordinal: number): void {
    const random = this.#random;
    const index = random.weighted(WEIGHTS);
    const { program, facility, severity, message } = LINES[index]!;
    const pid = program === "kernel" ? 0 : random.int(300, 65_000);
    const text = message
      .replace("N", String(random.int(1, 60_000)))
      .replace("ADDRESS", `203.0.113.${random.int(1, 254)}`);
    const priority = facility * 8 + severity;
    const body =
      ordinal % 2 === 0
        ? `<${priority}>${TIME_TEXT["RFC 3164"]} ${shortName(node)} ${program}${pid ? `[${pid}]` : ""}: ${text}`
        : `<${priority}>1 ${TIME_TEXT["RFC 3339 microseconds"]} ${node.name} ${program} ${pid || "-"} - - ${text}`;
    const [level, spelling] = SEVERITIES[severity]!;
    beginRecord(writer, level, spelling, body);
    writer.raw(constants[index]!);
    if (pid) writeText(writer, LOG_ATTRIBUTES, processKey, String(pid));
    endRecord(writer, undefined);
  }
}

/** The old form has the host without its domain. */
function shortName({ name }: Node): string {
  return name.split(".")[0]!;
}
