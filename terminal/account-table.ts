/**
 * The account of a fleet as text: from the schedules of its replicas to the sink behind its collectors, per signal, and the verdict.
 */
import type { Account } from "../ledger/account-schema.ts";
import { SIGNALS, type Signal } from "../otlp/signal.ts";
import { type Cell, cell, oneLine, type Row, renderRows, type Tone, wrapWords } from "./cell.ts";
import { bytes, clock, grouped, milliseconds } from "./figures.ts";
import { ITEM_LINES } from "./item-lines.ts";

const MARGIN = "  ";
const LABEL_WIDTH = 22;
/** Of a column of figures: four of them and the labels fit in 80 columns. */
const FIGURE_WIDTH = 14;
const MAX_WIDTH = 78;
const LINES_SHOWN = 20;
const ANSWERS_SHOWN = 5;

type Items = NonNullable<Account["signals"][Signal]>;

const REPLICA_LINES: readonly { key: keyof Items; label: string; tone: Tone }[] = [
  ...ITEM_LINES,
  { key: "inFlight", label: "    in flight", tone: "plain" },
  { key: "unanswered", label: "    unanswered", tone: "bad" },
  { key: "requests", label: "requests", tone: "plain" },
  { key: "retriedRequests", label: "  tried again", tone: "warning" },
];

/** Lines that are left out where they have nothing to tell. */
const RARE: readonly (keyof Items)[] = ["inFlight", "unanswered"];

/**
 * The table, for stdout; lines of at most 80 columns end with a line break, the last one too.
 *
 * colour  ANSI codes for what matters; leave it out for pipes and NO_COLOR
 */
export function accountTable(account: Account, options: { colour?: boolean } = {}): string {
  return `${renderRows(accountRows(account), options.colour ?? false)}\n`;
}

/** The table before it has colours. */
export function accountRows(account: Account): Row[] {
  const signals = SIGNALS.filter((signal) => account.signals[signal]);
  const rows: Row[] = [...headRows(account)];
  if (signals.length > 0) {
    rows.push([], titleRow(signals), ...replicaRows(account, signals));
    rows.push(
      ...collectorRows(account, signals),
      ...sinkRows(account, signals),
      ...latencyRows(account, signals),
    );
  }
  rows.push([], ...answerRows(account), ...verdictRows(account));
  return rows;
}

/** A row of figures: one a signal, and their sum. Undefined: not reported. */
function figures(
  label: string,
  signals: readonly Signal[],
  of: (signal: Signal) => number | undefined,
  tone: Tone,
): Row {
  const values = signals.map(of);
  const known = values.filter((value) => value !== undefined);
  if (signals.length > 1)
    values.push(known.length === 0 ? undefined : known.reduce((sum, value) => sum + value, 0));
  return labelled(
    label,
    values.map((value) => ({
      text: value === undefined ? "-" : grouped(value),
      tone: value ? tone : "faint",
    })),
  );
}

function labelled(label: string, cells: readonly Cell[]): Row {
  return [
    cell(MARGIN + label.padEnd(LABEL_WIDTH), "faint"),
    ...cells.map(({ text, tone }) => cell(text.padStart(FIGURE_WIDTH), tone)),
  ];
}

const indented = (depth: number, label: string): string => "  ".repeat(depth) + label;

function titleRow(signals: readonly Signal[]): Row {
  const titles = signals.length > 1 ? [...signals, "total"] : signals;
  return labelled(
    "",
    titles.map((text) => ({ text, tone: "faint" })),
  );
}

function headRows(account: Account): Row[] {
  const { replicas, state, elapsedMs, processes, cpuSeconds, rssBytes, lagMs } = account;
  const parts = (["running", "paused", "ended", "lost"] as const)
    .filter((standing) => replicas[standing] > 0)
    .map((standing) => `${grouped(replicas[standing])} ${standing}`);
  const expected = replicas.expected === null ? "" : ` of ${grouped(replicas.expected)}`;
  const head = `${MARGIN}${grouped(replicas.seen)}${expected} replica${replicas.seen === 1 && expected === "" ? "" : "s"}`;
  const rows: Row[] = [
    [cell(head, "strong"), cell(parts.length > 0 ? `: ${parts.join(", ")}` : `, ${state}`)],
  ];
  if (replicas.seen === 0) return rows;
  const sent = SIGNALS.reduce((sum, signal) => sum + (account.signals[signal]?.sent ?? 0), 0);
  const rate = elapsedMs > 0 ? (sent * 1000) / elapsedMs : 0;
  rows.push([
    cell(
      `${MARGIN}${grouped(sent)} events in ${clock(elapsedMs)}, ${grouped(rate)} a second, ${cpuSeconds.toFixed(1)} s of CPU`,
    ),
  ]);
  if (processes > 0)
    rows.push([
      cell(
        `${MARGIN}${grouped(processes)} ${processes === 1 ? "process" : "processes"}, ${bytes(rssBytes)} of memory, `,
      ),
      cell(`${milliseconds(lagMs)} behind schedule`, lagMs >= 1000 ? "warning" : "plain"),
    ]);
  const { isPaused, eventsPerSecond, burst, isStopped, uses } = account.control;
  if (uses.length > 0) {
    const told = [
      isStopped ? "stop" : isPaused ? "pause" : "go",
      eventsPerSecond === null ? "rate as configured" : `${grouped(eventsPerSecond)} a second`,
      ...(burst ? [`a burst of ${grouped(burst.eventsPerSecond)} a second until ${burst.until}`] : []),
    ];
    rows.push([cell(`${MARGIN}told: ${told.join(", ")}`, "accent")]);
  }
  return rows;
}

function replicaRows({ signals: items }: Account, signals: readonly Signal[]): Row[] {
  return REPLICA_LINES.filter(
    ({ key }) => !RARE.includes(key) || signals.some((signal) => items[signal]![key] > 0),
  ).map(({ key, label, tone }) => figures(label, signals, (signal) => items[signal]![key], tone));
}

function collectorRows({ collectors }: Account, signals: readonly Signal[]): Row[] {
  if (!collectors) return [];
  const { seen, up, gone, queued, signals: items } = collectors;
  const parts = [
    `${grouped(up)} up`,
    gone > 0 ? `${grouped(gone)} gone` : "",
    queued > 0 ? `${grouped(queued)} queued` : "",
  ];
  const rows: Row[] = [
    [],
    [
      cell(`${MARGIN}${grouped(seen)} collector${seen === 1 ? "" : "s"}`, "strong"),
      cell(`: ${parts.filter(Boolean).join(", ")}`, gone > 0 ? "warning" : "plain"),
    ],
    figures(indented(1, "accepted"), signals, (signal) => items[signal]?.accepted, "good"),
    figures(indented(1, "refused"), signals, (signal) => items[signal]?.refused, "warning"),
  ];
  const exporters = [
    ...new Set(signals.flatMap((signal) => Object.keys(items[signal]?.exporters ?? {}))),
  ].sort();
  for (const exporter of exporters) {
    const of = (name: "sent" | "failed" | "notQueued") => (signal: Signal) =>
      items[signal]?.exporters[exporter]?.[name];
    rows.push([cell(`${MARGIN}${indented(1, oneLine(exporter, 60))}`, "faint")]);
    rows.push(figures(indented(2, "sent on"), signals, of("sent"), "good"));
    for (const [name, label] of [
      ["failed", "failed"],
      ["notQueued", "not queued"],
    ] as const) {
      if (signals.some((signal) => (of(name)(signal) ?? 0) > 0))
        rows.push(figures(indented(2, label), signals, of(name), "bad"));
    }
  }
  if (exporters.length === 0)
    rows.push([cell(`${MARGIN}${indented(1, "sent on".padEnd(LABEL_WIDTH - 2))}not reported`, "faint")]);
  return rows;
}

function sinkRows({ sink }: Account, signals: readonly Signal[]): Row[] {
  if (!sink) return [];
  const { verified, signals: items, up } = sink;
  if (Object.keys(items).length === 0) return [[], [cell(`${MARGIN}the sink could not be asked`, "warning")]];
  const verdict = verified === null ? "" : verified.ok ? ", verified" : ", NOT VERIFIED";
  const rows: Row[] = [
    [],
    [
      cell(`${MARGIN}the sink${up ? "" : " (gone)"}`, "strong"),
      cell(verdict, verified?.ok === false ? "bad" : "good"),
    ],
    figures(indented(1, "received"), signals, (signal) => items[signal]?.received, "good"),
  ];
  for (const name of ["rejected", "refused", "repeated"] as const) {
    if (signals.some((signal) => (items[signal]?.[name] ?? 0) > 0))
      rows.push(figures(indented(1, name), signals, (signal) => items[signal]?.[name], "warning"));
  }
  return rows;
}

function latencyRows({ latencyMs }: Account, signals: readonly Signal[]): Row[] {
  return [
    [],
    ...(["p50", "p99", "max"] as const).map((quantile) =>
      labelled(
        `latency ${quantile}`,
        signals.map((signal) => ({
          text: milliseconds(latencyMs[signal]?.[quantile] ?? Number.NaN),
          tone: "plain",
        })),
      ),
    ),
  ];
}

function answerRows({ answers }: Account): Row[] {
  if (answers.length === 0) return [];
  const rows = answers.slice(0, ANSWERS_SHOWN).map(({ code, count, message }): Row => {
    const head = `${MARGIN}${grouped(count)} x ${oneLine(code, 24)}`;
    return [cell(head, "bad"), cell(`  ${oneLine(message, MAX_WIDTH - head.length)}`)];
  });
  const more = answers.length - ANSWERS_SHOWN;
  if (more > 0)
    rows.push([cell(`${MARGIN}and ${more} more ${more === 1 ? "kind" : "kinds"} of answers`, "faint")]);
  return [...rows, []];
}

/** Whether it balances; what does not, what is explained, and where it is lost. */
function verdictRows({ balanced, exitCode, problems, identities, notes }: Account): Row[] {
  const texts = (state: Account["identities"][number]["state"]) =>
    identities.filter((identity) => identity.state === state).map(({ text }) => text);
  const rows: Row[] = [
    ...marked("note: ", notes, "warning"),
    ...marked("explained: ", texts("explained"), "warning"),
  ];
  if (balanced === null) {
    const moving = identities.reduce(
      (sum, { state, difference }) => sum + (state === "open" ? Math.abs(difference) : 0),
      0,
    );
    const text = moving > 0 ? `on their way, or not seen yet: ${grouped(moving)} items` : "balanced so far";
    return [...rows, ...lineOf(text, moving > 0 ? "plain" : "good")];
  }
  if (exitCode === 0) return [...rows, ...lineOf("balanced: every event is accounted for", "good")];
  if (balanced)
    return [
      ...rows,
      ...marked("lost: ", problems, "bad"),
      ...lineOf("balanced, with losses: every event is accounted for", "warning"),
    ];
  return [...rows, ...marked("NOT BALANCED: ", problems.length > 0 ? problems : texts("broken"), "bad")];
}

function lineOf(text: string, tone: Tone): Row[] {
  return [[cell(`${MARGIN}${text}`, tone)]];
}

function marked(mark: string, texts: readonly string[], tone: Tone): Row[] {
  const rows = texts
    .slice(0, LINES_SHOWN)
    .flatMap((text) =>
      wrapWords(oneLine(text, 400), MAX_WIDTH - MARGIN.length - mark.length).map(
        (line, index): Row => [cell(MARGIN + (index === 0 ? mark : " ".repeat(mark.length)) + line, tone)],
      ),
    );
  if (texts.length > LINES_SHOWN)
    rows.push([cell(`${MARGIN}and ${texts.length - LINES_SHOWN} more`, "faint")]);
  return rows;
}
