/** Targets that are our own sink, in this process, told what to do wrong. */

import { SIGNALS } from "../../otlp/signal.ts";
import { receivedItems } from "../../sink/counts.ts";
import { parseFaults } from "../../sink/faults.ts";
import { type Sink, type SinkOptions, startSink } from "../../sink/sink.ts";
import type { Cell, Protocol, Target } from "./row.ts";

/** A sink with the faults of `--fault`. */
export function sinkWith(faults: string, options: SinkOptions = {}): (cell: Cell) => Promise<Target> {
  return async ({ protocol }) => {
    const sink = await openSink({ faults: parseFaults(faults), ...options });
    return {
      address: addressOf(sink, protocol),
      ...witness(sink),
      injected: () => ({
        ...Object.fromEntries(plannedNames(faults).map((name) => [name, 0])),
        ...sink.report().faults,
      }),
    };
  };
}

/** A sink at free ports that verifies what comes. */
export function openSink(options: SinkOptions = {}): Promise<Sink> {
  return startSink({ grpc: "127.0.0.1:0", http: "127.0.0.1:0", doubtMs: 0, ...options });
}

export function addressOf(sink: Sink, protocol: Protocol): string {
  return protocol === "grpc" ? sink.grpcAddress : sink.httpAddress;
}

/** What a sink knows of a run. */
export function witness(sink: Sink): Pick<Target, "received" | "rejected" | "findings" | "close"> {
  return {
    received: () => receivedItems(sink.counts()),
    rejected: () => SIGNALS.reduce((sum, signal) => sum + sink.counts().signals[signal].rejected, 0),
    findings: () => sink.report().verification!.findings,
    close: () => sink.close(0),
  };
}

/** Names of the faults in a plan: each must have happened. */
function plannedNames(plan: string): string[] {
  return plan
    .split(",")
    .map((part) => part.split("=", 1)[0]!)
    .filter((name) => name !== "seed");
}
