/** The rules about data: a capture that is right keeps them all, and each of them is seen to be broken. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkCapture } from "./check-capture.ts";
import type { DataRules } from "./data-rules.ts";
import {
  at,
  attribute,
  attributes,
  linesOf,
  NOW,
  type RightCapture,
  rightCapture,
  type TestAttribute,
  TRACE,
} from "./right-capture.ts";

let directory = "";
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "stampede-data-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

type Break = (capture: RightCapture) => void;
const put = (
  target: { attributes: TestAttribute[] },
  key: string,
  value: Parameters<typeof attribute>[1],
) => {
  target.attributes = [...target.attributes.filter((one) => one.key !== key), attribute(key, value)];
};
const drop = (target: { attributes: TestAttribute[] }, key: string) => {
  target.attributes = target.attributes.filter((one) => one.key !== key);
};
const set: (target: object, fields: object) => void = Object.assign;

async function check(breakIt: Break, data: Partial<DataRules> = {}) {
  const capture = rightCapture();
  breakIt(capture);
  const files = Object.entries(linesOf(capture)).map(([signal, request]) => {
    const file = join(directory, `${signal}.json`);
    writeFileSync(file, `${JSON.stringify(request)}\n`);
    return [signal, [file]];
  });
  const rules = { notAfterMs: Number(NOW / 1_000_000n) + 1000, data };
  return checkCapture(Object.fromEntries(files), rules);
}

test("a capture whose data is right keeps every rule", async () => {
  const report = await check(() => {}, {
    errorRate: 0.3,
    logShares: { access: 100 / 3, application: 100 / 3, system: 100 / 3 },
  });
  expect(report.violations).toEqual({});
  expect(report.data).toMatchObject({
    roles: {
      "http-server": 2,
      "http-client": 2,
      "rpc-client": 1,
      "rpc-server": 1,
      internal: 1,
      database: 1,
      producer: 1,
      consumer: 1,
    },
    records: { kinds: { access: 1, application: 1, system: 1 }, compared: 2, linkedExceptions: 1 },
    objects: { services: 4, pods: 4, nodes: 1, hosts: 1, sharedPods: 3 },
    metrics: { catalogued: 9 },
  });
  expect(Object.keys(report.data!.metrics.comparisons).length).toBeGreaterThanOrEqual(4);
  expect(report.traces!.trees).toMatchObject({
    levels: { mean: 5, largest: 5 },
    children: { largest: 3 },
    calls: 2,
    unanswered: 1,
    retries: 1,
    consumers: 1,
    outlasting: 1,
    failedClients: 2,
    failedClientsWithFailedServer: 1,
    failedServersByThemselves: 1,
  });
});

const FAULTS: { rule: string; breakIt: Break; data?: Partial<DataRules> }[] = [
  // Keys
  {
    rule: "a key is not known: order.color (internal)",
    breakIt: (c) => put(c.spans.step, "order.color", "red"),
  },
  {
    rule: "a key is out of place: db.namespace (http-server)",
    breakIt: (c) => put(c.spans.server, "db.namespace", "a"),
  },
  {
    rule: "a key's type is not int: http.response.status_code (string)",
    breakIt: (c) => put(c.spans.server, "http.response.status_code", "200"),
  },
  {
    rule: "a value is not one of the allowed: db.system.name",
    breakIt: (c) => put(c.spans.database, "db.system.name", "postgres"),
  },
  {
    rule: "a required key is missing: url.scheme (http-server)",
    breakIt: (c) => drop(c.spans.server, "url.scheme"),
  },
  {
    rule: "a required key is missing: url.full (http-client)",
    breakIt: (c) => drop(c.spans.client, "url.full"),
  },
  {
    rule: "a required key is missing: messaging.operation.type (consumer)",
    breakIt: (c) => drop(c.spans.consumer, "messaging.operation.type"),
  },
  {
    rule: "a key of the old conventions: http.method (http-server)",
    breakIt: (c) => put(c.spans.server, "http.method", "GET"),
  },
  {
    rule: "a key of the new conventions: url.path (http-server)",
    breakIt: () => {},
    data: { semconv: "old" },
  },
  {
    rule: "a required key is missing: http.target (http-server)",
    breakIt: () => {},
    data: { semconv: "dup" },
  },
  {
    rule: "an old key contradicts the new one",
    breakIt: (c) => put(c.spans.server, "http.method", "PUT"),
    data: { semconv: "dup" },
  },
  { rule: "an attribute is empty", breakIt: (c) => put(c.spans.server, "url.query", "") },
  {
    rule: "a key is not known: mine.a (internal)",
    breakIt: (c) => put(c.spans.step, "mine.a", "b"),
    data: { customPrefixes: ["app."] },
  },
  // Names and statuses
  { rule: "a span has no name", breakIt: (c) => set(c.spans.step, { name: "" }) },
  { rule: "a span's name holds an id", breakIt: (c) => set(c.spans.step, { name: "load order 4711" }) },
  {
    rule: "a span's name holds an id",
    breakIt: (c) => set(c.spans.step, { name: "load 0af76519-16cd-43dd-8448-eb211c80319c" }),
  },
  {
    rule: "a span lasts less than a microsecond",
    breakIt: (c) => set(c.spans.step, { startTimeUnixNano: at(-1.4), endTimeUnixNano: at(-1.4) }),
  },
  { rule: "a span that failed has no error.type", breakIt: (c) => drop(c.spans.client, "error.type") },
  {
    rule: "a span has an error.type but did not fail",
    breakIt: (c) => put(c.spans.step, "error.type", "timeout"),
  },
  {
    rule: "a status is Ok, which instrumentations leave to applications",
    breakIt: (c) => set(c.spans.step, { status: { code: 1 } }),
  },
  {
    rule: "a status has a description but is no error",
    breakIt: (c) => set(c.spans.step, { status: { message: "fine" } }),
  },
  {
    rule: "a status description repeats the error's type or code",
    breakIt: (c) => set(c.spans.client.status, { message: "503" }),
  },
  {
    rule: "a span failed though its code is no error",
    breakIt: (c) => put(c.spans.answer, "http.response.status_code", 404),
  },
  {
    rule: "a span did not fail though its code is an error",
    breakIt: (c) => put(c.spans.rpcClient, "rpc.response.status_code", "NOT_FOUND"),
  },
  {
    rule: "an exception has no exception.stacktrace",
    breakIt: (c) => drop(c.spans.answer.events[0]!, "exception.stacktrace"),
  },
  {
    rule: "a stack trace does not name its exception",
    breakIt: (c) => put(c.spans.answer.events[0]!, "exception.type", "java.io.IOException"),
  },
  {
    rule: "a stack trace has too few or too many lines",
    breakIt: (c) => put(c.spans.answer.events[0]!, "exception.stacktrace", "SocketTimeoutException"),
  },
  {
    rule: "an HTTP span's name is not method and route",
    breakIt: (c) => set(c.spans.server, { name: "GET" }),
  },
  {
    rule: "a path does not fit its route",
    breakIt: (c) => put(c.spans.server, "url.path", "/api/orders/4711/items"),
  },
  { rule: "an error.type is not the code", breakIt: (c) => put(c.spans.client, "error.type", "500") },
  {
    rule: "an error.type is a code that was never received",
    breakIt: (c) => put(c.spans.retry, "error.type", "504"),
  },
  {
    rule: "a URL is not of the server that was called",
    breakIt: (c) => put(c.spans.client, "server.port", 80),
  },
  {
    rule: "a URL holds credentials",
    breakIt: (c) => put(c.spans.client, "url.full", "http://me:secret@payments.shop:8080/payments/9"),
  },
  {
    rule: "a database span's name is not its summary",
    breakIt: (c) => set(c.spans.database, { name: "SELECT" }),
  },
  {
    rule: "a summary does not name its table",
    breakIt: (c) => put(c.spans.database, "db.query.summary", "SELECT users"),
  },
  {
    rule: "a statement does not begin with its operation",
    breakIt: (c) => put(c.spans.database, "db.query.text", "UPDATE orders SET a = $1"),
  },
  {
    rule: "a statement does not name its table",
    breakIt: (c) => put(c.spans.database, "db.query.text", "SELECT id FROM users"),
  },
  {
    rule: "a statement holds values",
    breakIt: (c) => put(c.spans.database, "db.query.text", "SELECT id FROM orders WHERE id = 48213"),
  },
  {
    rule: "an RPC span's name is not its method",
    breakIt: (c) => set(c.spans.rpcClient, { name: "GetOrder" }),
  },
  {
    rule: "an RPC method is not package.Service/Method",
    breakIt: (c) => put(c.spans.rpcClient, "rpc.method", "GetOrder"),
  },
  {
    rule: "a messaging span's name is not operation and destination",
    breakIt: (c) => set(c.spans.producer, { name: "orders.placed send" }),
  },
  {
    rule: "a messaging operation does not fit the span's kind",
    breakIt: (c) => put(c.spans.producer, "messaging.operation.type", "process"),
  },
  {
    rule: "a key belongs to another messaging system",
    breakIt: (c) => put(c.spans.consumer, "messaging.system", "rabbitmq"),
  },
  {
    rule: "a consumer has no link to what it processes",
    breakIt: (c) => set(c.spans.consumer, { links: [] }),
  },
  {
    rule: "a batch has fewer messages than links",
    breakIt: (c) => put(c.spans.consumer, "messaging.batch.message_count", 0),
  },
  // Trees
  {
    rule: "a root lasts whole milliseconds",
    breakIt: (c) => set(c.spans.server, { startTimeUnixNano: at(-2), endTimeUnixNano: at(-1) }),
  },
  { rule: "a root's flags name a remote parent", breakIt: (c) => set(c.spans.server, { flags: 0x300 }) },
  {
    rule: "a server's or consumer's flags do not name its parent remote",
    breakIt: (c) => set(c.spans.rpcServer, { flags: 0x100 }),
  },
  {
    rule: "a local child's flags name its parent remote",
    breakIt: (c) => set(c.spans.step, { flags: 0x300 }),
  },
  {
    rule: "a server's parent is not a client of its protocol",
    breakIt: (c) => set(c.spans.answer, { parentSpanId: c.spans.server.spanId }),
  },
  {
    rule: "a span stands below a call, where only a server's can",
    breakIt: (c) => set(c.spans.step, { parentSpanId: c.spans.rpcClient.spanId }),
  },
  {
    rule: "a trace changes its process without a call",
    breakIt: (c) => set(c.spans.step, { parentSpanId: c.spans.server.spanId }),
  },
  {
    rule: "a service calls itself",
    breakIt: (c) => setText(c.resources.payments, "service.name", "gateway"),
  },
  {
    rule: "the two sides of a call name different methods",
    breakIt: (c) => put(c.spans.rpcClient, "rpc.method", "shop.orders.v1.OrderService/ListOrders"),
  },
  {
    rule: "the two sides of a call name different paths",
    breakIt: (c) => put(c.spans.answer, "url.path", "/payments/10"),
  },
  {
    rule: "the two sides of a call name different codes",
    breakIt: (c) => put(c.spans.answer, "http.response.status_code", 500),
  },
  {
    rule: "a client's server.address is not the service that answered",
    breakIt: (c) => put(c.spans.rpcClient, "server.address", "users.shop"),
  },
  {
    rule: "a server failed and its caller did not see it",
    breakIt: (c) => set(c.spans.client, { status: {} }),
  },
  { rule: "a server failed and nothing says why", breakIt: (c) => set(c.spans.answer, { events: [] }) },
  {
    rule: "a consumer's parent is no producer",
    breakIt: (c) => set(c.spans.consumer, { parentSpanId: c.spans.rpcServer.spanId }),
  },
  {
    rule: "a consumer's parent sends to another destination",
    breakIt: (c) => put(c.spans.producer, "messaging.destination.name", "orders.paid"),
  },
  {
    rule: "a consumer begins before its message is sent",
    breakIt: (c) => set(c.spans.consumer, { startTimeUnixNano: at(-1.3) }),
  },
  {
    rule: "a span lies outside its parent",
    breakIt: (c) => set(c.spans.producer, { endTimeUnixNano: at(-1.2) }),
  },
  {
    rule: "a consumer's link names no producer",
    breakIt: (c) => set(c.spans.consumer.links[0]!, { spanId: c.spans.step.spanId }),
  },
  {
    rule: "a consumer's link names a producer of another destination",
    breakIt: (c) => put(c.spans.consumer, "messaging.destination.name", "orders.paid"),
  },
  {
    rule: "several servers answered one call",
    breakIt: (c) => void c.more.push({ ...c.spans.answer, spanId: "f".repeat(16) }),
  },
  {
    rule: "a database's span has children in another service",
    breakIt: (c) => set(c.spans.answer, { parentSpanId: c.spans.database.spanId }),
  },
  {
    rule: "a call is sent again though none failed before",
    breakIt: (c) => put(c.spans.client, "url.full", "http://payments.shop:8080/payments/10"),
  },
  {
    rule: "a request is passed on with another path",
    breakIt: ({ spans }) => {
      set(spans.server, { name: "POST /api/v1/payments/:id" });
      put(spans.server, "http.request.method", "POST");
      put(spans.server, "http.route", "/api/v1/payments/:id");
      put(spans.server, "url.path", "/api/v1/payments/10");
    },
  },
  { rule: "many traces are flat", breakIt: (c) => addFlat(c) },
  {
    rule: "the share of failed spans is not the configured one",
    breakIt: () => {},
    data: { errorRate: 0.95 },
  },
  {
    rule: "a consumer reads another partition than its message was sent to",
    breakIt: (c) => {
      put(c.spans.producer, "messaging.destination.partition.id", "3");
      put(c.spans.consumer, "messaging.destination.partition.id", "4");
    },
  },
  {
    rule: "a stack trace is not printed as its language does",
    breakIt: ({ resources }) => setText(resources.payments, "telemetry.sdk.language", "python"),
  },
  {
    rule: "a scope is a library of another language",
    breakIt: (c) => set(c.scope, { name: "io.opentelemetry.tomcat-10.0" }),
  },
  // Objects
  {
    rule: "one k8s.pod.name has two values of k8s.node.name",
    breakIt: (c) => setText(c.resources.orders, "k8s.node.name", "node-2"),
  },
  {
    rule: "a process's resource has no telemetry.sdk.language",
    breakIt: (c) => void c.resources.orders.splice(4, 1),
  },
  {
    rule: "a host of system logs is unknown to the metrics",
    breakIt: (c) => set(c.resources.host[0]!, attribute("host.name", "node-9")),
  },
  // Records
  {
    rule: "a kind of records has not its share",
    breakIt: () => {},
    data: { logShares: { access: 80, application: 10, system: 10 } },
  },
  {
    rule: "a severity's number and text disagree",
    breakIt: (c) => set(c.records.failure, { severityNumber: 13 }),
  },
  { rule: "a severity number is none", breakIt: (c) => set(c.records.failure, { severityNumber: 0 }) },
  { rule: "a severity text is not known", breakIt: (c) => set(c.records.failure, { severityText: "BAD" }) },
  { rule: "a record has no body", breakIt: (c) => set(c.records.failure, { body: { stringValue: "" } }) },
  {
    rule: "an access record's body is no access line",
    breakIt: (c) => set(c.records.access, { body: { stringValue: "GET /" } }),
  },
  {
    rule: "an access line is not what its attributes say",
    breakIt: (c) => put(c.records.access, "http.response.body.size", 513),
  },
  {
    rule: "an access record belongs to a span that serves no HTTP",
    breakIt: (c) => set(c.records.access, { spanId: c.spans.step.spanId }),
  },
  {
    rule: "a record and its span are of different processes",
    breakIt: (c) => set(c.records.failure, { spanId: c.spans.step.spanId }),
  },
  {
    rule: "a record's url.path is not its span's",
    breakIt: (c) => put(c.records.access, "url.path", "/api/orders/4712"),
  },
  {
    rule: "a record's http.response.status_code is not its span's",
    breakIt: (c) => put(c.spans.server, "http.response.status_code", 201),
  },
  { rule: "a record's url.query is not its span's", breakIt: (c) => drop(c.spans.server, "url.query") },
  {
    rule: "a record's exception is not its span's",
    breakIt: (c) => put(c.records.failure, "exception.message", "Connection refused"),
  },
  {
    rule: "a record has an exception and its span none",
    breakIt: (c) => set(c.spans.answer, { events: [] }),
  },
  {
    rule: "an error was logged in a span that shows none",
    breakIt: (c) => set(c.records.access, { severityNumber: 17, severityText: "ERROR", attributes: [] }),
  },
  {
    rule: "a record's exception lacks type or message",
    breakIt: (c) => drop(c.records.failure, "exception.type"),
  },
  {
    rule: "a system record belongs to a span",
    breakIt: (c) => set(c.records.system, { traceId: TRACE, spanId: c.spans.step.spanId }),
  },
  {
    rule: "a syslog line is not what its record says",
    breakIt: (c) =>
      set(c.records.system.body, { stringValue: "<4>Nov 20 12:34:56 node-2 kernel: table full" }),
  },
  {
    rule: "a syslog line is not what its record says",
    breakIt: (c) =>
      set(c.records.system.body, { stringValue: "<4>1 2026-11-20T12:34:56Z node-1 cron - - - full" }),
  },
  {
    rule: "a syslog line's priority is not the record's severity",
    breakIt: (c) =>
      set(c.records.system.body, { stringValue: "<2>Nov 20 12:34:56 node-1 kernel: table full" }),
  },
  // Metrics
  {
    rule: "a metric's name is not dotted lower case",
    breakIt: (c) => set(c.metrics.load, { name: "LoadAverage" }),
  },
  {
    rule: "a metric's name ends in its unit or in total",
    breakIt: (c) => set(c.metrics.load, { name: "orders.placed_total" }),
  },
  {
    rule: "a metric's name was replaced",
    breakIt: (c) => set(c.metrics.duration, { name: "http.server.duration" }),
  },
  { rule: "a unit is not known", breakIt: (c) => set(c.metrics.load, { name: "a.b", unit: "bytes" }) },
  {
    rule: "a metric is not as catalogued: system.cpu.load_average.1m",
    breakIt: (c) => set(c.metrics.load, { unit: "1" }),
  },
  {
    rule: "a metric is not as catalogued: container.memory.usage",
    breakIt: (c) => set(c.metrics.usage.gauge.dataPoints[0]!, { asInt: undefined, asDouble: 900 }),
  },
  {
    rule: "a metric is not as catalogued: system.cpu.time",
    breakIt: (c) => set(c.metrics.cpuTime.sum, { isMonotonic: false }),
  },
  {
    rule: "a point has an attribute that is not catalogued: system.cpu.load_average.1m cpu",
    breakIt: (c) => put(c.metrics.load.gauge.dataPoints[0]!, "cpu", "cpu0"),
  },
  {
    rule: "a point's value is not one of the catalogued: system.cpu.time state",
    breakIt: (c) => put(c.metrics.cpuTime.sum.dataPoints[0]!, "state", "sleeping"),
  },
  {
    rule: "an up-down counter sends differences",
    breakIt: (c) => set(c.metrics.memory.sum, { aggregationTemporality: 1 }),
  },
  {
    rule: "a value is out of its unit's range: 1",
    breakIt: (c) => set(c.metrics.share.gauge.dataPoints[0]!, { asDouble: 1.01 }),
  },
  {
    rule: "a value is out of its unit's range: By",
    breakIt: (c) => set(c.metrics.usage.gauge.dataPoints[0]!, { asInt: "-1" }),
  },
  { rule: "a count has a fraction", breakIt: (c) => set(c.metrics.load, { name: "queue.length" }) },
  {
    rule: "a time counter outruns the clock",
    breakIt: (c) => set(c.metrics.cpuTime.sum.dataPoints[0]!, { asDouble: 142.5 }),
  },
  {
    rule: "many histograms fill one bucket",
    breakIt: (c) => set(histogram(c), { bucketCounts: ["200", ...Array(14).fill("0")], sum: 0.5 }),
  },
  {
    rule: "a histogram's bounds are not the conventions'",
    breakIt: (c) =>
      set(histogram(c), {
        explicitBounds: [0.005, 0.01, 0.02, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
      }),
  },
  {
    rule: "a metric has too few or too many series",
    breakIt: () => {},
    data: { seriesPerMetric: { min: 2, default: 2, max: 4 } },
  },
  {
    rule: "the mean of series per metric is not the default",
    breakIt: () => {},
    data: { seriesPerMetric: { min: 1, default: 3, max: 4 } },
  },
  {
    rule: "numbers of one container disagree: container.memory.working_set <= container.memory.usage",
    breakIt: (c) => set(c.metrics.workingSet.gauge.dataPoints[0]!, { asInt: "901" }),
  },
  {
    rule: "numbers of one container disagree: container.memory.usage <= k8s.container.memory_limit",
    breakIt: (c) => set(c.metrics.memoryLimit.gauge.dataPoints[0]!, { asInt: "899" }),
  },
  {
    rule: "numbers of one container disagree: k8s.container.memory_limit_utilization = container.memory.usage / k8s.container.memory_limit",
    breakIt: (c) => set(c.metrics.share.gauge.dataPoints[0]!, { asDouble: 0.5 }),
  },
  {
    rule: "numbers of one host disagree: system.memory.usage = system.memory.limit",
    breakIt: (c) => set(c.metrics.memory.sum.dataPoints[0]!, { asInt: "60" }),
  },
];

describe("found is that", () => {
  test.each(FAULTS.map((fault, i) => ({ ...fault, i })))("$rule ($i)", async ({ rule, breakIt, data }) => {
    const report = await check(breakIt, data);
    expect(Object.keys(report.violations)).toContain(rule);
    expect(report.violations[rule]!.examples[0]).toBeTruthy();
  });
});

function histogram(capture: RightCapture): object {
  return capture.metrics.duration.histogram.dataPoints[0]!;
}

function setText(list: TestAttribute[], key: string, value: string): void {
  set(list.find((one) => one.key === key)!, attribute(key, value));
}

/** Another trace, in which one span does all there is. */
function addFlat({ spans, more }: RightCapture): void {
  const traceId = TRACE.replace(/^./, "1");
  const below = (id: number) => ({
    ...spans.step,
    traceId,
    spanId: id.toString(16).padStart(16, "b"),
    parentSpanId: spans.server.spanId,
  });
  more.push({ ...spans.server, traceId }, ...Array.from({ length: 12 }, (_, id) => below(id)));
}

test("one service alone may have flat traces: it calls nobody", async () => {
  const alone: Break = (c) => {
    const { server, step } = c.spans;
    for (const span of Object.values(c.spans)) if (span !== server && span !== step) set(span, { kind: 0 });
    set(step, { parentSpanId: server.spanId });
    addFlat(c);
  };
  expect(Object.keys((await check(alone)).violations)).not.toContain("many traces are flat");
});

test("a key that begins as the user said is the user's own, on spans alone", async () => {
  const onSpan: Break = (c) => put(c.spans.step, "app.customer.tier", "gold");
  expect((await check(onSpan)).violations).toEqual({});
  const onRecord: Break = (c) => put(c.records.failure, "app.customer.tier", "gold");
  expect((await check(onRecord)).ok).toBe(false);
});

test("old names alone are right where the old conventions were asked for", async () => {
  const olden: Break = ({ spans }) => {
    spans.server.attributes = attributes({
      "http.method": "GET",
      "http.route": "/api/orders/:id",
      "http.target": "/api/orders/4711?expand=items",
      "http.scheme": "https",
      "http.status_code": 200,
      "http.client_ip": "192.0.2.7",
      "http.user_agent": "curl/8.9.1",
    });
  };
  const { violations } = await check(olden, { semconv: "old" });
  const ofServers = Object.keys(violations).filter((rule) => rule.includes("(http-server)"));
  // The other server's span still has the new names.
  expect(violations["a key of the new conventions: url.path (http-server)"]?.count).toBe(1);
  expect(ofServers.every((rule) => /of the new|is missing/.test(rule))).toBe(true);
});
