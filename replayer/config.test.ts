import { describe, expect, test } from "vitest";
import { parseConfig } from "../config/load.ts";
import { parseReplica, replayerConfigSchema } from "./config.ts";

const load = (text: string) =>
  parseConfig(text, "replay.yaml", replayerConfigSchema, { HONEYCOMB_API_KEY: "k" });

describe("replayerConfigSchema", () => {
  test("the file of the documentation loads", () => {
    const { value } = load(`
input: {traces: ./generated/telemetry-traces.pb, metrics: ./generated/telemetry-metrics.pb, logs: ./generated/telemetry-logs.pb}
otlp: {endpoint: "localhost:4317", headers: {x-honeycomb-team: "\${HONEYCOMB_API_KEY}"}, insecure: true}
sending:
  rate_limit: {events_per_second: 1000000}
  batch_size: {traces: 100, metrics: 1000, logs: 1000}
  concurrency: 50
  duration: 10m
  multiplier: 0
  total: 0
  mix: {}
  deferred: {drain_timeout: 120s, max_pending: 100000}
metrics: {interval: 10s, datapoints_per_metric_per_minute: 0}
timestamps: {jitter_ms: 1000, backdate_ms: 0}
`);
    expect(value.otlp.headers).toEqual({ "x-honeycomb-team": "k" });
    expect(value.sending).toMatchObject({
      rate_limit: { events_per_second: 1_000_000 },
      duration: 600_000,
      deferred: { drain_timeout: 120_000, max_pending: 100_000 },
    });
  });

  test("an endpoint with a path is fine while the protocol is open", () => {
    expect(load("otlp: {endpoint: 'https://x/base'}").value.otlp.endpoint).toBe("https://x/base");
  });

  test("every key has its documented default", () => {
    expect(load("{}").value).toEqual({
      input: {},
      otlp: { tls: { skip_verify: false }, connection: { max_age: 0 } },
      sending: {
        rate_limit: { events_per_second: 10_000, law: { repeat: false, poisson: false } },
        batch_size: {},
        max_in_flight_bytes: 32 * 1024 * 1024,
        max_request_bytes: 3_670_016,
        duration: 600_000,
        multiplier: 0,
        total: 0,
        mix: {},
        deferred: { drain_timeout: 120_000, max_pending: 100_000 },
        freeze: { effort: "fast" },
        max_lag: 30_000,
        connect_timeout: 60_000,
        confirm: false,
        retry: { initial: 500, max: 30_000, max_elapsed: 60_000 },
      },
      metrics: { interval: 10_000, datapoints_per_metric_per_minute: 0 },
      timestamps: { jitter_ms: 1000, backdate_ms: 0 },
      metrics_server: { allow_hosts: [] },
    });
  });

  test.each([
    ["9464", "127.0.0.1:9464"],
    ["0", "127.0.0.1:0"],
    ['":9464"', ":9464"],
    ["0.0.0.0:9464", "0.0.0.0:9464"],
    ['"[::1]:9464"', "[::1]:9464"],
  ])("metrics are served at %s, which is %s", (written, address) => {
    expect(load(`metrics_server: {listen: ${written}}`).value.metrics_server.listen).toBe(address);
  });

  test.each(["localhost", "70000", "host:70000", "http://localhost:9464", "9464/metrics", "-1"])(
    "metrics are not served at %s",
    (written) => {
      expect(() => load(`metrics_server: {listen: "${written}"}`)).toThrow("must be host:port");
    },
  );

  test.each([
    [
      "sending: {rate_limit: {law: {brust: {peak: 5}}}}",
      "1:30 sending.rate_limit.law.brust: unknown key; did you mean burst?",
    ],
    [
      "sending: {rate_limit: {law: {ramp: {form: 5, over: 5m}}}}",
      "1:37 sending.rate_limit.law.ramp.form: unknown key; did you mean from?",
    ],
    [
      "sending: {rate_limit: {law: {ramp: {to: 5}}}}",
      "1:30 sending.rate_limit.law.ramp.over: is missing; it must be a duration such as 500ms, 10s, 5m or 1h30m",
    ],
    [
      "sending: {rate_limit: {law: {ramp: {over: 0}}}}",
      "1:43 sending.rate_limit.law.ramp.over: must be a duration above 0, got 0",
    ],
    [
      "sending: {rate_limit: {law: {ramp: {over: 5m}, curve: a.csv}}}",
      "1:55 sending.rate_limit.law.curve: only one law can hold, found ramp and curve; leave out all but one",
    ],
    [
      "sending: {rate_limit: {law: {steps: [{rate: 5}, {rate: 6}]}}}",
      "1:38 sending.rate_limit.law.steps[0].for: is missing; only the last step may do without, and not one that repeats",
    ],
    [
      "sending: {rate_limit: {law: {burst: {peak: 5_000}}}}",
      "1:44 sending.rate_limit.law.burst.peak: must be above 0 and not below the normal rate (10000, from events_per_second, which `normal` is without its own), got 5_000",
    ],
    [
      "sending: {rate_limit: {law: {burst: {peak: 50000, width: 2m}}}}",
      '1:58 sending.rate_limit.law.burst.width: must be less than the period, got "2m"',
    ],
    [
      "sending: {rate_limit: {law: {repeat: true}}}",
      "1:38 sending.rate_limit.law.repeat: needs one of ramp, steps and curve, which it begins again",
    ],
    ["otlp: {protocol: grcp}", '1:18 otlp.protocol: must be one of grpc, http/protobuf, got "grcp"'],
    ["otlp: {endpoint: 'ftp://x'}", "1:18 otlp.endpoint: "],
    ["otlp: {endpoint: 'http://x/base', protocol: grpc}", "1:18 otlp.endpoint: "],
    ["otlp: {tls: {cert: c.pem}}", "1:13 otlp.tls: cert and key belong together; give both or neither"],
    [
      "sending: {mix: {traces: 0}}",
      "1:16 sending.mix: must give at least one signal more than 0, or be empty",
    ],
    ["sending: {retry: {initial: 1m}}", "1:18 sending.retry: initial must not be above max"],
    ["metrics: {interval: 0}", "1:21 metrics.interval: must be a duration above 0, got 0"],
    ["replica: 3/3", '1:10 replica: must be I/N with I from 0 to N - 1, such as 0/3, got "3/3"'],
    [
      "sending: {max_in_flight_bytes: 1MiB}",
      '1:32 sending.max_in_flight_bytes: must be at least sending.max_request_bytes (3670016), or no request fits, got "1MiB"',
    ],
    [
      "sending: {max_request_bytes: 1}",
      "1:30 sending.max_request_bytes: must be a size such as 500kB or 32MiB, from 4096 to 1073741824 bytes, got 1",
    ],
  ])("%s is refused", (text, problem) => expect(() => load(text)).toThrow(`replay.yaml:${problem}`));
});

test.each([
  ["0/1", { index: 0, count: 1 }],
  ["2/40", { index: 2, count: 40 }],
  ["1/1", undefined],
  ["0/0", undefined],
  ["-1/3", undefined],
  ["a/b", undefined],
  ["1", undefined],
])("replica %s", (text, expected) => expect(parseReplica(text)).toEqual(expected));
