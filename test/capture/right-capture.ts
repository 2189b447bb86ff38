/** A small capture with spans of every role, records of every kind and metrics that agree: what the rules about data call right. */

export const attribute = (key: string, value: string | number | boolean | string[]) => ({
  key,
  value: anyValue(value),
});
export type TestAttribute = ReturnType<typeof attribute>;

function anyValue(value: string | number | boolean | string[]): Record<string, unknown> {
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  if (Array.isArray(value)) return { arrayValue: { values: value.map((one) => ({ stringValue: one })) } };
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}

/** Attributes from an object. */
export const attributes = (values: Record<string, string | number | boolean | string[]>): TestAttribute[] =>
  Object.entries(values).map(([key, value]) => attribute(key, value));

/** 2026-11-20T12:34:56.789012345Z */
export const NOW = 1_795_178_096_789_012_345n;
export const at = (seconds: number) => String(NOW + BigInt(Math.round(seconds * 1e9)));
export const TRACE = "0af7651916cd43dd8448eb211c80319c";
const REMOTE = 0x300;
const LOCAL = 0x100;

export interface TestSpan {
  traceId: string;
  spanId: string;
  parentSpanId: string;
  flags: number;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: TestAttribute[];
  events: { name: string; timeUnixNano: string; attributes: TestAttribute[] }[];
  links: { traceId: string; spanId: string; attributes: TestAttribute[] }[];
  status: { code?: number; message?: string };
}

const STACK = `java.net.SocketTimeoutException: Read timed out
\tat java.base/sun.nio.ch.NioSocketImpl.timedRead(NioSocketImpl.java:278)
\tat com.example.payments.PaymentClient.charge(PaymentClient.java:81)`;
const EXCEPTION = {
  "exception.type": "java.net.SocketTimeoutException",
  "exception.message": "Read timed out",
  "exception.stacktrace": STACK,
};

function makeSpans() {
  const span = (
    id: number,
    parent: number,
    times: [number, number],
    fields: Partial<TestSpan>,
  ): TestSpan => ({
    traceId: TRACE,
    spanId: hex(id),
    parentSpanId: parent === 0 ? "" : hex(parent),
    flags: fields.kind === 2 || fields.kind === 5 ? (parent === 0 ? LOCAL : REMOTE) : LOCAL,
    name: "",
    kind: 1,
    startTimeUnixNano: String(BigInt(at(times[0])) + 123n),
    endTimeUnixNano: String(BigInt(at(times[1])) - 321n),
    attributes: [],
    events: [],
    links: [],
    status: {},
    ...fields,
  });
  const failed = { code: 2 };
  const exception = (seconds: number) => ({
    name: "exception",
    timeUnixNano: at(seconds),
    attributes: attributes(EXCEPTION),
  });
  const server = span(1, 0, [-2, -1], {
    name: "GET /api/orders/:id",
    kind: 2,
    attributes: attributes({
      "http.request.method": "GET",
      "http.route": "/api/orders/:id",
      "url.path": "/api/orders/4711",
      "url.query": "expand=items",
      "url.scheme": "https",
      "http.response.status_code": 200,
      "http.response.body.size": 512,
      "client.address": "192.0.2.7",
      "user_agent.original": "curl/8.9.1",
      "network.protocol.version": "1.1",
    }),
  });
  const call = {
    "http.request.method": "POST",
    "url.full": "http://payments.shop:8080/payments/9?dry=1",
    "url.template": "/payments/{id}",
    "server.address": "payments.shop",
    "server.port": 8080,
    "http.response.status_code": 503,
    "error.type": "503",
  };
  const client = span(2, 1, [-1.9, -1.7], {
    name: "POST /payments/{id}",
    kind: 3,
    attributes: attributes(call),
    status: failed,
  });
  const answer = span(3, 2, [-1.89, -1.71], {
    name: "POST /payments/{id}",
    kind: 2,
    attributes: attributes({
      "http.request.method": "POST",
      "http.route": "/payments/{id}",
      "url.path": "/payments/9",
      "url.query": "dry=1",
      "url.scheme": "http",
      "http.response.status_code": 503,
      "error.type": "503",
    }),
    status: failed,
    events: [exception(-1.8)],
  });
  const retry = span(4, 1, [-1.69, -1.6], {
    name: "POST /payments/{id}",
    kind: 3,
    attributes: attributes({ ...call, "error.type": "timeout", "http.request.resend_count": 1 }).filter(
      ({ key }) => key !== "http.response.status_code",
    ),
    status: failed,
  });
  const rpc = {
    "rpc.system.name": "grpc",
    "rpc.method": "shop.orders.v1.OrderService/GetOrder",
    "rpc.response.status_code": "OK",
  };
  const rpcClient = span(5, 1, [-1.6, -1.2], {
    name: rpc["rpc.method"],
    kind: 3,
    attributes: attributes({ ...rpc, "server.address": "orders.shop", "server.port": 9090 }),
  });
  const rpcServer = span(6, 5, [-1.55, -1.25], {
    name: rpc["rpc.method"],
    kind: 2,
    attributes: attributes(rpc),
  });
  const step = span(7, 6, [-1.5, -1.3], {
    name: "load order",
    attributes: attributes({ "code.function.name": "Orders.load" }),
  });
  const database = span(8, 7, [-1.5, -1.4], {
    name: "SELECT orders",
    kind: 3,
    attributes: attributes({
      "db.system.name": "postgresql",
      "db.namespace": "orders",
      "db.collection.name": "orders",
      "db.operation.name": "SELECT",
      "db.query.text": "SELECT id, state FROM orders WHERE id = $1",
      "db.query.summary": "SELECT orders",
      "server.address": "orders-db.shop",
    }),
  });
  const message = {
    "messaging.system": "kafka",
    "messaging.destination.name": "orders.placed",
    "messaging.operation.name": "send",
    "messaging.operation.type": "send",
  };
  const producer = span(9, 6, [-1.29, -1.27], {
    name: "send orders.placed",
    kind: 4,
    attributes: attributes(message),
  });
  const consumer = span(10, 9, [-1.28, -0.5], {
    name: "process orders.placed",
    kind: 5,
    attributes: attributes({
      ...message,
      "messaging.operation.name": "process",
      "messaging.operation.type": "process",
      "messaging.consumer.group.name": "mailer",
      "messaging.kafka.offset": 12,
    }),
    links: [{ traceId: TRACE, spanId: hex(9), attributes: [] }],
  });
  return { server, client, answer, retry, rpcClient, rpcServer, step, database, producer, consumer };
}

function makeRecords() {
  const record = (
    seconds: number,
    level: [number, string],
    body: string,
    values: TestAttribute[],
    span?: number,
  ) => ({
    timeUnixNano: at(seconds),
    observedTimeUnixNano: at(seconds),
    severityNumber: level[0],
    severityText: level[1],
    body: { stringValue: body },
    attributes: values,
    traceId: span === undefined ? "" : TRACE,
    spanId: span === undefined ? "" : hex(span),
  });
  const access = record(
    0,
    [9, "INFO"],
    '192.0.2.7 - - [20/Nov/2026:12:34:56 +0000] "GET /api/orders/4711?expand=items HTTP/1.1" 200 512 "-" "curl/8.9.1"',
    attributes({
      "http.request.method": "GET",
      "url.path": "/api/orders/4711",
      "url.query": "expand=items",
      "http.response.status_code": 200,
      "http.response.body.size": 512,
      "client.address": "192.0.2.7",
      "user_agent.original": "curl/8.9.1",
      "network.protocol.version": "1.1",
    }),
    1,
  );
  const failure = record(0, [17, "ERROR"], "charge failed", attributes(EXCEPTION), 3);
  const system = record(
    0,
    [13, "warning"],
    "kernel: nf_conntrack: table full, dropping packet",
    attributes({ appname: "kernel" }),
  );
  return { access, failure, system };
}

function makeResources() {
  const process = (service: string, language: string, place: number) =>
    attributes({
      "service.name": service,
      "service.version": "1.4.2",
      "service.instance.id": `${service}-${place}`,
      "telemetry.sdk.name": "opentelemetry",
      "telemetry.sdk.language": language,
      "telemetry.sdk.version": "1.52.0",
      "k8s.pod.name": `${service}-7c9d-x${place}`,
      "k8s.namespace.name": "shop",
      "k8s.node.name": "node-1",
    });
  return {
    gateway: process("gateway", "nodejs", 1),
    payments: process("payments", "java", 1),
    orders: process("orders", "go", 1),
    mailer: process("mailer", "python", 1),
    host: attributes({ "host.name": "node-1", "host.id": "i-1", "host.arch": "amd64" }),
    measuredHost: attributes({
      "host.name": "node-1",
      "host.id": "i-1",
      "host.arch": "amd64",
      "service.instance.id": "host-1",
    }),
    container: attributes({
      "k8s.pod.name": "orders-7c9d-x1",
      "k8s.node.name": "node-1",
      "k8s.namespace.name": "shop",
      "k8s.container.name": "orders",
      "service.instance.id": "container-1",
    }),
  };
}

function makeMetrics() {
  const gauge = (
    name: string,
    unit: string,
    value: number | string,
    values: Record<string, string> = {},
  ) => ({
    name,
    unit,
    gauge: { dataPoints: [pointOf(value, values)] },
  });
  const upDown = (name: string, unit: string, numbers: Record<string, number>) => ({
    name,
    unit,
    sum: {
      aggregationTemporality: 2,
      isMonotonic: false,
      dataPoints: Object.entries(numbers).map(([state, value]) => ({
        ...pointOf(value, { state }),
        startTimeUnixNano: at(-100),
      })),
    },
  });
  const duration = {
    name: "http.server.request.duration",
    unit: "s",
    histogram: {
      aggregationTemporality: 2,
      dataPoints: [
        {
          ...pointOf(undefined, { "http.request.method": "GET", "http.route": "/a", "url.scheme": "https" }),
          startTimeUnixNano: at(-100),
          count: "200",
          sum: 1.9,
          bucketCounts: ["100", "50", "50", ...Array(12).fill("0")],
          explicitBounds: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
        },
      ],
    },
  };
  const cpuTime = {
    name: "system.cpu.time",
    unit: "s",
    sum: {
      aggregationTemporality: 2,
      isMonotonic: true,
      dataPoints: [{ ...pointOf(42.5, { cpu: "cpu0", state: "idle" }), startTimeUnixNano: at(-100) }],
    },
  };
  return {
    memory: upDown("system.memory.usage", "By", { used: 6_000, free: 2_000, cached: 8_000 }),
    limit: { ...upDown("system.memory.limit", "By", { "": 16_000 }) },
    cpuTime,
    load: gauge("system.cpu.load_average.1m", "{thread}", 1.5),
    usage: gauge("container.memory.usage", "By", 900),
    workingSet: gauge("container.memory.working_set", "By", 800),
    memoryLimit: gauge("k8s.container.memory_limit", "By", 1000),
    share: gauge("k8s.container.memory_limit_utilization", "1", 0.875),
    duration,
  };
}

function pointOf(value: number | string | undefined, values: Record<string, string>) {
  const number =
    value === undefined
      ? {}
      : Number.isInteger(Number(value))
        ? { asInt: String(value) }
        : { asDouble: value };
  const named = Object.fromEntries(Object.entries(values).filter(([, text]) => text !== ""));
  return { timeUnixNano: at(0), attributes: attributes(named), ...number };
}

/** Made anew for each test, so that one may break it. */
export function rightCapture() {
  return {
    spans: makeSpans(),
    records: makeRecords(),
    resources: makeResources(),
    metrics: makeMetrics(),
    scope: { name: "a library", version: "1.0.0" },
    /** More spans, of the gateway. */
    more: [] as TestSpan[],
  };
}

export type RightCapture = ReturnType<typeof rightCapture>;

function hex(id: number): string {
  return id.toString(16).padStart(16, "a");
}

/** The capture as lines of the file exporter's files. */
export function linesOf({ spans, records, resources, metrics, scope, more }: RightCapture) {
  const { server, client, answer, retry, rpcClient, rpcServer, step, database, producer, consumer } = spans;
  const made = (by: TestAttribute[], list: TestSpan[]) => ({
    resource: { attributes: by },
    scopeSpans: [{ scope, spans: list }],
  });
  const written = (by: TestAttribute[], list: object[]) => ({
    resource: { attributes: by },
    scopeLogs: [{ scope, logRecords: list }],
  });
  const measured = (by: TestAttribute[], list: object[]) => ({
    resource: { attributes: by },
    scopeMetrics: [{ scope, metrics: list }],
  });
  return {
    traces: {
      resourceSpans: [
        made(resources.gateway, [server, client, retry, rpcClient, ...more]),
        made(resources.payments, [answer]),
        made(resources.orders, [rpcServer, step, database, producer]),
        made(resources.mailer, [consumer]),
      ],
    },
    logs: {
      resourceLogs: [
        written(resources.gateway, [records.access]),
        written(resources.payments, [records.failure]),
        written(resources.host, [records.system]),
      ],
    },
    metrics: {
      resourceMetrics: [
        measured(resources.measuredHost, [metrics.memory, metrics.limit, metrics.cpuTime, metrics.load]),
        measured(resources.container, [
          metrics.usage,
          metrics.workingSet,
          metrics.memoryLimit,
          metrics.share,
        ]),
        measured([...resources.gateway], [metrics.duration]),
      ],
    },
  };
}
