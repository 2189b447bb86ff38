/**
 * Languages that services are written in: what their SDKs, libraries, routes and stack traces look like.
 */

/** An instrumentation library: name and version of an instrumentation scope. */
export interface Library {
  readonly name: string;
  readonly version: string;
}

export interface Language {
  /** `telemetry.sdk.language`. */
  readonly sdk: "java" | "nodejs" | "python" | "go" | "dotnet" | "ruby" | "rust" | "php";
  readonly sdkVersion: string;
  readonly runtime: { readonly name: string; readonly version: string };
  /** What its HTTP client calls itself. */
  readonly userAgent: string;
  /** A parameter in a route, as its web framework writes it. */
  readonly parameter: (name: string) => string;
  /** Libraries by what they trace. `database` gets the name of the database system. */
  readonly server: Library;
  readonly client: Library;
  readonly rpcServer: Library;
  readonly rpcClient: Library;
  readonly messaging: (system: "kafka" | "rabbitmq") => Library;
  /** Ports that its services usually listen on. */
  readonly ports: { readonly http: number; readonly grpc: number };
  readonly database: (system: string) => Library;
  /** File and function of a step of the program, as `code.file.path` and `code.function.name`. */
  readonly file: (service: string, module: string) => string;
  readonly functionName: (service: string, module: string, name: string) => string;
  /** Exceptions that its programs throw: type and message. */
  readonly exceptions: readonly { readonly type: string; readonly message: string }[];
  readonly stackTrace: (type: string, message: string, frames: readonly Frame[]) => string;
}

/** A place in a program. */
export interface Frame {
  readonly functionName: string;
  readonly file: string;
  readonly line: number;
}

const camel = (text: string): string =>
  text.replace(/[-_ ]+(\w)/g, (_, letter: string) => letter.toUpperCase());
const pascal = (text: string): string => camel(`-${text}`);
const snake = (text: string): string => text.replace(/[- ]+/g, "_");

const JAVA: Language = {
  sdk: "java",
  sdkVersion: "1.54.1",
  runtime: { name: "OpenJDK Runtime Environment", version: "21.0.8+9-LTS" },
  userAgent: "Java-http-client/21.0.8",
  parameter: (name) => `{${name}}`,
  server: { name: "io.opentelemetry.tomcat-10.0", version: "2.20.1-alpha" },
  client: { name: "io.opentelemetry.java-http-client", version: "2.20.1-alpha" },
  rpcServer: { name: "io.opentelemetry.grpc-1.6", version: "2.20.1-alpha" },
  rpcClient: { name: "io.opentelemetry.grpc-1.6", version: "2.20.1-alpha" },
  messaging: (system) => ({
    name: system === "kafka" ? "io.opentelemetry.kafka-clients-0.11" : "io.opentelemetry.rabbitmq-2.7",
    version: "2.20.1-alpha",
  }),
  ports: { http: 8080, grpc: 9090 },
  database: (system) => ({
    name:
      { redis: "io.opentelemetry.lettuce-5.1", mongodb: "io.opentelemetry.mongo-4.0" }[system] ??
      "io.opentelemetry.jdbc",
    version: "2.20.1-alpha",
  }),
  file: (_service, module) => `${pascal(module)}.java`,
  functionName: (service, module, name) =>
    `com.example.${camel(service).toLowerCase()}.${pascal(module)}.${camel(name)}`,
  exceptions: [
    { type: "java.lang.IllegalStateException", message: "No available instance for downstream call" },
    { type: "java.util.concurrent.TimeoutException", message: "Did not observe any item within 2000ms" },
    {
      type: "org.springframework.dao.DataAccessResourceFailureException",
      message: "Unable to acquire JDBC Connection",
    },
  ],
  stackTrace: (type, message, frames) =>
    [
      `${type}: ${message}`,
      ...frames.map(({ functionName, file, line }) => `\tat ${functionName}(${file}:${line})`),
    ].join("\n"),
};

const NODE: Language = {
  sdk: "nodejs",
  sdkVersion: "2.1.0",
  runtime: { name: "nodejs", version: "22.19.0" },
  userAgent: "axios/1.12.2",
  parameter: (name) => `:${name}`,
  server: { name: "@opentelemetry/instrumentation-http", version: "0.205.0" },
  client: { name: "@opentelemetry/instrumentation-http", version: "0.205.0" },
  rpcServer: { name: "@opentelemetry/instrumentation-grpc", version: "0.205.0" },
  rpcClient: { name: "@opentelemetry/instrumentation-grpc", version: "0.205.0" },
  messaging: (system) => ({
    name: `@opentelemetry/instrumentation-${system === "kafka" ? "kafkajs" : "amqplib"}`,
    version: "0.14.0",
  }),
  ports: { http: 3000, grpc: 50_051 },
  database: (system) => ({
    name: `@opentelemetry/instrumentation-${{ postgresql: "pg", mysql: "mysql2" }[system] ?? system}`,
    version: "0.57.0",
  }),
  file: (_service, module) => `/app/dist/${module}.js`,
  functionName: (_service, module, name) => `${pascal(module)}.${camel(name)}`,
  exceptions: [
    { type: "TypeError", message: "Cannot read properties of undefined (reading 'id')" },
    { type: "AxiosError", message: "timeout of 2000ms exceeded" },
    { type: "Error", message: "connect ECONNREFUSED" },
  ],
  stackTrace: (type, message, frames) =>
    [
      `${type}: ${message}`,
      ...frames.map(({ functionName, file, line }) => `    at ${functionName} (${file}:${line}:17)`),
    ].join("\n"),
};

const PYTHON: Language = {
  sdk: "python",
  sdkVersion: "1.37.0",
  runtime: { name: "cpython", version: "3.13.7" },
  userAgent: "python-httpx/0.28.1",
  parameter: (name) => `{${name}}`,
  server: { name: "opentelemetry.instrumentation.fastapi", version: "0.58b0" },
  client: { name: "opentelemetry.instrumentation.httpx", version: "0.58b0" },
  rpcServer: { name: "opentelemetry.instrumentation.grpc", version: "0.58b0" },
  rpcClient: { name: "opentelemetry.instrumentation.grpc", version: "0.58b0" },
  messaging: (system) => ({
    name: `opentelemetry.instrumentation.${system === "kafka" ? "confluent_kafka" : "pika"}`,
    version: "0.58b0",
  }),
  ports: { http: 8000, grpc: 50_051 },
  database: (system) => ({
    name: `opentelemetry.instrumentation.${{ postgresql: "psycopg", mysql: "mysqlclient", mongodb: "pymongo" }[system] ?? system}`,
    version: "0.58b0",
  }),
  file: (service, module) => `/srv/${snake(service)}/${snake(module)}.py`,
  functionName: (service, module, name) => `${snake(service)}.${snake(module)}.${snake(name)}`,
  exceptions: [
    { type: "ValueError", message: "invalid literal for int() with base 10: 'null'" },
    { type: "httpx.ReadTimeout", message: "The read operation timed out" },
    { type: "sqlalchemy.exc.OperationalError", message: "server closed the connection unexpectedly" },
  ],
  stackTrace: (type, message, frames) =>
    [
      "Traceback (most recent call last):",
      ...frames
        .toReversed()
        .map(
          ({ functionName, file, line }) =>
            `  File "${file}", line ${line}, in ${functionName.split(".").at(-1)}`,
        ),
      `${type}: ${message}`,
    ].join("\n"),
};

const GO: Language = {
  sdk: "go",
  sdkVersion: "1.38.0",
  runtime: { name: "go", version: "go1.25.1" },
  userAgent: "Go-http-client/1.1",
  parameter: (name) => `{${name}}`,
  server: { name: "go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp", version: "0.63.0" },
  client: { name: "go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp", version: "0.63.0" },
  rpcServer: {
    name: "go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc",
    version: "0.63.0",
  },
  rpcClient: {
    name: "go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc",
    version: "0.63.0",
  },
  messaging: (system) =>
    system === "kafka"
      ? { name: "github.com/twmb/franz-go/plugin/kotel", version: "1.6.0" }
      : { name: "github.com/rabbitmq/amqp091-go", version: "1.10.0" },
  ports: { http: 8080, grpc: 50_051 },
  database: (system) =>
    ({
      redis: { name: "github.com/redis/go-redis/extra/redisotel", version: "9.14.0" },
      mongodb: {
        name: "go.opentelemetry.io/contrib/instrumentation/go.mongodb.org/mongo-driver/v2/mongo/otelmongo",
        version: "0.63.0",
      },
    })[system] ?? { name: "github.com/XSAM/otelsql", version: "0.40.0" },
  file: (_service, module) => `/src/internal/${snake(module)}.go`,
  functionName: (service, module, name) =>
    `example.com/${service}/internal.(*${pascal(module)}).${pascal(name)}`,
  exceptions: [
    {
      type: "*url.Error",
      message: "context deadline exceeded (Client.Timeout exceeded while awaiting headers)",
    },
    { type: "*net.OpError", message: "dial tcp: connection refused" },
    { type: "*errors.errorString", message: "unexpected end of JSON input" },
  ],
  stackTrace: (_type, _message, frames) =>
    [
      "goroutine 4127 [running]:",
      ...frames.flatMap(({ functionName, file, line }) => [
        `${functionName}(...)`,
        `\t${file}:${line} +0x1c5`,
      ]),
    ].join("\n"),
};

/** Languages in the order in which services take them, round and round. */
export const LANGUAGES: readonly Language[] = [NODE, JAVA, GO, PYTHON];
