/**
 * Java: Spring Boot on Tomcat with the OpenTelemetry Java agent.
 */
import type { DatabaseFailure } from "../database-failures.ts";
import { camel, identifier, type Language, type Library, pascal, REASONS, type Stack } from "./language.ts";

const AGENT = "2.20.1";
const scope = (name: string): Library => ({ name: `io.opentelemetry.${name}`, version: `${AGENT}-alpha` });
const packageOf = (service: string): string =>
  `com.example.${identifier(service, "").replace(/service$/, "")}`;

const SCOPES: Readonly<Record<string, string>> = {
  redis: "lettuce-5.1",
  mongodb: "mongo-4.0",
  elasticsearch: "elasticsearch-api-client-7.16",
};

const DATABASE_CLASSES: Readonly<Record<string, Readonly<Record<DatabaseFailure["kind"], string>>>> = {
  postgresql: every("org.postgresql.util.PSQLException"),
  mysql: {
    timeout: "com.mysql.cj.jdbc.exceptions.MySQLTransactionRollbackException",
    deadlock: "com.mysql.cj.jdbc.exceptions.MySQLTransactionRollbackException",
    duplicate: "java.sql.SQLIntegrityConstraintViolationException",
    connection: "com.mysql.cj.jdbc.exceptions.CommunicationsException",
    overload: "java.sql.SQLNonTransientConnectionException",
  },
  "microsoft.sql_server": every("com.microsoft.sqlserver.jdbc.SQLServerException"),
  mongodb: {
    timeout: "com.mongodb.MongoExecutionTimeoutException",
    deadlock: "com.mongodb.MongoCommandException",
    duplicate: "com.mongodb.DuplicateKeyException",
    connection: "com.mongodb.MongoNotPrimaryException",
    overload: "com.mongodb.MongoCommandException",
  },
  elasticsearch: every("co.elastic.clients.elasticsearch._types.ElasticsearchException"),
  redis: every("io.lettuce.core.RedisCommandExecutionException"),
};

function every(type: string): Readonly<Record<DatabaseFailure["kind"], string>> {
  return { timeout: type, deadlock: type, duplicate: type, connection: type, overload: type };
}

function lines({ inner, own, outer }: Stack): string[] {
  return [
    ...inner.map((line) => `\tat ${line}`),
    ...own.map(({ functionName, file, line }) => `\tat ${functionName}(${file}:${line})`),
    ...outer.map((line) => `\tat ${line}`),
  ];
}

export const JAVA: Language = {
  sdk: "java",
  sdkVersion: "1.54.1",
  distro: { name: "opentelemetry-java-instrumentation", version: AGENT },
  runtime: {
    name: "OpenJDK Runtime Environment",
    version: "21.0.8+9-LTS",
    description: "Eclipse Adoptium OpenJDK 64-Bit Server VM 21.0.8+9-LTS",
  },
  process: () => ({
    executable: "java",
    path: "/opt/java/openjdk/bin/java",
    arguments: [
      "-javaagent:/otel/opentelemetry-javaagent.jar",
      "-XX:MaxRAMPercentage=75.0",
      "-jar",
      "/app/app.jar",
    ],
    owner: "app",
    pid: 1,
  }),
  detected: [
    "process.pid",
    "process.executable.path",
    "process.command_args",
    "process.runtime.name",
    "process.runtime.version",
    "process.runtime.description",
    "host.arch",
    "os.type",
    "os.description",
  ],
  userAgent: "Java-http-client/21.0.8",
  rpcUserAgent: "grpc-java-netty/1.75.0",
  ports: { http: 8080, grpc: 9090 },
  parameter: (name) => `{${name}}`,
  server: scope("tomcat-10.0"),
  client: scope("java-http-client"),
  rpcServer: scope("grpc-1.6"),
  rpcClient: scope("grpc-1.6"),
  messaging: (system) => scope(system === "kafka" ? "kafka-clients-0.11" : "rabbitmq-2.7"),
  database: (system) => scope(SCOPES[system] ?? "jdbc"),
  file: (_service, module) => `${pascal(module)}.java`,
  functionName: (service, module, name) => `${packageOf(service)}.${pascal(module)}.${camel(name)}`,
  domainFailure: (service, name) => `${packageOf(service)}.domain.${name}Exception`,
  runtimeErrors: [
    {
      type: "java.lang.NullPointerException",
      message: 'Cannot invoke "java.math.BigDecimal.add(java.math.BigDecimal)" because "amount" is null',
    },
    {
      type: "java.lang.IllegalStateException",
      message: "Duplicate key {sku} (attempted merging values {n} and {count})",
    },
    {
      type: "java.util.concurrent.TimeoutException",
      message: "Did not observe any item or terminal signal within 2000ms in 'flatMap'",
    },
    {
      type: "java.util.concurrent.RejectedExecutionException",
      message:
        "Task rejected from ThreadPoolExecutor[Running, pool size = 16, active threads = 16, queued tasks = 256, completed tasks = {bytes}]",
    },
    {
      type: "org.springframework.dao.OptimisticLockingFailureException",
      message: "Batch update returned unexpected row count from update [0]; actual row count: 0; expected: 1",
    },
  ],
  databaseError: (system, { kind, message }) => ({
    type: DATABASE_CLASSES[system]?.[kind] ?? "java.sql.SQLException",
    message: system === "postgresql" ? `ERROR: ${message}` : message,
  }),
  httpError: (status) =>
    status === 0
      ? { type: "java.net.ConnectException", message: "Connection refused: {host}:{port}" }
      : {
          type:
            status >= 500
              ? `org.springframework.web.client.HttpServerErrorException$${(REASONS[status] ?? "ServerError").replaceAll(" ", "")}`
              : `org.springframework.web.client.HttpClientErrorException$${(REASONS[status] ?? "ClientError").replaceAll(" ", "")}`,
          message: `${status} ${REASONS[status] ?? ""}: "{"error":"${(REASONS[status] ?? "error").toLowerCase()}"}"`,
        },
  rpcError: (code, message) => ({ type: "io.grpc.StatusRuntimeException", message: `${code}: ${message}` }),
  brokerErrors: {
    kafka: [
      {
        type: "org.apache.kafka.common.errors.TimeoutException",
        message: "Expiring {n} record(s) for {topic}-{partition}:120000 ms has passed since batch creation",
      },
      {
        type: "org.apache.kafka.common.errors.NotLeaderOrFollowerException",
        message:
          "For requests intended only for the leader, this error indicates that the broker is not the current leader.",
      },
    ],
    rabbitmq: [
      {
        type: "com.rabbitmq.client.AlreadyClosedException",
        message: "connection is already closed due to connection error; cause: java.io.EOFException",
      },
    ],
  },
  frames: {
    http: [
      "java.base/jdk.internal.reflect.DirectMethodHandleAccessor.invoke(DirectMethodHandleAccessor.java:103)",
      "java.base/java.lang.reflect.Method.invoke(Method.java:580)",
      "org.springframework.web.method.support.InvocableHandlerMethod.doInvoke(InvocableHandlerMethod.java:258)",
      "org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerAdapter.invokeHandlerMethod(RequestMappingHandlerAdapter.java:986)",
      "org.springframework.web.servlet.DispatcherServlet.doDispatch(DispatcherServlet.java:1089)",
      "org.springframework.web.servlet.FrameworkServlet.service(FrameworkServlet.java:885)",
      "jakarta.servlet.http.HttpServlet.service(HttpServlet.java:658)",
      "org.apache.catalina.core.ApplicationFilterChain.doFilter(ApplicationFilterChain.java:128)",
      "org.apache.catalina.connector.CoyoteAdapter.service(CoyoteAdapter.java:344)",
      "org.apache.coyote.http11.Http11Processor.service(Http11Processor.java:397)",
      "org.apache.tomcat.util.net.NioEndpoint$SocketProcessor.doRun(NioEndpoint.java:1769)",
      "org.apache.tomcat.util.threads.ThreadPoolExecutor.runWorker(ThreadPoolExecutor.java:1190)",
      "java.base/java.lang.Thread.run(Thread.java:1583)",
    ],
    grpc: [
      "io.grpc.stub.ServerCalls$UnaryServerCallHandler$UnaryServerCallListener.onHalfClose(ServerCalls.java:182)",
      "io.grpc.PartialForwardingServerCallListener.onHalfClose(PartialForwardingServerCallListener.java:35)",
      "io.grpc.internal.ServerCallImpl$ServerStreamListenerImpl.halfClosed(ServerCallImpl.java:356)",
      "io.grpc.internal.ServerImpl$JumpToApplicationThreadServerStreamListener$1HalfClosed.runInContext(ServerImpl.java:861)",
      "io.grpc.internal.SerializingExecutor.run(SerializingExecutor.java:133)",
      "java.base/java.util.concurrent.ThreadPoolExecutor.runWorker(ThreadPoolExecutor.java:1144)",
      "java.base/java.lang.Thread.run(Thread.java:1583)",
    ],
    database: {
      postgresql: [
        "org.postgresql.core.v3.QueryExecutorImpl.receiveErrorResponse(QueryExecutorImpl.java:2734)",
        "org.postgresql.core.v3.QueryExecutorImpl.processResults(QueryExecutorImpl.java:2421)",
        "org.postgresql.core.v3.QueryExecutorImpl.execute(QueryExecutorImpl.java:372)",
        "org.postgresql.jdbc.PgPreparedStatement.[[executeQuery|executeUpdate]](PgPreparedStatement.java:[[134|152]])",
        "com.zaxxer.hikari.pool.ProxyPreparedStatement.[[executeQuery|executeUpdate]](ProxyPreparedStatement.java:[[52|61]])",
        "org.springframework.jdbc.core.JdbcTemplate.[[query|update]](JdbcTemplate.java:[[732|972]])",
      ],
      mysql: [
        "com.mysql.cj.jdbc.exceptions.SQLError.createSQLException(SQLError.java:115)",
        "com.mysql.cj.jdbc.exceptions.SQLExceptionsMapping.translateException(SQLExceptionsMapping.java:114)",
        "com.mysql.cj.jdbc.ClientPreparedStatement.executeInternal(ClientPreparedStatement.java:986)",
        "com.mysql.cj.jdbc.ClientPreparedStatement.[[executeQuery|executeUpdateInternal]](ClientPreparedStatement.java:[[938|1054]])",
        "com.zaxxer.hikari.pool.ProxyPreparedStatement.[[executeQuery|executeUpdate]](ProxyPreparedStatement.java:[[52|61]])",
        "org.springframework.jdbc.core.JdbcTemplate.[[query|update]](JdbcTemplate.java:[[732|972]])",
      ],
      mongodb: [
        "com.mongodb.internal.connection.ProtocolHelper.getCommandFailureException(ProtocolHelper.java:205)",
        "com.mongodb.internal.connection.InternalStreamConnection.receiveCommandMessageResponse(InternalStreamConnection.java:454)",
        "com.mongodb.client.internal.[[MongoIterableImpl.execute(MongoIterableImpl.java:145)|MongoCollectionImpl.executeSingleWriteRequest(MongoCollectionImpl.java:1085)]]",
        "org.springframework.data.mongodb.core.MongoTemplate.[[executeFindMultiInternal(MongoTemplate.java:2962)|execute(MongoTemplate.java:605)]]",
      ],
      redis: [
        "io.lettuce.core.internal.ExceptionFactory.createExecutionException(ExceptionFactory.java:147)",
        "io.lettuce.core.protocol.AsyncCommand.completeResult(AsyncCommand.java:120)",
        "io.lettuce.core.protocol.CommandHandler.decode(CommandHandler.java:747)",
        "org.springframework.data.redis.connection.lettuce.LettuceConnection.await(LettuceConnection.java:1059)",
      ],
      other: [
        "co.elastic.clients.transport.ElasticsearchTransportBase.getApiResponse(ElasticsearchTransportBase.java:346)",
        "co.elastic.clients.elasticsearch.ElasticsearchClient.[[search(ElasticsearchClient.java:4872)|index(ElasticsearchClient.java:2401)]]",
      ],
    },
    httpClient: {
      answered: [
        "org.springframework.web.client.StatusHandler.lambda$defaultHandler$3(StatusHandler.java:86)",
        "org.springframework.web.client.StatusHandler.handle(StatusHandler.java:146)",
        "org.springframework.web.client.DefaultRestClient$DefaultResponseSpec.applyStatusHandlers(DefaultRestClient.java:823)",
        "org.springframework.web.client.DefaultRestClient$DefaultResponseSpec.readBody(DefaultRestClient.java:813)",
        "org.springframework.web.client.DefaultRestClient$DefaultResponseSpec.body(DefaultRestClient.java:760)",
      ],
      unanswered: [
        "java.net.http/jdk.internal.net.http.HttpClientImpl.send(HttpClientImpl.java:951)",
        "java.net.http/jdk.internal.net.http.HttpClientFacade.send(HttpClientFacade.java:133)",
        "org.springframework.http.client.JdkClientHttpRequest.executeInternal(JdkClientHttpRequest.java:112)",
        "org.springframework.web.client.DefaultRestClient$DefaultRequestBodyUriSpec.exchangeInternal(DefaultRestClient.java:599)",
      ],
    },
    rpcClient: [
      "io.grpc.stub.ClientCalls.toStatusRuntimeException(ClientCalls.java:351)",
      "io.grpc.stub.ClientCalls.getUnchecked(ClientCalls.java:332)",
      "io.grpc.stub.ClientCalls.blockingUnaryCall(ClientCalls.java:174)",
    ],
    broker: [
      "org.apache.kafka.clients.producer.KafkaProducer$FutureFailure.<init>(KafkaProducer.java:1550)",
      "org.apache.kafka.clients.producer.KafkaProducer.send(KafkaProducer.java:1002)",
      "org.springframework.kafka.core.KafkaTemplate.doSend(KafkaTemplate.java:804)",
    ],
    worker: {
      kafka: [
        "java.base/jdk.internal.reflect.DirectMethodHandleAccessor.invoke(DirectMethodHandleAccessor.java:103)",
        "java.base/java.lang.reflect.Method.invoke(Method.java:580)",
        "org.springframework.kafka.listener.adapter.HandlerAdapter.invoke(HandlerAdapter.java:78)",
        "org.springframework.kafka.listener.KafkaMessageListenerContainer$ListenerConsumer.doInvokeOnMessage(KafkaMessageListenerContainer.java:2800)",
        "org.springframework.kafka.listener.KafkaMessageListenerContainer$ListenerConsumer.pollAndInvoke(KafkaMessageListenerContainer.java:1451)",
        "org.springframework.kafka.listener.KafkaMessageListenerContainer$ListenerConsumer.run(KafkaMessageListenerContainer.java:1334)",
        "java.base/java.util.concurrent.CompletableFuture$AsyncRun.run(CompletableFuture.java:1804)",
        "java.base/java.lang.Thread.run(Thread.java:1583)",
      ],
      rabbitmq: [
        "java.base/java.lang.reflect.Method.invoke(Method.java:580)",
        "org.springframework.amqp.rabbit.listener.adapter.MessagingMessageListenerAdapter.invokeHandler(MessagingMessageListenerAdapter.java:274)",
        "org.springframework.amqp.rabbit.listener.AbstractMessageListenerContainer.doInvokeListener(AbstractMessageListenerContainer.java:1682)",
        "org.springframework.amqp.rabbit.listener.SimpleMessageListenerContainer.receiveAndExecute(SimpleMessageListenerContainer.java:1073)",
        "java.base/java.lang.Thread.run(Thread.java:1583)",
      ],
    },
  },
  print: ({ type }, message, stack, cause) =>
    [
      `${type}: ${message}`,
      ...lines(stack),
      ...(cause
        ? [
            `Caused by: ${cause.thrown.type}: ${cause.message}`,
            ...lines(cause.stack),
            `\t... ${stack.outer.length + stack.own.length} more`,
          ]
        : []),
    ].join("\n"),
};
