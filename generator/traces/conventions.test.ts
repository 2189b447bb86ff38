import { describe, expect, test } from "vitest";
import { byTrace, type DecodedSpan, writeAndRead } from "./decoded-spans.ts";

const SERVER = 2;
const CLIENT = 3;
const PRODUCER = 4;
const CONSUMER = 5;

/** What spans of a kind are known by, in the stable conventions and the old ones, and what they have. */
const ROLES: readonly {
  role: string;
  kind: number;
  mark: string;
  keys: readonly string[];
  oldMark: string;
  oldKeys: readonly string[];
}[] = [
  {
    role: "an HTTP server",
    kind: SERVER,
    mark: "http.route",
    keys: [
      "http.request.method",
      "http.response.status_code",
      "url.path",
      "url.scheme",
      "server.address",
      "server.port",
      "client.address",
      "user_agent.original",
      "network.protocol.version",
    ],
    oldMark: "http.target",
    oldKeys: [
      "http.method",
      "http.status_code",
      "http.scheme",
      "net.host.name",
      "net.host.port",
      "http.flavor",
    ],
  },
  {
    role: "an HTTP client",
    kind: CLIENT,
    mark: "url.full",
    keys: [
      "http.request.method",
      "url.full",
      "server.address",
      "server.port",
      "network.peer.address",
      "network.peer.port",
      "network.protocol.version",
    ],
    oldMark: "http.url",
    oldKeys: ["http.method", "net.peer.name", "net.peer.port", "net.sock.peer.addr", "http.flavor"],
  },
  ...[SERVER, CLIENT].map((kind) => ({
    role: kind === SERVER ? "a gRPC server" : "a gRPC client",
    kind,
    mark: "rpc.method",
    keys: ["rpc.system.name", "rpc.response.status_code", "server.address", "server.port"],
    oldMark: "rpc.service",
    oldKeys: ["rpc.system", "rpc.method", "rpc.grpc.status_code"],
  })),
  {
    role: "a database client",
    kind: CLIENT,
    mark: "db.system.name",
    keys: ["db.namespace", "db.operation.name", "db.query.text", "db.query.summary", "server.address"],
    oldMark: "db.system",
    oldKeys: ["db.operation", "db.statement", "net.peer.name"],
  },
  {
    role: "a producer",
    kind: PRODUCER,
    mark: "messaging.destination.name",
    keys: [
      "messaging.system",
      "messaging.operation.name",
      "messaging.operation.type",
      "messaging.client.id",
      "server.address",
    ],
    oldMark: "messaging.destination.name",
    oldKeys: ["messaging.system", "messaging.operation", "messaging.client_id", "net.peer.name"],
  },
  {
    role: "a consumer",
    kind: CONSUMER,
    mark: "messaging.destination.name",
    keys: [
      "messaging.system",
      "messaging.operation.name",
      "messaging.operation.type",
      "messaging.client.id",
      "server.address",
    ],
    oldMark: "messaging.destination.name",
    oldKeys: ["messaging.system", "messaging.operation", "messaging.client_id", "net.peer.name"],
  },
];

const written = {
  stable: writeAndRead({ count: 1500, services: { count: 12 } }),
  old: writeAndRead({ count: 400, services: { count: 12 }, semconv: "old" }),
  dup: writeAndRead({ count: 400, services: { count: 12 }, semconv: "dup" }),
};

const of = (spans: readonly DecodedSpan[], kind: number, mark: string) =>
  spans.filter((span) => span.kind === kind && span.attributes.has(mark));

describe.each(ROLES)("$role", ({ kind, mark, keys, oldMark, oldKeys }) => {
  test("has what the stable conventions require and recommend", async () => {
    const spans = of((await written.stable).spans, kind, mark);
    expect(spans.length).toBeGreaterThan(20);
    for (const { attributes } of spans) {
      const answered = keys.filter(
        (key) => key !== "http.response.status_code" || !attributes.has("error.type"),
      );
      expect(answered.filter((key) => !attributes.has(key))).toEqual([]);
    }
  });

  test("has the old names alone, or both, when asked", async () => {
    const old = of((await written.old).spans, kind, oldMark);
    expect(old.length).toBeGreaterThan(5);
    for (const { attributes } of old) {
      expect(oldKeys.filter((key) => !attributes.has(key))).toEqual([]);
      expect(
        keys.filter((key) => attributes.has(key) && !oldKeys.includes(key) && key !== "url.scheme"),
      ).toEqual([]);
    }
    const both = of((await written.dup).spans, kind, mark);
    expect(both.length).toBe(old.length);
    for (const { attributes } of both)
      expect(
        [...keys, ...oldKeys].filter((key) => !attributes.has(key) && !attributes.has("error.type")),
      ).toEqual([]);
  });
});

describe.each(["stable", "old", "dup"] as const)("with %s names", (semconv) => {
  test("a key has one type, on spans, events and links alike", async () => {
    const types = new Map<string, string>();
    const mixed = new Set<string>();
    for (const { attributes, events } of (await written[semconv]).spans) {
      for (const [key, value] of [...attributes, ...events.flatMap((event) => [...event.attributes])]) {
        if ((types.get(key) ?? typeof value) !== typeof value) mixed.add(key);
        types.set(key, typeof value);
      }
    }
    expect([...mixed]).toEqual([]);
  });
});

describe("names of spans", () => {
  test("say what was done, and hold nothing that varies", async () => {
    const { spans } = await written.stable;
    for (const { name, kind, attributes } of spans) {
      const value = (key: string) => attributes.get(key) as string;
      if (attributes.has("rpc.method")) expect(name).toBe(value("rpc.method"));
      else if (attributes.has("db.system.name")) expect(name).toBe(value("db.query.summary"));
      else if (attributes.has("messaging.system"))
        expect(name).toBe(`${value("messaging.operation.name")} ${value("messaging.destination.name")}`);
      else if (attributes.has("http.request.method")) {
        const route = value(kind === SERVER ? "http.route" : "url.template");
        expect(name).toBe(route ? `${value("http.request.method")} ${route}` : value("http.request.method"));
      } else expect(name).toMatch(/^[a-z][a-z_ .-]+$/);
    }
  });
});

describe("a call", () => {
  test("has two sides: a client, and a server of another service below it, which say the same", async () => {
    let calls = 0;
    const { spans } = await written.stable;
    for (const own of byTrace(spans).values()) {
      const byOrdinal = new Map(own.map((span) => [span.ordinal, span]));
      for (const span of own) {
        if (span.kind !== SERVER) continue;
        const caller = byOrdinal.get(span.parent);
        expect(span.flags).toBe(caller ? 0x303 : 0x103);
        if (!caller) continue;
        calls++;
        expect([caller.kind, caller.name]).toEqual([CLIENT, span.name]);
        expect(caller.service).not.toBe(span.service);
        expect(caller.attributes.get("server.address")).toBe(span.attributes.get("server.address"));
        const path = span.attributes.get("url.path");
        if (path) expect(new URL(String(caller.attributes.get("url.full"))).pathname).toBe(path);
      }
    }
    expect(calls).toBeGreaterThan(2000);
  });

  test("keeps to what its request is about: an entrance asks the service behind it for the same id", async () => {
    let same = 0;
    let calls = 0;
    const { spans } = await written.stable;
    for (const own of byTrace(spans).values()) {
      const root = own.find(({ parent }) => parent < 0)!;
      const id = /^\/api\/v1\/[a-z-]+\/([^/]+)/.exec(String(root.attributes.get("url.path")))?.[1];
      const collection = String(root.attributes.get("http.route")).split("/")[3];
      if (!id) continue;
      const behind = own.find(
        ({ kind, attributes }) =>
          kind === CLIENT && String(attributes.get("url.template")).startsWith(`/${collection}/`),
      );
      if (!behind) continue;
      calls++;
      if (String(behind.attributes.get("url.full")).includes(`/${collection}/${id}`)) same++;
    }
    expect(calls).toBeGreaterThan(50);
    expect(same).toBe(calls);
  });
});

describe("a message", () => {
  test("has its worker below it, in another process, later and linked; both name the same message", async () => {
    const { spans, totals } = await written.stable;
    let batches = 0;
    const consumers = spans.filter(({ kind }) => kind === CONSUMER);
    const traces = byTrace(spans);
    for (const span of consumers) {
      const producer = traces.get(span.trace)!.find(({ ordinal }) => ordinal === span.parent)!;
      expect(producer.kind).toBe(PRODUCER);
      expect(span.flags).toBe(0x303);
      expect(span.start).toBeGreaterThanOrEqual(producer.end);
      expect(span.links[0]).toEqual({
        trace: span.trace,
        ordinal: producer.ordinal,
        spanCount: span.spanCount,
      });
      const count = span.attributes.get("messaging.batch.message_count");
      if (count === undefined) {
        expect(span.links.length).toBe(1);
        for (const key of ["messaging.destination.partition.id", "messaging.kafka.message.key"])
          expect(span.attributes.get(key)).toBe(producer.attributes.get(key));
      } else {
        batches++;
        expect(count).toBe(span.links.length);
      }
    }
    expect(batches / consumers.length).toBeGreaterThan(0.15);
    expect(batches / consumers.length).toBeLessThan(0.3);
    expect(totals.spanLinks).toBe(spans.reduce((sum, { links }) => sum + links.length, 0));
  });

  test("is linked from other traces once at most by each worker, of an earlier trace and the same topic", async () => {
    const { spans } = await written.stable;
    const traces = byTrace(spans);
    const seen = new Set<string>();
    for (const span of spans.filter(({ links }) => links.length > 1)) {
      const topic = span.attributes.get("messaging.destination.name");
      for (const link of span.links.slice(1)) {
        expect(link.trace).toBeLessThan(span.trace);
        const linked = traces.get(link.trace)!.find(({ ordinal }) => ordinal === link.ordinal)!;
        expect([linked.kind, linked.attributes.get("messaging.destination.name")]).toEqual([PRODUCER, topic]);
        expect(link.spanCount).toBe(linked.spanCount);
        const taken = `${span.service} ${topic} ${link.trace} ${link.ordinal}`;
        expect(seen.has(taken)).toBe(false);
        seen.add(taken);
      }
    }
    expect(seen.size).toBeGreaterThan(50);
  });
});
