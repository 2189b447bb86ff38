/**
 * Ruby: Rails on Puma, gruf, with the OpenTelemetry Ruby instrumentations.
 */
import { identifier, type Language, type Library, pascal, snake } from "./language.ts";

const scope = (name: string, version: string): Library => ({
  name: `OpenTelemetry::Instrumentation::${name}`,
  version,
});

const SCOPES: Readonly<Record<string, Library>> = {
  postgresql: scope("PG", "0.30.1"),
  mysql: scope("Mysql2", "0.29.1"),
  mongodb: scope("Mongo", "0.23.1"),
  redis: scope("Redis", "0.26.1"),
};

const GEMS = "/usr/local/bundle/ruby/3.4.0/gems";

const PG_CLASSES: Readonly<Record<string, string>> = {
  "57014": "PG::QueryCanceled",
  "40P01": "PG::TRDeadlockDetected",
  "23505": "PG::UniqueViolation",
  "55P03": "PG::LockNotAvailable",
  "57P01": "PG::AdminShutdown",
  "53300": "PG::TooManyConnections",
  "40001": "PG::TRSerializationFailure",
};

export const RUBY: Language = {
  sdk: "ruby",
  sdkVersion: "1.10.0",
  runtime: {
    name: "ruby",
    version: "3.4.6",
    description: "ruby 3.4.6 (2025-09-16 revision dbd83256b1) +YJIT +PRISM [{machine}-linux]",
  },
  process: () => ({
    executable: "ruby",
    path: "/usr/local/bin/ruby",
    arguments: ["/usr/local/bundle/bin/puma", "-C", "config/puma.rb"],
    owner: "rails",
    pid: 1,
  }),
  detected: [
    "process.pid",
    "process.command",
    "process.runtime.name",
    "process.runtime.version",
    "process.runtime.description",
  ],
  userAgent: "Faraday v2.14.0",
  rpcUserAgent: "grpc-ruby/1.75.0 grpc-c/49.0.0 (linux; chttp2)",
  ports: { http: 3000, grpc: 9001 },
  parameter: (name) => `:${name}`,
  server: scope("Rack", "0.27.1"),
  client: scope("Faraday", "0.28.0"),
  rpcServer: scope("Gruf", "0.5.1"),
  rpcClient: scope("Gruf", "0.5.1"),
  messaging: (system) => (system === "kafka" ? scope("RubyKafka", "0.22.1") : scope("Bunny", "0.22.1")),
  database: (system) => SCOPES[system] ?? scope("Faraday", "0.28.0"),
  file: (_service, module) => `/rails/app/services/${snake(module)}.rb`,
  functionName: (_service, module, name) => `${pascal(module)}#${snake(name)}`,
  domainFailure: (service, name) => `${pascal(identifier(service, "-").replace(/-service$/, ""))}::${name}`,
  runtimeErrors: [
    { type: "NoMethodError", message: "undefined method 'amount' for nil" },
    { type: "ActiveRecord::RecordNotFound", message: "Couldn't find Record with 'id'={n}" },
    { type: "ActiveRecord::StaleObjectError", message: "Attempted to update a stale object." },
    {
      type: "ActionController::ParameterMissing",
      message: "param is missing or the value is empty or invalid: quantity",
    },
    { type: "JSON::ParserError", message: "unexpected character: '<html>' at line 1 column 1" },
    {
      type: "ActiveRecord::ConnectionTimeoutError",
      message:
        "could not obtain a connection from the pool within 5.000 seconds (waited 5.00{n} seconds); all pooled connections were in use",
    },
  ],
  databaseError: (system, { code, message }) => {
    if (system === "postgresql") return { type: PG_CLASSES[code]!, message: `ERROR:  ${message}` };
    if (system === "mysql") return { type: "Mysql2::Error", message };
    if (system === "mongodb")
      return {
        type: "Mongo::Error::OperationFailure",
        message: `[${code}]: ${message} (on {host}:{port}, legacy retry, attempt 1)`,
      };
    return system === "redis"
      ? { type: "Redis::CommandError", message: `${message} (redis://{host}:{port}/0)` }
      : { type: "Elastic::Transport::Transport::Error", message: `[${code}] ${message}` };
  },
  httpError: (status, method) =>
    status === 0
      ? {
          type: "Faraday::ConnectionFailed",
          message:
            'Failed to open TCP connection to {host}:{port} (Connection refused - connect(2) for "{host}" port {port})',
        }
      : {
          type:
            status >= 500
              ? "Faraday::ServerError"
              : `Faraday::${({ 400: "BadRequestError", 401: "UnauthorizedError", 403: "ForbiddenError", 404: "ResourceNotFound", 409: "ConflictError", 422: "UnprocessableContentError", 429: "TooManyRequestsError" } as Record<number, string>)[status] ?? "ClientError"}`,
          message: `the server responded with status ${status} for ${method} {target}`,
        },
  rpcError: (code, message) => ({
    type: `GRPC::${pascal(code.toLowerCase())}`,
    message: `${GRPC_NUMBERS[code] ?? 2}:${message}. debug_error_string:{UNKNOWN:Error received from peer {host}:{port}}`,
  }),
  brokerErrors: {
    kafka: [{ type: "Kafka::DeliveryFailed", message: "Failed to send messages to {topic}/{partition}" }],
    rabbitmq: [
      {
        type: "Bunny::ConnectionClosedError",
        message:
          "Trying to send frame through a closed connection. Frame is #<AMQ::Protocol::MethodFrame:0x00007f0a1c2b{n}>",
      },
      { type: "Bunny::NetworkFailure", message: "Connection reset by peer" },
    ],
  },
  frames: {
    http: [
      `${GEMS}/actionpack-8.0.3/lib/action_controller/metal/basic_implicit_render.rb:8:in 'ActionController::BasicImplicitRender#send_action'`,
      `${GEMS}/actionpack-8.0.3/lib/abstract_controller/base.rb:226:in 'AbstractController::Base#process_action'`,
      `${GEMS}/activesupport-8.0.3/lib/active_support/callbacks.rb:120:in 'block in ActiveSupport::Callbacks#run_callbacks'`,
      `${GEMS}/actionpack-8.0.3/lib/action_controller/metal/rescue.rb:36:in 'ActionController::Rescue#process_action'`,
      `${GEMS}/actionpack-8.0.3/lib/action_dispatch/routing/route_set.rb:67:in 'ActionDispatch::Routing::RouteSet::Dispatcher#dispatch'`,
      `${GEMS}/rack-3.2.1/lib/rack/session/abstract/id.rb:274:in 'Rack::Session::Abstract::Persisted#context'`,
      `${GEMS}/puma-7.0.4/lib/puma/request.rb:104:in 'block in Puma::Request#handle_request'`,
      `${GEMS}/puma-7.0.4/lib/puma/thread_pool.rb:167:in 'block in Puma::ThreadPool#spawn_thread'`,
    ],
    grpc: [
      `${GEMS}/gruf-2.21.0/lib/gruf/controllers/base.rb:71:in 'block in Gruf::Controllers::Base#process_action'`,
      `${GEMS}/grpc-1.75.0/src/ruby/lib/grpc/generic/rpc_desc.rb:58:in 'GRPC::RpcDesc#handle_request_response'`,
      `${GEMS}/grpc-1.75.0/src/ruby/lib/grpc/generic/rpc_server.rb:441:in 'block in GRPC::RpcServer#loop_handle_server_calls'`,
    ],
    database: {
      postgresql: [
        `${GEMS}/activerecord-8.0.3/lib/active_record/connection_adapters/postgresql/database_statements.rb:160:in 'PG::Connection#exec_params'`,
        `${GEMS}/activerecord-8.0.3/lib/active_record/connection_adapters/abstract/database_statements.rb:594:in 'block in ActiveRecord::ConnectionAdapters::DatabaseStatements#raw_execute'`,
        `${GEMS}/activesupport-8.0.3/lib/active_support/notifications/instrumenter.rb:58:in 'ActiveSupport::Notifications::Instrumenter#instrument'`,
      ],
      mysql: [
        `${GEMS}/mysql2-0.5.7/lib/mysql2/client.rb:151:in 'Mysql2::Client#_query'`,
        `${GEMS}/activerecord-8.0.3/lib/active_record/connection_adapters/mysql2/database_statements.rb:85:in 'ActiveRecord::ConnectionAdapters::Mysql2::DatabaseStatements#perform_query'`,
      ],
      redis: [
        `${GEMS}/redis-client-0.26.0/lib/redis_client/connection_mixin.rb:37:in 'RedisClient::ConnectionMixin#call'`,
        `${GEMS}/redis-5.4.1/lib/redis/client.rb:90:in 'Redis::Client#call_v'`,
      ],
      elasticsearch: [
        `${GEMS}/elastic-transport-8.4.1/lib/elastic/transport/transport/base.rb:230:in 'Elastic::Transport::Transport::Base#__raise_transport_error'`,
        `${GEMS}/elastic-transport-8.4.1/lib/elastic/transport/transport/base.rb:350:in 'Elastic::Transport::Transport::Base#perform_request'`,
        `${GEMS}/elasticsearch-api-9.1.0/lib/elasticsearch/api/actions/[[search.rb:112:in 'Elasticsearch::API::Actions#search'|index.rb:71:in 'Elasticsearch::API::Actions#index']]`,
      ],
      other: [
        `${GEMS}/mongo-2.21.3/lib/mongo/operation/result.rb:355:in 'Mongo::Operation::Result#raise_operation_failure'`,
      ],
    },
    httpClient: {
      answered: [
        `${GEMS}/faraday-2.14.0/lib/faraday/response/raise_error.rb:61:in 'Faraday::Response::RaiseError#on_complete'`,
        `${GEMS}/faraday-2.14.0/lib/faraday/connection.rb:533:in 'Faraday::Connection#run_request'`,
      ],
      unanswered: [
        `/usr/local/lib/ruby/3.4.0/net/http.rb:1665:in 'TCPSocket#initialize'`,
        `/usr/local/lib/ruby/3.4.0/net/http.rb:1664:in 'Net::HTTP#connect'`,
        `${GEMS}/faraday-net_http-3.4.1/lib/faraday/adapter/net_http.rb:66:in 'Faraday::Adapter::NetHttp#call'`,
        `${GEMS}/faraday-2.14.0/lib/faraday/connection.rb:533:in 'Faraday::Connection#run_request'`,
      ],
    },
    rpcClient: [
      `${GEMS}/grpc-1.75.0/src/ruby/lib/grpc/generic/active_call.rb:29:in 'GRPC::ActiveCall.check_status'`,
      `${GEMS}/grpc-1.75.0/src/ruby/lib/grpc/generic/client_stub.rb:194:in 'block in GRPC::ClientStub#request_response'`,
    ],
    broker: [
      `${GEMS}/bunny-2.24.0/lib/bunny/transport.rb:137:in 'Bunny::Transport#write'`,
      `${GEMS}/bunny-2.24.0/lib/bunny/channel.rb:654:in 'Bunny::Channel#basic_publish'`,
    ],
    worker: {
      kafka: [
        `${GEMS}/ruby-kafka-1.5.0/lib/kafka/consumer.rb:239:in 'block (3 levels) in Kafka::Consumer#each_message'`,
        `${GEMS}/ruby-kafka-1.5.0/lib/kafka/consumer.rb:227:in 'Kafka::Consumer#each_message'`,
        `/rails/bin/worker:24:in '<main>'`,
      ],
      rabbitmq: [
        `${GEMS}/bunny-2.24.0/lib/bunny/consumer.rb:56:in 'Bunny::Consumer#call'`,
        `${GEMS}/bunny-2.24.0/lib/bunny/channel.rb:1800:in 'block in Bunny::Channel#handle_frameset'`,
        `${GEMS}/bunny-2.24.0/lib/bunny/consumer_work_pool.rb:101:in 'block in Bunny::ConsumerWorkPool#run_loop'`,
      ],
    },
  },
  print: ({ type }, message, { inner, own, outer }) => {
    const [first = "", ...rest] = [
      ...inner,
      ...own.map(({ functionName, file, line }) => `${file}:${line}:in '${functionName}'`),
      ...outer,
    ];
    return [`${first}: ${message} (${type})`, ...rest.map((line) => `\tfrom ${line}`)].join("\n");
  },
};

const GRPC_NUMBERS: Readonly<Record<string, number>> = {
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  INTERNAL: 13,
  UNAVAILABLE: 14,
};
