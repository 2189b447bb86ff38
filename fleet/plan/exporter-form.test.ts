import { expect, test } from "vitest";
import { parseBackend, readBackend } from "../backends/backend-file.ts";
import { COLLECTOR_CONFIG } from "../local-collectors/backends.ts";
import { exporterFormOf } from "./exporter-form.ts";

const ALL = ["traces", "metrics", "logs"];

test.each([
  ["honeycomb", {}, { by: "http/protobuf", compression: "zstd", isExact: true, signals: ALL }],
  ["honeycomb", { HONEYCOMB_COMPRESSION: "gzip" }, { by: "http/protobuf", compression: "gzip" }],
  ["sink", {}, { by: "grpc", compression: "none", isExact: true, signals: ALL }],
  ["jaeger", {}, { by: "grpc", compression: "none", isExact: true, signals: ["traces"] }],
  ["nop", {}, { by: "nothing", signals: [] }],
  ["clickhouse", {}, { by: "other", compression: "gzip", isExact: false }],
])("%s, with %o", (name, env, form) => {
  expect(exporterFormOf(readBackend(COLLECTOR_CONFIG, name), env)).toMatchObject(form);
});

test.each([
  ["snappy", "gzip", false],
  ["gzip", "gzip", true],
  ["${env:WAY}", "gzip", true],
  ["${env:WAY:-none}", "none", true],
])("a compression of %s counts as %s", (written, compression, isExact) => {
  const text = `exporters: {otlp_http/a: {compression: "${written}"}}\nservice: {pipelines: {traces: {exporters: [otlp_http/a]}}}\n`;
  expect(exporterFormOf(parseBackend("a", text, "a.yaml"), {})).toMatchObject({ compression, isExact });
});

test("an exporter that says nothing has OTLP's default", () => {
  const text = "exporters: {otlp_grpc/a: }\nservice: {pipelines: {traces: {exporters: [otlp_grpc/a]}}}\n";
  expect(exporterFormOf(parseBackend("a", text, "a.yaml"), {})).toMatchObject({
    by: "grpc",
    compression: "gzip",
    isExact: true,
  });
});
