/**
 * Costs where nobody has calibrated: those of another machine and of the default templates, fitted to the traffic at hand.
 *
 * The figures are those of bench/plan/reference.ts. What is fitted: a request costs what it costs, and more or less for the bytes that it has
 * more or fewer; a Collector's costs go with the bytes that it takes in.
 */
import type { Compression, Protocol } from "../../otlp/protocol.ts";
import { SIGNALS } from "../../otlp/signal.ts";
import type { CostCurve } from "./cost-curve.ts";
import type { Costs, MeasuredOn, SenderForm } from "./costs.ts";
import type { ExporterForm } from "./exporter-form.ts";
import figures from "./reference-figures.json" with { type: "json" };
import type { Sizes, Traffic } from "./traffic.ts";

/** A form as the figures are called by it. */
export type FormName = `${Protocol} ${Compression}`;

/** What reference-figures.json holds. */
export interface Reference {
  measured: Pick<MeasuredOn, "at" | "machine">;
  /** Of the templates that were sent: events of a request, and bytes of an event, not compressed. */
  eventsPerRequest: number;
  plainBytes: number;
  senders: Readonly<Record<FormName, { wireBytes: number; curve: CostCurve }>>;
  /** Collector: CPU nanoseconds for each byte that it takes in, before compression, by how it comes; and what it adds to hand it on. */
  receiveNs: Readonly<Record<FormName, number>>;
  forwardNs: Readonly<Record<Compression, number>>;
  collectorMemoryBytes: number;
}

/** CPU-seconds that a byte of a request takes a sender that is never idle; benchmarks.md, traces compressed and not. */
const SECONDS_PER_WIRE_BYTE: Record<Protocol, number> = { grpc: 0.41e-9, "http/protobuf": 0.3e-9 };
/** Of a request's cost, what stays however small it is. */
const LEAST_SHARE = 0.3;

/** The figures. */
export const REFERENCE: Reference = figures;

export function referenceCosts(
  traffic: Traffic,
  toCollectors: SenderForm,
  toBackend: SenderForm,
  exporter: ExporterForm,
): Costs {
  return {
    toCollectors: fitSender(toCollectors, traffic.all),
    toBackend: fitSender(toBackend, traffic.all),
    collector: fitCollector(traffic, toCollectors, exporter),
    measured: { ...REFERENCE.measured, isHere: false, notes: [] },
  };
}

/** The reference sender sent as many requests of other sizes. */
function fitSender(
  { protocol, compression }: SenderForm,
  { eventsPerRequest, frozenBytes }: Sizes,
): CostCurve {
  const { wireBytes, curve } = REFERENCE.senders[`${protocol} ${compression}`];
  const before = REFERENCE.eventsPerRequest * wireBytes;
  const more = eventsPerRequest * frozenBytes[compression] - before;
  return curve.map(({ eventsPerSecond, cores, memoryBytes }) => {
    const requestsPerSecond = eventsPerSecond / REFERENCE.eventsPerRequest;
    const fitted = cores + requestsPerSecond * more * SECONDS_PER_WIRE_BYTE[protocol];
    return {
      eventsPerSecond: requestsPerSecond * eventsPerRequest,
      cores: Math.max(cores * LEAST_SHARE, fitted),
      memoryBytes,
    };
  });
}

/** A Collector costs the same for each event at any rate; measured from 20,000 to 120,000 a second. */
function fitCollector({ shares, of, all }: Traffic, form: SenderForm, exporter: ExporterForm): CostCurve {
  const { by, compression, signals } = exporter;
  const takenBytes = SIGNALS.filter((signal) => signals.includes(signal)).reduce(
    (sum, signal) => sum + (shares[signal] ?? 0) * (of[signal]?.plainBytes ?? 0),
    0,
  );
  const receiving = all.plainBytes * REFERENCE.receiveNs[`${form.protocol} ${form.compression}`];
  const forwarding = by === "nothing" ? 0 : takenBytes * REFERENCE.forwardNs[compression];
  const eventsPerSecond = 1e9 / (receiving + forwarding);
  return [{ eventsPerSecond, cores: 1, memoryBytes: REFERENCE.collectorMemoryBytes }];
}
