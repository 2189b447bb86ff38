import { describe, expect, test } from "vitest";
import { perSignal } from "../../../otlp/signal.ts";
import { signalWith, statementWith } from "../test-statements.ts";
import type { CollectorItems, CollectorSums, ExporterItems } from "./collector-book.ts";
import { type Books, judge } from "./identities.ts";
import { ReplicaBook } from "./replica-book.ts";

type Fates = Parameters<typeof signalWith>[0];

function collected(
  accepted: number,
  exporters: Record<string, Partial<ExporterItems>> = {},
  refused = 0,
): CollectorItems {
  const whole = Object.entries(exporters).map(
    ([name, items]) => [name, { sent: 0, failed: 0, notQueued: 0, ...items }] as const,
  );
  return { accepted, refused, exporters: new Map(whole) };
}

const nothing = perSignal(() => collected(0));

function collectors(live: CollectorItems, dead?: CollectorItems): CollectorSums {
  const all = collected(
    live.accepted + (dead?.accepted ?? 0),
    Object.fromEntries(live.exporters),
    live.refused,
  );
  for (const [name, { sent }] of dead?.exporters ?? []) {
    const sum = all.exporters.get(name) ?? { sent: 0, failed: 0, notQueued: 0 };
    all.exporters.set(name, { ...sum, sent: sum.sent + sent });
  }
  const of = (traces: CollectorItems) => ({ ...nothing, traces });
  return {
    count: 1,
    up: 1,
    gone: dead ? 1 : 0,
    goneAt: dead ? ["10.0.0.2:8888"] : [],
    queued: 0,
    live: of(live),
    dead: of(dead ?? collected(0)),
    all: of(all),
  };
}

/** The books of one replica that has ended, and whatever `more` says. */
function judged(
  fates: Fates,
  more: Partial<Books> = {},
  statement: Parameters<typeof statementWith>[0] = {},
) {
  const replicas = new ReplicaBook();
  replicas.take(statementWith({ state: "ended", signals: { traces: signalWith(fates) }, ...statement }), 0);
  const { identities, losses } = judge({
    fleet: replicas.sums(60_000),
    shortAtLive: 0,
    isFinal: true,
    ...more,
  });
  return {
    states: Object.fromEntries(identities.map(({ name, exporter, state }) => [exporter ?? name, state])),
    texts: identities.map(({ text }) => text).filter(Boolean),
    losses: losses.map(({ where, items, isAtMost }) => [where, items, isAtMost]),
  };
}

/** The sums of one replica that has ended, and whose log records were all accepted. */
function logsOf(accepted: number) {
  const replicas = new ReplicaBook();
  replicas.take(statementWith({ state: "ended", signals: { logs: signalWith({ accepted }) } }), 0);
  return replicas.sums(60_000);
}

const received = (items: number, rejected = 0, repeated = 0) => ({
  ...perSignal(() => ({ received: 0, rejected: 0, refused: 0, repeated: 0 })),
  traces: { received: items, rejected, refused: 0, repeated },
});

test("all identities hold from the schedule to the sink", () => {
  const { states, losses } = judged(
    { accepted: 100, unsent: 5 },
    { collectors: collectors(collected(100, { "otlp_grpc/sink": { sent: 100 } })), sink: received(100) },
  );
  expect(states).toEqual({
    intended: "holds",
    sent: "holds",
    taken: "holds",
    "otlp_grpc/sink": "holds",
    received: "holds",
  });
  expect(losses).toEqual([]);
});

test("what differs while things move is open, not broken", () => {
  const { states } = judged(
    { accepted: 90, sent: 100 },
    { collectors: collectors(collected(80)), isFinal: false },
  );
  expect(states).toEqual({ intended: "holds", sent: "open", taken: "open" });
});

test("what the sender was told of is a loss with a name, and the sums hold", () => {
  const { states, losses } = judged({ accepted: 100, rejected: 2, failed: 3, inDoubt: 4, dropped: 5 });
  expect(states).toEqual({ intended: "holds", sent: "holds" });
  expect(losses).toEqual([
    ["replica", 5, false],
    ["replica to collector", 2, false],
    ["replica to collector", 3, false],
    ["replica to collector", 4, true],
  ]);
});

test("a schedule that does not add up is a bug of ours, and broken", () => {
  const { states, texts } = judged({ intended: 99, accepted: 100 });
  expect(states).toEqual({ intended: "broken", sent: "holds" });
  expect(texts).toEqual(["traces: intended 99, but unsent + dropped + sent is 100"]);
});

describe("between replicas and collectors", () => {
  test("more than the replicas were told, without retries and doubts, is somebody else's", () => {
    const { states, texts } = judged({ accepted: 100 }, { collectors: collectors(collected(107)) });
    expect(states.taken).toBe("broken");
    expect(texts).toEqual(["traces: the collectors took 7 spans more than the replicas were told"]);
  });

  test.each([
    ["doubt", { accepted: 100, inDoubt: 7 }, "those in doubt may be among them"],
    ["retries", { accepted: 100, requests: 20, retriedRequests: 1 }, "1 requests were tried more than once"],
  ] as const)("more than the replicas were told is explained by %s", (_, fates, reason) => {
    const { states, texts } = judged(fates, { collectors: collectors(collected(107)) });
    expect(states.taken).toBe("explained");
    expect(texts[0]).toContain(reason);
  });

  test("more is explained by a replica that fell silent", () => {
    const { states } = judged(
      { accepted: 100 },
      { collectors: collectors(collected(5000)) },
      { state: "running" },
    );
    expect(states.taken).toBe("explained");
  });

  test("where a replica fell silent and requests came again, both are named", () => {
    const { texts } = judged(
      { accepted: 100, requests: 20, retriedRequests: 1 },
      { collectors: collectors(collected(107)) },
      { state: "running" },
    );
    expect(texts[0]).toMatch(/: 1 requests were tried more than once .*; replicas that fell silent /);
  });

  test("fewer than the replicas were told is broken while all collectors live", () => {
    expect(judged({ accepted: 100 }, { collectors: collectors(collected(90)) }).states.taken).toBe("broken");
  });

  test("fewer is explained by a collector that died, unless some is missing where all live", () => {
    const died = { collectors: collectors(collected(50), collected(40)) };
    expect(judged({ accepted: 100 }, died).states.taken).toBe("explained");
    expect(judged({ accepted: 100 }, { ...died, shortAtLive: 1 }).states.taken).toBe("broken");
  });
});

describe("inside collectors", () => {
  test("what an exporter gave up is lost between collector and backend, and the sums hold", () => {
    const { states, losses } = judged(
      { accepted: 100 },
      { collectors: collectors(collected(100, { kafka: { sent: 93, failed: 7 } })) },
    );
    expect(states.kafka).toBe("holds");
    expect(losses).toEqual([["collector to backend", 7, false]]);
  });

  test("what was refused for want of room is no loss, for the sender was told and sent it again", () => {
    const { states, losses } = judged(
      { accepted: 100 },
      { collectors: collectors(collected(100, { kafka: { sent: 100, notQueued: 60, failed: 4 } }, 60)) },
    );
    expect(states.kafka).toBe("holds");
    expect(losses).toEqual([]);
  });

  test("what found no room behind an answer of 200 is lost in the collector", () => {
    const { losses } = judged(
      { accepted: 100 },
      { collectors: collectors(collected(100, { kafka: { sent: 40, notQueued: 60 } })) },
    );
    expect(losses).toEqual([["collector", 60, false]]);
  });

  test("what is nowhere is broken", () => {
    const { states, texts } = judged(
      { accepted: 100 },
      { collectors: collectors(collected(100, { kafka: { sent: 40 } })) },
    );
    expect(states.kafka).toBe("broken");
    expect(texts).toEqual(["traces: kafka sent 40 of 100 spans, and nobody knows where 60 are"]);
  });

  test("two exporters balance each on its own", () => {
    const { states } = judged(
      { accepted: 100 },
      { collectors: collectors(collected(100, { a: { sent: 100 }, b: { sent: 99 } })) },
    );
    expect(states).toMatchObject({ a: "holds", b: "broken" });
  });

  test("an exporter that reports nothing is not judged", () => {
    expect(judged({ accepted: 100 }, { collectors: collectors(collected(100)) }).states).toEqual({
      intended: "holds",
      sent: "holds",
      taken: "holds",
    });
  });
});

describe("a collector that died", () => {
  // It accepted 60, of which 55 were read, had sent on 30 when it was read last, and 20 more after that.
  const books = collectors(collected(40, { sink: { sent: 40 } }), collected(55, { sink: { sent: 30 } }));

  test("lost what it accepted as the replicas know it, less what arrived behind it", () => {
    const { states, losses } = judged({ accepted: 100 }, { collectors: books, sink: received(90) });
    expect(states).toMatchObject({ taken: "explained", sink: "holds", received: "explained" });
    expect(losses).toEqual([["collector", 10, false]]);
  });

  test("is named", () => {
    const replicas = new ReplicaBook();
    replicas.take(statementWith({ state: "ended", signals: { traces: signalWith({ accepted: 100 }) } }), 0);
    const { losses } = judge({
      fleet: replicas.sums(0),
      collectors: books,
      shortAtLive: 0,
      sink: received(90),
      isFinal: true,
    });
    expect(losses.map(({ text }) => text)).toEqual([
      "traces: 10 spans accepted by collectors that died (10.0.0.2:8888), and not received behind them",
    ]);
  });

  test("lost at most what it was not seen to send on, where nobody watches behind it", () => {
    const { losses } = judged({ accepted: 100 }, { collectors: books });
    expect(losses).toEqual([["collector", 30, true]]);
  });

  test("cannot have sent on more than replicas sent", () => {
    const { states } = judged({ accepted: 100 }, { collectors: books, sink: received(101) });
    expect(states.received).toBe("broken");
  });

  test("lost nothing when all of it arrived", () => {
    const { losses } = judged({ accepted: 100 }, { collectors: books, sink: received(100) });
    expect(losses).toEqual([]);
  });
});

describe("at the sink", () => {
  test("what was sent on and did not arrive is lost behind the collectors", () => {
    const { states, losses } = judged(
      { accepted: 100 },
      { collectors: collectors(collected(100, { sink: { sent: 100 } })), sink: received(98) },
    );
    expect(states.received).toBe("broken");
    expect(losses).toEqual([["collector to backend", 2, false]]);
  });

  test("without collectors the replicas are held against it", () => {
    expect(judged({ accepted: 100 }, { sink: received(100) }).states.received).toBe("holds");
    expect(judged({ accepted: 100 }, { sink: received(99) }).states.received).toBe("broken");
    expect(judged({ accepted: 100, inDoubt: 3 }, { sink: received(102) }).states.received).toBe("explained");
  });

  test("what came again byte for byte is missing nowhere, where somebody tried again", () => {
    const sink = received(98, 0, 3);
    const books = { collectors: collectors(collected(100, { sink: { sent: 100 } })), sink };
    const { states, losses } = judged({ accepted: 100, retriedRequests: 1 }, books);
    expect([states.received, losses]).toEqual(["explained", []]);
    expect(judged({ accepted: 100 }, books).states.received).toBe("broken");
    const fewer = { ...books, sink: received(98, 0, 1) };
    expect(judged({ accepted: 100, retriedRequests: 1 }, fewer).states.received).toBe("broken");
  });

  test("log records have no ids of their own: some that are alike may count as repeated", () => {
    const { identities, losses } = judge({
      fleet: logsOf(100),
      shortAtLive: 0,
      isFinal: true,
      sink: { ...received(0), logs: { received: 98, rejected: 0, refused: 0, repeated: 2 } },
    });
    expect(identities.find(({ name }) => name === "received")).toMatchObject({
      state: "explained",
      text: "logs: the sink received 2 log records fewer than the replicas were told: 2 came byte for byte as others had come before, sent again or alike",
    });
    expect(losses).toEqual([]);
  });

  test("what a sink that died received after it was read last has a name, and is at most lost", () => {
    const { states, losses } = judged({ accepted: 100 }, { sink: received(90), isSinkGone: true });
    expect(states.received).toBe("explained");
    expect(losses).toEqual([["replica to collector", 10, true]]);
  });

  test("of several exporters the one called sink feeds it; where none is, it is not compared", () => {
    const sent = { "otlp_grpc/sink": { sent: 100 }, kafka: { sent: 40, failed: 60 } };
    expect(
      judged({ accepted: 100 }, { collectors: collectors(collected(100, sent)), sink: received(100) }).states
        .received,
    ).toBe("holds");
    const others = { a: { sent: 100 }, b: { sent: 100 } };
    expect(
      judged({ accepted: 100 }, { collectors: collectors(collected(100, others)), sink: received(0) }).states
        .received,
    ).toBeUndefined();
  });
});
