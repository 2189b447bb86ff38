/**
 * PHP: Symfony on FrankenPHP with the OpenTelemetry PHP extension and its auto-instrumentations.
 */
import { camel, type Frame, type Language, type Library, pascal, REASONS, type Stack } from "./language.ts";

const scope = (name: string): Library => ({ name: `io.opentelemetry.contrib.php.${name}`, version: "1.1.0" });

const VENDOR = "/app/vendor";

const SCOPES: Readonly<Record<string, string>> = {
  mongodb: "mongodb",
  redis: "ext_redis",
  elasticsearch: "psr18",
};

export const PHP: Language = {
  sdk: "php",
  sdkVersion: "1.9.0",
  runtime: { name: "cli", version: "8.4.13", description: "PHP 8.4.13 (cli) (NTS)" },
  process: () => ({
    executable: "frankenphp",
    path: "/usr/local/bin/frankenphp",
    arguments: ["run", "--config", "/etc/caddy/Caddyfile"],
    owner: "www-data",
    pid: 18,
  }),
  detected: [
    "process.pid",
    "process.owner",
    "process.executable.path",
    "process.command",
    "process.command_args",
    "process.runtime.name",
    "process.runtime.version",
    "host.arch",
    "os.type",
    "os.name",
    "os.version",
    "os.description",
  ],
  userAgent: "GuzzleHttp/7",
  rpcUserAgent: "grpc-php/1.74.0 grpc-c/48.0.0 (linux; chttp2)",
  ports: { http: 8080, grpc: 9001 },
  parameter: (name) => `{${name}}`,
  server: scope("symfony"),
  client: scope("guzzle"),
  rpcServer: scope("symfony"),
  rpcClient: scope("ext_grpc"),
  messaging: (system) => scope(system === "kafka" ? "ext_rdkafka" : "ext_amqp"),
  database: (system) => scope(SCOPES[system] ?? "pdo"),
  file: (_service, module) => `/app/src/Service/${pascal(module)}.php`,
  functionName: (_service, module, name) => `App\\Service\\${pascal(module)}::${camel(name)}`,
  domainFailure: (_service, name) => `App\\Exception\\${name}Exception`,
  runtimeErrors: [
    {
      type: "TypeError",
      message: "App\\Service\\Money::of(): Argument #1 ($cents) must be of type int, null given",
    },
    { type: "ErrorException", message: 'Warning: Undefined array key "currency"' },
    { type: "Doctrine\\ORM\\OptimisticLockException", message: "The optimistic lock on an entity failed." },
    { type: "JsonException", message: "Syntax error" },
    {
      type: "Symfony\\Component\\HttpKernel\\Exception\\UnprocessableEntityHttpException",
      message: "quantity: This value should be greater than 0.",
    },
  ],
  databaseError: (system, { code, kind, message }) => {
    if (system === "redis") return { type: "RedisException", message };
    if (system === "mongodb") return { type: "MongoDB\\Driver\\Exception\\CommandException", message };
    if (system === "elasticsearch")
      return {
        type: "Elastic\\Elasticsearch\\Exception\\ServerResponseException",
        message: `${code}: ${message}`,
      };
    return {
      type:
        kind === "duplicate"
          ? "Doctrine\\DBAL\\Exception\\UniqueConstraintViolationException"
          : kind === "deadlock"
            ? "Doctrine\\DBAL\\Exception\\DeadlockException"
            : kind === "timeout"
              ? "Doctrine\\DBAL\\Exception\\LockWaitTimeoutException"
              : "Doctrine\\DBAL\\Exception\\ConnectionLost",
      message: `An exception occurred while executing a query: SQLSTATE[HY000]: General error: ${code} ${message}`,
    };
  },
  httpError: (status, method) =>
    status === 0
      ? {
          type: "GuzzleHttp\\Exception\\ConnectException",
          message:
            "cURL error 7: Failed to connect to {host} port {port} after 0 ms: Couldn't connect to server (see https://curl.haxx.se/libcurl/c/libcurl-errors.html) for {target}",
        }
      : {
          type:
            status >= 500
              ? "GuzzleHttp\\Exception\\ServerException"
              : "GuzzleHttp\\Exception\\ClientException",
          message: `${status >= 500 ? "Server" : "Client"} error: \`${method} {target}\` resulted in a \`${status} ${REASONS[status] ?? ""}\` response`,
        },
  rpcError: (code, message) => ({ type: "App\\Grpc\\RpcException", message: `${code}: ${message}` }),
  brokerErrors: {
    kafka: [{ type: "RdKafka\\Exception", message: "Local: Message timed out" }],
    rabbitmq: [
      { type: "AMQPConnectionException", message: "Library error: a socket error occurred" },
      {
        type: "Symfony\\Component\\Messenger\\Exception\\TransportException",
        message:
          "Server connection error: 320, message: CONNECTION_FORCED - broker forced connection closure with reason 'shutdown'",
      },
    ],
  },
  frames: {
    http: [
      `${VENDOR}/symfony/http-kernel/HttpKernel.php(183): `,
      `${VENDOR}/symfony/http-kernel/HttpKernel.php(76): Symfony\\Component\\HttpKernel\\HttpKernel->handleRaw()`,
      `${VENDOR}/symfony/http-kernel/Kernel.php(182): Symfony\\Component\\HttpKernel\\HttpKernel->handle()`,
      `${VENDOR}/symfony/runtime/Runner/Symfony/HttpKernelRunner.php(35): Symfony\\Component\\HttpKernel\\Kernel->handle()`,
      `${VENDOR}/autoload_runtime.php(32): Symfony\\Component\\Runtime\\Runner\\Symfony\\HttpKernelRunner->run()`,
      "/app/public/index.php(5): require_once('/app/vendor/aut...')",
      "{main}",
    ],
    grpc: [
      `${VENDOR}/spiral/roadrunner-grpc/src/Invoker.php(52): `,
      `${VENDOR}/spiral/roadrunner-grpc/src/Server.php(93): Spiral\\RoadRunner\\GRPC\\Server->invoke()`,
      "{main}",
    ],
    database: {
      mongodb: [
        `${VENDOR}/mongodb/mongodb/src/Operation/[[Find.php(333): MongoDB\\Driver\\Server->executeQuery()|Update.php(204): MongoDB\\Driver\\Server->executeBulkWrite()]]`,
        "MongoDB\\Collection->[[find|updateOne]]()",
      ],
      redis: ["Redis->rawCommand()"],
      elasticsearch: [
        `${VENDOR}/elasticsearch/elasticsearch/src/Traits/ClientEndpointsTrait.php([[1804|1092]]): Elastic\\Elasticsearch\\Client->sendRequest()`,
        "Elastic\\Elasticsearch\\Client->[[search|index]]()",
      ],
      other: [
        `${VENDOR}/doctrine/dbal/src/Connection.php(1393): Doctrine\\DBAL\\Driver\\API\\MySQL\\ExceptionConverter->convert()`,
        `${VENDOR}/doctrine/dbal/src/Connection.php(1335): Doctrine\\DBAL\\Connection->handleDriverException()`,
        `${VENDOR}/doctrine/orm/src/[[Persisters/Entity/BasicEntityPersister.php(750): Doctrine\\DBAL\\Connection->executeQuery|UnitOfWork.php(1043): Doctrine\\ORM\\Persisters\\Entity\\BasicEntityPersister->executeInserts]]()`,
        "Doctrine\\ORM\\[[EntityRepository->findBy|EntityManager->flush]]()",
      ],
    },
    httpClient: {
      answered: [
        `${VENDOR}/guzzlehttp/guzzle/src/Middleware.php(72): GuzzleHttp\\Exception\\RequestException::create()`,
        `${VENDOR}/guzzlehttp/promises/src/Promise.php(209): GuzzleHttp\\Middleware::GuzzleHttp\\{closure}()`,
        `${VENDOR}/guzzlehttp/guzzle/src/Client.php(189): GuzzleHttp\\Promise\\Promise->wait()`,
        "GuzzleHttp\\Client->request()",
      ],
      unanswered: [
        `${VENDOR}/guzzlehttp/guzzle/src/Handler/CurlFactory.php(158): GuzzleHttp\\Handler\\CurlFactory::createRejection()`,
        `${VENDOR}/guzzlehttp/guzzle/src/Handler/CurlHandler.php(47): GuzzleHttp\\Handler\\CurlFactory::finish()`,
        `${VENDOR}/guzzlehttp/guzzle/src/Client.php(189): GuzzleHttp\\Promise\\Promise->wait()`,
        "GuzzleHttp\\Client->request()",
      ],
    },
    rpcClient: [
      `${VENDOR}/grpc/grpc/src/lib/UnaryCall.php(120): Grpc\\Call->startBatch()`,
      "Grpc\\UnaryCall->wait()",
    ],
    broker: [
      `${VENDOR}/symfony/amqp-messenger/Transport/AmqpSender.php(78): Symfony\\Component\\Messenger\\Bridge\\Amqp\\Transport\\Connection->publish()`,
      "Symfony\\Component\\Messenger\\MessageBus->dispatch()",
    ],
    worker: {
      kafka: [
        `${VENDOR}/symfony/messenger/Middleware/HandleMessageMiddleware.php(152): `,
        `${VENDOR}/symfony/messenger/Worker.php(175): Symfony\\Component\\Messenger\\MessageBus->dispatch()`,
        "/app/bin/console(18): Symfony\\Component\\Messenger\\Worker->run()",
        "{main}",
      ],
      rabbitmq: [
        `${VENDOR}/symfony/messenger/Middleware/HandleMessageMiddleware.php(152): `,
        `${VENDOR}/symfony/messenger/Worker.php(175): Symfony\\Component\\Messenger\\MessageBus->dispatch()`,
        "/app/bin/console(18): Symfony\\Component\\Messenger\\Worker->run()",
        "{main}",
      ],
    },
  },
  print: ({ type }, message, stack, cause) => {
    const below = cause?.stack ?? stack;
    const place = below.own[0]!;
    const from = PLACE.exec(below.inner[0] ?? "");
    const where = from ? `${from[1]}:${from[2]}` : `${place.file}:${place.line}`;
    return [
      ...(cause
        ? [
            `${cause.thrown.type}: ${cause.message} in ${where}`,
            "Stack trace:",
            ...numbered(frames(cause.stack, stack.own[0])),
            "",
            `Next ${type}: ${message} in ${stack.own[0]!.file}:${stack.own[0]!.line}`,
          ]
        : [`${type}: ${message} in ${where}`]),
      "Stack trace:",
      ...numbered(frames(stack, undefined)),
    ].join("\n");
  },
};

/** File and line of a frame. */
const PLACE = /^(.+)\((\d+)\): /;

const numbered = (lines: readonly string[]): string[] => lines.map((line, number) => `#${number} ${line}`);

/**
 * PHP prints where a function was called, and which one it was: the last line of a library's frames is called by the
 * program, the first of the server's calls the program.
 *
 * caller  who called the outermost of the program's own, where that is not the server
 */
function frames({ inner, own, outer }: Stack, caller: Frame | undefined): string[] {
  const [server = "", ...above] = outer;
  const called = inner.at(-1);
  const first = called ? [...inner.slice(0, -1), `${placeOf(own[0]!)}${called}`] : [];
  const ours = own.map((frame, place) => {
    const by = own[place + 1] ?? caller;
    return `${by ? placeOf(by) : server}${frame.functionName.replace("::", "->")}()`;
  });
  return [...first, ...ours, ...(outer.length > 0 ? above : ["{main}"])];
}

const placeOf = ({ file, line }: Frame): string => `${file}(${line}): `;
