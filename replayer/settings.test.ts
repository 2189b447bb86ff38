import { rmSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { z } from "zod";
import { makeCertificates } from "../otlp/test-certificates.ts";
import { replayerConfigSchema } from "./config.ts";
import { maskSettings } from "./mask-settings.ts";
import { endpointsToConfirm, resolveSettings } from "./settings.ts";

const resolve = (
  config: z.input<typeof replayerConfigSchema>,
  variables: Readonly<Record<string, string>> = {},
) => resolveSettings(replayerConfigSchema.parse(config), variables);

describe("settings", () => {
  test("are the documented defaults where nobody says anything", () => {
    expect(resolve({})).toMatchObject({
      target: {
        endpoints: [{ authority: "localhost:4317", secure: false }],
        protocol: "grpc",
        compression: "none",
        headers: {},
        timeoutMs: 10_000,
      },
      eventsPerSecond: 10_000,
      mix: undefined,
      durationMs: 600_000,
      passes: Number.POSITIVE_INFINITY,
      totalEvents: Number.POSITIVE_INFINITY,
      retryLaw: { initialMs: 500, maxMs: 30_000, maxElapsedMs: 60_000 },
      seed: 0,
      isRepeatable: false,
      replica: undefined,
    });
  });

  test("take from the environment what the file leaves open, and nothing else", () => {
    const variables = {
      OTEL_EXPORTER_OTLP_ENDPOINT: "https://from-environment:4318",
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
      OTEL_EXPORTER_OTLP_COMPRESSION: "gzip",
      OTEL_EXPORTER_OTLP_HEADERS: "a=environment,b=environment",
      OTEL_EXPORTER_OTLP_TIMEOUT: "1234",
    };
    expect(resolve({}, variables).target).toMatchObject({
      endpoints: [{ authority: "from-environment:4318", secure: true }],
      protocol: "http/protobuf",
      compression: "gzip",
      headers: { a: "environment", b: "environment" },
      timeoutMs: 1234,
    });
    const otlp = {
      endpoint: "http://from-file:1",
      protocol: "grpc",
      compression: "none",
      headers: { a: "file" },
      timeout: "2s",
    } as const;
    expect(resolve({ otlp }, variables).target).toMatchObject({
      endpoints: [{ authority: "from-file:1", secure: false }],
      protocol: "grpc",
      compression: "none",
      headers: { a: "file", b: "environment" },
      timeoutMs: 2000,
    });
  });

  test("have all endpoints of a list, of a line with commas, and of the environment", () => {
    const authorities = [{ authority: "a:4317" }, { authority: "b:1" }];
    for (const endpoint of ["a,b:1", ["a", "b:1"]]) {
      expect(resolve({ otlp: { endpoint } }).target.endpoints).toMatchObject(authorities);
    }
    const variables = { OTEL_EXPORTER_OTLP_ENDPOINT: "a,dns:///b:1" };
    expect(resolve({}, variables).target.endpoints).toMatchObject([{ authority: "a:4317" }, { dns: {} }]);
  });

  test("without an endpoint go to the local port of the protocol", () => {
    expect(resolve({ otlp: { protocol: "http/protobuf" } }).target.endpoints).toMatchObject([
      { authority: "localhost:4318" },
    ]);
  });

  test("0 means no limit for duration, passes and events", () => {
    const { durationMs, passes, totalEvents } = resolve({
      sending: { duration: "0", multiplier: 0, total: 0 },
    });
    expect([durationMs, passes, totalEvents]).toEqual(Array(3).fill(Number.POSITIVE_INFINITY));
  });

  test.each([
    [{ seed: 0, replica: "1/3" }, true],
    [{ seed: 5 }, false],
    [{ replica: "1/3" }, false],
    [{}, false],
  ])("of %j repeat themselves: %j", (config, isRepeatable) => {
    expect(resolve(config).isRepeatable).toBe(isRepeatable);
  });

  test.each([
    [
      "a low rate to a backend",
      "https://api.example.com",
      { rate_limit: { events_per_second: 10_000 } },
      false,
    ],
    [
      "a high rate to a backend",
      "https://api.example.com",
      { rate_limit: { events_per_second: 10_001 } },
      true,
    ],
    [
      "high bursts over a low rate to a backend",
      "https://api.example.com",
      { rate_limit: { law: { burst: { normal: 10, peak: 10_001 } } } },
      true,
    ],
    [
      "a low wave to a backend",
      "https://api.example.com",
      { rate_limit: { law: { sine: { normal: 10, peak: 10_000 } } } },
      false,
    ],
    ["no limit to a backend", "https://api.example.com", { rate_limit: { events_per_second: 0 } }, true],
    [
      "a mix of high rates to a backend",
      "https://api.example.com",
      { mix: { traces: 9_000, logs: 2_000 } },
      true,
    ],
    [
      "a mix of low rates to a backend",
      "https://api.example.com",
      { mix: { traces: 9_000, logs: 1_000 } },
      false,
    ],
    ["shares of a low rate to a backend", "https://api.example.com", { mix: { traces: 1, logs: 1 } }, false],
    ["a high rate to this machine", "http://127.0.0.1:4317", { rate_limit: { events_per_second: 0 } }, false],
    [
      "a high rate to a private network",
      "http://10.1.2.3:4317",
      { rate_limit: { events_per_second: 0 } },
      false,
    ],
    ["a high rate to all of a public name", "dns:///api.example.com", { mix: { logs: 20_000 } }, true],
    ["a high rate to all of a private name", "dns:///collector:4317", { mix: { logs: 20_000 } }, false],
    [
      "a high rate to a private address and a public one",
      "http://10.1.2.3:4317,http://8.8.8.8:4317",
      { rate_limit: { events_per_second: 0 } },
      true,
    ],
    [
      "a high rate to a service of compose",
      "http://collector:4317",
      { rate_limit: { events_per_second: 0 } },
      false,
    ],
  ])("%s must be confirmed: %j %j %j", (_, endpoint, sending, isNeeded) => {
    expect(endpointsToConfirm(resolve({ otlp: { endpoint }, sending })).length > 0).toBe(isNeeded);
  });
});

test("settings in a report hold no header value, no path of a key and no key, whatever else they hold", () => {
  const { ca, clientCert: cert, clientKey: key, directory } = makeCertificates();
  const settings = resolve(
    {
      otlp: {
        endpoint: "https://api.example.com/base/token-in-path",
        protocol: "http/protobuf",
        headers: { "x-honeycomb-team": "SECRET-1" },
        tls: { ca, cert, key },
      },
    },
    { OTEL_EXPORTER_OTLP_HEADERS: "authorization=SECRET-2" },
  );
  expect(settings.target.headers).toEqual({ authorization: "SECRET-2", "x-honeycomb-team": "SECRET-1" });
  const text = JSON.stringify(maskSettings(settings));
  for (const secret of ["SECRET", "token-in-path", "PRIVATE KEY", directory])
    expect(text).not.toContain(secret);
  expect(text).toContain('"headers":{"authorization":"***","x-honeycomb-team":"***"}');
  // Nor as the bytes of a buffer.
  expect(text).not.toContain('"type":"Buffer"');
  rmSync(directory, { recursive: true });
});
