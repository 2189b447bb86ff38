/** Samples for tests of what shows them, and an arbitrary one. */
import fc from "fast-check";
import { RateHistory } from "./rate-history.ts";
import type { LatencySample, Sample, SignalSample } from "./sample.ts";

const LATENCY: LatencySample = { p50: 3.21, p90: 12.4, p99: 41.7 };

/** A signal of which all was accepted, but for what `more` says. */
export function signalSample(rate: number, sent: number, more: Partial<SignalSample> = {}): SignalSample {
  const requests = Math.round(sent / 1000);
  return {
    rate,
    intended: sent,
    sent,
    accepted: sent,
    rejected: 0,
    failed: 0,
    inDoubt: 0,
    unsent: 0,
    requests,
    retriedRequests: 0,
    compressedRequests: requests,
    compiledRequests: requests,
    bodyBytes: sent * 400,
    wireBytes: sent * 50,
    wireRate: rate * 50,
    recentMs: LATENCY,
    runMs: { ...LATENCY, p99: 44 },
    ...more,
  };
}

export const NO_LATENCY: LatencySample = { p50: Number.NaN, p90: Number.NaN, p99: Number.NaN };

/** A minute of a run of ten, as planned. */
export const GOOD: Sample = {
  elapsedMs: 62_300,
  remainingMs: 537_700,
  share: 0.104,
  endsBy: "duration",
  isOver: false,
  isPaused: false,
  targetRate: 1_000_000,
  signals: {
    traces: signalSample(512_340, 31_508_200),
    metrics: signalSample(300_100, 18_400_000),
    logs: signalSample(185_040, 11_230_400),
  },
  total: signalSample(997_480, 61_138_600),
  lagMs: 0,
  worstLagMs: 12,
  inFlight: 12,
  cpuShare: 0.83,
  rssBytes: 71_300_000,
  errors: [],
  targets: [
    { address: "127.0.0.1:4317", requestRate: 980, accepted: 61_138_600, rejected: 0, failed: 0, inDoubt: 0 },
  ],
  processes: 4,
};

/** A run with every kind of trouble, and text from the target that would spoil a screen. */
export const BAD: Sample = {
  ...GOOD,
  signals: {
    traces: signalSample(212_340, 31_508_200, {
      accepted: 31_386_200,
      failed: 1200,
      inDoubt: 300,
      rejected: 120_500,
      unsent: 2_000_000,
      compiledRequests: 20_000,
    }),
    logs: signalSample(185_040, 11_230_400, { compressedRequests: 0, compiledRequests: 0 }),
  },
  total: signalSample(397_380, 42_738_600, {
    accepted: 42_616_600,
    failed: 1200,
    inDoubt: 300,
    rejected: 120_500,
    unsent: 2_000_000,
    retriedRequests: 17,
    compiledRequests: 20_000,
  }),
  lagMs: 12_340,
  worstLagMs: 30_000,
  errors: [
    {
      code: "UNAVAILABLE",
      count: 1414,
      perSecond: 12.2,
      message: "No connection established. Last error: connect ECONNREFUSED 127.0.0.1:4317",
    },
    { code: "429", count: 3, perSecond: 0, message: "slow\u001B[31m down\n" },
    { code: "503", count: 2, perSecond: 0, message: "" },
    { code: "reset", count: 1, perSecond: 0, message: "" },
  ],
  targets: [
    {
      address: "10.0.0.1:4317",
      requestRate: 210,
      accepted: 21_000_000,
      rejected: 120_500,
      failed: 0,
      inDoubt: 0,
    },
    {
      address: "10.0.0.2:4317",
      requestRate: 190,
      accepted: 21_616_600,
      rejected: 0,
      failed: 1200,
      inDoubt: 300,
    },
  ],
  processes: 1,
};

/** Half a minute of a rising rate, then half a minute of a steady one, with a moment when it fell short. */
export function historyOf(planned = 1_000_000, seconds = 60): RateHistory {
  const history = new RateHistory();
  for (let second = 0; second < seconds; second++) {
    const rate = second < 30 ? second * 33_000 : 990_000 + (second % 7) * 4000;
    history.add(second * 1000, second === 50 ? 500_000 : rate, second < 30 ? rate : planned);
  }
  return history;
}

const count = fc.oneof(fc.nat(1000), fc.integer({ min: 0, max: 1e13 }));
const rate = fc.double({ min: 0, max: 2e7, noNaN: true });
const latency = fc.record({
  p50: fc.double({ min: 0, max: 1e5 }),
  p90: fc.double({ min: 0, max: 1e5 }),
  p99: fc.double({ min: 0, max: 4e6 }),
});
const signal: fc.Arbitrary<SignalSample> = fc.record({
  rate,
  intended: count,
  sent: count,
  accepted: count,
  rejected: count,
  failed: count,
  inDoubt: count,
  unsent: count,
  requests: count,
  retriedRequests: count,
  compressedRequests: count,
  compiledRequests: count,
  bodyBytes: count,
  wireBytes: count,
  wireRate: rate,
  recentMs: latency,
  runMs: latency,
});
const error = fc.record({
  code: fc.string(),
  count,
  perSecond: rate,
  message: fc.string({ maxLength: 300 }),
});
const target = fc.record({
  address: fc.oneof(fc.ipV4(), fc.ipV6()).map((address) => `${address}:4317`),
  requestRate: rate,
  accepted: count,
  rejected: count,
  failed: count,
  inDoubt: count,
});

/** Any sample at all. */
export const anySample: fc.Arbitrary<Sample> = fc
  .record({
    elapsedMs: fc.nat(1e9),
    left: fc.option(
      fc.record({ remainingMs: fc.nat(1e9), share: fc.double({ min: 0, max: 1, noNaN: true }) }),
    ),
    endsBy: fc.constantFrom("duration", "nothing: stop it with Ctrl-C"),
    isOver: fc.boolean(),
    isPaused: fc.boolean(),
    targetRate: fc.oneof(fc.constant(0), fc.integer({ min: 1000, max: 2e7 })),
    signals: fc.record({ traces: signal, metrics: signal, logs: signal }, { requiredKeys: [] }),
    total: signal,
    lagMs: fc.nat(1e6),
    worstLagMs: fc.nat(1e6),
    inFlight: fc.nat(1e4),
    cpuShare: fc.double({ min: 0, max: 64, noNaN: true }),
    rssBytes: fc.nat(1e9),
    errors: fc.array(error, { maxLength: 7 }),
    targets: fc.array(target, { maxLength: 15 }),
    processes: fc.integer({ min: 1, max: 100 }),
  })
  .map(({ left, ...sample }) => ({ ...sample, ...left }));
