/**
 * What sending costs: ready bodies of 1,000 spans over each transport and compression, to a receiver that discards them.
 *
 *   node bench/transports.ts [NAME] [--seconds N] [--in-flight N]
 *
 * Figures are million spans per CPU-second of this process alone (user and system time, compression threads included):
 * the median of three rounds and their spread. The receiver is a process of its own.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import type { Answer } from "../otlp/answer.ts";
import { openTransport, type Transport } from "../otlp/client/transport.ts";
import { parseEndpoint } from "../otlp/endpoint.ts";
import type { Compression, Protocol } from "../otlp/protocol.ts";
import type { ReceiverPorts } from "./discard-receiver.ts";
import { SPANS_PER_BODY, traceBody } from "./trace-body.ts";

const CELLS: readonly [Protocol, Compression][] = [
  ["http/protobuf", "none"],
  ["http/protobuf", "gzip"],
  ["http/protobuf", "zstd"],
  ["grpc", "none"],
  ["grpc", "gzip"],
];
const ROUNDS = 3;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: "string", default: "3" }, "in-flight": { type: "string", default: "32" } },
});
const seconds = Number(values.seconds);
const inFlight = Number(values["in-flight"]);
const wanted = positionals.join(" ");

const receiver = fork(new URL("./discard-receiver.ts", import.meta.url));
const [ports] = (await once(receiver, "message")) as [ReceiverPorts];
const body = traceBody();
process.stdout.write(`Node ${process.version}, ${process.arch}, ${cpus()[0]?.model ?? "unknown CPU"}\n`);
process.stdout.write(`${SPANS_PER_BODY} spans, ${body.length} bytes a request, ${inFlight} in flight\n\n`);
for (const [protocol, compression] of CELLS) {
  const name = `send ${protocol} ${compression}`;
  if (name.includes(wanted))
    process.stdout.write(`${name.padEnd(28)} ${await measure(protocol, compression)}\n`);
}
receiver.disconnect();

async function measure(protocol: Protocol, compression: Compression): Promise<string> {
  const port = protocol === "grpc" ? ports.grpc : ports.http;
  const endpoint = parseEndpoint(`http://127.0.0.1:${port}`, { protocol });
  const transport = await openTransport({ endpoint, protocol, compression });
  await round(transport, seconds / 3);
  const rounds: Round[] = [];
  for (let i = 0; i < ROUNDS; i++) rounds.push(await round(transport, seconds / ROUNDS));
  await transport.close();
  rounds.sort((a, b) => a.rate - b.rate);
  const median = rounds[ROUNDS >> 1]!;
  const spread = ((rounds.at(-1)!.rate - rounds[0]!.rate) / median.rate) * 100;
  const figure = `${median.rate.toFixed(2).padStart(6)} M spans/CPU-s  +-${spread.toFixed(0).padStart(2)} %`;
  return `${figure}  ${Math.round(median.wireBytes)} B a request on the wire`;
}

interface Round {
  /** Million spans per CPU-second. */
  rate: number;
  /** Per request, mean. */
  wireBytes: number;
}

/** Keep `inFlight` requests under way for some time; resolves when the last one is answered. */
async function round(transport: Transport, roundSeconds: number): Promise<Round> {
  const until = performance.now() + roundSeconds * 1000;
  const before = process.cpuUsage();
  let requests = 0;
  let wireBytes = 0;
  await new Promise<void>((resolve, reject) => {
    let open = inFlight;
    const next = (): void => {
      if (performance.now() < until) transport.send("traces", body, onAnswer);
      else if (--open === 0) resolve();
    };
    const onAnswer = (answer: Answer): void => {
      if (answer.kind !== "accepted") reject(new Error(JSON.stringify(answer)));
      requests++;
      wireBytes += answer.wireBytes;
      next();
    };
    for (let i = 0; i < inFlight; i++) next();
  });
  const { user, system } = process.cpuUsage(before);
  return { rate: (requests * SPANS_PER_BODY) / (user + system), wireBytes: wireBytes / requests };
}
