import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatEndpoints, isPrivateOrLoopback, parseEndpoint, parseEndpoints, placeOf } from "./endpoint.ts";
import type { Protocol } from "./protocol.ts";
import { TargetError } from "./target-error.ts";

const parse = (text: string, protocol: Protocol = "grpc", insecure = false) => {
  const { secure, host, port, authority, basePath } = parseEndpoint(text, { protocol, insecure });
  return [secure ? "tls" : "plain", host, port, authority, basePath];
};

describe("an endpoint is read as people mean it", () => {
  test.for<[string, Protocol, boolean, unknown[]]>([
    ["collector:4317", "grpc", false, ["tls", "collector", 4317, "collector:4317", ""]],
    ["collector:4317", "grpc", true, ["plain", "collector", 4317, "collector:4317", ""]],
    ["collector", "grpc", true, ["plain", "collector", 4317, "collector:4317", ""]],
    ["collector", "http/protobuf", true, ["plain", "collector", 4318, "collector:4318", ""]],
    ["http://collector", "http/protobuf", false, ["plain", "collector", 4318, "collector:4318", ""]],
    ["http://collector:80/", "http/protobuf", false, ["plain", "collector", 80, "collector:80", ""]],
    [
      "https://api.honeycomb.io",
      "http/protobuf",
      true,
      ["tls", "api.honeycomb.io", 443, "api.honeycomb.io:443", ""],
    ],
    ["https://api.honeycomb.io", "grpc", false, ["tls", "api.honeycomb.io", 443, "api.honeycomb.io:443", ""]],
    ["HTTPS://h:9/otlp/", "http/protobuf", false, ["tls", "h", 9, "h:9", "/otlp"]],
    ["[::1]:4317", "grpc", true, ["plain", "::1", 4317, "[::1]:4317", ""]],
    ["[::1]", "grpc", true, ["plain", "::1", 4317, "[::1]:4317", ""]],
    ["::1", "grpc", true, ["plain", "::1", 4317, "[::1]:4317", ""]],
    ["http://[fe80::1]:1/a", "http/protobuf", false, ["plain", "fe80::1", 1, "[fe80::1]:1", "/a"]],
    [" 127.0.0.1:65535 ", "grpc", true, ["plain", "127.0.0.1", 65535, "127.0.0.1:65535", ""]],
  ])("%s over %s, insecure %s", ([text, protocol, insecure, expected]) => {
    expect(parse(text, protocol, insecure)).toEqual(expected);
  });
});

describe("an endpoint that cannot be used is refused with what was found and what to write", () => {
  const HOW = "; write host:port, http://host:port or https://host:port";
  test.for<[string, Protocol, string]>([
    ["", "grpc", 'endpoint "": is empty'],
    [":4317", "grpc", 'endpoint ":4317": names no host'],
    [
      "4317",
      "grpc",
      'endpoint "4317": names no host, only a number; for a port of this machine write localhost:4317',
    ],
    ["http://", "grpc", 'endpoint "http://": names no host'],
    ["h:0", "grpc", 'endpoint "h:0": has the port "0", which must be 1 to 65535'],
    ["h:65536", "grpc", 'endpoint "h:65536": has the port "65536", which must be 1 to 65535'],
    ["h:", "grpc", 'endpoint "h:": has the port "", which must be 1 to 65535'],
    ["grpc://h:1", "grpc", 'endpoint "grpc://h:1": has the unknown scheme grpc://'],
    ["h h:1", "grpc", 'endpoint "h h:1": has no valid host name ("h h")'],
    ["[1]:1", "grpc", 'endpoint "[1]:1": has no IPv6 address in its brackets ("1")'],
    ["a:b:c", "grpc", 'endpoint "a:b:c": has no readable host'],
    [
      "http://h:1/x",
      "grpc",
      'has the path "/x", but gRPC has none; leave it out, or use protocol http/protobuf',
    ],
    [
      "http://h/v1/traces",
      "http/protobuf",
      "ends in /v1/traces, which is appended for each signal; leave it out",
    ],
    ["http://h/a b", "http/protobuf", "has blanks or other characters in its path"],
    ["http://h/?key=s3cret", "http/protobuf", "holds a query or fragment"],
    ["http://user:s3cret@h:1", "http/protobuf", "holds a user name; put credentials into headers"],
    ["user:s3cret@h:1", "http/protobuf", "holds a user name; put credentials into headers"],
  ])("%s over %s", ([text, protocol, message]) => {
    const error = catchError(() => parse(text, protocol));
    expect(error).toMatchObject({ name: "TargetError", code: "bad_endpoint" });
    expect(error.message).toContain(message);
    expect(error.message.endsWith(HOW)).toBe(true);
    expect(error.message).not.toContain("s3cret");
  });

  test("whatever is written, the outcome is an endpoint or a TargetError", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.webUrl(), fc.ipV6()), (text) => {
        try {
          const { port, host } = parseEndpoint(text, { protocol: "http/protobuf" });
          expect(port >= 1 && port <= 65535 && host !== "").toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(TargetError);
        }
      }),
    );
  });
});

describe("several endpoints", () => {
  const options = { protocol: "http/protobuf", insecure: true } as const;
  const read = (written: string | string[], protocol: Protocol = "http/protobuf") =>
    parseEndpoints(written, { ...options, protocol });

  test.for<[string | string[], string]>([
    ["a:1", "a:1"],
    ["a:1,b:2", "a:1, b:2"],
    [" a:1 , https://b ", "a:1, b:443"],
    [["a:1", "[::1]:2"], "a:1, [::1]:2"],
    [["a:1,b:2", "c:3"], "a:1, b:2, c:3"],
    ["a,b,c,d", "a:4318, b:4318, c:4318, d:4318"],
    ["a,b,c,d,e", "a:4318, b:4318, c:4318 and 2 more"],
    ["dns:///collector", "dns:///collector:4318"],
    ["dns:///collector:4319/base,b", "dns:///collector:4319, b:4318"],
    [
      "dns://127.0.0.1:8600/collector.service.consul:4317",
      "dns://127.0.0.1:8600/collector.service.consul:4317",
    ],
    ["DNS://[::1]:53/a", "dns://[::1]:53/a:4318"],
  ])("written as %j are %s", ([written, shown]) => {
    expect(formatEndpoints(read(written))).toBe(shown);
  });

  test("by a name have TLS and a path as host:port would, and a question for DNS", () => {
    expect(read("dns:///collector:4318/base")).toEqual([
      {
        secure: false,
        host: "collector",
        port: 4318,
        authority: "collector:4318",
        basePath: "/base",
        dns: {},
      },
    ]);
    expect(parseEndpoints("dns://10.0.0.1/collector", { protocol: "grpc" })).toEqual([
      {
        secure: true,
        host: "collector",
        port: 4317,
        authority: "collector:4317",
        basePath: "",
        dns: { server: "10.0.0.1" },
      },
    ]);
  });

  test("by a name that is an address ask nobody", () => {
    expect(read("dns:///[::1]:4317")).toEqual(read("[::1]:4317"));
  });

  test("have a place: the address where it is known, else what was written", () => {
    const [endpoint] = read("dns:///collector:4317");
    expect(placeOf(endpoint!)).toBe("collector:4317");
    expect(placeOf({ ...endpoint!, address: "::1" })).toBe("[::1]:4317");
  });

  test.for<[string | string[], Protocol, string]>([
    ["a:1,", "grpc", 'endpoints "a:1,": nothing stands beside a comma; leave the comma out'],
    [["a:1", " "], "grpc", 'endpoints "a:1,": nothing stands beside a comma; leave the comma out'],
    ["a:1,b:0", "grpc", 'endpoint "b:0": has the port "0", which must be 1 to 65535'],
    ["a:1,a:1", "grpc", 'endpoint "a:1": is there twice; each address has one share, name it once'],
    ["http://a:4318,a", "http/protobuf", 'endpoint "a:4318": is there twice'],
    [
      "dns://collector:4317",
      "grpc",
      'endpoint "dns://collector:4317": has no name after the third slash; write dns:///name:port',
    ],
    ["dns:///", "grpc", 'endpoint "dns:///": has no name after the third slash; write dns:///name:port'],
    [
      "dns://ns.example/a",
      "grpc",
      'endpoint "dns://ns.example/a": has "ns.example" for a DNS server, which must be an IP address; write dns:///name:port',
    ],
    ["dns:///a/base", "grpc", 'endpoint "dns:///a/base": has the path "/base", but gRPC has none'],
    ["dns:///u:s3cret@a", "grpc", 'endpoint "dns:///***@a": holds a user name'],
  ])("%j over %s cannot be used", ([written, protocol, message]) => {
    const error = catchError(() => read(written, protocol));
    expect(error).toMatchObject({ name: "TargetError", code: "bad_endpoint" });
    expect(error.message).toContain(message);
  });

  test("whatever is written, the outcome is endpoints or a TargetError", () => {
    const text = fc.oneof(
      fc.string(),
      fc.string().map((rest) => `dns://${rest}`),
      fc.webUrl(),
    );
    fc.assert(
      fc.property(fc.array(text, { minLength: 1 }), (texts) => {
        try {
          expect(read(texts).length).toBeGreaterThanOrEqual(texts.length);
        } catch (error) {
          expect(error).toBeInstanceOf(TargetError);
        }
      }),
    );
  });
});

describe("the cost brake tells private hosts from public ones", () => {
  test.for([
    "localhost",
    "127.0.0.1",
    "127.9.9.9",
    "::1",
    "10.1.2.3",
    "172.31.0.1",
    "192.168.1.1",
    "169.254.1.1",
    "100.64.0.1",
    "fd00::1",
    "fe80::1",
    "::ffff:10.0.0.1",
    "collector",
    "host.docker.internal",
    "otel.observability.svc",
    "otel.observability.svc.cluster.local",
    "mac.local",
  ])("%s is private", (host) => {
    expect(isPrivateOrLoopback(host)).toBe(true);
  });

  test.for([
    "api.honeycomb.io",
    "8.8.8.8",
    "172.32.0.1",
    "100.128.0.1",
    "2001:4860:4860::8888",
    "::ffff:8.8.8.8",
    "local.example.com",
    "localhost.example.com",
  ])("%s is public", (host) => {
    expect(isPrivateOrLoopback(host)).toBe(false);
  });
});

function catchError(act: () => unknown): Error {
  try {
    act();
  } catch (error) {
    return error as Error;
  }
  throw new Error("no error was thrown");
}
