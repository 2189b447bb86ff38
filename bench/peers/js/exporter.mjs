// The OpenTelemetry JS SDK's OTLP exporter at full speed: ready spans, the same batch again and again, several exports under way.
// That is all in its favour: no span is made while the clock runs, and none gets an id or a time of its own.
//
//   node exporter.mjs grpc|http/protobuf none|gzip URL BATCH CONCURRENCY WARM_MS MEASURE_MS
//
// Prints one line of JSON: {items, cpuSeconds, seconds}, of the measured time.
import { SpanKind } from "@opentelemetry/api";
import { OTLPTraceExporter as GrpcExporter } from "@opentelemetry/exporter-trace-otlp-grpc";
import { OTLPTraceExporter as HttpExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { TracerProvider } from "@opentelemetry/sdk-trace";

const [protocol, compression, url, batch, concurrency, warmMs, measureMs] = process.argv.slice(2);
const options = { url, compression, timeoutMillis: 10_000, concurrencyLimit: Number(concurrency) };
const exporter = protocol === "grpc" ? new GrpcExporter(options) : new HttpExporter(options);
const spans = makeSpans(Number(batch));

await run(Number(warmMs));
const cpuBefore = process.cpuUsage();
const began = performance.now();
const items = await run(Number(measureMs));
const seconds = (performance.now() - began) / 1000;
const { user, system } = process.cpuUsage(cpuBefore);
process.stdout.write(`${JSON.stringify({ items, cpuSeconds: (user + system) / 1e6, seconds })}\n`);
await exporter.shutdown();
process.exit();

/** Export for some time; resolves with the spans that were accepted when nothing is under way any more. */
function run(ms) {
  return new Promise((resolve, reject) => {
    const until = performance.now() + ms;
    let accepted = 0;
    let open = Number(concurrency);
    const next = () => {
      if (performance.now() >= until) {
        open--;
        if (open === 0) resolve(accepted);
        return;
      }
      exporter.export(spans, ({ code, error }) => {
        if (code !== 0) reject(error ?? new Error("an export failed"));
        accepted += spans.length;
        // Not from within the exporter's own callback, where it still counts this export.
        setImmediate(next);
      });
    };
    for (let i = 0; i < Number(concurrency); i++) next();
  });
}

/** Spans of some 460 bytes: what a server sees of a request, by the semantic conventions. */
function makeSpans(count) {
  const ended = [];
  const keep = { onStart() {}, onEnd: (span) => ended.push(span), forceFlush() {}, shutdown() {} };
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ "service.name": "checkout", "host.name": "node-17.example" }),
    spanProcessors: [keep],
  });
  const tracer = provider.getTracer("bench");
  for (let i = 0; i < count; i++) {
    const attributes = {
      "http.request.method": "GET",
      "http.route": "/users/{id}/orders",
      "url.path": `/users/${10_000 + i}/orders`,
      "url.scheme": "https",
      "http.response.status_code": i % 50 === 0 ? 404 : 200,
      "network.protocol.version": "1.1",
      "client.address": `10.0.${i >> 8}.${i & 255}`,
      "user_agent.original": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
      "server.address": "shop.example.com",
    };
    tracer.startSpan("GET /users/{id}/orders", { kind: SpanKind.SERVER, attributes }).end();
  }
  return ended;
}
