/**
 * Node.js: Express and @grpc/grpc-js with the OpenTelemetry auto-instrumentations.
 *
 * Its SDK takes an error's `code`, where there is one, as the exception's type (Span.recordException).
 */
import { grpcNumber } from "../../../otlp/grpc-codes.ts";
import { camel, type Language, pascal } from "./language.ts";

const VERSION = "0.205.0";

const SCOPES: Readonly<Record<string, string>> = {
  postgresql: "@opentelemetry/instrumentation-pg",
  mysql: "@opentelemetry/instrumentation-mysql2",
  mongodb: "@opentelemetry/instrumentation-mongodb",
  redis: "@opentelemetry/instrumentation-ioredis",
  "microsoft.sql_server": "@opentelemetry/instrumentation-tedious",
  elasticsearch: "@elastic/transport",
};

const PRINTED: Readonly<Record<string, string>> = {
  postgresql: "error",
  mysql: "Error",
  mongodb: "MongoServerError",
  redis: "ReplyError",
  "microsoft.sql_server": "RequestError",
  elasticsearch: "ResponseError",
};

const MYSQL_CODES: Readonly<Record<string, string>> = {
  1205: "ER_LOCK_WAIT_TIMEOUT",
  1213: "ER_LOCK_DEADLOCK",
  1062: "ER_DUP_ENTRY",
  3024: "ER_QUERY_TIMEOUT",
  2013: "PROTOCOL_CONNECTION_LOST",
  1040: "ER_CON_COUNT_ERROR",
};

export const NODE: Language = {
  sdk: "nodejs",
  sdkVersion: "2.1.0",
  runtime: { name: "nodejs", version: "22.19.0", description: "Node.js" },
  process: () => ({
    executable: "node",
    path: "/usr/local/bin/node",
    arguments: ["--import", "@opentelemetry/auto-instrumentations-node/register", "/app/dist/main.js"],
    owner: "node",
    pid: 1,
  }),
  detected: [
    "process.pid",
    "process.executable.name",
    "process.executable.path",
    "process.command",
    "process.command_args",
    "process.owner",
    "process.runtime.name",
    "process.runtime.version",
    "process.runtime.description",
    "host.arch",
  ],
  userAgent: "axios/1.12.2",
  rpcUserAgent: "grpc-node-js/1.14.0",
  ports: { http: 3000, grpc: 50_051 },
  parameter: (name) => `:${name}`,
  server: { name: "@opentelemetry/instrumentation-http", version: VERSION },
  client: { name: "@opentelemetry/instrumentation-http", version: VERSION },
  rpcServer: { name: "@opentelemetry/instrumentation-grpc", version: VERSION },
  rpcClient: { name: "@opentelemetry/instrumentation-grpc", version: VERSION },
  messaging: (system) => ({
    name: `@opentelemetry/instrumentation-${system === "kafka" ? "kafkajs" : "amqplib"}`,
    version: system === "kafka" ? "0.14.0" : "0.52.0",
  }),
  database: (system) => ({
    name: SCOPES[system]!,
    version: system === "elasticsearch" ? "9.1.2" : "0.57.0",
  }),
  file: (_service, module) => `/app/dist/${module}.js`,
  functionName: (_service, module, name) => `${pascal(module)}.${camel(name)}`,
  domainFailure: (_service, name) => `${name}Error`,
  runtimeErrors: [
    { type: "TypeError", message: "Cannot read properties of undefined (reading 'currency')" },
    { type: "TypeError", message: "items.map is not a function" },
    { type: "SyntaxError", message: "Unexpected token '<', \"<html>\\n<h\"... is not valid JSON" },
    { type: "RangeError", message: "Invalid time value" },
    {
      type: "ERR_INVALID_ARG_TYPE",
      printed: "TypeError",
      message: 'The "data" argument must be of type string or an instance of Buffer. Received undefined',
    },
    { type: "AbortError", message: "This operation was aborted" },
  ],
  databaseError: (system, { code, message }) => ({
    type:
      system === "mysql"
        ? MYSQL_CODES[code]!
        : system === "redis" || system === "elasticsearch"
          ? PRINTED[system]!
          : code,
    printed: PRINTED[system]!,
    message,
  }),
  httpError: (status) =>
    status === 0
      ? { type: "ECONNREFUSED", printed: "AxiosError", message: "connect ECONNREFUSED {host}:{port}" }
      : {
          type: status >= 500 ? "ERR_BAD_RESPONSE" : "ERR_BAD_REQUEST",
          printed: "AxiosError",
          message: `Request failed with status code ${status}`,
        },
  rpcError: (code, message) => ({
    type: String(grpcNumber(code)),
    printed: "Error",
    message: `${grpcNumber(code)} ${code}: ${message}`,
  }),
  brokerErrors: {
    kafka: [
      { type: "KafkaJSNumberOfRetriesExceeded", message: "This server does not host this topic-partition" },
      { type: "KafkaJSRequestTimeoutError", message: "Request Produce(key: 0, version: 7) timed out" },
      { type: "KafkaJSConnectionError", message: "Connection error: connect ECONNREFUSED {host}" },
    ],
    rabbitmq: [{ type: "IllegalOperationError", message: "Channel closed" }],
  },
  frames: {
    http: [
      "Layer.handleRequest (/app/node_modules/router/lib/layer.js:152:17)",
      "next (/app/node_modules/router/lib/route.js:157:13)",
      "Route.dispatch (/app/node_modules/router/lib/route.js:117:3)",
      "handle (/app/node_modules/router/index.js:435:11)",
      "router.handle (/app/node_modules/router/index.js:186:3)",
      "process.processTicksAndRejections (node:internal/process/task_queues:105:5)",
    ],
    grpc: [
      "handleUnary (/app/node_modules/@grpc/grpc-js/build/src/server.js:972:17)",
      "BaseServerInterceptingCall.onReceiveHalfClose (/app/node_modules/@grpc/grpc-js/build/src/server-interceptors.js:688:39)",
      "process.processTicksAndRejections (node:internal/process/task_queues:105:5)",
    ],
    database: {
      postgresql: [
        "Parser.parseErrorMessage (/app/node_modules/pg-protocol/dist/parser.js:285:98)",
        "Parser.handlePacket (/app/node_modules/pg-protocol/dist/parser.js:122:29)",
        "Parser.parse (/app/node_modules/pg-protocol/dist/parser.js:35:38)",
        "Socket.<anonymous> (/app/node_modules/pg-protocol/dist/index.js:11:42)",
        "Socket.emit (node:events:519:28)",
        "/app/node_modules/pg-pool/index.js:45:11",
      ],
      mysql: ["PromisePool.execute (/app/node_modules/mysql2/lib/promise/pool.js:54:22)"],
      mongodb: [
        "Connection.sendCommand (/app/node_modules/mongodb/lib/cmap/connection.js:305:27)",
        "Connection.command (/app/node_modules/mongodb/lib/cmap/connection.js:333:26)",
        "Server.command (/app/node_modules/mongodb/lib/sdam/server.js:170:40)",
        "executeOperation (/app/node_modules/mongodb/lib/operations/execute_operation.js:76:16)",
      ],
      redis: [
        "parseError (/app/node_modules/redis-parser/lib/parser.js:179:12)",
        "parseType (/app/node_modules/redis-parser/lib/parser.js:302:14)",
      ],
      other: [
        "SniffingTransport.request (/app/node_modules/@elastic/transport/lib/Transport.js:561:27)",
        "Client.[[SearchApi [as search] (/app/node_modules/@elastic/elasticsearch/lib/api/api/search.js:66:12)|IndexApi [as index] (/app/node_modules/@elastic/elasticsearch/lib/api/api/index.js:58:12)]]",
      ],
    },
    httpClient: {
      answered: [
        "settle (/app/node_modules/axios/dist/node/axios.cjs:2049:12)",
        "IncomingMessage.handleStreamEnd (/app/node_modules/axios/dist/node/axios.cjs:3166:11)",
        "IncomingMessage.emit (node:events:530:35)",
        "Axios.request (/app/node_modules/axios/dist/node/axios.cjs:4276:41)",
      ],
      unanswered: [
        "AxiosError.from (/app/node_modules/axios/dist/node/axios.cjs:863:14)",
        "RedirectableRequest.handleRequestError (/app/node_modules/axios/dist/node/axios.cjs:3182:25)",
        "ClientRequest.emit (node:events:518:28)",
        "Socket.socketErrorListener (node:_http_client:574:5)",
        "Axios.request (/app/node_modules/axios/dist/node/axios.cjs:4276:41)",
      ],
    },
    rpcClient: [
      "callErrorFromStatus (/app/node_modules/@grpc/grpc-js/build/src/call.js:32:19)",
      "Object.onReceiveStatus (/app/node_modules/@grpc/grpc-js/build/src/client.js:193:76)",
      "ServiceClientImpl.makeUnaryRequest (/app/node_modules/@grpc/grpc-js/build/src/client.js:161:32)",
    ],
    broker: [
      "createRetry (/app/node_modules/kafkajs/src/retry/index.js:43:18)",
      "sendMessages (/app/node_modules/kafkajs/src/producer/sendMessages.js:140:13)",
    ],
    worker: {
      kafka: [
        "Runner.processEachMessage (/app/node_modules/kafkajs/src/consumer/runner.js:231:9)",
        "onBatch (/app/node_modules/kafkajs/src/consumer/runner.js:447:9)",
        "Runner.handleBatch (/app/node_modules/kafkajs/src/consumer/runner.js:461:5)",
        "/app/node_modules/kafkajs/src/consumer/worker.js:29:9",
        "process.processTicksAndRejections (node:internal/process/task_queues:105:5)",
      ],
      rabbitmq: [
        "Channel.dispatchMessage (/app/node_modules/amqplib/lib/channel.js:483:9)",
        "BaseChannel.handleDelivery (/app/node_modules/amqplib/lib/channel.js:495:15)",
        "Connection.mainAccept [as accept] (/app/node_modules/amqplib/lib/connection.js:63:33)",
        "Socket.go (/app/node_modules/amqplib/lib/connection.js:486:48)",
      ],
    },
  },
  print: ({ type, printed }, message, { inner, own, outer }) =>
    [
      `${printed ?? type}: ${message}`,
      ...inner.map((line) => `    at ${line}`),
      ...own.map(({ functionName, file, line }, place) => {
        // What throws by itself has not been waited for.
        const waited = place > 0 || inner.length > 0 ? "async " : "";
        return `    at ${waited}${functionName} (${file}:${line}:${9 + (line % 40)})`;
      }),
      ...outer.map((line) => `    at ${line}`),
    ].join("\n"),
};
