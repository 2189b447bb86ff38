import type { SinkCounts } from "./counts.ts";
import type { VerificationReport } from "./verify/report.ts";

/** What a sink reports: one JSON document. */
export interface SinkReport extends SinkCounts {
  /** ISO 8601. */
  startedAt: string;
  durationMs: number;
  /** As bound; absent when the protocol was not served. */
  grpcAddress?: string;
  httpAddress?: string;
  /** How often each planned fault happened. */
  faults: Record<string, number>;
  /** Absent when verification was switched off. */
  verification?: VerificationReport;
  /** 0; 1 when verification failed. */
  exitCode: 0 | 1;
}
