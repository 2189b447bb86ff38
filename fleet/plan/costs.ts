/** What a plan goes by: the costs of one sender and of one Collector, and where they were measured. */
import type { Compression, Protocol } from "../../otlp/protocol.ts";
import type { CostCurve } from "./cost-curve.ts";

/** How a replayer sends. What it compresses is compressed once, ahead. */
export interface SenderForm {
  protocol: Protocol;
  compression: Compression;
}

export interface Costs {
  /** Of one replayer that sends to Collectors, and of one that sends to the backend itself; events of the planned traffic. */
  toCollectors: CostCurve;
  toBackend: CostCurve;
  /** Of one Collector that takes from replayers and hands on to the backend. */
  collector: CostCurve;
  /** What leaves a Collector, bytes an event; absent where it was not measured. */
  forwardedBytes?: number;
  measured: MeasuredOn;
}

export interface MeasuredOn {
  /** Whether these templates were measured on this machine; else another machine's figures were fitted to them. */
  isHere: boolean;
  /** Moment, RFC 3339. */
  at: string;
  machine: Machine;
  /** What could not be measured, and what stands in for it. */
  notes: string[];
}

export interface Machine {
  cpu: string;
  cores: number;
  system: string;
  node: string;
}

/** `gRPC, frozen zstd` */
export function formText({ protocol, compression }: SenderForm): string {
  return `${protocol === "grpc" ? "gRPC" : "HTTP"}, ${compression === "none" ? "not compressed" : `frozen ${compression}`}`;
}
