/**
 * .NET: ASP.NET Core and Grpc.Net with the OpenTelemetry .NET SDK. ActivitySource names are its scopes.
 */
import type { DatabaseFailure } from "../database-failures.ts";
import { type Frame, type Language, type Library, pascal } from "./language.ts";

const scope = (name: string, version = ""): Library => ({ name, version });

const SCOPES: Readonly<Record<string, Library>> = {
  postgresql: scope("Npgsql", "9.0.4"),
  mysql: scope("MySqlConnector", "2.4.0"),
  mongodb: scope("MongoDB.Driver.Core.Extensions.DiagnosticSources", "2.1.0"),
  redis: scope("OpenTelemetry.Instrumentation.StackExchangeRedis", "1.13.0-beta.1"),
  "microsoft.sql_server": scope("OpenTelemetry.Instrumentation.SqlClient", "1.13.0-beta.1"),
  elasticsearch: scope("Elastic.Transport", "0.10.1"),
};

const namespaceOf = (service: string): string => `Shop.${pascal(service).replace(/Service$/, "")}`;

const DATABASE_CLASSES: Readonly<Record<string, string>> = {
  postgresql: "Npgsql.PostgresException",
  mysql: "MySqlConnector.MySqlException",
  "microsoft.sql_server": "Microsoft.Data.SqlClient.SqlException",
  mongodb: "MongoDB.Driver.MongoCommandException",
  elasticsearch: "Elastic.Transport.TransportException",
  redis: "StackExchange.Redis.RedisServerException",
};

const printed = ({ functionName, file, line }: Frame): string =>
  `   at ${functionName}(CancellationToken cancellationToken) in ${file}:line ${line}`;

const databaseMessage = (system: string, { code, message }: DatabaseFailure): string =>
  system === "postgresql"
    ? `${code}: ${message}`
    : system === "mongodb"
      ? `Command find failed: ${message}.`
      : message;

export const DOTNET: Language = {
  sdk: "dotnet",
  sdkVersion: "1.13.1",
  distro: { name: "opentelemetry-dotnet-instrumentation", version: "1.13.0" },
  runtime: { name: ".NET", version: "9.0.9", description: ".NET 9.0.9" },
  process: (service) => ({
    executable: "dotnet",
    path: "/usr/share/dotnet/dotnet",
    arguments: [`/app/${namespaceOf(service)}.dll`],
    owner: "app",
    pid: 1,
  }),
  detected: [
    "process.pid",
    "process.owner",
    "process.runtime.name",
    "process.runtime.version",
    "process.runtime.description",
    "os.type",
    "os.name",
    "os.version",
  ],
  userAgent: "Refit/8.0.0 .NET/9.0.9",
  rpcUserAgent: "grpc-dotnet/2.71.0 (.NET 9.0.9; CLR 9.0.9; net9.0; linux; x64)",
  ports: { http: 8080, grpc: 8081 },
  parameter: (name) => `{${name}}`,
  server: scope("Microsoft.AspNetCore"),
  client: scope("System.Net.Http"),
  rpcServer: scope("Microsoft.AspNetCore"),
  rpcClient: scope("OpenTelemetry.Instrumentation.GrpcNetClient", "1.13.0-beta.1"),
  messaging: (system) =>
    system === "kafka"
      ? scope("OpenTelemetry.Instrumentation.ConfluentKafka", "0.1.0-alpha.4")
      : scope("RabbitMQ.Client.Publisher", "7.1.2"),
  database: (system) => SCOPES[system]!,
  file: (service, module) => `/src/${namespaceOf(service)}/${pascal(module)}.cs`,
  functionName: (service, module, name) => `${namespaceOf(service)}.${pascal(module)}.${pascal(name)}Async`,
  domainFailure: (service, name) => `${namespaceOf(service)}.Domain.${name}Exception`,
  runtimeErrors: [
    {
      type: "System.NullReferenceException",
      message: "Object reference not set to an instance of an object.",
    },
    { type: "System.InvalidOperationException", message: "Sequence contains no matching element" },
    { type: "System.Threading.Tasks.TaskCanceledException", message: "A task was canceled." },
    {
      type: "System.Collections.Generic.KeyNotFoundException",
      message: "The given key '{sku}' was not present in the dictionary.",
    },
    {
      type: "System.Text.Json.JsonException",
      message:
        "The JSON value could not be converted to System.Decimal. Path: $.amount | LineNumber: 0 | BytePositionInLine: {n}.",
    },
    {
      type: "Microsoft.EntityFrameworkCore.DbUpdateConcurrencyException",
      message:
        "The database operation was expected to affect 1 row(s), but actually affected 0 row(s); data may have been modified or deleted since entities were loaded.",
    },
  ],
  databaseError: (system, failure) => ({
    type:
      system === "redis" && failure.kind === "connection"
        ? "StackExchange.Redis.RedisConnectionException"
        : (DATABASE_CLASSES[system] ?? "System.Data.Common.DbException"),
    message: databaseMessage(system, failure),
  }),
  httpError: (status) =>
    status === 0
      ? {
          type: "System.Net.Http.HttpRequestException",
          message: "Connection refused ({host}:{port})",
        }
      : {
          type: "System.Net.Http.HttpRequestException",
          message: `Response status code does not indicate success: ${status}.`,
        },
  rpcError: (code, message) => ({
    type: "Grpc.Core.RpcException",
    message: `Status(StatusCode="${pascal(code.toLowerCase())}", Detail="${message}")`,
  }),
  brokerErrors: {
    kafka: [
      { type: "Confluent.Kafka.ProduceException`2", message: "Local: Message timed out" },
      { type: "Confluent.Kafka.KafkaException", message: "Broker: Not leader for partition" },
    ],
    rabbitmq: [
      {
        type: "RabbitMQ.Client.Exceptions.AlreadyClosedException",
        message:
          "Already closed: The AMQP operation was interrupted: AMQP close-reason, initiated by Library, code=541, text='Unexpected Exception'",
      },
    ],
  },
  frames: {
    http: [
      "Microsoft.AspNetCore.Mvc.Infrastructure.ActionMethodExecutor.TaskOfIActionResultExecutor.Execute(ActionContext actionContext, IActionResultTypeMapper mapper, ObjectMethodExecutor executor, Object controller, Object[] arguments)",
      "Microsoft.AspNetCore.Mvc.Infrastructure.ControllerActionInvoker.<InvokeActionMethodAsync>g__Awaited|12_0(ControllerActionInvoker invoker, ValueTask`1 actionResultValueTask)",
      "Microsoft.AspNetCore.Mvc.Infrastructure.ResourceInvoker.<InvokeFilterPipelineAsync>g__Awaited|20_0(ResourceInvoker invoker, Task lastTask, State next, Scope scope, Object state, Boolean isCompleted)",
      "Microsoft.AspNetCore.Authorization.AuthorizationMiddleware.Invoke(HttpContext context)",
      "Microsoft.AspNetCore.Diagnostics.ExceptionHandlerMiddlewareImpl.<Invoke>g__Awaited|10_0(ExceptionHandlerMiddlewareImpl middleware, HttpContext context, Task task)",
    ],
    grpc: [
      "Grpc.Shared.Server.UnaryServerMethodInvoker`3.ResolvedInterceptorInvoker(TRequest resolvedRequest, ServerCallContext resolvedContext)",
      "Grpc.AspNetCore.Server.Internal.CallHandlers.UnaryServerCallHandler`3.HandleCallAsyncCore(HttpContext httpContext, HttpContextServerCallContext serverCallContext)",
      "Grpc.AspNetCore.Server.Internal.CallHandlers.ServerCallHandlerBase`3.<HandleCallAsync>g__AwaitHandleCall|17_0(HttpContextServerCallContext serverCallContext, Method`2 method, Task handleCall)",
    ],
    database: {
      postgresql: [
        "Npgsql.Internal.NpgsqlConnector.ReadMessageLong(Boolean async, DataRowLoadingMode dataRowLoadingMode, Boolean readingNotifications, Boolean isReadingPrependedMessage)",
        "Npgsql.NpgsqlDataReader.NextResult(Boolean async, Boolean isConsuming, CancellationToken cancellationToken)",
        "Npgsql.NpgsqlCommand.ExecuteReader(Boolean async, CommandBehavior behavior, CancellationToken cancellationToken)",
        "Microsoft.EntityFrameworkCore.Storage.RelationalCommand.ExecuteReaderAsync(RelationalCommandParameterObject parameterObject, CancellationToken cancellationToken)",
      ],
      "microsoft.sql_server": [
        "Microsoft.Data.SqlClient.SqlCommand.<>c.<ExecuteDbDataReaderAsync>b__211_0(Task`1 result)",
        "System.Threading.Tasks.ContinuationResultTaskFromResultTask`2.InnerInvoke()",
        "System.Threading.ExecutionContext.RunInternal(ExecutionContext executionContext, ContextCallback callback, Object state)",
        "Microsoft.EntityFrameworkCore.Storage.RelationalCommand.ExecuteReaderAsync(RelationalCommandParameterObject parameterObject, CancellationToken cancellationToken)",
        "Microsoft.EntityFrameworkCore.SqlServer.Storage.Internal.SqlServerExecutionStrategy.ExecuteAsync[TState,TResult](TState state, Func`4 operation, Func`4 verifySucceeded, CancellationToken cancellationToken)",
      ],
      redis: [
        "StackExchange.Redis.ConnectionMultiplexer.ExecuteAsyncImpl[T](Message message, ResultProcessor`1 processor, Object state, ServerEndPoint server)",
        "StackExchange.Redis.RedisBase.ExecuteAsync[T](Message message, ResultProcessor`1 processor, ServerEndPoint server)",
      ],
      mongodb: [
        "MongoDB.Driver.Core.WireProtocol.CommandUsingCommandMessageWireProtocol`1.ProcessResponse(ConnectionId connectionId, CommandMessage responseMessage)",
        "MongoDB.Driver.MongoCollectionImpl`1.[[FindAsync[TProjection](FilterDefinition`1 filter, FindOptions`2 options, CancellationToken cancellationToken)|BulkWriteAsync(IEnumerable`1 requests, BulkWriteOptions options, CancellationToken cancellationToken)]]",
      ],
      other: [
        "Elastic.Transport.DistributedTransport`1.RequestCoreAsync[TResponse](Boolean isAsync, EndpointPath path, PostData data, CancellationToken cancellationToken)",
      ],
    },
    httpClient: {
      answered: [
        "System.Net.Http.HttpResponseMessage.EnsureSuccessStatusCode()",
        "Refit.RequestBuilderImplementation.<>c__DisplayClass15_0`2.<<BuildCancellableTaskFuncForMethod>b__0>d.MoveNext()",
      ],
      unanswered: [
        "System.Net.Http.HttpConnectionPool.ConnectToTcpHostAsync(String host, Int32 port, HttpRequestMessage initialRequest, Boolean async, CancellationToken cancellationToken)",
        "System.Net.Http.HttpConnectionPool.SendWithVersionDetectionAndRetryAsync(HttpRequestMessage request, Boolean async, Boolean doRequestAuth, CancellationToken cancellationToken)",
        "System.Net.Http.DiagnosticsHandler.SendAsyncCore(HttpRequestMessage request, Boolean async, CancellationToken cancellationToken)",
        "System.Net.Http.HttpClient.<SendAsync>g__Core|83_0(HttpRequestMessage request, HttpCompletionOption completionOption, CancellationTokenSource cts, Boolean disposeCts, CancellationTokenSource pendingRequestsCts, CancellationToken originalCancellationToken)",
        "Refit.RequestBuilderImplementation.<>c__DisplayClass15_0`2.<<BuildCancellableTaskFuncForMethod>b__0>d.MoveNext()",
      ],
    },
    rpcClient: [
      "Grpc.Net.Client.Internal.HttpClientCallInvoker.BlockingUnaryCall[TRequest,TResponse](Method`2 method, String host, CallOptions options, TRequest request)",
      "Grpc.Core.Interceptors.InterceptingCallInvoker.<BlockingUnaryCall>b__3_0[TRequest,TResponse](TRequest req, ClientInterceptorContext`2 ctx)",
    ],
    broker: [
      "Confluent.Kafka.Producer`2.ProduceAsync(TopicPartition topicPartition, Message`2 message, CancellationToken cancellationToken)",
    ],
    worker: {
      kafka: [
        "Shop.Messaging.KafkaWorker`2.ExecuteAsync(CancellationToken stoppingToken) in /src/Shop.Messaging/KafkaWorker.cs:line 74",
        "Microsoft.Extensions.Hosting.Internal.Host.TryExecuteBackgroundServiceAsync(BackgroundService backgroundService)",
      ],
      rabbitmq: [
        "RabbitMQ.Client.Events.AsyncEventingBasicConsumer.HandleBasicDeliverAsync(String consumerTag, UInt64 deliveryTag, Boolean redelivered, String exchange, String routingKey, IReadOnlyBasicProperties properties, ReadOnlyMemory`1 body, CancellationToken cancellationToken)",
        "RabbitMQ.Client.ConsumerDispatching.AsyncConsumerDispatcher.ProcessChannelAsync()",
      ],
    },
  },
  print: ({ type }, message, { inner, own, outer }, cause) =>
    [
      cause ? `${type}: ${message}\n ---> ${cause.thrown.type}: ${cause.message}` : `${type}: ${message}`,
      ...(cause ? [...cause.stack.own.map(printed), "   --- End of inner exception stack trace ---"] : []),
      ...inner.map((line) => `   at ${line}`),
      ...own.map(printed),
      ...outer.map((line) => `   at ${line}`),
    ].join("\n"),
};
