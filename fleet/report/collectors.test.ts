import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { addressesOf, urlsOf } from "../ledger/addresses.ts";
import { Collectors, CollectorsError } from "./collectors.ts";

/** A Prometheus page as a Collector serves it; `spans` grows as a test says, undefined answers 503. */
let spans: number | undefined = 0;
let server: Server;
let url = "";
const never = new AbortController().signal;

beforeEach(async () => {
  spans = 0;
  server = createServer((_, response) => {
    if (spans === undefined) return response.writeHead(503).end();
    response.end(
      `# TYPE otelcol_receiver_accepted_spans counter\notelcol_receiver_accepted_spans{receiver="otlp"} ${spans}\n` +
        `# TYPE otelcol_exporter_queue_size gauge\notelcol_exporter_queue_size{exporter="x"} 3\n`,
    );
    return response;
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  url = `http://localhost:${(server.address() as AddressInfo).port}/metrics`;
});
afterEach(() => new Promise((closed) => server.close(closed)));

test("what was counted before the baseline belongs to no run", async () => {
  spans = 500;
  const collectors = new Collectors([url]);
  await collectors.takeBaseline(5000, never);
  spans = 520;
  await collectors.read();
  expect(collectors.tally.items().traces.accepted).toBe(20);
  expect(collectors.queued).toBe(3);
});

test("counted from zero, everything belongs to the run", async () => {
  spans = 500;
  const collectors = new Collectors([url]);
  collectors.countFromZero();
  await collectors.read();
  expect(collectors.tally.items().traces.accepted).toBe(500);
});

test("a collector that stops answering keeps what was last read", async () => {
  const collectors = new Collectors([url]);
  await collectors.takeBaseline(5000, never);
  spans = 30;
  await collectors.read();
  spans = undefined;
  await collectors.read();
  expect(collectors.tally.items().traces.accepted).toBe(30);
});

test("no collector in time is an error with its address and the reason", async () => {
  spans = undefined;
  const taking = new Collectors([url]).takeBaseline(300, never);
  await expect(taking).rejects.toThrow(CollectorsError);
  await expect(taking).rejects.toThrow(/no self-metrics within 0.3 s: .*127\.0\.0\.1.* answered HTTP 503/);
});

test("a name stands for its addresses, an address for itself, an unknown name for none", async () => {
  expect(await addressesOf("localhost")).toEqual(["127.0.0.1"]);
  expect(await addressesOf("192.0.2.7")).toEqual(["192.0.2.7"]);
  expect(await addressesOf("stampede-no-such-host.invalid")).toEqual([]);
  expect(await urlsOf("http://localhost:8888/metrics")).toEqual(["http://127.0.0.1:8888/metrics"]);
});
