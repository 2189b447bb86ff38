/**
 * The log file: access, application and system logs in exact shares, many of them belonging to spans of the trace file.
 *
 * Linked records come in the order of the traces they belong to, so that in a pass a span and its log are sent about together.
 */
import type { GeneratorConfig } from "../config.ts";
import { FirstUse } from "../first-use.ts";
import { FrameGroups, type ResourceGroup } from "../frame-groups.ts";
import type { FrameSink } from "../frame-sink.ts";
import type { Random } from "../random.ts";
import { encodeResource, encodeScope, hostAttributes, SCHEMA_URL, serviceAttributes } from "../resource.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { Service, ServiceInstance } from "../scenario/services.ts";
import { DATABASE } from "../span-role.ts";
import { inFileOrder, type SampledSpan, type SpanSamples } from "../span-sample.ts";
import { AccessLog } from "./access/access-log.ts";
import { ApplicationLog } from "./application/application-log.ts";
import { divide, EvenDeal, shuffled } from "./shares.ts";
import { SystemLog } from "./system/system-log.ts";

/** What the log file holds, for metadata.yaml. */
export interface LogTotals {
  records: number;
  frames: number;
  /** Records that belong to a span. */
  linked: number;
}

/** Records per frame: what a collector's batch would hold. */
const FRAME_RECORDS = 400;
const FRAME_BYTES = 480 * 1024;

/** Share of records that belong to a span, as long as there are spans for them. */
const LINKED_ACCESS = 0.5;
const LINKED_APPLICATION = 0.7;

const HTTP_ACCESS = 0;
const APPLICATION = 1;

/** Scopes of a service's resource: that of access logs, then those of its application logs. */
const ACCESS_SCOPE = 0;
const APPLICATION_SCOPE = 1;

/**
 * Write all log records of a config.
 *
 * samples     spans that records may belong to, as `writeTraces` filled them
 * onProgress  called after each frame with the records written so far
 */
export async function writeLogs(
  config: GeneratorConfig,
  scenario: Scenario,
  random: Random,
  sink: FrameSink,
  samples: SpanSamples,
  onProgress?: (records: number) => void,
): Promise<LogTotals> {
  const { count, types } = config.logs;
  const counts = divide(count, [
    types.http_access.percentage,
    types.application.percentage,
    types.system.percentage,
  ]);
  const talkers = loggingServices(scenario, types.application.services);
  const talking = scenario.instances.filter(({ service }) => talkers.has(service));
  const access = new AccessLog(scenario, random.fork("access"));
  const application = new ApplicationLog(scenario, talkers, random.fork("application"));
  const system = new SystemLog(scenario, random.fork("system"));
  const places = random.fork("places");
  const requests = new SpanDeal(samples.requests.sorted(), counts[HTTP_ACCESS]!, LINKED_ACCESS, false);
  const work = new SpanDeal(
    worthTelling(samples, counts[APPLICATION]!, (span) =>
      talkers.has(scenario.instances[span.instance]!.service),
    ),
    counts[APPLICATION]!,
    LINKED_APPLICATION,
    true,
  );
  const groups = new FirstUse(scenario.instances, (instance) => serviceGroup(instance, application));
  const machines = scenario.infrastructure.nodes.slice(0, machinesThatTell(config.metrics));
  const hosts = machines.map((node) => ({
    resource: encodeResource({ ...hostAttributes(node), "os.description": node.os.description }),
    scopes: [encodeScope("syslog", "")],
    schemaUrl: SCHEMA_URL,
  }));
  const frame = new FrameGroups(sink);
  const totals: LogTotals = { records: 0, frames: 0, linked: 0 };
  for (const kind of shuffled(counts, random.fork("order"))) {
    let span: SampledSpan | undefined;
    if (kind === HTTP_ACCESS) {
      span = requests.next();
      const instance = access.instanceOf(span);
      access.write(frame.open(groups.of(instance), ACCESS_SCOPE), span, instance);
    } else if (kind === APPLICATION) {
      span = work.next();
      const instance = span ? scenario.instances[span.instance]! : places.pick(talking);
      const scope = application.begin(span, instance);
      application.write(frame.open(groups.of(instance), APPLICATION_SCOPE + scope));
    } else {
      const ordinal = places.int(0, machines.length - 1);
      system.write(frame.open(hosts[ordinal]!, 0), ordinal);
    }
    totals.records++;
    if (span) totals.linked++;
    if (frame.items >= FRAME_RECORDS || frame.bytes >= FRAME_BYTES) {
      await frame.flush();
      onProgress?.(totals.records);
    }
  }
  await frame.flush();
  onProgress?.(totals.records);
  totals.frames = frame.frames;
  return totals;
}

/** Machines that write logs however few are measured. */
const MIN_MACHINES = 3;

/**
 * How many machines write logs, the first of the scenario: as many as the metrics surely know, where there are metrics.
 * They take machines in the same order, and what a machine has once is known of as many as a metric has series.
 */
function machinesThatTell({ metric_count, timeseries_per_metric }: GeneratorConfig["metrics"]): number {
  return metric_count > 0 ? Math.max(MIN_MACHINES, timeseries_per_metric.min) : Number.POSITIVE_INFINITY;
}

/** Deals spans out to records: so many of the records get one, in the order of the spans. */
class SpanDeal {
  readonly #spans: readonly SampledSpan[];
  readonly #linked: number;
  readonly #deal: EvenDeal;

  /** repeat: whether a span may have several records. */
  constructor(spans: readonly SampledSpan[], records: number, share: number, repeat: boolean) {
    const wanted = Math.floor(records * share);
    this.#spans = spans;
    this.#linked = spans.length === 0 ? 0 : repeat ? wanted : Math.min(wanted, spans.length);
    this.#deal = new EvenDeal(records, this.#linked);
  }

  next(): SampledSpan | undefined {
    const ordinal = this.#deal.next();
    return ordinal < 0 ? undefined : this.#spans[Math.floor((ordinal * this.#spans.length) / this.#linked)];
  }
}

/** Most of the records with a span that tell of a failure: failures are told more often than what goes well. */
const FAILURE_SHARE = 0.1;
/** Most of them that tell of a statement, as long as there is other work to tell of. */
const STATEMENT_SHARE = 0.12;

/**
 * The spans that application logs tell of, in the order of the traces: all failures up to a share, and of the others enough,
 * statements less often than other work where there is a choice.
 */
function worthTelling(
  samples: SpanSamples,
  records: number,
  talks: (span: SampledSpan) => boolean,
): readonly SampledSpan[] {
  const wanted = Math.floor(records * LINKED_APPLICATION);
  const rest = samples.any.sorted().filter((span) => !span.exception && talks(span));
  const most = Math.max(Math.ceil(wanted * FAILURE_SHARE), wanted - rest.length);
  const failures = thinned(samples.failures.sorted().filter(talks), most);
  const statements = rest.filter(({ role }) => role === DATABASE);
  const work = rest.filter(({ role }) => role !== DATABASE);
  const left = wanted - failures.length;
  const told = Math.max(left - work.length, Math.floor(left * STATEMENT_SHARE));
  const chosen = [...failures, ...thinned(statements, told), ...thinned(work, left - told)];
  return chosen.sort(inFileOrder);
}

/** So many of the items, evenly spread; all of them when there are fewer. */
function thinned<T>(items: readonly T[], count: number): readonly T[] {
  if (items.length <= count) return items;
  return Array.from({ length: count }, (_, place) => items[Math.floor((place * items.length) / count)]!);
}

/** The services that write application logs: entrances first, then in order. */
function loggingServices(scenario: Scenario, count: number): ReadonlySet<Service> {
  const ordered = new Set([...scenario.ingress, ...scenario.services]);
  return new Set([...ordered].slice(0, count));
}

function serviceGroup(instance: ServiceInstance, application: ApplicationLog): ResourceGroup {
  return {
    resource: encodeResource(serviceAttributes(instance)),
    scopes: [encodeScope("access-log", ""), ...application.scopesOf(instance.service)],
    schemaUrl: SCHEMA_URL,
  };
}
