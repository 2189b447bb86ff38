import { expect, test } from "vitest";
import { readEnvironment } from "./environment.ts";

test("an empty environment says nothing", () => {
  expect(readEnvironment({})).toEqual({});
  expect(readEnvironment({ OTEL_EXPORTER_OTLP_ENDPOINT: "", OTEL_EXPORTER_OTLP_HEADERS: " " })).toEqual({});
});

test("every variable finds its setting", () => {
  expect(
    readEnvironment({
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318",
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
      OTEL_EXPORTER_OTLP_COMPRESSION: "gzip",
      OTEL_EXPORTER_OTLP_HEADERS: "x-honeycomb-team=abc%3D%2C%22,, x-b = two%20words ,c=a=b",
      OTEL_EXPORTER_OTLP_TIMEOUT: "2500",
      OTEL_EXPORTER_OTLP_INSECURE: "TRUE",
      OTEL_EXPORTER_OTLP_CERTIFICATE: "ca.pem",
      OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: "cert.pem",
      OTEL_EXPORTER_OTLP_CLIENT_KEY: "key.pem",
      OTHER: "ignored",
    }),
  ).toEqual({
    endpoint: "http://collector:4318",
    protocol: "http/protobuf",
    compression: "gzip",
    headers: { "x-honeycomb-team": 'abc=,"', "x-b": "two words", c: "a=b" },
    timeoutMs: 2500,
    insecure: true,
    tls: { ca: "ca.pem", cert: "cert.pem", key: "key.pem" },
  });
});

test.for([
  ["PROTOCOL", "http/json", 'OTEL_EXPORTER_OTLP_PROTOCOL: must be grpc or http/protobuf, got "http/json"'],
  ["COMPRESSION", "br", 'OTEL_EXPORTER_OTLP_COMPRESSION: must be none, gzip or zstd, got "br"'],
  ["TIMEOUT", "10s", 'OTEL_EXPORTER_OTLP_TIMEOUT: must be a whole number of milliseconds above 0, got "10s"'],
  ["HEADERS", "a=1,s3cret", 'OTEL_EXPORTER_OTLP_HEADERS: entry 2 is not of the form "name=value"'],
  [
    "HEADERS",
    "a=s3cret%zz",
    "OTEL_EXPORTER_OTLP_HEADERS: entry 1 has a % that begins no percent-encoded byte; write %25 for it",
  ],
] as const)("%s=%s is refused by name, and headers never appear", ([name, value, message]) => {
  expect(() => readEnvironment({ [`OTEL_EXPORTER_OTLP_${name}`]: value })).toThrow(
    expect.objectContaining({ name: "TargetError", code: "bad_environment", message }),
  );
});
