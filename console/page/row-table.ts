/**
 * A table of many rows: only those in sight are in the document, and of these only cells that changed are touched. A grid for screen
 * readers, with the true number of rows.
 */
import { element, setAttributes, setText } from "./elements.ts";
import { grouped } from "./format.ts";
import { type Order, type RowColumn, sorted } from "./row-model.ts";

export interface RowTable<Row> {
  show(rows: readonly Row[]): void;
}

export interface TableSettings<Row> {
  title: string;
  columns: readonly RowColumn<Row>[];
  keyOf: (row: Row) => string;
  troubleOf: (row: Row) => number;
  /** Instead of rows. */
  nothing: string;
  /** Rows that are shown without scrolling, at most. */
  rowsInSight: number;
}

/** A line of the document, and what it shows. */
interface Line<Row> {
  element: HTMLElement;
  cells: { cell: HTMLElement; text: HTMLElement; bar: HTMLElement | undefined }[];
  row: Row | undefined;
  index: number;
  most: readonly number[];
}

/** CSS pixels, as rows.css has it. */
const ROW_HEIGHT = 28;
/** Rows beyond the edges of what is in sight, so that scrolling shows no holes. */
const MARGIN_ROWS = 6;

export function startRowTable<Row>(parent: HTMLElement, settings: TableSettings<Row>): RowTable<Row> {
  const { title, columns, keyOf, troubleOf } = settings;
  const id = `${parent.id}-title`;
  const count = element("span", { class: "count" });
  const worst = element(
    "button",
    { type: "button", class: "quiet order", "aria-pressed": true },
    "Worst first",
  );
  const search = element("input", {
    type: "search",
    placeholder: "Filter",
    "aria-label": `Filter ${title}`,
    autocomplete: "off",
    spellcheck: "false",
  });
  const head = element("div", { role: "row", class: "row head", "aria-rowindex": 1 });
  const body = element("div", { class: "body", role: "rowgroup" });
  const scroller = element(
    "div",
    { class: "scroller", tabindex: 0, role: "table", "aria-labelledby": id, "aria-colcount": columns.length },
    element("div", { role: "rowgroup", class: "heads" }, head),
    body,
  );
  const nothing = element("p", { class: "nothing", hidden: true }, settings.nothing);
  parent.append(
    element("div", { class: "title" }, element("h3", { id }, title), count, search, worst),
    scroller,
    nothing,
  );
  const tracks = columns.map(({ track }) => track).join(" ");
  parent.style.setProperty("--tracks", tracks);

  let order: Order = { column: undefined, isDown: true };
  let all: readonly Row[] = [];
  let shown: readonly Row[] = [];
  const lines: Line<Row>[] = [];
  /** Largest of a column that has bars. */
  let largest: readonly number[] = [];

  const headings = columns.map(({ title: name, meaning, isText }, index) => {
    const button = element("button", { type: "button", title: meaning }, name);
    button.addEventListener("click", () => {
      const firstDown = !isText;
      if (order.column !== index) order = { column: index, isDown: firstDown };
      else if (order.isDown === firstDown) order = { column: index, isDown: !firstDown };
      else order = { column: undefined, isDown: true };
      arrange();
    });
    const cell = element(
      "div",
      { role: "columnheader", class: isText ? "text" : undefined, "aria-colindex": index + 1 },
      button,
    );
    head.append(cell);
    return cell;
  });
  worst.addEventListener("click", () => {
    order = { column: undefined, isDown: true };
    arrange();
  });
  search.addEventListener("input", arrange);
  let isPlanned = false;
  scroller.addEventListener(
    "scroll",
    () => {
      if (isPlanned) return;
      isPlanned = true;
      requestAnimationFrame(() => {
        isPlanned = false;
        draw();
      });
    },
    { passive: true },
  );
  new ResizeObserver(() => draw()).observe(scroller);

  function arrange(): void {
    const wanted = search.value.trim().toLowerCase();
    const texts = columns.filter(({ isText }) => isText);
    const kept =
      wanted === ""
        ? all
        : all.filter((row) => texts.some(({ text }) => text(row).toLowerCase().includes(wanted)));
    shown = sorted(kept, columns, order, troubleOf, keyOf);
    const most = columns.map(({ hasBar, value }) =>
      hasBar ? all.reduce((high, row) => Math.max(high, Number(value(row) ?? 0)), 0) : 0,
    );
    if (most.some((value, at) => value !== largest[at])) largest = most;
    for (const [index, cell] of headings.entries())
      setAttributes(cell, {
        "aria-sort": order.column !== index ? "none" : order.isDown ? "descending" : "ascending",
      });
    setAttributes(worst, { "aria-pressed": String(order.column === undefined) });
    setAttributes(scroller, { "aria-rowcount": shown.length + 1 });
    setText(
      count,
      shown.length === all.length
        ? grouped(all.length)
        : `${grouped(shown.length)} of ${grouped(all.length)}`,
    );
    const inSight = Math.min(Math.max(all.length, 1), settings.rowsInSight);
    scroller.style.height = `${(inSight + 1) * ROW_HEIGHT + 2}px`;
    body.style.height = `${shown.length * ROW_HEIGHT}px`;
    scroller.hidden = all.length === 0;
    nothing.hidden = all.length > 0;
    for (const tool of [search, worst]) tool.hidden = all.length === 0;
    draw();
  }

  function draw(): void {
    const first = Math.max(0, Math.floor(scroller.scrollTop / ROW_HEIGHT) - MARGIN_ROWS);
    const most = Math.ceil(scroller.clientHeight / ROW_HEIGHT) + 2 * MARGIN_ROWS;
    const end = Math.min(shown.length, first + most);
    while (lines.length < end - first) {
      const line = makeLine();
      lines.push(line);
      body.append(line.element);
    }
    // Row n is always in line n modulo lines: scrolling by a row changes one line.
    const inSight = new Set<Line<Row>>();
    for (let index = first; index < end; index++) {
      const line = lines[index % lines.length]!;
      inSight.add(line);
      showRow(line, shown[index]!, index);
    }
    for (const line of lines)
      if (line.element.hidden === inSight.has(line)) line.element.hidden = !inSight.has(line);
  }

  function makeLine(): Line<Row> {
    const cells = columns.map(({ isText, hasBar }, index) => {
      const text = element("span");
      const bar = hasBar ? element("i", { class: "bar", "aria-hidden": true }) : undefined;
      const cell = element(
        "div",
        { role: "cell", class: isText ? "text" : undefined, "aria-colindex": index + 1 },
        bar,
        text,
      );
      return { cell, text, bar };
    });
    const line = element("div", { role: "row", class: "row" }, ...cells.map(({ cell }) => cell));
    return { element: line, cells, row: undefined, index: -1, most: [] };
  }

  function showRow(line: Line<Row>, row: Row, index: number): void {
    if (line.row === row && line.index === index && line.most === largest) return;
    if (line.index !== index) {
      line.element.style.transform = `translateY(${index * ROW_HEIGHT}px)`;
      setAttributes(line.element, { "aria-rowindex": index + 2 });
    }
    [line.row, line.index, line.most] = [row, index, largest];
    for (const [at, column] of columns.entries()) {
      const { cell, text, bar } = line.cells[at]!;
      setText(text, column.text(row));
      setAttributes(cell, { "data-tone": column.tone?.(row) });
      if (column.isText) setAttributes(cell, { title: column.text(row) });
      if (!bar) continue;
      const part = largest[at]! > 0 ? Number(column.value(row) ?? 0) / largest[at]! : 0;
      const width = `scaleX(${part.toFixed(3)})`;
      if (bar.style.transform !== width) bar.style.transform = width;
    }
  }

  arrange();
  return {
    show(rows) {
      all = rows;
      arrange();
    },
  };
}
