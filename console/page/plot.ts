/**
 * A chart: its caption with a legend that follows the cursor, uPlot, and what it shows as text for people who do not see it. Drawn again only
 * when its data, its size or its colours change.
 */
import type uPlotType from "uplot";
import { element, setText, showList } from "./elements.ts";
import { timeOfDay } from "./format.ts";
import { drawMarks, type Mark } from "./marks.ts";
import type { Column } from "./series.ts";
import { type Merging, stepFor, thinned } from "./thinned.ts";

/** uplot.js is a classic script: it comes as a global. */
declare const uPlot: typeof uPlotType;

/** A line of a chart. */
export interface Line {
  name: string;
  /** Of a variable of style.css, without its dashes. */
  colour: string;
  /** What the legend says. */
  values: Column;
  /** What it says where no moment is pointed at, when that is not the latest value. */
  whole?: number | null | undefined;
  /** Where it is drawn, when that is not where its values are: on top of others. */
  drawn?: Column;
  isDashed?: boolean;
  width?: number;
  /** Filled down to this line of the chart, or to zero. */
  fillTo?: number | "zero";
}

export interface Chart {
  /**
   * Show these lines, each with one value a time.
   *
   * summary  the same in words
   */
  show(times: readonly number[], lines: readonly Line[], marks: readonly Mark[], summary: string): void;
  /** In the colours that hold now. */
  recolour(): void;
  /** After a part of it was chosen with the mouse. */
  showAll(): void;
}

export interface ChartSettings {
  title: string;
  /** Of a value, in the legend and on the axis. */
  format: (value: number | null | undefined) => string;
  isLogarithmic?: boolean;
  /** Of points that are too many. */
  merging: Merging;
  /** Instead of an empty chart. */
  nothing: string;
  /** Somebody has seen enough of a part: call showAll of all charts. */
  onWhole: () => void;
  /** An axis without data goes up to here. */
  leastTop?: number;
}

/** CSS pixels that a point has at least, or it is merged with the next. */
const POINT_WIDTH = 2;
/** Charts of one page share their cursor. */
const SYNC = "run";
const AXIS_WIDTH = 58;

/** Put a chart into a figure. */
export function startChart(figure: HTMLElement, settings: ChartSettings): Chart {
  const legend = element("p", { class: "legend" });
  const whole = element("button", { type: "button", class: "quiet whole", hidden: true }, "Show all");
  whole.addEventListener("click", settings.onWhole);
  const means = element("span", { class: "means" });
  const caption = element("figcaption", {}, element("h3", {}, settings.title), means, whole);
  const nothing = element("p", { class: "nothing" }, settings.nothing);
  const area = element("div", { class: "plot", role: "img", "aria-label": settings.title }, nothing);
  figure.append(caption, legend, area);
  let plot: uPlotType | undefined;
  let shape = "";
  let lines: readonly Line[] = [];
  let marks: readonly Mark[] = [];
  let times: readonly number[] = [];
  /** As it is drawn: a step of time a point, seconds. */
  let shown: { times: readonly number[]; columns: readonly Column[]; stepS: number } = {
    times: [],
    columns: [],
    stepS: 1,
  };
  let isSeen = true;
  /** A part was chosen: it stays in sight while time goes on. */
  let isPart = false;

  new ResizeObserver(() => {
    if (!plot || area.clientWidth === 0) return;
    const size = sizeOf(area);
    if (size.width !== plot.width || size.height !== plot.height) plot.setSize(size);
  }).observe(area);
  // What is scrolled away is drawn when it comes back.
  new IntersectionObserver(
    ([entry]) => {
      isSeen = entry?.isIntersecting ?? true;
      if (isSeen) draw();
    },
    { rootMargin: "200px" },
  ).observe(figure);

  function draw(): void {
    if (!isSeen || !hasData()) return;
    const drawnShape = JSON.stringify(
      lines.map(({ name, colour, isDashed, fillTo }) => [name, colour, isDashed, fillTo]),
    );
    const stepS = stepNow();
    const columns = lines.flatMap(({ values, drawn }) => [values, drawn ?? values]);
    shown = { ...thinned(times, columns, stepS, settings.merging), stepS };
    const drawn = shown.columns.filter((_, index) => index % 2 === 1);
    const data = [shown.times, ...drawn] as uPlotType.AlignedData;
    if (plot && shape === drawnShape) {
      plot.setData(data, !isPart);
      if (isPart) plot.redraw();
      return;
    }
    plot?.destroy();
    nothing.remove();
    shape = drawnShape;
    plot = new uPlot(optionsOf(), data, area);
  }

  /** As fine as the range of time that is in sight has room for. */
  function stepNow(): number {
    const { min, max } = (isPart && plot?.scales.x) || {};
    const spanS = (max ?? times.at(-1)!) - (min ?? times[0]!);
    return stepFor(spanS, Math.max(50, (area.clientWidth - AXIS_WIDTH) / POINT_WIDTH));
  }

  const hasData = () => times.length > 1 && lines.length > 0;

  function optionsOf(): uPlotType.Options {
    const colourOf = (name: string) => colourNow(figure, name);
    const family = getComputedStyle(document.body).fontFamily;
    const markLooks = { family, ink: colourOf("ink-3"), ground: colourOf("card") };
    const axis = {
      stroke: colourOf("ink-3"),
      font: `11px ${family}`,
      grid: { stroke: colourOf("line"), width: 1 },
      ticks: { show: false },
    };
    return {
      ...sizeOf(area),
      padding: [10, 28, 0, 0],
      legend: { show: false },
      cursor: { sync: { key: SYNC }, drag: { x: true, y: false }, points: { size: 6 } },
      scales: {
        x: { time: true },
        y: settings.isLogarithmic
          ? { distr: 3, range: (_, min, max) => logarithmicRange(min, max) }
          : { range: (_, _min, max) => [0, Math.max(settings.leastTop ?? 1, (max ?? 0) * 1.08)] },
      },
      axes: [
        {
          ...axis,
          size: 26,
          space: 60,
          values: (_, splits) => splits.map((at) => timeOfDay(at * 1000)),
          grid: { show: false },
        },
        {
          ...axis,
          size: AXIS_WIDTH,
          space: 34,
          ...(settings.isLogarithmic
            ? { grid: { ...axis.grid, filter: (_: uPlotType, splits: number[]) => splits.map(wholePower) } }
            : {}),
          values: (_, splits) => splits.map((value) => (value === null ? "" : settings.format(value))),
        },
      ],
      series: [{}, ...lines.map((line) => seriesOf(line, colourOf))],
      bands: lines.flatMap(({ fillTo, colour }, index) =>
        typeof fillTo === "number"
          ? [{ series: [index + 1, fillTo + 1] as [number, number], fill: faded(colourOf(colour)) }]
          : [],
      ),
      hooks: {
        drawAxes: [(self: uPlotType) => drawMarks(self, marks, markLooks)],
        setScale: [
          (self: uPlotType, key: string) => {
            const { min, max } = self.scales[key]!;
            if (key !== "x") return;
            isPart = min! > shown.times[0]! || max! < shown.times.at(-1)!;
            whole.hidden = !isPart;
            if (stepNow() !== shown.stepS) queueMicrotask(draw);
          },
        ],
        setCursor: [(self: uPlotType) => showValues(self.cursor.idx)],
      },
    };
  }

  /** At a place in time, or the latest, or of the whole run. */
  function showValues(index: number | null | undefined): void {
    const ofWhole = (index ?? undefined) === undefined && lines.some((line) => "whole" in line);
    setText(means, ofWhole ? "of the whole run" : "");
    const entries = lines.map((line, at) => ({
      ...line,
      value: ofWhole
        ? line.whole
        : typeof index === "number"
          ? shown.columns[2 * at]?.[index]
          : line.values.at(-1),
    }));
    showList(
      legend,
      entries,
      ({ name, colour }) => `${name} ${colour}`,
      ({ name, colour, isDashed }) => {
        const swatch = element("i", { class: isDashed ? "dash" : undefined });
        if (isDashed) swatch.style.borderColor = `var(--${colour})`;
        else swatch.style.background = `var(--${colour})`;
        return element("span", { title: name }, swatch, element("em", {}, name), element("b"));
      },
      (entry, { value }) => setText(entry.lastElementChild!, settings.format(value)),
    );
  }

  return {
    show(nextTimes, nextLines, nextMarks, summary) {
      [times, lines, marks] = [nextTimes, nextLines, nextMarks];
      area.setAttribute("aria-label", `${settings.title}. ${summary}`);
      if (!hasData()) {
        plot?.destroy();
        plot = undefined;
        shape = "";
        area.replaceChildren(nothing);
        legend.replaceChildren();
        return;
      }
      draw();
      showValues(plot?.cursor.idx);
    },
    recolour() {
      shape = "";
      draw();
    },
    showAll() {
      if (isPart) plot?.setScale("x", { min: shown.times[0]!, max: shown.times.at(-1)! });
    },
  };
}

function seriesOf(
  { name, colour, isDashed, width, fillTo }: Line,
  colourOf: (name: string) => string,
): uPlotType.Series {
  return {
    label: name,
    stroke: colourOf(colour),
    width: width ?? 1.5,
    points: { show: false },
    ...(isDashed ? { dash: [5, 4] } : {}),
    ...(fillTo === "zero" ? { fill: faded(colourOf(colour)) } : {}),
  };
}

/** A variable of style.css as canvases want it, in the theme that holds now: `rgb(79, 86, 232)`. */
function colourNow(figure: HTMLElement, name: string): string {
  figure.style.color = `var(--${name})`;
  const { color } = getComputedStyle(figure);
  figure.style.color = "";
  return color;
}

/** Of a colour as `rgb(r, g, b)`. */
const faded = (colour: string): string => colour.replace("rgb(", "rgba(").replace(")", ", 0.24)");

function logarithmicRange(min: number | null, max: number | null): [number, number] {
  return [10 ** Math.floor(Math.log10((min ?? 1) * 0.999)), 10 ** Math.ceil(Math.log10((max ?? 1) * 1.001))];
}

/** Of ten; null: none. */
const wholePower = (value: number): number | null =>
  Math.abs(Math.log10(value) - Math.round(Math.log10(value))) < 1e-6 ? value : null;

function sizeOf(area: HTMLElement): { width: number; height: number } {
  return { width: Math.max(80, area.clientWidth), height: Math.max(80, area.clientHeight) };
}
