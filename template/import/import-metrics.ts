/**
 * Foreign metrics to template frames: one point per series, at time zero. Numbers are taken as the parameters that they are in a
 * template: the middle of a gauge, and what a sum or histogram counts in an hour.
 */
import { createHash } from "node:crypto";
import Long from "long";
import { encodeMessage, MAX_PADDED_COUNT } from "../../otlp/message/encode.ts";
import type { Message } from "../../otlp/message/schema.ts";
import {
  type Envelope,
  EnvelopeRegistry,
  type FrameFile,
  type PlacedItem,
  writeItems,
} from "./frame-packer.ts";
import type { ReadRequest } from "./json-requests.ts";
import type { ImportNotes } from "./notes.ts";
import { refuseAbsolute } from "./template-time.ts";

/** Series that are told apart; what comes after them is taken without looking. 2 M of them take some 150 MB. */
const MAX_SERIES = 2_000_000;
/** Points of a metric in a frame, and of a frame. */
const METRIC_POINTS = 500;
const FRAME_POINTS = 1000;
/** Bit of a point's flags: no value was recorded. */
const NO_RECORDED_VALUE = 1;

type NumberPoint = Message<"NumberDataPoint">;
type HistogramPoint = Message<"HistogramDataPoint">;
type ExponentialPoint = Message<"ExponentialHistogramDataPoint">;
type AnyPoint = NumberPoint | HistogramPoint | ExponentialPoint;
type AnyData = { dataPoints?: AnyPoint[] | undefined };

/** Convert all requests. Throws ImportError. */
export function importMetrics(requests: Iterable<ReadRequest>, file: FrameFile, notes: ImportNotes): void {
  const envelopes = new EnvelopeRegistry();
  const series = new SeriesSet();
  let frame: PlacedItem<"metrics">[] = [];
  let points = 0;
  for (const read of requests) {
    if (read.signal !== "metrics") continue;
    for (const { item, envelope } of envelopes.items("metrics", read.request)) {
      for (const metric of convertMetric(item, envelope, series, notes, read.place)) {
        const size = pointsOf(metric).length;
        if (points + size > FRAME_POINTS) {
          writeItems("metrics", frame, file);
          frame = [];
          points = 0;
        }
        frame.push({ item: metric, envelope });
        points += size;
      }
    }
  }
  writeItems("metrics", frame, file);
}

/** The metric with the points that a template takes, in pieces of at most METRIC_POINTS. */
function convertMetric(
  metric: Message<"Metric">,
  envelope: Envelope,
  series: SeriesSet,
  notes: ImportNotes,
  place: string,
): Message<"Metric">[] {
  notes.count("summary points were dropped, templates have none", metric.summary?.dataPoints?.length ?? 0);
  const kind = KINDS.find((name) => metric[name] !== undefined);
  if (kind === undefined) return [];
  const data = metric[kind] as AnyData;
  const isMonotonic = kind === "sum" && metric.sum?.isMonotonic === true;
  const kept = (data.dataPoints ?? []).filter((point) => {
    refuseAbsolute(point.timeUnixNano, place);
    refuseAbsolute(point.startTimeUnixNano, place);
    return (
      convertPoint(kind, point, isMonotonic, notes) && isNew(point, kind, metric, envelope, series, notes)
    );
  });
  const pieces: Message<"Metric">[] = [];
  for (let from = 0; from < kept.length; from += METRIC_POINTS) {
    pieces.push({ ...metric, [kind]: { ...data, dataPoints: kept.slice(from, from + METRIC_POINTS) } });
  }
  return pieces;
}

const KINDS = ["gauge", "sum", "histogram", "exponentialHistogram"] as const;

function pointsOf(metric: Message<"Metric">): AnyPoint[] {
  for (const kind of KINDS) if (metric[kind]) return (metric[kind] as AnyData).dataPoints ?? [];
  return [];
}

/** Bring a point into template form; false when it has nothing that could be sent. */
function convertPoint(
  kind: (typeof KINDS)[number],
  point: AnyPoint,
  isMonotonic: boolean,
  notes: ImportNotes,
): boolean {
  notes.count("exemplars were dropped, templates have none", point.exemplars?.length ?? 0);
  delete point.exemplars;
  delete point.timeUnixNano; // written as zero, and so is the start where the kind has one
  delete point.startTimeUnixNano;
  const hasValue =
    ((point.flags ?? 0) & NO_RECORDED_VALUE) === 0 && convertValue(kind, point, isMonotonic, notes);
  if (!hasValue) notes.count("data points without a finite value were dropped");
  return hasValue;
}

function convertValue(
  kind: (typeof KINDS)[number],
  point: AnyPoint,
  isMonotonic: boolean,
  notes: ImportNotes,
): boolean {
  if (kind === "gauge" || kind === "sum") return convertNumber(point as NumberPoint, isMonotonic, notes);
  const histogram = point as HistogramPoint | ExponentialPoint;
  delete histogram.min;
  delete histogram.max;
  if (kind === "histogram") convertHistogram(histogram as HistogramPoint, notes);
  else convertExponential(histogram as ExponentialPoint, notes);
  return true;
}

function convertNumber(point: NumberPoint, isMonotonic: boolean, notes: ImportNotes): boolean {
  if (point.asInt === undefined && !Number.isFinite(point.asDouble)) return false;
  if (isMonotonic && (point.asInt?.isNegative() || (point.asDouble ?? 0) < 0)) {
    notes.count("negative values of monotonic sums became 0");
    if (point.asInt) point.asInt = Long.ZERO;
    else point.asDouble = 0;
  }
  if (point.asDouble !== undefined) point.asDouble = toDyadic(point.asDouble);
  return true;
}

/** The nearest value of the grids that template doubles lie on; others stay as they are. */
function toDyadic(value: number): number {
  if (value >= 2 && value < 131_072 - 1 / 256) return Math.round(value * 128) / 128;
  if (value >= 2 ** -9 && value < 2 - 2 ** -14) return Math.round(value * 8192) / 8192;
  return value;
}

function convertHistogram(point: HistogramPoint, notes: ImportNotes): void {
  const counts = point.bucketCounts ?? [];
  if (counts.length !== (point.explicitBounds?.length ?? 0) + 1) {
    if (counts.length > 0)
      notes.count("histograms whose buckets do not match their bounds became single buckets");
    point.bucketCounts = [point.count ?? Long.UZERO];
    delete point.explicitBounds;
  }
  point.count = sumOf(point.bucketCounts!);
}

function convertExponential(point: ExponentialPoint, notes: ImportNotes): void {
  if (point.negative?.bucketCounts?.some((count) => !count.isZero())) {
    notes.count("exponential histograms lost their negative buckets, templates have positive ones only");
  }
  delete point.negative;
  const counts = point.positive?.bucketCounts ?? [Long.UZERO];
  const highest = counts.reduce((max, count) => (count.greaterThan(max) ? count : max), Long.UZERO);
  const shift = highest.greaterThan(MAX_PADDED_COUNT) ? highest.getNumBitsAbs() - 21 : 0;
  if (shift > 0)
    notes.count("exponential histograms were scaled down, for their counts need more than 21 bits");
  point.scale ??= 0;
  point.positive = {
    offset: point.positive?.offset ?? 0,
    bucketCounts: counts.map((count) => count.shiftRightUnsigned(shift)),
  };
  point.zeroCount = (point.zeroCount ?? Long.UZERO).shiftRightUnsigned(shift);
  point.count = sumOf([point.zeroCount, ...point.positive.bucketCounts!]);
  if (shift > 0 && point.sum !== undefined) point.sum /= 2 ** shift;
}

function sumOf(counts: readonly Long[]): Long {
  return counts.reduce((sum, count) => sum.add(count), Long.UZERO);
}

function isNew(
  point: AnyPoint,
  kind: string,
  metric: Message<"Metric">,
  envelope: Envelope,
  series: SeriesSet,
  notes: ImportNotes,
): boolean {
  const identity = { name: metric.name, unit: metric.unit, metadata: point.attributes };
  if (series.add(envelope, Buffer.concat([Buffer.from(kind), encodeMessage("Metric", identity)])))
    return true;
  notes.count("further points of a series were dropped, a template has one");
  return false;
}

/** The series seen so far, by 64 bits of a hash: 2 M of them collide with a chance of 1 in 10 million. */
class SeriesSet {
  readonly #seen = new Set<bigint>();
  readonly #envelopes = new WeakMap<Envelope, Buffer>();

  /** False when the series was there. */
  add(envelope: Envelope, identity: Buffer): boolean {
    let enclosing = this.#envelopes.get(envelope);
    if (enclosing === undefined) {
      enclosing = digest(
        Buffer.concat([
          encodeMessage("ResourceSpans", { resource: envelope.resource.resource }),
          encodeMessage("ScopeSpans", { scope: envelope.scope.scope }),
        ]),
      );
      this.#envelopes.set(envelope, enclosing);
    }
    const key = digest(Buffer.concat([enclosing, identity])).readBigUInt64LE(0);
    if (this.#seen.has(key)) return false;
    if (this.#seen.size < MAX_SERIES) this.#seen.add(key);
    return true;
  }
}

function digest(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}
