/**
 * The final ledger as text: what became of every item, per signal, with the identities that tie the lines together.
 */
import type { Counter } from "../ledger/counts.ts";
import { imbalance, type Report, type SignalReport } from "../ledger/report.ts";
import { SIGNALS } from "../otlp/signal.ts";
import { cell, oneLine, type Row, renderRows, type Tone, wrapWords } from "./cell.ts";
import { bytes, clock, grouped, milliseconds } from "./figures.ts";
import { ITEM_LINES } from "./item-lines.ts";
import { compressedText } from "./packing.ts";

const MARGIN = "  ";
const LABEL_WIDTH = 20;
/** Of a column of figures: four of them and the labels fit in 80 columns. */
const FIGURE_WIDTH = 14;
const MAX_WIDTH = 78;
const ANSWERS_SHOWN = 5;
const NOTE = "note: ";

type Column = { title: string; counts: SignalReport | undefined; of: (counter: Counter) => number };

/**
 * The table, for stdout; lines end with a line break, the last one too.
 *
 * colour  ANSI codes for what matters; leave it out for pipes and NO_COLOR
 */
export function ledgerTable(report: Report, options: { colour?: boolean } = {}): string {
  const columns = columnsOf(report);
  const row = (label: string, texts: readonly string[], tones: readonly Tone[]): Row => [
    cell(MARGIN + label.padEnd(LABEL_WIDTH), "faint"),
    ...texts.map((text, index) => cell(text.padStart(FIGURE_WIDTH), tones[index] ?? "plain")),
  ];
  const same = (tone: Tone): Tone[] => columns.map(() => tone);
  const rows: Row[] = [
    ...headRows(report),
    [],
    row(
      "",
      columns.map(({ title }) => title),
      same("faint"),
    ),
  ];
  for (const { key, label, tone } of ITEM_LINES) {
    const values = columns.map(({ of }) => of(key));
    rows.push(
      row(
        label,
        values.map(grouped),
        values.map((value) => (value === 0 ? "faint" : tone)),
      ),
    );
  }
  rows.push([]);
  const each = (text: (column: Column) => string) => columns.map(text);
  rows.push(
    row(
      "requests",
      each(({ of }) => grouped(of("requests"))),
      [],
    ),
  );
  rows.push(
    row(
      "  tried again",
      each(({ of }) => grouped(of("retriedRequests"))),
      [],
    ),
  );
  rows.push(
    row(
      "  bytes",
      each(({ of }) => bytes(of("bodyBytes"))),
      [],
    ),
  );
  rows.push(
    row(
      "  bytes on the wire",
      each(({ of }) => bytes(of("wireBytes"))),
      [],
    ),
  );
  rows.push(
    row(
      "  compressed",
      each(({ of }) =>
        compressedText({
          requests: of("requests"),
          compressedRequests: of("compressedRequests"),
          compiledRequests: of("compiledRequests"),
        }),
      ),
      [],
    ),
  );
  rows.push(row("  bytes an item", each(bytesPerItemText), []));
  for (const quantile of ["p50", "p99", "max"] as const) {
    const label = quantile === "p50" ? "latency  p50" : `         ${quantile}`;
    rows.push(
      row(
        label,
        each(({ counts }) => (counts ? milliseconds(counts.latencyMs[quantile]) : "")),
        [],
      ),
    );
  }
  rows.push([], ...answerRows(report), ...noteRows(report), ...balanceRows(report));
  return `${renderRows(rows, options.colour ?? false)}\n`;
}

function columnsOf({ signals }: Report): Column[] {
  const columns = SIGNALS.flatMap((name): Column[] => {
    const counts = signals[name];
    return counts ? [{ title: name, counts, of: (counter) => counts[counter] }] : [];
  });
  if (columns.length < 2) return columns;
  const total = (counter: Counter) => columns.reduce((sum, { of }) => sum + of(counter), 0);
  return [...columns, { title: "total", counts: undefined, of: total }];
}

/** `55.3 (8.7 x)`: bytes on the wire, and how many times smaller that is than the bodies. */
function bytesPerItemText({ of }: Column): string {
  const [sent, body, wire] = [of("sent"), of("bodyBytes"), of("wireBytes")];
  if (sent === 0 || wire === 0) return "";
  const ratio = of("compressedRequests") > 0 ? ` (${(body / wire).toFixed(1)} x)` : "";
  return `${(wire / sent).toFixed(1)}${ratio}`;
}

function headRows(report: Report): Row[] {
  const sent = SIGNALS.reduce((sum, name) => sum + (report.signals[name]?.sent ?? 0), 0);
  const rate = report.durationMs > 0 ? (sent * 1000) / report.durationMs : 0;
  const targets = Object.keys(report.targets);
  const to =
    targets.length === 1
      ? ` to ${oneLine(targets[0]!, 40)}`
      : targets.length > 1
        ? ` to ${targets.length} targets`
        : "";
  return [
    [
      cell(`${MARGIN}${grouped(sent)} events`, "strong"),
      cell(`${to} in ${clock(report.durationMs)}, ${grouped(rate)} a second`),
    ],
    [
      cell(`${MARGIN}${report.cpuSeconds.toFixed(1)} s of CPU, ${bytes(report.maxRssBytes)} of memory, `),
      cell(
        `at most ${milliseconds(report.lagMs)} behind schedule`,
        report.lagMs >= 1000 ? "warning" : "plain",
      ),
    ],
  ];
}

function answerRows({ answers }: Report): Row[] {
  if (answers.length === 0) return [];
  const rows: Row[] = [];
  for (const { code, count, message } of answers.slice(0, ANSWERS_SHOWN)) {
    const head = `${MARGIN}${grouped(count)} x ${oneLine(code, 24)}`;
    rows.push([cell(head, "bad"), cell(`  ${oneLine(message, MAX_WIDTH - head.length)}`)]);
  }
  const more = answers.length - ANSWERS_SHOWN;
  if (more > 0)
    rows.push([cell(`${MARGIN}and ${more} more ${more === 1 ? "kind" : "kinds"} of answers`, "faint")]);
  return [...rows, []];
}

function noteRows({ notes }: Report): Row[] {
  if (notes.length === 0) return [];
  const rows = notes.flatMap((note) =>
    wrapWords(oneLine(note, 400), MAX_WIDTH - MARGIN.length - NOTE.length).map(
      (line, index): Row => [cell(MARGIN + (index === 0 ? NOTE : " ".repeat(NOTE.length)) + line, "warning")],
    ),
  );
  return [...rows, []];
}

function balanceRows(report: Report): Row[] {
  if (report.balanced) {
    return [
      [cell(`${MARGIN}balanced  `, "good"), cell("intended = unsent + dropped + sent", "faint")],
      [cell(`${MARGIN}          `), cell("sent = accepted + rejected + failed + in doubt", "faint")],
    ];
  }
  const wrong = SIGNALS.flatMap((name) => {
    const counts = report.signals[name];
    if (!counts) return [];
    const { intended, sent } = imbalance(counts);
    const parts: string[] = [];
    if (intended !== 0) parts.push(`${name}: intended is off by ${grouped(intended)}`);
    if (sent !== 0) parts.push(`${name}: sent is off by ${grouped(sent)}`);
    return parts;
  });
  return [
    ...wrong.map((text): Row => [cell(`${MARGIN}not balanced  `, "bad"), cell(text)]),
    [cell(`${MARGIN}the counts do not add up: this is a bug of ours, please report it`, "bad")],
  ];
}
