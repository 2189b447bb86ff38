/** What to type for a plan. */
import type { Backend } from "../backends/backend-file.ts";
import type { CapacityPlan, Way } from "./capacity-plan.ts";

export interface CommandsFor {
  /** Which way, and where. */
  title: string;
  /** Shell; a command may go over several lines. */
  lines: string[];
}

export interface CommandContext {
  backend: Backend;
  /** Whether the backend may send a bill, so that a fast fleet wants a yes. */
  bills: boolean;
  /** `--input` and `--config` as they were given. */
  input: string | undefined;
  config: string | undefined;
  /** In flight without a word on it. */
  concurrency: number;
}

export function commandsOf(
  { eventsPerSecond, through, straight }: CapacityPlan,
  context: CommandContext,
): CommandsFor[] {
  const rate = rateText(eventsPerSecond);
  return [
    {
      title: `through Collectors, on one machine of ${coresText(Math.ceil(through.coresToHave))}`,
      lines: compose(rate, through, context),
    },
    { title: "through Collectors, in Kubernetes (deploy/kubernetes)", lines: kubernetes(rate, through) },
    ...(straight ? [{ title: straightTitle(straight), lines: replay(rate, straight, context) }] : []),
  ];
}

function coresText(cores: number): string {
  return cores === 1 ? "1 core" : `${cores} cores`;
}

/** `15M`, `250k`, `1234`: as `--rate` takes it. */
export function rateText(rate: number): string {
  for (const [unit, size] of [
    ["M", 1e6],
    ["k", 1e3],
  ] as const) {
    if (rate >= size && Number.isInteger((rate / size) * 100)) return `${rate / size}${unit}`;
  }
  return String(rate);
}

/** Self-metrics of so many Collectors have ports in docker-compose.yml (COLLECTOR_METRICS_PORTS); more take any that are free. */
const METRICS_PORTS = 20;

function compose(
  rate: string,
  { sender, replicas, collectors }: Way,
  { backend, bills }: CommandContext,
): string[] {
  const { name, header } = backend;
  const variables = [
    ...Object.keys(header.needs).map((variable) => `${variable}=...`),
    `BACKEND=${name}`,
    ...(bills ? ["CONFIRM=yes"] : []),
    ...(header.profile === undefined ? [] : [`COMPOSE_PROFILES=${header.profile}`]),
    `RATE=${rate}`,
    `PROTOCOL=${sender.protocol}`,
    `COMPRESSION=${sender.compression}`,
    ...(collectors!.processes > METRICS_PORTS ? ["COLLECTOR_METRICS_PORTS=0"] : []),
  ];
  return [
    ...wrapped(variables),
    "  docker compose up --build --detach \\",
    `    --scale replayer=${replicas.processes} --scale collector=${collectors!.processes}`,
  ];
}

function kubernetes(rate: string, { replicas, collectors }: Way): string[] {
  return [
    `# RATE=${rate} in settings.env`,
    `kubectl -n stampede scale statefulset/replayer --replicas=${replicas.processes}`,
    `kubectl -n stampede scale deployment/collector --replicas=${collectors!.processes}`,
  ];
}

function straightTitle({ machines }: Way): string {
  if (machines === 1) return "straight to the backend";
  return `straight to the backend, on machine I of ${machines}, from 0 to ${machines - 1}`;
}

function replay(
  rate: string,
  way: Way,
  { backend, bills, input, config, concurrency }: CommandContext,
): string[] {
  const { sender, replicas, machines, requestsInFlight } = way;
  const processes = Math.ceil(replicas.processes / machines);
  const templates = input === undefined ? [] : [`--input ${quoted(input)}`];
  const given = config === undefined ? [] : [`--config ${quoted(config)}`];
  const { address } = backend.header;
  const words = [
    ...given,
    // The file has its address and the name of its key's header; a key on a command line is there for everybody to read.
    ...(backend.name === "honeycomb" && config === undefined
      ? ["--config examples/honeycomb.yaml"]
      : [`--endpoint ${address === undefined ? "URL" : `"$${address}"`}`, `--protocol ${sender.protocol}`]),
    ...templates,
    `--compression ${sender.compression}`,
    `--rate ${rate}`,
    "--duration 10m",
    ...(processes > 1 ? [`--processes ${processes}`] : []),
    ...(machines > 1 ? [`--replica I/${machines}`] : []),
    ...(requestsInFlight > concurrency ? [`--concurrency ${requestsInFlight}`] : []),
    ...(bills ? ["--yes"] : []),
  ];
  const needs = Object.keys(backend.header.needs).filter((name) => name !== address);
  const freeze = [...given, ...templates, `--compression ${sender.compression}`, `--rate ${rate}`];
  return [
    ...(sender.compression === "none" ? [] : wrapped(["scripts/stampede freeze", ...freeze], "")),
    ...wrapped([...needs.map((name) => `${name}=...`), "scripts/stampede replay", ...words], ""),
  ];
}

const WIDTH = 76;

/** Words over several lines that a shell reads as one; `end` is what the last one ends with. */
function wrapped(words: readonly string[], end = " \\"): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of words) {
    if (line !== "" && line.length + 1 + word.length > WIDTH - 2) {
      lines.push(`${line} \\`);
      line = `  ${word}`;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, `${line}${end}`];
}

function quoted(text: string): string {
  return /^[\w./@:=+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
