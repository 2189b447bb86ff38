/**
 * The three charts over time: rate against plan, latencies, errors by kind.
 */
import type { Account } from "../../ledger/account-schema.ts";
import type { HistoryPoint } from "../../ledger/history.ts";
import { byId, element } from "./elements.ts";
import { grouped, listed, milliseconds, si } from "./format.ts";
import type { Mark } from "./marks.ts";
import { type Line, startChart } from "./plot.ts";
import type { RunState } from "./run-state.ts";
import { errorColumns, LATENCIES, latencyColumns, pointsSince, rateColumns, stacked } from "./series.ts";
import { slowestOf } from "./tiles.ts";

export interface Charts {
  show(run: RunState): void;
  recolour(): void;
  /** All of the range of time, after a part of it was chosen. */
  showAll(): void;
  /** Variable of style.css that a kind of answers has its colour from. */
  colourOf(kind: string): string;
}

/** Colours of kinds of errors, in the order in which they were met. */
const KIND_COLOURS = ["failed", "refused", "doubt", "rejected", "dropped"] as const;
const OTHER_COLOUR = "ink-3";

const LATENCY_LOOKS: Readonly<Record<(typeof LATENCIES)[number], Pick<Line, "colour" | "width">>> = {
  p50: { colour: "ink-3", width: 1.25 },
  p90: { colour: "ink-2", width: 1.25 },
  p99: { colour: "ink", width: 1.5 },
};

/** What a time range of the charts is called, and how long it is, minutes. */
const RANGES: readonly { label: string; minutes: number }[] = [
  { label: "all of it", minutes: Number.POSITIVE_INFINITY },
  { label: "30 min", minutes: 30 },
  { label: "10 min", minutes: 10 },
  { label: "2 min", minutes: 2 },
];

/** onRange  another range was chosen: show it. */
export function startCharts(onRange: () => void): Charts {
  const onWhole = () => {
    for (const chart of [rate, latency, errors]) chart.showAll();
  };
  const rate = startChart(byId("chart-rate"), {
    title: "Events/s",
    format: (value) => si(value === null || value === undefined ? value : Math.round(value)),
    merging: "mean",
    nothing: "The rate will be here",
    onWhole,
    leastTop: 10,
  });
  const latency = startChart(byId("chart-latency"), {
    title: "Latency",
    format: milliseconds,
    isLogarithmic: true,
    merging: "highest",
    nothing: "Latencies will be here",
    onWhole,
  });
  const errors = startChart(byId("chart-errors"), {
    title: "Errors/s",
    format: (value) => si(value && value >= 10 ? Math.round(value) : value),
    merging: "mean",
    nothing: "No errors",
    onWhole,
    leastTop: 1,
  });
  const kinds: string[] = [];
  const colourOf = (kind: string) => KIND_COLOURS[kinds.indexOf(kind)] ?? OTHER_COLOUR;
  let minutes = Number.POSITIVE_INFINITY;
  startRanges((chosen) => {
    minutes = chosen;
    onRange();
  });

  return {
    show({ points: all, account }) {
      const points = pointsSince(all, (all.at(-1)?.atMs ?? 0) - minutes * 60_000);
      const marks = marksOf(account);
      // Of a run that is over, its last second says nothing.
      const isOver = account?.state === "ended";
      const seconds = all.reduce((sum, { stepMs }) => sum + stepMs, 0) / 1000;
      const mean = (countOf: (point: HistoryPoint) => number) =>
        isOver ? { whole: all.reduce((sum, point) => sum + countOf(point), 0) / seconds } : {};
      const { times, planned, sent } = rateColumns(points);
      // From the top: each is filled down to the next one below it.
      const stack = [...sent].reverse();
      const tops = stacked([...stack.map(({ values }) => values)]).reverse();
      const signals = sent.map(
        ({ signal, values }, index): Line => ({
          name: signal,
          colour: signal,
          values,
          drawn: tops[index]!,
          width: 1.25,
          ...mean(({ signals: steps }) => steps[signal]?.sent ?? 0),
          fillTo: index + 1 < sent.length ? index + 1 : "zero",
        }),
      );
      const plan: Line = { name: "plan", colour: "ink", values: planned, isDashed: true };
      const known = all.filter(({ plannedPerSecond }) => plannedPerSecond !== null);
      if (isOver)
        plan.whole =
          known.reduce((sum, { plannedPerSecond, stepMs }) => sum + plannedPerSecond! * stepMs, 0) /
          known.reduce((sum, { stepMs }) => sum + stepMs, 0);
      rate.show(
        times,
        times.length > 1 ? [...signals, plan] : [],
        marks,
        rateSummary(tops[0]?.at(-1), planned.at(-1)),
      );

      const { values } = latencyColumns(points);
      const isMeasured = values[0]!.some((value) => value !== null);
      latency.show(
        times,
        isMeasured
          ? LATENCIES.map((name, index) => ({
              name,
              ...LATENCY_LOOKS[name],
              values: values[index]!,
              ...(isOver ? { whole: slowestOf(account)?.[name] } : {}),
            }))
          : [],
        marks,
        listed(LATENCIES.map((name, index) => `${name} ${milliseconds(values[index]!.at(-1))}`)),
      );

      const found = errorColumns(points, kinds).kinds;
      const sums = stacked([...found].reverse().map((kind) => kind.values)).reverse();
      errors.show(
        times,
        found.map((kind, index) => ({
          name: kind.name,
          colour: colourOf(kind.name),
          values: kind.values,
          drawn: sums[index]!,
          ...mean(({ answers }) => kind.countOf(answers)),
          fillTo: index + 1 < found.length ? index + 1 : ("zero" as const),
        })),
        marks,
        found.length === 0
          ? "None."
          : listed(found.map(({ name, values: rates }) => `${name} ${si(rates.at(-1))} a second`)),
      );
    },
    recolour() {
      for (const chart of [rate, latency, errors]) chart.recolour();
    },
    showAll: onWhole,
    colourOf,
  };
}

function rateSummary(sent: number | null | undefined, planned: number | null | undefined): string {
  return planned
    ? `Now ${grouped(sent)} events a second, planned ${grouped(planned)}.`
    : `Now ${grouped(sent)} events a second.`;
}

/** Uses of the controls. */
function marksOf(account: Account | undefined): Mark[] {
  return (account?.control.uses ?? []).map(({ at, what }) => ({ atMs: Date.parse(at), text: what }));
}

/** Into the first chart's caption: it holds for all of them. */
function startRanges(choose: (minutes: number) => void): void {
  const range = element(
    "select",
    { id: "range", "aria-label": "Time shown in the charts" },
    ...RANGES.map(({ label }) => element("option", {}, label)),
  );
  range.addEventListener("change", () => choose(RANGES[range.selectedIndex]!.minutes));
  byId("chart-rate").querySelector("h3")!.after(range);
}
