/** Targets that are real Collectors, before our sink, and behind toxiproxy. */

import { freePorts } from "../../fleet/local-collectors/free-ports.ts";
import { SIGNALS } from "../../otlp/signal.ts";
import type { TestCertificates } from "../../otlp/test-certificates.ts";
import { type Collector, type CollectorPorts, receivedItems, startCollector } from "../collector.ts";
import type { ToxicProxy } from "../toxiproxy.ts";
import type { Cell, Protocol, Running, Surroundings, Target } from "./row.ts";
import { openSink, witness } from "./sinks.ts";

/** Nothing waits between receiver and exporter: what the Collector accepts has arrived at what is behind it. */
const STRAIGHT = [
  "exporters::otlp_grpc/sink::sending_queue::enabled: false",
  "exporters::otlp_grpc/sink::retry_on_failure::enabled: false",
];

/** A Collector that hands on to a sink at once, and whatever is to be done to it during the run. */
export interface Chain {
  collector: Collector;
  /** Start one in the place of a Collector that is gone. */
  startAgain(): Promise<Collector>;
}

function endpointOf({ grpc, http }: Collector, protocol: Protocol): string {
  return new URL(protocol === "grpc" ? grpc : http).host;
}

/** What of a chain is not as usual. */
export interface ChainOptions {
  /** Of the Collector, as startCollector takes them. */
  settings?: readonly string[];
  /** Goes on beside the run. */
  during?(chain: Chain, running: Running): Promise<unknown>;
}

/** Collector and sink. What is sent twice comes to the sink twice, byte for byte, and is told from what is double. */
export async function collectorAndSink(
  { protocol }: Cell,
  { settings = [], during }: ChainOptions = {},
): Promise<Target> {
  const sink = await openSink({ allowRepeats: true });
  const environment = { COLLECTOR_SINK_ENDPOINT: sink.grpcAddress };
  const start = (ports?: CollectorPorts) =>
    startCollector("sink", environment, [...STRAIGHT, ...settings], ports);
  let collector = await start();
  const chain: Chain = {
    get collector() {
      return collector;
    },
    startAgain: async () => {
      const { ports } = collector;
      await collector.dispose();
      collector = await start(ports);
      return collector;
    },
  };
  return {
    address: endpointOf(collector, protocol),
    ...witness(sink),
    ...(during && { during: (running) => during(chain, running) }),
    close: async () => {
      await collector.dispose();
      await sink.close(0);
    },
  };
}

/** A Collector that speaks TLS. */
export function secureSettings({ serverCert, serverKey }: TestCertificates): string[] {
  return ["grpc", "http"].flatMap((protocol) => [
    `receivers::otlp::protocols::${protocol}::tls::cert_file: ${serverCert}`,
    `receivers::otlp::protocols::${protocol}::tls::key_file: ${serverKey}`,
  ]);
}

/** What is done to a proxy: before the run, and beside it. */
export interface ProxyWork {
  before?(proxy: ToxicProxy): Promise<unknown>;
  during?(proxy: ToxicProxy, running: Running): Promise<unknown>;
  isSecure?: boolean;
}

/** Toxiproxy before a Collector before a sink. */
export function proxied({
  before,
  during,
  isSecure = false,
}: ProxyWork): (cell: Cell, surroundings: Surroundings) => Promise<Target> {
  return async (cell, { toxiproxy, certificates }) => {
    const behind = await collectorAndSink(cell, isSecure ? { settings: secureSettings(certificates) } : {});
    const proxy = await toxiproxy.proxy(behind.address);
    await before?.(proxy);
    return {
      ...behind,
      address: proxy.address,
      ...(isSecure && { tls: { ca: certificates.ca } }),
      ...(during && { during: (running) => during(proxy, running) }),
    };
  };
}

/** A Collector whose own counters are the witness; for those that refuse before anything is lost. */
export async function collectorAlone(
  { protocol }: Cell,
  backend: string,
  settings: readonly string[],
): Promise<Target> {
  const [dead] = await freePorts(1);
  const environment = { COLLECTOR_SINK_ENDPOINT: `127.0.0.1:${dead}` };
  const collector = await startCollector(backend, environment, settings);
  return {
    address: endpointOf(collector, protocol),
    received: async () => {
      const counters = await collector.selfMetrics();
      return SIGNALS.reduce((sum, signal) => sum + receivedItems(counters, signal), 0);
    },
    // One whose backend is dead would wait for it.
    close: async () => {
      await collector.kill();
      await collector.dispose();
    },
  };
}
