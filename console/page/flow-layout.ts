/**
 * The geometry of the flow picture: replicas at the left, Collectors in the middle, what is behind them at the right; bands between them as
 * wide as the items that went there, and drains that fall out of the flow where items came to an end. Pure; all lengths in CSS pixels.
 */
import type { Account } from "../../ledger/account-schema.ts";
import type { Signal } from "../../otlp/signal.ts";
import { curve, fall } from "./flow-paths.ts";
import { type CollectorStop, collectorStops, type Items, lastStops, type Stop } from "./flow-stops.ts";
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

/** Items that came to one end. */
interface End {
  key: string;
  colour: string;
  items: number;
}

/** The columns of nodes by key, from left to right; without Collectors the middle one is empty. */
interface Columns {
  source: FlowNode;
  middle: Map<string, FlowNode>;
  last: Map<string, FlowNode>;
}

/** Lay it out. Nothing was sent yet: no nodes. */
export function layOutFlow(
  account: Account,
  places: readonly Place[],
  width: number,
  height: number,
): FlowLayout {
  const signals = sentSignals(account);
  const ofAll = (counter: "intended" | "accepted"): Items =>
    Object.fromEntries(signals.map((signal) => [signal, account.signals[signal]![counter]]));
  const accepted = ofAll("accepted");
  if (sumOf(ofAll("intended")) === 0) return { nodes: [], bands: [], drains: [] };

  const middle = account.collectors ? collectorStops(account, signals) : undefined;
  const last = lastStops(account, signals, accepted);
  const room = height - TOP - SUMP;
  // Pixels an item: the fullest stage fills the height.
  const stages = [[{ items: ofAll("intended") }], middle ?? [], last];
  const scale = Math.min(...stages.map((stage) => scaleOf(stage, room)));
  const column = (stops: readonly Stop[], part: number, ends: readonly End[] = []) =>
    columnOf(stops, ends, signals, { x: Math.round(part * width), room, scale });
  const replicas: Stop = { key: "replicas", label: "", detail: "", isGone: false, items: accepted };
  const columns: Columns = {
    source: column([replicas], STAGES.replicas, endsOf(places)).get("replicas")!,
    middle: column(middle ?? [], STAGES.collectors),
    last: column(last, STAGES.behind),
  };
  return {
    nodes: [columns.source, ...columns.middle.values(), ...columns.last.values()],
    bands: bandsOf(columns, { accepted, middle, last }, signals, scale),
    drains: drainsOf(columns, places, { width, height, scale }),
  };
}

const sumOf = (items: Items): number => Object.values(items).reduce((sum, count) => sum + count, 0);

/** Pixels an item at which these nodes fill the room. */
function scaleOf(stops: readonly Pick<Stop, "items">[], room: number): number {
  const items = stops.reduce((sum, stop) => sum + sumOf(stop.items), 0);
  return items > 0 ? (room - gapsOf(stops)) / items : Number.POSITIVE_INFINITY;
}

const gapsOf = ({ length }: readonly unknown[]): number => Math.max(0, length - 1) * GAP;

/** What fell out of the flow lies at the bottom of the replicas, in the order in which it turns down. */
function endsOf(places: readonly Place[]): End[] {
  return places
    .filter(({ id }) => isOfReplicas(id))
    .toReversed()
    .flatMap(({ id, fates }) =>
      fates
        .filter(({ items }) => items > 0)
        .map(({ name, colour, items }) => ({ key: `${id} ${name}`, colour, items }))
        .toReversed(),
    );
}

const isOfReplicas = (id: PlaceId): boolean => id === "replica" || id === "replica to collector";

/** One below the other. ends: what each holds besides what went on. */
function columnOf(
  stops: readonly Stop[],
  ends: readonly End[],
  signals: readonly Signal[],
  { x, room, scale }: { x: number; room: number; scale: number },
): Map<string, FlowNode> {
  const ended = ends.reduce((sum, { items }) => sum + items, 0);
  const heights = stops.map(({ items }) => Math.max(MIN_THICKNESS, (sumOf(items) + ended) * scale));
  const whole = heights.reduce((sum, one) => sum + one, 0) + gapsOf(stops);
  // High up, so that drains have their room below.
  let y = TOP + Math.max(0, room - whole) * 0.4;
  return new Map(
    stops.map(({ items, ...stop }, index) => {
      const parts: End[] = [
        ...signals.map((signal) => ({ key: signal, colour: signal, items: items[signal] ?? 0 })),
        ...ends,
      ];
      const height = heights[index]!;
      const node = { ...stop, x, y, height, segments: segmentsOf(parts, y, scale) };
      y += height + GAP;
      return [stop.key, node];
    }),
  );
}

function segmentsOf(parts: readonly End[], top: number, scale: number): Segment[] {
  let y = top;
  return parts.map(({ key, colour, items }) => {
    const segment = { key, colour, y, height: items * scale };
    y += segment.height;
    return segment;
  });
}

function bandsOf(
  { source, middle: middles, last: lasts }: Columns,
  { accepted, middle, last }: { accepted: Items; middle: CollectorStop[] | undefined; last: Stop[] },
  signals: readonly Signal[],
  scale: number,
): Band[] {
  const bands: Band[] = [];
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
    const y0 = take(from, "out", signal, out * scale);
    const y1 = take(to, "in", signal, into * scale);
    bands.push({
      key: `${from.key} ${to.key} ${signal}`,
      signal,
      thickness: Math.max(MIN_THICKNESS, into * scale),
      path: curve(from.x + NODE_WIDTH, y0, to.x, y1),
    });
  };
  const [next, nodesOf] = middle ? [middle, middles] : [last, lasts];
  for (const signal of signals) {
    const reached = next.reduce((sum, { items }) => sum + (items[signal] ?? 0), 0);
    for (const { key, items } of next) {
      const into = items[signal] ?? 0;
      // What replicas were told and what Collectors count differ while things move: the band leaves by the one and comes by the other.
      const out = reached > 0 ? (into / reached) * accepted[signal]! : 0;
      join(source, nodesOf.get(key)!, signal, out, into);
    }
    if (!middle) continue;
    for (const stop of last) {
      for (const from of middle) {
        const sent = from.sent[stop.key]?.[signal] ?? 0;
        const out = Math.min(sent, from.items[signal] ?? 0) / copiesOf(from, signal);
        join(middles.get(from.key)!, lasts.get(stop.key)!, signal, out, sent);
      }
    }
  }
  return bands;
}

/** Each exporter of a Collector sends a copy: the side of its node is shared by them. */
function copiesOf({ sent }: CollectorStop, signal: Signal): number {
  return Math.max(1, Object.values(sent).filter((items) => (items[signal] ?? 0) > 0).length);
}

function drainsOf(
  { source, middle }: Columns,
  places: readonly Place[],
  { width, height, scale }: { width: number; height: number; scale: number },
): Drain[] {
  const lowest = [...middle.values()].at(-1);
  return places.flatMap(({ id, fates }) => {
    const from = isOfReplicas(id) ? source : lowest;
    if (!from) return [];
    let x = Math.round(DRAINS[id] * width);
    let used = 0;
    return fates
      .filter(({ items, colour }) => items > 0 && colour !== "moving" && colour !== "refused")
      .map(({ name, items, colour, isLoss }) => {
        const key = `${id} ${name}`;
        const thickness = Math.max(MIN_THICKNESS, items * scale);
        const segment = isOfReplicas(id) ? from.segments.find((one) => one.key === key) : undefined;
        const y = segment
          ? segment.y + segment.height / 2
          : Math.max(from.y, from.y + from.height - used - thickness / 2);
        const end = x + thickness / 2;
        used += thickness;
        x += thickness + 4;
        const path = fall(from.x + NODE_WIDTH, y, end, height, thickness);
        return { key, place: id, colour, isLoss, thickness, x: end, path };
      });
  });
}
