/** A plan as text, in 80 columns. */
import type { CapacityPlan, Way } from "../fleet/plan/capacity-plan.ts";
import type { CommandsFor } from "../fleet/plan/commands.ts";
import { formText, type MeasuredOn } from "../fleet/plan/costs.ts";
import type { Group } from "../fleet/plan/demand.ts";
import type { Month } from "../fleet/plan/month.ts";
import type { Leg } from "../fleet/plan/network.ts";
import type { Traffic } from "../fleet/plan/traffic.ts";
import { ITEM_NAMES, SIGNALS } from "../otlp/signal.ts";
import { type Cell, cell, type Row, renderRows, wrapWords } from "../terminal/cell.ts";
import { bytes, grouped, si } from "../terminal/figures.ts";

/** All that a plan says; `--json` prints it as it is. */
export interface ToldPlan extends CapacityPlan {
  backend: { name: string; title: string };
  limits: { utilisation: number; coresPerMachine: number; coresPerCollector: number; latencyMs: number };
  traffic: Traffic;
  measured: MeasuredOn;
  month: Month;
  notes: string[];
  commands: CommandsFor[];
}

const LABEL = 28;
const COLUMN = 24;

/** Lines that end with a line break. */
export function planText(plan: ToldPlan, colour: boolean): string {
  const { eventsPerSecond, backend, commands } = plan;
  const rows: Row[] = [
    [cell(`${grouped(eventsPerSecond)} events a second to ${backend.title}`, "strong")],
    [],
    ...facts(plan).flatMap(([name, text]) => hanging(name, text)),
    [],
    ...table(plan),
    [],
    ...monthRows(plan),
    ...plan.notes.flatMap((note) => [[], ...wrapWords(note, 80).map((line) => [cell(line)])]),
    ...commands.flatMap(({ title, lines }) => [
      [],
      [cell(`# ${title}`, "faint")],
      ...lines.map((line) => [cell(line)]),
    ]),
  ];
  return `${renderRows(rows, colour)}\n`;
}

function facts({ traffic, measured, limits }: ToldPlan): [string, string][] {
  const { all, shares } = traffic;
  const parts = SIGNALS.filter((signal) => shares[signal]).map(
    (signal) => `${Math.round(shares[signal]! * 100)} % ${ITEM_NAMES[signal]}`,
  );
  const { machine, isHere, at } = measured;
  const where = `${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, ${at.slice(0, 10)}`;
  return [
    [
      "events",
      `${parts.join(", ")}; ${Math.round(all.plainBytes)} bytes each, ${Math.round(all.frozenBytes.zstd)} in zstd; ${grouped(all.eventsPerRequest)} a request`,
    ],
    [
      "costs",
      isHere
        ? `measured here with these templates (${where})`
        : `of another machine (${where}), fitted to these templates; --calibrate measures them here`,
    ],
    [
      "limit",
      `no core and no network interface above ${Math.round(limits.utilisation * 100)} % (--utilisation)`,
    ],
  ];
}

function hanging(name: string, text: string): Row[] {
  return wrapWords(text, 80 - 8).map((line, index) => [
    cell((index === 0 ? name : "").padEnd(8), "faint"),
    cell(line),
  ]);
}

/** A row for each figure, a column for each way. */
function table({ through, straight, limits }: ToldPlan): Row[] {
  const ways = straight ? [through, straight] : [through];
  const row = (label: string, of: (way: Way) => string, tone: Cell["tone"] = "plain"): Row => [
    cell(label.padEnd(LABEL), "faint"),
    ...ways.map((way) => cell(of(way).padStart(COLUMN), tone)),
  ];
  const group = (of: (way: Way) => Group | undefined, figure: (group: Group) => string) => (way: Way) => {
    const found = of(way);
    return found ? figure(found) : "-";
  };
  const groupRows = (name: string, of: (way: Way) => Group | undefined): Row[] => [
    row(
      name,
      group(of, ({ processes }) => grouped(processes)),
      "strong",
    ),
    row(
      "  events a second of each",
      group(of, (one) => si(one.eventsPerSecondEach)),
    ),
    row(
      "  cores used by all",
      group(of, ({ cores }) => coresText(cores)),
    ),
    row(
      "  memory of each",
      group(of, ({ memoryBytesEach }) => bytes(memoryBytesEach)),
    ),
  ];
  const legBits = (to: Leg["to"]) => (way: Way) => {
    const leg = way.legs.find((one) => one.to === to);
    return leg ? `${leg.bytesPerEvent.toFixed(0)} B, ${bits(leg.bitsPerSecond)}` : "-";
  };
  return [
    row("", ({ name }) => name, "strong"),
    row("sending", ({ sender }) => formText(sender)),
    ...groupRows("replayers", ({ replicas }) => replicas),
    ...groupRows("Collectors", ({ collectors }) => collectors),
    row("cores to have", ({ coresToHave }) => coresText(coresToHave), "strong"),
    row("memory to have", ({ memoryToHaveBytes }) => bytes(memoryToHaveBytes)),
    row(`machines of ${limits.coresPerMachine} cores`, ({ machines }) => grouped(machines), "strong"),
    row("an event, to Collectors", legBits("collectors")),
    row("an event, to the backend", legBits("backend")),
    row("a machine sends, takes", ({ machineTraffic: { sentBitsPerSecond, takenBitsPerSecond } }) =>
      [sentBitsPerSecond, takenBitsPerSecond].map(bits).join(", "),
    ),
    row("  which wants", ({ machineTraffic }) =>
      machineTraffic.interface === undefined ? "more machines" : `${machineTraffic.interface} Gb/s`,
    ),
  ];
}

function coresText(cores: number): string {
  return cores < 10 ? cores.toFixed(1) : grouped(cores);
}

function monthRows({ month, backend }: ToldPlan): Row[] {
  const { items, plainBytes, honeycomb } = month;
  const row = (label: string, count: string, more = ""): Row => [
    cell(`  ${label}`.padEnd(MONTH_LABEL), "faint"),
    cell(count.padStart(MONTH_COUNT)),
    cell(more === "" ? "" : `  ${more}`, "faint"),
  ];
  const size = row("plain bytes", `${grouped(plainBytes / 1e12)} TB`, "before compression");
  if (!honeycomb) {
    return [
      [cell("In a month of 30 days", "strong")],
      ...SIGNALS.filter((signal) => items[signal]).map((signal) =>
        row(ITEM_NAMES[signal], many(items[signal]!)),
      ),
      size,
    ];
  }
  return [
    [cell(`In a month of 30 days, as ${backend.title} counts`, "strong")],
    row("events", many(honeycomb.events), "spans, their events and links, logs"),
    row("data points", many(honeycomb.dataPoints), "time series metrics, counted apart"),
    row(" or events", many(honeycomb.metricEvents), "metrics of the older kind, at the least"),
    size,
  ];
}

const MONTH_LABEL = 14;
const MONTH_COUNT = 25;

/** SI's letters beyond M say little to most. */
function many(count: number): string {
  if (count >= 1e12) return `${grouped(count / 1e9)} thousand million`;
  if (count >= 1e6) return `${grouped(count / 1e6)} million`;
  return grouped(count);
}

/** `5.83 Gbit/s` */
function bits(perSecond: number): string {
  const text = si(Math.round(perSecond));
  return /\d$/.test(text) ? `${text} bit/s` : `${text}bit/s`;
}
