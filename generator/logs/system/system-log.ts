/**
 * System logs: what the machines of the cluster write, in the three forms in which it reaches a collector: old syslog
 * (RFC 3164), new syslog (RFC 5424), and the journal.
 *
 * A machine tells one episode after the other. Attributes are called as the Collector's syslog receiver calls them.
 */
import type { ProtoWriter } from "../../../otlp/message/writer.ts";
import { attributeKey, encodeAttributes, writeText } from "../../attributes.ts";
import { cumulate, type Random } from "../../random.ts";
import type { Scenario } from "../../scenario/scenario.ts";
import { beginRecord, endRecord, LOG_ATTRIBUTES, recordHead, TIME_TEXT } from "../log-record.ts";
import { slotNames, type TextTemplate, textTemplate } from "../text-template.ts";
import type { Episode, Line } from "./episode.ts";
import { daemonPid, type Host, hostsOf, isUbuntu } from "./host.ts";
import { KERNEL } from "./kernel.ts";
import { KUBERNETES } from "./kubernetes.ts";
import { LOGINS } from "./logins.ts";
import { beginScene, namesGuest, type Scene, SYSTEM_SLOTS, steady } from "./scene.ts";
import { UPKEEP } from "./upkeep.ts";

/** All that machines write about. */
export const EPISODES: readonly Episode[] = [...KERNEL, ...LOGINS, ...UPKEEP, ...KUBERNETES];

/** Severities of syslog as OTLP numbers and in the source's spelling, as the Collector's syslog receiver maps them. */
const HEADS = [
  recordHead(21, "emerg"),
  recordHead(19, "alert"),
  recordHead(18, "crit"),
  recordHead(17, "err"),
  recordHead(13, "warning"),
  recordHead(10, "notice"),
  recordHead(9, "info"),
  recordHead(5, "debug"),
];

const FORMS = ["RFC 3164", "RFC 5424", "journal"] as const;

const hostKey = attributeKey("hostname");
const processKey = attributeKey("proc_id");
const messageKey = attributeKey("message");

/** A line, ready to be filled in. */
interface PreparedLine {
  readonly program: string;
  readonly severity: number;
  readonly priority: number;
  readonly fill: TextTemplate<Scene>;
  /** Attributes that the line always has, by the form it is written in. */
  readonly constants: readonly Uint8Array[];
}

type PreparedEpisode = readonly PreparedLine[];

/** A machine, and how far it is in what it tells. */
interface Teller {
  readonly host: Host;
  readonly form: number;
  /** How likely each episode is there. */
  readonly weights: readonly number[];
  scene: Scene;
  episode: PreparedEpisode;
  next: number;
}

export class SystemLog {
  readonly #random: Random;
  readonly #tellers: readonly Teller[];
  readonly #episodes: readonly PreparedEpisode[];

  constructor(scenario: Scenario, random: Random) {
    this.#random = random;
    this.#episodes = EPISODES.map(({ lines }) => lines.map(prepare));
    const kinds = new Map<string, readonly number[]>();
    this.#tellers = hostsOf(scenario).map((host) => ({
      host,
      form: host.ordinal % FORMS.length,
      weights: weightsOf(host, kinds),
      scene: { host, word: 0 },
      episode: [],
      next: 0,
    }));
  }

  /** Write the next record of the machine at this place in the scenario. */
  write(writer: ProtoWriter, ordinal: number): void {
    const teller = this.#tellers[ordinal]!;
    if (teller.next === teller.episode.length) this.#beginEpisode(teller);
    const line = teller.episode[teller.next++]!;
    const { host, form, scene } = teller;
    const message = line.fill(this.#random, scene);
    const process = processOf(scene, line.program);
    beginRecord(writer, HEADS[line.severity]!, bodyOf(host, form, line, process, message));
    writer.raw(line.constants[form]!);
    writeText(writer, LOG_ATTRIBUTES, hostKey, form === 0 ? host.shortName : host.node.name);
    if (process > 0) writeText(writer, LOG_ATTRIBUTES, processKey, String(process));
    if (form < 2) writeText(writer, LOG_ATTRIBUTES, messageKey, message);
    endRecord(writer, undefined);
  }

  #beginEpisode(teller: Teller): void {
    const random = this.#random;
    teller.episode = this.#episodes[random.weighted(teller.weights)]!;
    teller.scene = beginScene(teller.host, random);
    teller.next = 0;
  }
}

/** A machine without pods tells nothing of them, nor another one of what only Ubuntu has. */
function weightsOf(host: Host, kinds: Map<string, readonly number[]>): readonly number[] {
  const hasGuests = host.guests.length > 0;
  const runsUbuntu = isUbuntu(host.node);
  const kind = `${hasGuests} ${runsUbuntu}`;
  let weights = kinds.get(kind);
  if (!weights) {
    const isTold = (episode: Episode): boolean =>
      (hasGuests || !tellsOfGuests(episode)) && (runsUbuntu || !isOfUbuntu(episode));
    weights = cumulate(EPISODES.map((episode) => (isTold(episode) ? episode.weight : 0)));
    kinds.set(kind, weights);
  }
  return weights;
}

function isOfUbuntu({ lines }: Episode): boolean {
  return lines.some(({ program }) => program === "unattended-upgrade");
}

function tellsOfGuests({ lines }: Episode): boolean {
  return lines.some(({ text }) => namesGuest(slotNames(text)));
}

function prepare({ program, facility, severity, text }: Line): PreparedLine {
  const priority = facility * 8 + severity;
  const syslog = { appname: program, facility, priority };
  return {
    program,
    severity,
    priority,
    fill: textTemplate(text, SYSTEM_SLOTS),
    constants: [syslog, { ...syslog, version: 1 }, { ...syslog, "systemd.unit": unitOf(program) }].map(
      (attributes) => encodeAttributes(LOG_ATTRIBUTES, attributes),
    ),
  };
}

/** The unit whose journal a program's lines stand in. */
function unitOf(program: string): string {
  if (program === "kernel" || program === "systemd" || program === "systemd-shutdown") return "init.scope";
  if (program === "sshd" || program === "sudo") return "ssh.service";
  if (program === "CRON") return "cron.service";
  return program === "unattended-upgrade" ? "apt-daily-upgrade.service" : `${program}.service`;
}

/** Beyond the salts of scenes. Programs of one episode differ in their second letter. */
const PROCESS_SALT = 1000;

/** The kernel has no process id; a daemon keeps its own; others have one as long as the episode lasts. */
function processOf(scene: Scene, program: string): number {
  if (program === "kernel") return 0;
  return (
    daemonPid(scene.host.ordinal, program) ||
    steady(scene, PROCESS_SALT + program.charCodeAt(1), 2100, 4190000)
  );
}

function bodyOf(host: Host, form: number, line: PreparedLine, process: number, message: string): string {
  const { program, priority } = line;
  if (form === 0) {
    const tag = process > 0 ? `${program}[${process}]` : program;
    return `<${priority}>${TIME_TEXT["RFC 3164"]} ${host.shortName} ${tag}: ${message}`;
  }
  if (form === 2) return message;
  return `<${priority}>1 ${TIME_TEXT["RFC 3339 microseconds"]} ${host.node.name} ${program} ${process || "-"} - - ${message}`;
}
