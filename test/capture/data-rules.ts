/** What the data of a capture is held against, beyond what OTLP and stamping demand. */

export type Semconv = "stable" | "old" | "dup";

export interface DataRules {
  /** Which attribute names spans use; metrics and logs use the current ones always. */
  semconv: Semconv;
  /** Beginnings of keys that are the user's own; they may stand on spans. */
  customPrefixes: readonly string[];
  /** Share of spans that were to fail. */
  errorRate?: number;
  /** Series of a metric, where stamping added no instances: bounds, and where the mean is to be. */
  seriesPerMetric?: { min: number; max: number; default: number };
  /** Records of each kind for every hundred. */
  logShares?: { access: number; application: number; system: number };
}

export const DEFAULT_DATA_RULES: DataRules = { semconv: "stable", customPrefixes: ["app.", "fat."] };
