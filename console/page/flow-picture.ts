/**
 * The ledger as a picture: where every event went, whether the books agree, and where any are lost. Drawn from layOutFlow and placesOf; the
 * picture itself is for eyes, all that it says stands as text below it.
 */
import type { Account } from "../../ledger/account-schema.ts";
import { byId, element, setAttributes, setText, showList, svg } from "./elements.ts";
import { type FlowLayout, type FlowNode, layOutFlow, NODE_WIDTH, STAGES } from "./flow-layout.ts";
import { counted, grouped, percent, si } from "./format.ts";
import { type Balance, type Fate, lossWord, type Place } from "./places.ts";
import { REPLICA_STATE_TONES, type ReplicaRow } from "./row-model.ts";
import type { RunState } from "./run-state.ts";
import { acceptedShare, sentSignals, total } from "./signals.ts";

export interface FlowPicture {
  show(run: RunState, account: Account, places: readonly Place[]): void;
}

/** Of the picture, CSS pixels; narrower pages have a lower one. */
const HEIGHT = 250;
const NARROW_HEIGHT = 170;
const NARROW = 640;
/** Of the field of replicas at the left. */
const MAX_CELL = 16;
/** Behind the label of a node, CSS pixels; a character is this wide at most, but for the rarest. */
const PLATE = { height: 18, padding: 5, characterWidth: 7.2 } as const;

const STATE_WORDS: Readonly<Record<Balance["state"], { sign: string; word: string }>> = {
  holds: { sign: "✓", word: "holds" },
  open: { sign: "…", word: "moving" },
  explained: { sign: "!", word: "explained" },
  broken: { sign: "✕", word: "broken" },
};

export function startFlowPicture(): FlowPicture {
  const section = byId("flow");
  const drawing = svg("svg", { "aria-hidden": true, class: "drawing" });
  const gradients = svg("defs");
  for (const signal of ["traces", "metrics", "logs"]) gradients.append(gradientOf(signal));
  const layers = {
    bands: svg("g", { class: "bands" }),
    drains: svg("g", { class: "drains" }),
    field: svg("g", { class: "field" }),
    nodes: svg("g", { class: "nodes" }),
  };
  drawing.append(gradients, layers.bands, layers.drains, layers.field, layers.nodes);
  const heads = element("div", { class: "heads", "aria-hidden": true });
  const listOfPlaces = element("ol", { class: "places" });
  const key = element("p", { class: "key" });
  const title = element(
    "div",
    { class: "title" },
    element("h3", { id: "flow-title" }, "Where every event went"),
    key,
  );
  const nothing = element("p", { class: "nothing" }, "Bands will show here how many events went which way");
  section.append(title, heads, element("div", { class: "frame" }, drawing, nothing), listOfPlaces);
  let last: { run: RunState; account: Account; places: readonly Place[] } | undefined;

  const draw = (): void => {
    if (!last) return;
    const { run, account, places } = last;
    const width = section.clientWidth;
    const height = width < NARROW ? NARROW_HEIGHT : HEIGHT;
    setAttributes(drawing, { viewBox: `0 0 ${width} ${height}`, width, height });
    const withRows = { ...account, collectorRows: [...run.collectorRows.values()] };
    const layout = layOutFlow(withRows, places, width, height);
    nothing.hidden = layout.nodes.length > 0;
    drawLayout(layers, layout, width);
    drawField(layers.field, [...run.replicaRows.values()], width * (STAGES.replicas - 0.012), height);
  };
  new ResizeObserver(draw).observe(section);

  return {
    show(run, account, places) {
      last = { run, account, places };
      draw();
      showHeads(heads, account);
      showPlaces(listOfPlaces, places);
      showKey(key, account);
    },
  };
}

function gradientOf(signal: string): SVGElement {
  const stop = (offset: number, opacity: number) =>
    svg("stop", { offset, class: `stop-${signal}`, "stop-opacity": opacity });
  return svg(
    "linearGradient",
    { id: `band-${signal}`, x1: 0, x2: 1 },
    stop(0, 0.62),
    stop(0.5, 0.34),
    stop(1, 0.62),
  );
}

function drawLayout(
  layers: Record<"bands" | "drains" | "nodes", SVGGElement>,
  { nodes, bands, drains }: FlowLayout,
  width: number,
): void {
  showList(
    layers.bands,
    bands,
    (band) => band.key,
    ({ signal }) => svg("path", { stroke: `url(#band-${signal})` }),
    (path, band) => setAttributes(path, { d: band.path, "stroke-width": band.thickness.toFixed(1) }),
  );
  showList(
    layers.drains,
    drains,
    (drain) => drain.key,
    ({ colour, isLoss }) =>
      svg(
        "g",
        { class: `drain ${colour}${isLoss ? " loss" : ""}` },
        svg("path", { class: "halo" }),
        svg("path"),
      ),
    (group, { path, thickness }) => {
      const [halo, body] = group.children;
      setAttributes(halo!, { d: path, "stroke-width": (thickness + 10).toFixed(1) });
      setAttributes(body!, { d: path, "stroke-width": thickness.toFixed(1) });
    },
  );
  showList(
    layers.nodes,
    nodes,
    (node) => node.key,
    makeNode,
    (group, node) => showNode(group, node, width),
  );
}

function makeNode(): SVGGElement {
  return svg("g", {}, svg("g"), svg("rect", { class: "plate", rx: 4 }), svg("text", { class: "label" }));
}

function showNode(group: SVGGElement, node: FlowNode, width: number): void {
  setAttributes(group, { class: node.isGone ? "gone" : undefined });
  showList(
    group.firstElementChild!,
    node.segments.filter(({ height }) => height > 0),
    ({ key }) => key,
    ({ colour }) => svg("rect", { class: colour, width: NODE_WIDTH, rx: 1.5 }),
    (rect, { y, height }) => setAttributes(rect, { x: node.x, y: y.toFixed(1), height: height.toFixed(1) }),
  );
  const [, plate, label] = group.children as unknown as [SVGGElement, SVGRectElement, SVGTextElement];
  const x = node.x + NODE_WIDTH + 6 + PLATE.padding;
  const y = node.y + node.height / 2;
  const room = (x < width * STAGES.behind ? width * STAGES.behind : width) - x - PLATE.padding;
  const text = width < NARROW ? "" : cut(node.label, room / PLATE.characterWidth);
  setText(label, text + (text && node.detail ? ` (${node.detail})` : ""));
  setAttributes(label, { x, y: y.toFixed(1) });
  setAttributes(plate, {
    x: x - PLATE.padding,
    y: (y - PLATE.height / 2).toFixed(1),
    width: text ? (label.getComputedTextLength() + 2 * PLATE.padding).toFixed(1) : 0,
    height: PLATE.height,
  });
}

/** At most so many characters, the last of them an ellipsis. */
function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, Math.max(1, Math.floor(most) - 1))}…`;
}

/** Every replica a square: one path for each state, so that a thousand cost no more than forty. */
function drawField(field: SVGGElement, rows: readonly ReplicaRow[], width: number, height: number): void {
  const room = { width: width - 18, height: height - 42 };
  if (room.width < 10 || rows.length === 0) {
    field.replaceChildren();
    return;
  }
  const fitting = Math.sqrt((room.width * room.height) / rows.length) * 0.95;
  const step = Math.max(2.5, Math.min(MAX_CELL, fitting));
  // As high as what flows out of it, as far as it fills that.
  const columns = Math.max(
    1,
    Math.min(Math.floor(room.width / step), Math.ceil((rows.length * step) / (room.height * 0.86))),
  );
  const lines = Math.ceil(rows.length / columns);
  const size = step - (step > 8 ? 3 : step > 4 ? 1.4 : 0.8);
  const right = width - 5;
  const top = 8 + Math.max(0, room.height - lines * step) * 0.4;
  const ordered = [...rows].sort((a, b) => a.share.index - b.share.index);
  const paths = new Map<ReplicaRow["state"], string>();
  for (const [index, { state }] of ordered.entries()) {
    const x = right - columns * step + (index % columns) * step;
    const y = top + Math.floor(index / columns) * step;
    paths.set(
      state,
      `${paths.get(state) ?? ""}M${x.toFixed(1)} ${y.toFixed(1)}h${size.toFixed(1)}v${size.toFixed(1)}h-${size.toFixed(1)}z`,
    );
  }
  showList(
    field,
    [...paths],
    ([state]) => state,
    ([state]) => svg("path", { class: `cell ${state}`, "data-tone": REPLICA_STATE_TONES[state] }),
    (path, [, d]) => setAttributes(path, { d }),
  );
}

/** Above the picture: what stands where, with its sum. */
function showHeads(heads: HTMLElement, account: Account): void {
  const { replicas, collectors, sink } = account;
  const accepted = total(account, "accepted");
  const exported = Object.values(collectors?.signals ?? {}).reduce(
    (sum, items) => sum + Object.values(items?.exporters ?? {}).reduce((all, { sent }) => all + sent, 0),
    0,
  );
  const taken = Object.values(collectors?.signals ?? {}).reduce(
    (sum, items) => sum + (items?.accepted ?? 0),
    0,
  );
  const columns = [
    {
      title: counted(replicas.seen, "replica"),
      figure: grouped(total(account, "intended")),
      word: "intended",
    },
    ...(collectors
      ? [{ title: counted(collectors.seen, "Collector"), figure: grouped(taken), word: "taken" }]
      : []),
    collectors
      ? { title: sink ? "sink" : "backend", figure: grouped(exported), word: "sent on" }
      : { title: sink ? "sink" : "target", figure: grouped(accepted), word: "accepted" },
  ];
  showList(
    heads,
    columns,
    ({ word }) => word,
    () => element("p", {}, element("b"), element("span"), element("em")),
    (column, { title, figure, word }) => {
      setText(column.children[0]!, title);
      setText(column.children[1]!, figure);
      setText(column.children[2]!, word);
    },
  );
}

function showKey(key: HTMLElement, account: Account): void {
  showList(
    key,
    sentSignals(account),
    (signal) => signal,
    (signal) => element("span", {}, element("i", { class: signal }), signal, element("b")),
    (entry, signal) => {
      const share = acceptedShare(account, [signal]);
      setText(entry.lastElementChild!, share === undefined ? "" : `${percent(share)} accepted`);
    },
  );
}

function showPlaces(list: HTMLElement, places: readonly Place[]): void {
  showList(list, places, ({ id }) => id, makePlace, showPlace);
}

function makePlace({ title }: Place): HTMLLIElement {
  return element(
    "li",
    {},
    element("h4", {}, element("span", {}, title), element("strong")),
    element("ul", { class: "balances" }),
    element("dl", { class: "fates" }),
    element("ul", { class: "texts" }),
  );
}

function showPlace(item: HTMLLIElement, { title, fates, balances, lost, broken, tone, texts }: Place): void {
  setAttributes(item, {
    "data-tone": tone,
    class: balances.length + fates.length === 0 ? "void" : undefined,
  });
  const [head, balanceList, fateList, textList] = item.children;
  setText(head!.children[0]!, title);
  setText(head!.children[1]!, lost > 0 ? `${si(lost)} ${lossWord(fates)}` : broken);
  showList(balanceList!, balances, ({ name }) => name, makeBalance, showBalance);
  showList(fateList!, fates, ({ name }) => name, makeFate, showFate);
  showList(
    textList!,
    fates.length > 0 ? texts.slice(0, 4) : ["No part of this run"],
    (text) => text,
    (text) => element("li", {}, text),
  );
}

function makeBalance({ rule }: Balance): HTMLLIElement {
  return element("li", {}, element("i", { "aria-hidden": true }), element("span", {}, rule), element("b"));
}

function showBalance(item: HTMLLIElement, { rule, state, off, signals }: Balance): void {
  const { sign, word } = STATE_WORDS[state];
  setAttributes(item, {
    "data-state": state,
    title: signals
      .map(
        (one) =>
          `${one.signal}${one.exporter ? ` by ${one.exporter}` : ""}: ${STATE_WORDS[one.state].word}${one.difference === 0 ? "" : `, off by ${grouped(one.difference)}`}`,
      )
      .join("\n"),
  });
  setText(item.children[0]!, sign);
  setText(item.children[1]!, rule);
  setText(
    item.children[2]!,
    state === "holds" ? word : `${word}, ${si(off)} ${state === "open" ? "apart" : "off"}`,
  );
}

function makeFate({ name, colour, meaning }: Fate): HTMLDivElement {
  return element("div", { title: meaning, class: colour }, element("dt", {}, name), element("dd"));
}

function showFate(item: HTMLDivElement, { items, isLoss }: Fate): void {
  setAttributes(item, { class: `${item.classList[0]}${items > 0 ? (isLoss ? " lost" : " some") : ""}` });
  setText(item.lastElementChild!, grouped(items));
}
