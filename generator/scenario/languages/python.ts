/**
 * Python: FastAPI on uvicorn, grpcio, with the OpenTelemetry Python instrumentations.
 */
import { identifier, type Language, type Library, REASONS, type Stack, snake } from "./language.ts";

const VERSION = "0.58b0";
const scope = (name: string): Library => ({
  name: `opentelemetry.instrumentation.${name}`,
  version: VERSION,
});

const SCOPES: Readonly<Record<string, string>> = {
  postgresql: "psycopg",
  mysql: "mysqlclient",
  mongodb: "pymongo",
  redis: "redis",
  "microsoft.sql_server": "sqlalchemy",
  elasticsearch: "elasticsearch",
};

const SQL_ERRORS = {
  timeout: "OperationalError",
  deadlock: "OperationalError",
  duplicate: "IntegrityError",
  connection: "OperationalError",
  overload: "OperationalError",
} as const;

const PSYCOPG_ERRORS: Readonly<Record<string, string>> = {
  "57014": "QueryCanceled",
  "40P01": "DeadlockDetected",
  "23505": "UniqueViolation",
  "55P03": "LockNotAvailable",
  "57P01": "AdminShutdown",
  "53300": "TooManyConnections",
  "40001": "SerializationFailure",
};

const REDIS_ERRORS: Readonly<Record<string, string>> = {
  LOADING: "BusyLoadingError",
  OOM: "OutOfMemoryError",
  READONLY: "ReadOnlyError",
  CLUSTERDOWN: "ClusterDownError",
  MISCONF: "ResponseError",
};

const packageOf = (service: string): string => identifier(service, "_").replace(/_service$/, "");
const SITE = "/usr/local/lib/python3.13/site-packages";

/** A file's frame with the line of code below it. */
const at = (place: string, line: number, name: string, code: string): string =>
  `  File "${place}", line ${line}, in ${name}\n    ${code}`;

/** The line of code that uses a library, by what it is for. */
const USES: Readonly<Record<string, string>> = {
  postgresql: "await cursor.execute(query, parameters)",
  mysql: "cursor.execute(query, parameters)",
  mongodb: "return operation(self._collection, *arguments)",
  redis: "return await self._redis.execute_command(*command)",
  elasticsearch: "return await operation(self._client, index=INDEX)",
  "http answer": "response.raise_for_status()",
  http: "response = await self._client.request(method, path, json=body)",
  rpc: "return await call(request, timeout=TIMEOUT)",
  broker: "self._producer.produce(topic, value=payload, on_delivery=self._delivered)",
};

function frames({ inner, library, own, outer }: Stack): string[] {
  const ours = own.map(({ functionName, file, line }, place) => {
    const below = own[place - 1];
    const code = below
      ? `result = await self._${below.file.split("/").at(-1)!.replace(".py", "")}.${below.functionName.split(".").at(-1)}(request)`
      : (USES[library] ?? "raise error");
    return at(file, line, functionName.split(".").at(-1)!, code);
  });
  // Python prints the outermost frame first.
  return [...outer.toReversed(), ...ours.toReversed(), ...inner.toReversed()];
}

export const PYTHON: Language = {
  sdk: "python",
  sdkVersion: "1.37.0",
  runtime: {
    name: "cpython",
    version: "3.13.7",
    description: "3.13.7 (main, Aug 15 2025, 21:07:31) [GCC 12.2.0]",
  },
  process: (service) => ({
    executable: "python3.13",
    path: "/usr/local/bin/python3.13",
    arguments: [
      "/usr/local/bin/uvicorn",
      `${packageOf(service)}.main:app`,
      "--host",
      "0.0.0.0",
      "--port",
      "8000",
    ],
    owner: "app",
    pid: 7,
  }),
  detected: [
    "process.pid",
    "process.runtime.name",
    "process.runtime.version",
    "process.runtime.description",
    "os.type",
    "os.version",
  ],
  userAgent: "python-httpx/0.28.1",
  rpcUserAgent: "grpc-python-asyncio/1.75.1 grpc-c/49.0.0 (linux; chttp2)",
  ports: { http: 8000, grpc: 50_051 },
  parameter: (name) => `{${name}}`,
  server: scope("fastapi"),
  client: scope("httpx"),
  rpcServer: scope("grpc"),
  rpcClient: scope("grpc"),
  messaging: (system) => scope(system === "kafka" ? "confluent_kafka" : "pika"),
  database: (system) => scope(SCOPES[system]!),
  file: (service, module) => `/app/${packageOf(service)}/${snake(module)}.py`,
  functionName: (service, module, name) => `${packageOf(service)}.${snake(module)}.${snake(name)}`,
  domainFailure: (service, name) => `${packageOf(service)}.errors.${name}Error`,
  runtimeErrors: [
    { type: "KeyError", message: "'currency'" },
    { type: "AttributeError", message: "'NoneType' object has no attribute 'id'" },
    { type: "ValueError", message: "invalid literal for int() with base 10: 'null'" },
    { type: "TimeoutError", message: "" },
    {
      type: "pydantic_core._pydantic_core.ValidationError",
      message:
        "1 validation error for Request\nquantity\n  Input should be greater than 0 [type=greater_than, input_value=-{n}, input_type=int]",
    },
    { type: "asyncio.exceptions.CancelledError", message: "Cancelled via cancel scope 7f3e5c1b{n}" },
  ],
  databaseError: (system, { code, kind, message }) => {
    switch (system) {
      case "postgresql":
        return { type: `psycopg.errors.${PSYCOPG_ERRORS[code]!}`, message };
      case "mysql":
        return {
          type: `MySQLdb.${SQL_ERRORS[kind]}`,
          message: `(${code}, '${message.replaceAll("'", "\\'")}')`,
        };
      case "mongodb":
        return {
          type:
            kind === "duplicate"
              ? "pymongo.errors.DuplicateKeyError"
              : kind === "timeout"
                ? "pymongo.errors.ExecutionTimeout"
                : "pymongo.errors.OperationFailure",
          message,
        };
      case "redis":
        return { type: `redis.exceptions.${REDIS_ERRORS[code]!}`, message: message.replace(/^[A-Z]+ /, "") };
      case "elasticsearch":
        return { type: "elasticsearch.ApiError", message: `ApiError(${code}, '${message}')` };
      default:
        return {
          type: `sqlalchemy.exc.${SQL_ERRORS[kind]}`,
          message: `(pyodbc.Error) ('HY000', "${message}")`,
        };
    }
  },
  httpError: (status) =>
    status === 0
      ? { type: "httpx.ConnectError", message: "[Errno 111] Connection refused" }
      : {
          type: "httpx.HTTPStatusError",
          message: `${status >= 500 ? "Server" : "Client"} error '${status} ${REASONS[status] ?? ""}' for url '{target}'\nFor more information check: https://developer.mozilla.org/en-US/docs/Web/HTTP/Status/${status}`,
        },
  rpcError: (code, message) => ({
    type: "grpc.aio._call.AioRpcError",
    message: `<AioRpcError of RPC that terminated with:\n\tstatus = StatusCode.${code}\n\tdetails = "${message}"\n>`,
  }),
  brokerErrors: {
    kafka: [
      {
        type: "cimpl.KafkaException",
        message: 'KafkaError{code=_MSG_TIMED_OUT,val=-192,str="Local: Message timed out"}',
      },
      {
        type: "cimpl.KafkaException",
        message: 'KafkaError{code=NOT_LEADER_FOR_PARTITION,val=6,str="Broker: Not leader for partition"}',
      },
    ],
    rabbitmq: [
      {
        type: "pika.exceptions.StreamLostError",
        message: "Stream connection lost: ConnectionResetError(104, 'Connection reset by peer')",
      },
    ],
  },
  frames: {
    http: [
      at(`${SITE}/fastapi/routing.py`, 214, "run_endpoint_function", "return await dependant.call(**values)"),
      at(`${SITE}/fastapi/routing.py`, 303, "app", "raw_response = await run_endpoint_function("),
      at(`${SITE}/starlette/routing.py`, 288, "handle", "await self.app(scope, receive, send)"),
      at(`${SITE}/starlette/_exception_handler.py`, 42, "wrapped_app", "await app(scope, receive, sender)"),
      at(
        `${SITE}/opentelemetry/instrumentation/asgi/__init__.py`,
        764,
        "__call__",
        "await self.app(scope, otel_receive, otel_send)",
      ),
    ],
    grpc: [
      at(
        `${SITE}/opentelemetry/instrumentation/grpc/_aio_server.py`,
        93,
        "_unary_interceptor",
        "return await behavior(request_or_iterator, context)",
      ),
      at(
        `src/python/grpcio/grpc/_cython/_cygrpc/aio/server.pyx.pxi`,
        686,
        "_handle_exceptions",
        "await rpc_coro",
      ),
    ],
    database: {
      postgresql: [
        at(`${SITE}/psycopg/cursor_async.py`, 97, "execute", "raise ex.with_traceback(None)"),
        at(
          `${SITE}/opentelemetry/instrumentation/dbapi/__init__.py`,
          611,
          "traced_execution_async",
          "return await query_method(*args, **kwargs)",
        ),
      ],
      mysql: [
        at(`${SITE}/MySQLdb/connections.py`, 280, "query", "_mysql.connection.query(self, query)"),
        at(`${SITE}/MySQLdb/cursors.py`, 179, "execute", "res = self._query(mogrified_query)"),
      ],
      mongodb: [
        at(
          `${SITE}/pymongo/helpers_shared.py`,
          250,
          "_check_command_response",
          "raise OperationFailure(errmsg, code, response, max_wire_version)",
        ),
        at(
          `${SITE}/pymongo/synchronous/mongo_client.py`,
          1964,
          "[[_retryable_read|_retryable_write]]",
          "return self._retry_internal(",
        ),
      ],
      redis: [
        at(`${SITE}/redis/asyncio/connection.py`, 572, "read_response", "raise response from None"),
        at(
          `${SITE}/redis/asyncio/client.py`,
          677,
          "execute_command",
          "return await conn.retry.call_with_retry(",
        ),
      ],
      other: [
        at(
          `${SITE}/elasticsearch/_async/client/_base.py`,
          320,
          "_perform_request",
          "raise HTTP_EXCEPTIONS.get(meta.status, ApiError)(",
        ),
        at(
          `${SITE}/elasticsearch/_async/client/__init__.py`,
          4071,
          "[[search|index]]",
          "return await self.perform_request(",
        ),
      ],
    },
    httpClient: {
      answered: [
        at(
          `${SITE}/httpx/_models.py`,
          829,
          "raise_for_status",
          "raise HTTPStatusError(message, request=request, response=self)",
        ),
      ],
      unanswered: [
        at(
          `${SITE}/httpx/_transports/default.py`,
          118,
          "map_httpcore_exceptions",
          "raise mapped_exc(message) from exc",
        ),
        at(
          `${SITE}/httpx/_transports/default.py`,
          393,
          "handle_async_request",
          "with map_httpcore_exceptions():",
        ),
        at(`${SITE}/httpx/_client.py`, 1629, "send", "response = await self._send_handling_auth("),
        at(`${SITE}/httpx/_client.py`, 1540, "request", "return await self.send(request, auth=auth)"),
      ],
    },
    rpcClient: [
      at(`${SITE}/grpc/aio/_call.py`, 327, "__await__", "raise _create_rpc_error("),
      at(`${SITE}/grpc/aio/_interceptor.py`, 474, "_invoke", "return await self._call"),
    ],
    broker: [
      at(
        `${SITE}/confluent_kafka/serializing_producer.py`,
        163,
        "produce",
        "super(SerializingProducer, self).produce(topic, value, key)",
      ),
    ],
    worker: {
      kafka: [
        at(
          `${SITE}/opentelemetry/instrumentation/confluent_kafka/__init__.py`,
          192,
          "poll",
          "return ConfluentKafkaInstrumentor.wrap_poll(",
        ),
        at("/usr/local/lib/python3.13/asyncio/runners.py", 195, "run", "return runner.run(main)"),
      ],
      rabbitmq: [
        at(
          `${SITE}/pika/adapters/blocking_connection.py`,
          1845,
          "start_consuming",
          "self._process_data_events(time_limit=None)",
        ),
        at(
          `${SITE}/opentelemetry/instrumentation/pika/utils.py`,
          94,
          "decorated_callback",
          "retval = callback(channel, method, properties, body)",
        ),
      ],
    },
  },
  print: ({ type }, message, stack, cause) =>
    [
      ...(cause
        ? [
            "Traceback (most recent call last):",
            ...frames(cause.stack),
            `${cause.thrown.type}: ${cause.message}`,
            "\nThe above exception was the direct cause of the following exception:\n",
          ]
        : []),
      "Traceback (most recent call last):",
      ...frames(stack),
      message ? `${type}: ${message}` : type,
    ].join("\n"),
};
