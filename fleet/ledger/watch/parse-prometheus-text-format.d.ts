/** The part of the package that we use; it comes without types. */
declare module "parse-prometheus-text-format" {
  interface MetricFamily {
    name: string;
    type: string;
    /** Histograms and summaries have other fields instead of `value`. */
    metrics: { value?: string; labels?: Record<string, string> }[];
  }
  export default function parsePrometheusTextFormat(text: string): MetricFamily[];
}
