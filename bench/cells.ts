/**
 * The cells: one base, and one factor varied at a time. A new way to send is a row here.
 */
import type { Compression, Protocol } from "../otlp/protocol.ts";
import type { FixtureSpec, Form } from "./fixtures/fixtures.ts";
import { SUBJECT_NAMES, type SubjectName } from "./fixtures/subjects.ts";

/** How a sender is set. */
export interface SendSpec {
  subject: SubjectName;
  protocol: Protocol;
  compression: Compression;
  /** Of the templates; `plain` with a compression means that each request is compressed when it is sent. */
  form: Form;
  /** Items of a request, about. */
  batch: number;
  /** Of the templates, uncompressed. */
  rawBytes: number;
  processes: number;
  /** Requests in flight of one process, at most. */
  concurrency: number;
  tls: boolean;
}

export interface SendCell {
  /** `send` and the factor with its value. */
  name: string;
  factor: string;
  /** The factor's value. */
  label: string;
  spec: SendSpec;
  /** Only with --full: takes tens of gigabytes or many minutes. */
  isFull?: true;
}

export const GIGABYTE = 1e9;

export const BASE: SendSpec = {
  subject: "traces",
  protocol: "http/protobuf",
  compression: "zstd",
  form: "zstd-fast",
  batch: 1000,
  rawBytes: GIGABYTE,
  processes: 1,
  // Enough to keep a sender busy, few enough that what they hold stays in the caches.
  concurrency: 16,
  tls: false,
};

const PLAIN = { compression: "none", form: "plain" } as const;

const GZIP = { compression: "gzip", form: "gzip-fast" } as const;

/** All with the base's other values. */
export const SEND_CELLS: readonly SendCell[] = [
  vary("base", "traces, HTTP, zstd, compiled, 1,000 spans a request, 1 GB", {}),
  vary("signal", "logs", { subject: "logs" }),
  vary("signal", "numbers", { subject: "numbers" }),
  vary("signal", "histograms", { subject: "histograms" }),
  vary("signal", "exponential histograms", { subject: "exponential histograms" }),
  vary("protocol", "gRPC", { protocol: "grpc" }),
  vary("compression", "none", PLAIN),
  vary("compression", "none, gRPC", { ...PLAIN, protocol: "grpc" }),
  vary("compression", "gzip", GZIP),
  vary("compression", "gzip, gRPC", { ...GZIP, protocol: "grpc" }),
  vary("compression", "gzip, logs", { ...GZIP, subject: "logs" }),
  vary("compression", "gzip, numbers", { ...GZIP, subject: "numbers" }),
  vary("compression", "gzip at each send", { compression: "gzip", form: "plain" }),
  vary("compression", "zstd at each send", { form: "plain" }),
  vary("compression", "zstd at each send, gRPC", { form: "plain", protocol: "grpc" }),
  vary("batch", "50 spans", { batch: 50 }),
  vary("batch", "200 spans", { batch: 200 }),
  vary("batch", "4,000 spans", { batch: 4000 }),
  vary("batch", "8,000 spans", { batch: 8000 }),
  vary("templates", "10 MB", { rawBytes: GIGABYTE / 100 }),
  vary("templates", "100 MB", { rawBytes: GIGABYTE / 10 }),
  { ...vary("templates", "10 GB", { rawBytes: GIGABYTE * 10 }), isFull: true },
  vary("in flight", "4 requests", { concurrency: 4 }),
  vary("in flight", "50 requests, as by default", { concurrency: 50 }),
  vary("processes", "2", { processes: 2 }),
  vary("processes", "4", { processes: 4 }),
  vary("TLS", "HTTP", { tls: true }),
  vary("TLS", "gRPC", { tls: true, protocol: "grpc" }),
];

function vary(factor: string, label: string, change: Partial<SendSpec>): SendCell {
  const name = factor === "base" ? "send base" : `send ${factor}: ${label}`;
  return { name, factor, label, spec: { ...BASE, ...change } };
}

/** The templates of a sender. */
export function fixtureOf({ subject, form, batch, rawBytes }: SendSpec): FixtureSpec {
  return { subject, form, batch, rawBytes };
}

export interface StageCell {
  name: string;
  label: string;
  stage: "read" | "stamp" | "read, stamp" | "write" | "all but stamping" | "all";
  spec: SendSpec;
}

/** Larger than the caches; plain templates take their size on the disk. */
const PLAIN_BYTES = GIGABYTE / 10;
const GRPC: SendSpec = { ...BASE, protocol: "grpc" };
const STILL = { form: "without slots" } as const;

/** Parts of the base cell by themselves, and what stamping costs: the sender over records that have no slots, against itself. */
export const STAGE_CELLS: readonly StageCell[] = [
  stage("read", "read", BASE),
  stage("stamp", "stamp, in memory", BASE),
  stage("write", "write, HTTP", BASE),
  stage("write", "write, gRPC", GRPC),
  stage("all but stamping", "all but stamping, HTTP", { ...BASE, ...STILL }),
  stage("all", "all, HTTP", BASE),
  stage("all but stamping", "all but stamping, gRPC", { ...GRPC, ...STILL }),
  stage("all", "all, gRPC", GRPC),
  stage("read, stamp", "read and stamp, gzip: traces", { ...BASE, ...GZIP }),
  ...SUBJECT_NAMES.flatMap((subject) => [
    stage("read, stamp", `read and stamp: ${subject}`, { ...BASE, subject }),
    stage("read, stamp", `read and stamp, plain: ${subject}`, {
      ...BASE,
      ...PLAIN,
      subject,
      rawBytes: PLAIN_BYTES,
    }),
  ]),
];

function stage(stage: StageCell["stage"], label: string, spec: SendSpec): StageCell {
  return { name: `stage ${label}`, label, stage, spec };
}
