/**
 * Go: net/http and grpc-go with the OpenTelemetry contrib instrumentations. Types are those of reflection, stack traces
 * those of runtime.Stack.
 */
import { identifier, type Language, type Library, pascal, snake } from "./language.ts";

const VERSION = "0.63.0";
const contrib = (path: string): Library => ({
  name: `go.opentelemetry.io/contrib/instrumentation/${path}`,
  version: VERSION,
});

const SCOPES: Readonly<Record<string, Library>> = {
  redis: { name: "github.com/redis/go-redis/extra/redisotel", version: "9.14.0" },
  mongodb: contrib("go.mongodb.org/mongo-driver/v2/mongo/otelmongo"),
  elasticsearch: { name: "elasticsearch-api", version: "9.1.0" },
};

const DATABASE_TYPES: Readonly<Record<string, string>> = {
  postgresql: "*pgconn.PgError",
  mysql: "*mysql.MySQLError",
  "microsoft.sql_server": "mssql.Error",
  mongodb: "mongo.CommandError",
  elasticsearch: "*types.ElasticsearchError",
  redis: "proto.RedisError",
};

const packageOf = (service: string): string => identifier(service, "").replace(/service$/, "");

/** One frame: the function, below it the place. */
const at = (name: string, place: string, offset: number): string =>
  `${name}\n\t${place} +0x${offset.toString(16)}`;

const MOD = "/go/pkg/mod";

export const GO: Language = {
  sdk: "go",
  sdkVersion: "1.38.0",
  runtime: { name: "go", version: "go1.25.1", description: "go version go1.25.1 linux/{arch}" },
  process: (service) => ({
    executable: service,
    path: `/usr/local/bin/${service}`,
    arguments: ["serve", "--config=/etc/app/config.yaml"],
    owner: "nonroot",
    pid: 1,
  }),
  detected: [
    "process.pid",
    "process.owner",
    "process.executable.name",
    "process.executable.path",
    "process.command_args",
    "process.runtime.name",
    "process.runtime.version",
    "process.runtime.description",
    "os.type",
    "os.description",
  ],
  userAgent: "Go-http-client/2.0",
  rpcUserAgent: "grpc-go/1.75.1",
  ports: { http: 8080, grpc: 50_051 },
  parameter: (name) => `{${name}}`,
  server: contrib("net/http/otelhttp"),
  client: contrib("net/http/otelhttp"),
  rpcServer: contrib("google.golang.org/grpc/otelgrpc"),
  rpcClient: contrib("google.golang.org/grpc/otelgrpc"),
  messaging: (system) =>
    system === "kafka"
      ? { name: "github.com/twmb/franz-go/plugin/kotel", version: "1.6.0" }
      : { name: "github.com/rabbitmq/amqp091-go", version: "1.10.0" },
  database: (system) => SCOPES[system] ?? { name: "github.com/XSAM/otelsql", version: "0.40.0" },
  file: (_service, module) => `/src/internal/${snake(module)}.go`,
  functionName: (service, module, name) =>
    `example.com/${service}/internal.(*${pascal(module)}).${pascal(name)}`,
  domainFailure: (service, name) => `*${packageOf(service)}.${name}Error`,
  runtimeErrors: [
    { type: "runtime.boundsError", message: "runtime error: index out of range [{n}] with length {n}" },
    {
      type: "runtime.errorString",
      message: "runtime error: invalid memory address or nil pointer dereference",
    },
    { type: "context.deadlineExceededError", message: "context deadline exceeded" },
    { type: "*json.SyntaxError", message: "invalid character '<' looking for beginning of value" },
    { type: "*strconv.NumError", message: 'strconv.ParseInt: parsing "{sku}": invalid syntax' },
    { type: "*fmt.wrapError", message: "decode event: unexpected EOF" },
  ],
  databaseError: (system, { code, kind, message }) => {
    if (kind === "connection" && system !== "redis") {
      return {
        type: "*net.OpError",
        message: "read tcp {source}->{host}:{port}: read: connection reset by peer",
      };
    }
    const type = DATABASE_TYPES[system] ?? "*errors.errorString";
    if (system === "postgresql") return { type, message: `ERROR: ${message} (SQLSTATE ${code})` };
    if (system === "mysql") return { type, message: `Error ${code} (HY000): ${message}` };
    return { type, message: system === "mongodb" ? `(${kind}) ${message}` : message };
  },
  httpError: (status, method) =>
    status === 0
      ? {
          type: "*url.Error",
          message: `${pascal(method.toLowerCase())} "{target}": dial tcp {host}:{port}: connect: connection refused`,
        }
      : { type: "*httpclient.StatusError", message: `{target}: unexpected status ${status}` },
  rpcError: (code, message) => ({
    type: "*status.Error",
    message: `rpc error: code = ${pascal(code.toLowerCase())} desc = ${message}`,
  }),
  brokerErrors: {
    kafka: [
      {
        type: "*kerr.Error",
        message: "NOT_LEADER_FOR_PARTITION: This server is not the leader for that topic-partition.",
      },
      { type: "*errors.errorString", message: "records have timed out before they were able to be produced" },
    ],
    rabbitmq: [
      { type: "*amqp091.Error", message: 'Exception (504) Reason: "channel/connection is not open"' },
    ],
  },
  frames: {
    http: [
      at("net/http.HandlerFunc.ServeHTTP(...)", "/usr/local/go/src/net/http/server.go:2322", 0x29),
      at(
        "net/http.(*ServeMux).ServeHTTP(0xc0001a2000, {0x1d4bb08, 0xc000c3e2a0}, 0xc000b8c640)",
        "/usr/local/go/src/net/http/server.go:2861",
        0x1c7,
      ),
      at(
        "go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp.(*middleware).serveHTTP(...)",
        `${MOD}/go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp@v0.63.0/handler.go:179`,
        0xf25,
      ),
      at(
        "net/http.serverHandler.ServeHTTP({0xc000b1f0e0?}, {0x1d4bb08?, 0xc000c3e2a0?}, 0x6?)",
        "/usr/local/go/src/net/http/server.go:3340",
        0x8e,
      ),
      at(
        "net/http.(*conn).serve(0xc0004a4000, {0x1d4ef50, 0xc000311f50})",
        "/usr/local/go/src/net/http/server.go:2109",
        0x665,
      ),
      at(
        "created by net/http.(*Server).Serve in goroutine 1",
        "/usr/local/go/src/net/http/server.go:3493",
        0x485,
      ),
    ],
    grpc: [
      at(
        "google.golang.org/grpc.(*Server).processUnaryRPC(0xc0001cc000, {0x1d4ef50, 0xc000a9c3f0}, 0xc000b18000)",
        `${MOD}/google.golang.org/grpc@v1.75.1/server.go:1431`,
        0x1036,
      ),
      at(
        "google.golang.org/grpc.(*Server).handleStream(0xc0001cc000, {0x1d50748, 0xc0004c0680}, 0xc000b18000)",
        `${MOD}/google.golang.org/grpc@v1.75.1/server.go:1842`,
        0xb47,
      ),
      at(
        "google.golang.org/grpc.(*Server).serveStreams.func2.1()",
        `${MOD}/google.golang.org/grpc@v1.75.1/server.go:1061`,
        0x7f,
      ),
      at(
        "created by google.golang.org/grpc.(*Server).serveStreams.func2 in goroutine 87",
        `${MOD}/google.golang.org/grpc@v1.75.1/server.go:1072`,
        0x11d,
      ),
    ],
    database: {
      redis: [
        at(
          "github.com/redis/go-redis/extra/redisotel/v9.(*tracingHook).ProcessHook.func1({0x1d4ef50, 0xc000a9c3f0}, {0x1d52a28, 0xc000c3e460})",
          `${MOD}/github.com/redis/go-redis/extra/redisotel/v9@v9.14.0/tracing.go:121`,
          0x4f1,
        ),
        at(
          "github.com/redis/go-redis/v9.(*Client).Process(0xc0002f2690, {0x1d4ef50, 0xc000a9c3f0}, {0x1d52a28, 0xc000c3e460})",
          `${MOD}/github.com/redis/go-redis/v9@v9.14.0/redis.go:854`,
          0x3d,
        ),
      ],
      mongodb: [
        at(
          "go.opentelemetry.io/contrib/instrumentation/go.mongodb.org/mongo-driver/v2/mongo/otelmongo.(*monitor).Failed(0xc0003c4300, {0x1d4ef50, 0xc000a9c3f0}, 0xc000c22780)",
          `${MOD}/go.opentelemetry.io/contrib/instrumentation/go.mongodb.org/mongo-driver/v2/mongo/otelmongo@v0.63.0/mongo.go:106`,
          0x12c,
        ),
        at(
          "go.mongodb.org/mongo-driver/v2/x/mongo/driver.Operation.Execute(...)",
          `${MOD}/go.mongodb.org/mongo-driver/v2@v2.3.0/x/mongo/driver/operation.go:822`,
          0x1f2b,
        ),
        at(
          "go.mongodb.org/mongo-driver/v2/mongo.(*Collection).[[find|updateOrReplace]](...)",
          `${MOD}/go.mongodb.org/mongo-driver/v2@v2.3.0/mongo/collection.go:[[1520|716]]`,
          0x1a85,
        ),
      ],
      elasticsearch: [
        at(
          "github.com/elastic/elastic-transport-go/v8/elastictransport.(*ElasticsearchOpenTelemetry).RecordError(...)",
          `${MOD}/github.com/elastic/elastic-transport-go/v8@v8.7.0/elastictransport/instrumentation.go:118`,
          0x65,
        ),
        at(
          "github.com/elastic/go-elasticsearch/v9/typedapi/core/[[search.Search|index.Index]].Do({0xc000418c60, {0x1d4ef50, 0xc000a9c3f0}})",
          `${MOD}/github.com/elastic/go-elasticsearch/v9@v9.1.0/typedapi/core/[[search/search.go:396|index/index.go:268]]`,
          0x2a7,
        ),
      ],
      other: [
        at(
          "github.com/XSAM/otelsql.recordSpanErrorDeferred(...)",
          `${MOD}/github.com/!x!s!a!m/otelsql@v0.40.0/utils.go:48`,
          0x2f,
        ),
        at(
          "github.com/XSAM/otelsql.(*otConn).[[QueryContext|ExecContext]](0xc00061a0c0, {0x1d4ef50, 0xc000a9c4b0}, {0x1a6b1d2, 0x4f}, {0xc0009a7720, 0x1, 0x1})",
          `${MOD}/github.com/!x!s!a!m/otelsql@v0.40.0/conn.go:[[134|101]]`,
          0x3c7,
        ),
        at(
          "database/sql.(*DB).[[queryDC|execDC]](0xc0004fa1a0, {0x1d4ef50, 0xc000a9c3f0}, 0xc000a9c4b0, {0x1a6b1d2, 0x4f}, {0xc0009a7720, 0x1, 0x1})",
          "/usr/local/go/src/database/sql/sql.go:[[1786|1719]]",
          0x209,
        ),
        at(
          "database/sql.(*DB).[[QueryContext|ExecContext]](...)",
          "/usr/local/go/src/database/sql/sql.go:[[1741|1680]]",
          0x54,
        ),
      ],
    },
    httpClient: {
      answered: [],
      unanswered: [
        at(
          "go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp.(*Transport).RoundTrip(0xc0001b6000, 0xc000b8cc80)",
          `${MOD}/go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp@v0.63.0/transport.go:151`,
          0x6a9,
        ),
        at(
          "net/http.send(0xc000b8cc80, {0x1d3fa60, 0xc0001b6000}, {0xc0000d2501?, 0x4?, 0x0?})",
          "/usr/local/go/src/net/http/client.go:259",
          0x5c8,
        ),
        at(
          "net/http.(*Client).do(0xc0003b6ea0, 0xc000b8cc80)",
          "/usr/local/go/src/net/http/client.go:721",
          0x8a6,
        ),
        at("net/http.(*Client).Do(...)", "/usr/local/go/src/net/http/client.go:589", 0x1d),
      ],
    },
    rpcClient: [
      at(
        "google.golang.org/grpc.(*ClientConn).Invoke(0xc0003a6008, {0x1d4ef50, 0xc000a9c3f0}, {0x1a5c8a5, 0x2d}, {0x18f7f40, 0xc000c12a80}, {0x18fa160, 0xc0009d4c00})",
        `${MOD}/google.golang.org/grpc@v1.75.1/call.go:35`,
        0x265,
      ),
    ],
    broker: [
      at(
        "github.com/twmb/franz-go/plugin/kotel.(*Tracer).OnProduceRecordUnbuffered(...)",
        `${MOD}/github.com/twmb/franz-go/plugin/kotel@v1.6.0/tracer.go:233`,
        0xb5,
      ),
      at(
        "github.com/twmb/franz-go/pkg/kgo.(*Client).ProduceSync(0xc0002b0d88, {0x1d4ef50, 0xc000a9c3f0}, {0xc0007b5e60, 0x1, 0x1})",
        `${MOD}/github.com/twmb/franz-go@v1.19.5/pkg/kgo/producer.go:251`,
        0x1fb,
      ),
    ],
    worker: {
      kafka: [
        at("main.(*worker).run(0xc0003f4280, {0x1d4ef50, 0xc000311f50})", "/src/cmd/worker.go:88", 0x2e4),
        at("created by main.main in goroutine 1", "/src/cmd/main.go:61", 0x3b1),
      ],
      rabbitmq: [
        at("main.(*worker).deliveries(0xc0003f4280, 0xc0000a6540)", "/src/cmd/worker.go:112", 0x1c9),
        at("created by main.main in goroutine 1", "/src/cmd/main.go:61", 0x3b1),
      ],
    },
  },
  print: (_thrown, _message, { inner, own, outer }) =>
    [
      `goroutine ${100 + ((own[0]!.line * 37) % 9000)} [running]:`,
      at(
        "go.opentelemetry.io/otel/sdk/trace.recordStackTrace()",
        `${MOD}/go.opentelemetry.io/otel/sdk@v1.38.0/trace/span.go:611`,
        0x45,
      ),
      at(
        "go.opentelemetry.io/otel/sdk/trace.(*recordingSpan).RecordError(...)",
        `${MOD}/go.opentelemetry.io/otel/sdk@v1.38.0/trace/span.go:550`,
        0x2ba,
      ),
      ...inner,
      ...own.map(({ functionName, file, line }) =>
        at(`${functionName}(...)`, `${file}:${line}`, 0x40 + ((line * 7) % 0x7c0)),
      ),
      ...outer,
    ].join("\n"),
};
