/**
 * Rust: axum and tonic with tracing-opentelemetry, whose scope is the program's own; errors print their chain of sources.
 */
import { identifier, type Language, snake } from "./language.ts";

const crateOf = (service: string): string => identifier(service, "_").replace(/_service$/, "");

const DATABASE_TYPES: Readonly<Record<string, string>> = {
  postgresql: "sqlx::Error",
  mysql: "sqlx::Error",
  "microsoft.sql_server": "tiberius::error::Error",
  mongodb: "mongodb::error::Error",
  elasticsearch: "elasticsearch::Error",
  redis: "redis::RedisError",
};

const REGISTRY = "/usr/local/cargo/registry/src/index.crates.io-1949cf8c6b5b557f";

export const RUST: Language = {
  sdk: "rust",
  sdkVersion: "0.31.0",
  runtime: { name: "rustc", version: "1.90.0", description: "rustc 1.90.0 (1159e78c4 2025-09-14)" },
  process: (service) => ({
    executable: service,
    path: `/usr/local/bin/${service}`,
    arguments: ["--config", "/etc/app/settings.toml"],
    owner: "nonroot",
    pid: 1,
  }),
  detected: ["process.pid", "process.command_args", "os.type"],
  userAgent: "reqwest/0.12.23",
  rpcUserAgent: "tonic/0.14.2",
  ports: { http: 8080, grpc: 50_051 },
  parameter: (name) => `{${name}}`,
  server: { name: "axum-tracing-opentelemetry", version: "0.32.0" },
  client: { name: "reqwest-tracing", version: "0.5.8" },
  rpcServer: { name: "tonic-tracing-opentelemetry", version: "0.32.0" },
  rpcClient: { name: "tonic-tracing-opentelemetry", version: "0.32.0" },
  messaging: (system) =>
    system === "kafka" ? { name: "rdkafka", version: "0.38.0" } : { name: "lapin", version: "3.7.0" },
  database: (system) =>
    ({
      redis: { name: "redis", version: "0.32.6" },
      mongodb: { name: "mongodb", version: "3.3.0" },
      elasticsearch: { name: "elasticsearch", version: "9.1.0-alpha.1" },
    })[system] ?? { name: "sqlx-tracing", version: "0.2.0" },
  file: (_service, module) => `src/${snake(module)}.rs`,
  functionName: (service, module, name) => `${crateOf(service)}::${snake(module)}::${snake(name)}`,
  domainFailure: (service, name) => `${crateOf(service)}::error::Error::${name}`,
  runtimeErrors: [
    { type: "tokio::time::error::Elapsed", message: "deadline has elapsed" },
    { type: "serde_json::Error", message: "missing field `currency` at line 1 column {n}" },
    { type: "std::num::ParseIntError", message: "invalid digit found in string" },
    { type: "tokio::sync::TryAcquireError", message: "no permits available" },
    { type: "core::panicking::panic", message: "called `Option::unwrap()` on a `None` value" },
  ],
  databaseError: (system, { message }) => ({
    type: DATABASE_TYPES[system] ?? "sqlx::Error",
    message:
      system === "redis"
        ? `An error was signalled by the server - ResponseError: ${message}`
        : DATABASE_TYPES[system] === "sqlx::Error"
          ? `error returned from database: ${message}`
          : message,
  }),
  httpError: (status) =>
    status === 0
      ? {
          type: "reqwest::Error",
          message:
            "error sending request for url ({target}): tcp connect error: Connection refused (os error 111)",
        }
      : {
          type: "reqwest::Error",
          message: `HTTP status ${status >= 500 ? "server" : "client"} error (${status}) for url ({target})`,
        },
  rpcError: (code, message) => ({
    type: "tonic::Status",
    message: `code: '${code.toLowerCase().replaceAll("_", " ")}', message: "${message}"`,
  }),
  brokerErrors: {
    kafka: [
      {
        type: "rdkafka::error::KafkaError",
        message: "Message production error: MessageTimedOut (Local: Message timed out)",
      },
      {
        type: "rdkafka::error::KafkaError",
        message: "Message production error: NotLeaderForPartition (Broker: Not leader for partition)",
      },
    ],
    rabbitmq: [{ type: "lapin::Error", message: "invalid connection state: Closed" }],
  },
  frames: {
    http: [
      `<axum::handler::future::IntoServiceFuture<F> as core::future::future::Future>::poll\n             at ${REGISTRY}/axum-0.8.4/src/handler/future.rs:40:5`,
      `<hyper_util::server::conn::auto::UpgradeableConnection<I,S,E> as core::future::future::Future>::poll\n             at ${REGISTRY}/hyper-util-0.1.17/src/server/conn/auto/mod.rs:669:36`,
      `tokio::runtime::task::raw::poll\n             at ${REGISTRY}/tokio-1.47.1/src/runtime/task/raw.rs:287:5`,
      `tokio::runtime::scheduler::multi_thread::worker::Context::run_task\n             at ${REGISTRY}/tokio-1.47.1/src/runtime/scheduler/multi_thread/worker.rs:574:18`,
    ],
    grpc: [
      `tonic::server::grpc::Grpc<T>::unary::{{closure}}\n             at ${REGISTRY}/tonic-0.14.2/src/server/grpc.rs:251:14`,
      `tokio::runtime::task::raw::poll\n             at ${REGISTRY}/tokio-1.47.1/src/runtime/task/raw.rs:287:5`,
      `tokio::runtime::scheduler::multi_thread::worker::Context::run_task\n             at ${REGISTRY}/tokio-1.47.1/src/runtime/scheduler/multi_thread/worker.rs:574:18`,
    ],
    database: {
      redis: [
        `redis::aio::multiplexed_connection::MultiplexedConnection::send_packed_command::{{closure}}\n             at ${REGISTRY}/redis-0.32.6/src/aio/multiplexed_connection.rs:647:30`,
      ],
      mongodb: [
        `mongodb::client::executor::<impl mongodb::client::Client>::execute_operation_on_connection::{{closure}}\n             at ${REGISTRY}/mongodb-3.3.0/src/client/executor.rs:598:13`,
      ],
      elasticsearch: [
        `elasticsearch::http::response::Response::error_for_status_code\n             at ${REGISTRY}/elasticsearch-9.1.0-alpha.1/src/http/response.rs:103:21`,
      ],
      other: [
        `sqlx_core::pool::executor::<impl sqlx_core::executor::Executor for &sqlx_core::pool::Pool<DB>>::fetch_many::{{closure}}\n             at ${REGISTRY}/sqlx-core-0.8.6/src/pool/executor.rs:45:13`,
        `sqlx_core::query::Query<DB,A>::[[fetch_optional|execute]]::{{closure}}\n             at ${REGISTRY}/sqlx-core-0.8.6/src/query.rs:[[265:57|173:36]]`,
      ],
    },
    httpClient: {
      answered: [
        `reqwest::async_impl::response::Response::error_for_status\n             at ${REGISTRY}/reqwest-0.12.23/src/async_impl/response.rs:414:17`,
      ],
      unanswered: [
        `<reqwest::async_impl::client::PendingRequest as core::future::future::Future>::poll\n             at ${REGISTRY}/reqwest-0.12.23/src/async_impl/client.rs:2864:40`,
        `reqwest::async_impl::request::RequestBuilder::send::{{closure}}\n             at ${REGISTRY}/reqwest-0.12.23/src/async_impl/request.rs:525:46`,
      ],
    },
    rpcClient: [
      `tonic::client::grpc::Grpc<T>::unary::{{closure}}\n             at ${REGISTRY}/tonic-0.14.2/src/client/grpc.rs:232:14`,
    ],
    broker: [
      `rdkafka::producer::future_producer::FutureProducer<C,R,Part>::send::{{closure}}\n             at ${REGISTRY}/rdkafka-0.38.0/src/producer/future_producer.rs:340:29`,
    ],
    worker: {
      kafka: [
        `rdkafka::consumer::stream_consumer::StreamConsumer<C,R>::recv::{{closure}}\n             at ${REGISTRY}/rdkafka-0.38.0/src/consumer/stream_consumer.rs:357:28`,
        `tokio::runtime::task::raw::poll\n             at ${REGISTRY}/tokio-1.47.1/src/runtime/task/raw.rs:287:5`,
      ],
      rabbitmq: [
        `<lapin::consumer::Consumer as futures_core::stream::Stream>::poll_next\n             at ${REGISTRY}/lapin-3.7.0/src/consumer.rs:391:9`,
        `tokio::runtime::task::raw::poll\n             at ${REGISTRY}/tokio-1.47.1/src/runtime/task/raw.rs:287:5`,
      ],
    },
  },
  print: (_thrown, message, { inner, own, outer }, cause) => {
    const frames = [
      ...inner,
      ...own.map(
        ({ functionName, file, line }) =>
          `${functionName}::{{closure}}\n             at ./${file}:${line}:${5 + (line % 30)}`,
      ),
      ...outer,
    ];
    return [
      `Error: ${message}`,
      ...(cause ? ["", "Caused by:", `    0: ${cause.message}`] : []),
      "",
      "Stack backtrace:",
      ...frames.map((frame, place) => `${String(place).padStart(4)}: ${frame}`),
    ].join("\n");
  },
};
