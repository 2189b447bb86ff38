/**
 * Receivers that do not take zstd, real ones: the Collector's HTTP receiver with a list of compressions, and a gRPC server of grpc-js, which
 * knows gzip only. What is sent to them, compiled or not, arrives to the last item all the same.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Report } from "../ledger/report.ts";
import { countItems } from "../otlp/message/count.ts";
import { GRPC_PATHS, SIGNALS } from "../otlp/signal.ts";
import { receivedItems, startCollector } from "./collector.ts";
import { outputOf, stampede } from "./stampede.ts";
import { generateTemplates } from "./templates.ts";

const directory = mkdtempSync(join(tmpdir(), "stampede-refused-"));
let templates = "";

beforeAll(async () => {
  templates = await generateTemplates(directory);
  await outputOf("freeze", stampede("freeze", `--input=${templates}`));
});
afterAll(() => rmSync(directory, { recursive: true }));

async function replay(endpoint: string, protocol: string): Promise<Report> {
  const file = join(directory, "report.json");
  const { exitCode, stderr } = await stampede(
    "replay",
    `--input=${templates}`,
    `--endpoint=${endpoint}`,
    `--protocol=${protocol}`,
    "--compression=zstd",
    "--rate=20000",
    "--multiplier=2",
    `--report=${file}`,
  );
  expect([exitCode, stderr]).toEqual([0, expect.not.stringContaining('"error"')]);
  return JSON.parse(readFileSync(file, "utf8")) as Report;
}

/** What the report says of refusals: the compressions, in their order. */
function refused({ notes }: Report): (string | undefined)[] {
  return notes.flatMap((note) => /^the target refuses (\w+) /.exec(note)?.[1] ?? []);
}

describe("a target that does not take zstd", () => {
  test.each([
    ["gzip", ["zstd"]],
    ["''", ["zstd", "gzip"]],
  ])(
    "a Collector that takes %s over HTTP, gets every item, and the report says so once",
    async (taken, expected) => {
      const setting = `receivers::otlp::protocols::http::compression_algorithms: [${taken}]`;
      const collector = await startCollector("nop", {}, [setting]);
      try {
        const report = await replay(collector.http, "http/protobuf");
        expect(refused(report)).toEqual(expected);
        const selfMetrics = await collector.selfMetrics();
        for (const signal of SIGNALS) {
          const { intended, accepted, compiledRequests } = report.signals[signal]!;
          expect([accepted, receivedItems(selfMetrics, signal), compiledRequests]).toEqual([
            intended,
            intended,
            0,
          ]);
        }
      } finally {
        await collector.dispose();
      }
    },
  );

  test("a server of grpc-js gets every item in gzip, and the report says so once", async () => {
    const received = { traces: 0, metrics: 0, logs: 0 };
    const server = new Server({ "grpc.max_receive_message_length": -1 });
    for (const signal of SIGNALS) {
      const method = {
        path: GRPC_PATHS[signal],
        requestStream: false,
        responseStream: false,
        requestDeserialize: (bytes: Buffer) => bytes,
        requestSerialize: (bytes: Buffer) => bytes,
        responseSerialize: (bytes: Buffer) => bytes,
        responseDeserialize: (bytes: Buffer) => bytes,
      } as const;
      server.addService(
        { export: method },
        {
          export: (call: { request: Buffer }, answer: (error: null, reply: Buffer) => void) => {
            received[signal] += countItems(signal, call.request);
            answer(null, Buffer.alloc(0));
          },
        },
      );
    }
    const port = await new Promise<number>((resolve, reject) =>
      server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      ),
    );
    try {
      const report = await replay(`http://127.0.0.1:${port}`, "grpc");
      expect(refused(report)).toEqual(["zstd"]);
      for (const signal of SIGNALS) expect(received[signal]).toBe(report.signals[signal]!.intended);
    } finally {
      server.forceShutdown();
    }
  });
});
