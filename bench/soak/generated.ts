/**
 * The data of a generator's config, judged at full size: generated, sent once through a real Collector, and what its file exporter
 * wrote checked as test/capture does. docs/measuring.md has the run that matters.
 *
 *   node bench/soak/generated.ts --config examples/generator-full-size.yaml --rate 40000
 *   node bench/soak/generated.ts --config metrics.yaml --rate 40000 --passes 3      several points a series
 *
 * Prints the check's summary; exit code 1 when anything is wrong.
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { parse } from "yaml";
import { generatorConfigSchema } from "../../generator/config.ts";
import { summaryOf } from "../../test/capture/summary.ts";
import { checkGenerated } from "../../test/check-generated.ts";

const { values: flags } = parseArgs({
  options: {
    config: { type: "string" },
    rate: { type: "string", default: "40000" },
    passes: { type: "string", default: "1" },
  },
});
if (flags.config === undefined) throw new Error("--config FILE is needed");
const config = readFileSync(flags.config, "utf8");
const { traces, metrics, logs } = generatorConfigSchema.parse(parse(config));
const { http_access, application, system } = logs.types;
const report = await checkGenerated({
  config,
  rules: {
    semconv: traces.semconv,
    ...(traces.count > 0 && { errorRate: traces.spans.error_rate }),
    ...(metrics.metric_count > 0 && { seriesPerMetric: metrics.timeseries_per_metric }),
    ...(logs.count > 0 && {
      logShares: {
        access: http_access.percentage,
        application: application.percentage,
        system: system.percentage,
      },
    }),
  },
  rootless: traces.root.rootless.enabled,
  passes: Number(flags.passes),
  rate: Number(flags.rate),
});
// In KiB.
process.stdout.write(summaryOf(report, process.resourceUsage().maxRSS * 1024));
process.exitCode = report.ok ? 0 : 1;
