import { describe, expect, test } from "vitest";
import { generatorConfigSchema } from "../config.ts";
import { Random } from "../random.ts";
import { buildScenario } from "../scenario/scenario.ts";
import { byTrace, type DecodedSpan, writeAndRead } from "./decoded-spans.ts";
import { ErrorLaw } from "./error-law.ts";
import { TraceWalk } from "./walk.ts";

const INTERNAL = 1;
const SERVER = 2;
const CLIENT = 3;
const CONSUMER = 5;

/** Codes that gRPC servers fail with. */
const GRPC_SERVER_ERRORS = [
  "UNKNOWN",
  "DEADLINE_EXCEEDED",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
];

const httpCode = ({ attributes }: DecodedSpan) =>
  attributes.get("http.response.status_code") as number | undefined;
const grpcCode = ({ attributes }: DecodedSpan) =>
  attributes.get("rpc.response.status_code") as string | undefined;
const codeOf = (span: DecodedSpan) => httpCode(span) ?? grpcCode(span);
const isRequest = (span: DecodedSpan) => span.attributes.has("url.full") || span.attributes.has("rpc.method");
const exceptionOf = ({ events }: DecodedSpan) => events.find(({ name }) => name === "exception")?.attributes;

const scenario = buildScenario(generatorConfigSchema.parse({}), new Random(11));

/** Share of failed spans among those of these traces, walked without being written. */
function failedShare(
  rate: number,
  sizes: Iterable<number>,
  random = new Random(11),
): { spans: number; share: number } {
  const walk = new TraceWalk(scenario, random.fork("walk"), new ErrorLaw(random.fork("errors"), rate));
  let spans = 0;
  let failed = 0;
  for (const size of sizes) {
    walk.begin(size);
    for (let ordinal = 0; ordinal < size; ordinal++) if (walk.next(ordinal)!.failed) failed++;
    spans += size;
  }
  return { spans, share: failed / spans };
}

describe("the share of failed spans", () => {
  test.each([
    [0, 0],
    [0.001, 0.05],
    [0.01, 0.05],
    [0.05, 0.05],
    [0.3, 0.05],
    [0.9, 0.05],
    [1, 0],
  ])("is %d, within %d of it, over a hundred thousand spans", (rate, tolerance) => {
    const sizes = Array.from({ length: 6700 }, (_, nth) => 5 + (nth % 21));
    const { spans, share } = failedShare(rate, sizes);
    expect(spans).toBeGreaterThan(99_000);
    expect(Math.abs(share - rate)).toBeLessThanOrEqual(tolerance * rate);
  });

  test("is kept in a single large trace", () => {
    expect(Math.abs(failedShare(0.02, [100_000]).share - 0.02)).toBeLessThan(0.001);
  });

  test.each([0.01, 0.05, 0.3])("is %d from the first traces on, over many short runs", (rate) => {
    let sum = 0;
    for (let seed = 0; seed < 100; seed++)
      sum += failedShare(rate, new Array(20).fill(15), new Random(seed)).share;
    expect(Math.abs(sum / 100 - rate)).toBeLessThan(0.2 * rate);
  });
});

describe("errors", () => {
  const written = writeAndRead({ count: 4000, services: { count: 8 }, spans: { error_rate: 0.08 } });

  /** Each span with what stands above and below it. */
  async function* family() {
    const { spans } = await written;
    for (const own of byTrace(spans).values()) {
      const byOrdinal = new Map(own.map((span) => [span.ordinal, span]));
      const children = Map.groupBy(own, ({ parent }) => parent);
      for (const span of own)
        yield { span, parent: byOrdinal.get(span.parent), children: children.get(span.ordinal) ?? [] };
    }
  }

  test("are what the conventions call so: 5xx on servers, 4xx on clients too, gRPC's codes likewise", async () => {
    const seen = new Map<string, number>();
    for await (const { span } of family()) {
      if (span.kind !== SERVER && !isRequest(span)) continue;
      const [http, grpc] = [httpCode(span), grpcCode(span)];
      const isError =
        grpc === undefined
          ? http === undefined || http >= (span.kind === SERVER ? 500 : 400)
          : span.kind === SERVER
            ? GRPC_SERVER_ERRORS.includes(grpc)
            : grpc !== "OK";
      expect([span.name, http, grpc, span.error]).toEqual([span.name, http, grpc, isError]);
      const outcome = `${span.kind} ${http ?? grpc}`;
      seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
    }
    // Refused and failed, over both protocols, on both sides; and clients that got no answer.
    for (const outcome of [
      "2 404",
      "2 500",
      "2 NOT_FOUND",
      "2 INTERNAL",
      "3 NOT_FOUND",
      "3 UNAVAILABLE",
      "3 undefined",
    ])
      expect([...seen.keys()]).toContain(outcome);
  });

  test("have a type, which is the code where there is one, and nothing else has one", async () => {
    for await (const { span } of family()) {
      expect([span.name, span.attributes.has("error.type")]).toEqual([span.name, span.error]);
      if (!span.error) {
        expect([span.description, exceptionOf(span)]).toEqual(["", undefined]);
      } else if (codeOf(span) !== undefined) {
        expect(span.attributes.get("error.type")).toBe(String(codeOf(span)));
      } else if (!span.attributes.has("db.system.name")) {
        expect(span.attributes.get("error.type")).toBe(exceptionOf(span)!.get("exception.type"));
      }
    }
  });

  test("have an exception with type, message and stack trace, but for clients that report an answer's code", async () => {
    for await (const { span } of family()) {
      if (!span.error) continue;
      const reportsCode = isRequest(span) && span.kind === CLIENT && codeOf(span) !== undefined;
      expect([span.name, exceptionOf(span) === undefined]).toEqual([span.name, reportsCode]);
      if (reportsCode) continue;
      expect([...exceptionOf(span)!.keys()]).toEqual([
        "exception.type",
        "exception.message",
        "exception.stacktrace",
      ]);
      for (const text of exceptionOf(span)!.values()) expect(String(text).length).toBeGreaterThan(0);
    }
  });

  test("are told alike on both sides of a call", async () => {
    let calls = 0;
    for await (const { span, parent } of family()) {
      if (span.kind !== SERVER || !parent) continue;
      calls++;
      expect(codeOf(parent)).toBe(codeOf(span));
      if (span.error) expect(parent.error).toBe(true);
    }
    expect(calls).toBeGreaterThan(5000);
  });

  test("travel up: most failed servers have a failed child, and what it threw", async () => {
    let failed = 0;
    let explained = 0;
    let same = 0;
    for await (const { span, children } of family()) {
      if (!span.error || (span.kind !== SERVER && span.kind !== CONSUMER) || children.length === 0) continue;
      failed++;
      const causes = children.filter(({ error, kind }) => error && kind !== CONSUMER);
      if (causes.length === 0) continue;
      explained++;
      const message = exceptionOf(span)!.get("exception.message");
      const known = causes.filter((cause) => exceptionOf(cause));
      if (known.some((cause) => exceptionOf(cause)!.get("exception.message") === message)) same++;
      else if (causes.some((cause) => !exceptionOf(cause))) same++;
    }
    expect(failed).toBeGreaterThan(300);
    expect(explained / failed).toBeGreaterThan(0.6);
    expect(same / explained).toBeGreaterThan(0.9);
  });

  test("that a step throws because of a statement are that statement's", async () => {
    let thrown = 0;
    for await (const { span, children } of family()) {
      if (!span.error || span.kind !== INTERNAL || children.length === 0) continue;
      const message = exceptionOf(span)!.get("exception.message");
      if (children.some((child) => child.error && exceptionOf(child)?.get("exception.message") === message))
        thrown++;
    }
    expect(thrown).toBeGreaterThan(20);
  });

  test("end what a server does: nothing comes after the child that made it fail", async () => {
    let last = 0;
    let failed = 0;
    for await (const { span, children } of family()) {
      const causes = children.filter(({ error }) => error);
      if (!span.error || span.kind !== SERVER || causes.length !== 1) continue;
      failed++;
      const end = Math.max(...children.filter(({ kind }) => kind !== CONSUMER).map((child) => child.end));
      if (causes[0]!.end === end) last++;
    }
    expect(failed).toBeGreaterThan(100);
    expect(last / failed).toBeGreaterThan(0.6);
  });

  test("are handled at times: the request is sent again, says so, and its caller goes on well", async () => {
    let again = 0;
    for await (const { span, parent, children } of family()) {
      for (const child of children) {
        const count = child.attributes.get("http.request.resend_count");
        if (count === undefined) continue;
        again++;
        const before = children.filter(
          (other) =>
            other.error &&
            other.start < child.start &&
            other.attributes.get("url.full") === child.attributes.get("url.full"),
        );
        expect(before.length).toBeGreaterThanOrEqual(Number(count));
      }
      void [span, parent];
    }
    expect(again).toBeGreaterThan(20);
  });
});
