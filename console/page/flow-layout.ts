/**
 * The geometry of the flow picture: replicas at the left, Collectors in the middle, what is behind them at the right; bands between them as
 * wide as the items that went there, and drains that fall out of the flow where items came to an end. Pure; all lengths in CSS pixels.
 */
import type { Account } from "../../ledger/account-schema.ts";
import type { Signal } from "../../otlp/signal.ts";
import type { Place, PlaceId } from "./places.ts";
import { sentSignals } from "./signals.ts";

/** A part of a node: items of one signal that went on, or that came to one end. */
interface Segment {
  /** A signal, or the place and name of a fate. */
  key: string;
  /** Of the colour. */
  colour: string;
  y: number;
  height: number;
}

export interface FlowNode {
  key: string;
  /** Empty: not labelled. */
  label: string;
  detail: string;
  x: number;
  y: number;
  height: number;
  segments: Segment[];
  /** A Collector that does not answer. */
  isGone: boolean;
}

export interface Band {
  key: string;
  signal: Signal;
  path: string;
  thickness: number;
}

export interface Drain {
  key: string;
  place: PlaceId;
  colour: string;
  isLoss: boolean;
  path: string;
  thickness: number;
  /** Where it ends, at the lower edge. */
  x: number;
}

export interface FlowLayout {
  nodes: FlowNode[];
  bands: Band[];
  drains: Drain[];
}

export const NODE_WIDTH = 7;
/** What is there is seen, however little it is of the whole. */
const MIN_THICKNESS = 1.5;
const GAP = 14;
/** Collectors beyond these are drawn as one. */
const MAX_COLLECTORS = 8;
/** Where the nodes stand, and where drains of a place fall, as parts of the width. */
export const STAGES = { replicas: 0.135, collectors: 0.52, behind: 0.875 } as const;
const DRAINS: Readonly<Record<PlaceId, number>> = {
  replica: 0.205,
  "replica to collector": 0.385,
  collector: 0.615,
  "collector to backend": 0.8,
};
const TOP = 8;
/** Room below the nodes in which drains turn down. */
const SUMP = 34;

/** Items of one stop on the way, by signal. */
type Items = Partial<Record<Signal, number>>;

/** Items that came to one end. */
interface End {
  key: string;
  colour: string;
  items: number;
}

interface Stop {
  key: string;
  label: string;
  detail: string;
  isGone: boolean;
  items: Items;
}

/** Lay it out. Nothing was sent yet: no nodes. */
export function layOutFlow(
  account: Account,
  places: readonly Place[],
  width: number,
  height: number,
): FlowLayout {
  const signals = sentSignals(account);
  const sumOf = (items: Items) => signals.reduce((sum, signal) => sum + (items[signal] ?? 0), 0);
  const intended: Items = {};
  const accepted: Items = {};
  for (const signal of signals) {
    intended[signal] = account.signals[signal]!.intended;
    accepted[signal] = account.signals[signal]!.accepted;
  }
  if (sumOf(intended) === 0) return { nodes: [], bands: [], drains: [] };

  const middle = account.collectors ? collectorStops(account, signals) : [];
  const last = lastStops(account, signals, accepted);
  const room = height - TOP - SUMP;
  const stageScale = (stops: readonly Pick<Stop, "items">[]): number => {
    const items = stops.reduce((sum, stop) => sum + sumOf(stop.items), 0);
    return items > 0 ? (room - Math.max(0, stops.length - 1) * GAP) / items : Number.POSITIVE_INFINITY;
  };
  // Pixels an item: the fullest stage fills the height.
  const scale = Math.min(stageScale([{ items: intended }]), stageScale(middle), stageScale(last));

  const nodes: FlowNode[] = [];
  const bands: Band[] = [];
  const drains: Drain[] = [];
  const at = (part: number) => Math.round(part * width);
  const column = (stops: readonly Stop[], x: number, ends: readonly End[] = []): Map<string, FlowNode> => {
    const endsOf = ends.reduce((sum, { items }) => sum + items, 0);
    const heights = stops.map(({ items }) => Math.max(MIN_THICKNESS, (sumOf(items) + endsOf) * scale));
    const whole = heights.reduce((sum, one) => sum + one, 0) + Math.max(0, stops.length - 1) * GAP;
    // High up, so that drains have their room below.
    let y = TOP + Math.max(0, room - whole) * 0.4;
    const made = new Map<string, FlowNode>();
    for (const [index, { key, label, detail, isGone, items }] of stops.entries()) {
      let top = y;
      const parts = [
        ...signals.map((signal) => ({
          key: signal as string,
          colour: signal as string,
          items: items[signal] ?? 0,
        })),
        ...ends,
      ];
      const segments = parts.map((part) => {
        const segment = { key: part.key, colour: part.colour, y: top, height: part.items * scale };
        top += segment.height;
        return segment;
      });
      const node = { key, label, detail, isGone, x, y, height: heights[index]!, segments };
      made.set(key, node);
      nodes.push(node);
      y += heights[index]! + GAP;
    }
    return made;
  };

  // What fell out of the flow lies at the bottom of the replicas, in the order in which it turns down.
  const ends = places
    .filter(({ id }) => id === "replica" || id === "replica to collector")
    .toReversed()
    .flatMap(({ id, fates }) =>
      fates
        .filter(({ items }) => items > 0)
        .map(({ name, colour, items }) => ({ key: `${id} ${name}`, colour, items }))
        .toReversed(),
    );
  const source = column(
    [{ key: "replicas", label: "", detail: "", isGone: false, items: accepted }],
    at(STAGES.replicas),
    ends,
  ).get("replicas")!;
  const middles = column(middle, at(STAGES.collectors));
  const lasts = column(last, at(STAGES.behind));
  /** How far the sides of nodes are taken by bands already, per node, side and signal. */
  const taken = new Map<string, number>();
  const take = (node: FlowNode, side: "in" | "out", signal: Signal, thickness: number): number => {
    const key = `${side} ${node.key} ${signal}`;
    const used = taken.get(key) ?? 0;
    taken.set(key, used + thickness);
    return (node.segments.find((one) => one.key === signal)?.y ?? node.y) + used + thickness / 2;
  };
  const join = (from: FlowNode, to: FlowNode, signal: Signal, out: number, into: number): void => {
    if (out <= 0 && into <= 0) return;
    const thickness = Math.max(MIN_THICKNESS, into * scale);
    const y0 = take(from, "out", signal, out * scale);
    const y1 = take(to, "in", signal, into * scale);
    bands.push({
      key: `${from.key} ${to.key} ${signal}`,
      signal,
      thickness,
      path: curve(from.x + NODE_WIDTH, y0, to.x, y1),
    });
  };

  for (const signal of signals) {
    const next = account.collectors ? middle : last;
    const nodesOf = account.collectors ? middles : lasts;
    const reached = next.reduce((sum, { items }) => sum + (items[signal] ?? 0), 0);
    for (const { key, items } of next) {
      const into = items[signal] ?? 0;
      // What replicas were told and what Collectors count differ while things move: the band leaves by the one and comes by the other.
      join(source, nodesOf.get(key)!, signal, reached > 0 ? (into / reached) * accepted[signal]! : 0, into);
    }
    if (!account.collectors) continue;
    for (const stop of last) {
      for (const from of middle) {
        const sent = from.sent[stop.key]?.[signal] ?? 0;
        join(
          middles.get(from.key)!,
          lasts.get(stop.key)!,
          signal,
          Math.min(sent, from.items[signal] ?? 0) / shares(from, signal),
          sent,
        );
      }
    }
  }

  for (const place of places) {
    const stack = place.fates.filter(
      ({ items, colour }) => items > 0 && colour !== "moving" && colour !== "refused",
    );
    const isOfReplicas = place.id === "replica" || place.id === "replica to collector";
    const from = isOfReplicas
      ? source
      : [...middles.values()].reduce<FlowNode | undefined>(
          (low, node) => (low && low.y > node.y ? low : node),
          undefined,
        );
    if (!from) continue;
    let x = at(DRAINS[place.id]);
    let used = 0;
    for (const { name, items, colour, isLoss } of stack) {
      const key = `${place.id} ${name}`;
      const thickness = Math.max(MIN_THICKNESS, items * scale);
      const segment = isOfReplicas ? from.segments.find((one) => one.key === key) : undefined;
      const y = segment
        ? segment.y + segment.height / 2
        : Math.max(from.y, from.y + from.height - used - thickness / 2);
      used += thickness;
      drains.push({
        key,
        place: place.id,
        colour,
        isLoss,
        thickness,
        x: x + thickness / 2,
        path: fall(from.x + NODE_WIDTH, y, x + thickness / 2, height, thickness),
      });
      x += thickness + 4;
    }
  }
  return { nodes, bands, drains };
}

/** What Collectors of one exporter after the other send is a copy each: the side of the node is shared by them. */
function shares({ sent }: CollectorStop, signal: Signal): number {
  return Math.max(1, Object.values(sent).filter((items) => (items[signal] ?? 0) > 0).length);
}

interface CollectorStop extends Stop {
  /** By exporter. */
  sent: Record<string, Items>;
}

function collectorStops(account: Account, signals: readonly Signal[]): CollectorStop[] {
  const stops = account.collectorRows.map((row): CollectorStop => {
    const stop: CollectorStop = {
      key: `collector ${row.address}`,
      label: row.address,
      detail: row.state === "gone" ? "gone" : "",
      isGone: row.state === "gone",
      items: {},
      sent: {},
    };
    for (const signal of signals) add(stop, signal, row.signals[signal]);
    return stop;
  });
  if (stops.length <= MAX_COLLECTORS) return stops;
  const merged: CollectorStop = {
    key: "collector others",
    label: `${stops.length - MAX_COLLECTORS + 1} more`,
    detail: "",
    isGone: false,
    items: {},
    sent: {},
  };
  for (const { items, sent } of stops.slice(MAX_COLLECTORS - 1)) {
    for (const signal of signals) {
      merged.items[signal] = (merged.items[signal] ?? 0) + (items[signal] ?? 0);
      for (const [exporter, one] of Object.entries(sent)) {
        const all = merged.sent[exporter] ?? {};
        all[signal] = (all[signal] ?? 0) + (one[signal] ?? 0);
        merged.sent[exporter] = all;
      }
    }
  }
  return [...stops.slice(0, MAX_COLLECTORS - 1), merged];
}

function add(
  stop: CollectorStop,
  signal: Signal,
  items: Account["collectorRows"][number]["signals"][Signal],
): void {
  stop.items[signal] = items?.accepted ?? 0;
  for (const [exporter, { sent }] of Object.entries(items?.exporters ?? {})) {
    const key = `behind ${exporter}`;
    stop.sent[key] = { ...stop.sent[key], [signal]: sent };
  }
}

/** Exporters of Collectors; without these what replicas send to. */
function lastStops(account: Account, signals: readonly Signal[], accepted: Items): Stop[] {
  if (!account.collectors) {
    const label = account.sink ? "sink" : "target";
    return [{ key: "behind target", label, detail: "", isGone: false, items: accepted }];
  }
  const stops = new Map<string, Stop>();
  for (const signal of signals) {
    for (const [exporter, { sent }] of Object.entries(account.collectors.signals[signal]?.exporters ?? {})) {
      const key = `behind ${exporter}`;
      const stop = stops.get(key) ?? { key, label: exporter, detail: "", isGone: false, items: {} };
      stop.items[signal] = sent;
      stops.set(key, stop);
    }
  }
  return [...stops.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}

function curve(x0: number, y0: number, x1: number, y1: number): string {
  const half = round((x0 + x1) / 2);
  // A straight stroke has no box, and a gradient needs one.
  const bent = Math.abs(y1 - y0) < 0.1 ? y1 + 0.1 : y1;
  return `M${round(x0)} ${round(y0)}C${half} ${round(y0)} ${half} ${round(bent)} ${round(x1)} ${round(bent)}`;
}

/** To the right, and down, in a bend that a stroke of this thickness can follow. */
function fall(x0: number, y0: number, x1: number, bottom: number, thickness: number): string {
  const radius = round(Math.max(1, Math.min(Math.max(26, thickness / 2 + 6), bottom - y0, x1 - x0)));
  return `M${round(x0)} ${round(y0)}H${round(x1 - radius)}A${radius} ${radius} 0 0 1 ${round(x1)} ${round(y0 + radius)}V${round(bottom)}`;
}

const round = (length: number): number => Math.round(length * 10) / 10;
