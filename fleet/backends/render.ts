/**
 * One Collector config from collector-config/base.yaml and any number of backends: per signal to all that take it.
 *
 * The Collector's own merging of several --config replaces lists, so it cannot fan out. By hand one backend's file still works
 * as a second --config; this does the same for one, and more for several.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { stringify } from "yaml";
import { z } from "zod";
import { type PerSignal, perSignal, SIGNALS, type Signal } from "../../otlp/signal.ts";
import { BackendError } from "./backend-error.ts";
import { type Backend, isNop, parseYaml, signalsOf } from "./backend-file.ts";

type Components = Record<string, unknown>;
interface Pipeline {
  receivers: string[];
  processors: string[];
  exporters: string[];
}

const baseSchema = z.looseObject({
  receivers: z.record(z.string(), z.unknown()),
  processors: z.record(z.string(), z.unknown()),
  extensions: z.record(z.string(), z.unknown()),
  service: z.looseObject({
    extensions: z.array(z.string()),
    pipelines: z.record(
      z.enum(SIGNALS),
      z.object({ receivers: z.array(z.string()), processors: z.array(z.string()) }),
    ),
  }),
});

/** base.yaml, as far as rendering looks into it. */
export type Base = z.infer<typeof baseSchema>;

export interface Rendered {
  /** Owned by the caller. */
  config: Components;
  /** Names of the backends that take a signal, in the order they were given; none where it is dropped. */
  takers: PerSignal<string[]>;
}

/** Read `directory`/base.yaml. */
export function readBase(directory: string): Base {
  const file = join(directory, "base.yaml");
  return baseSchema.parse(parseYaml(readFileSync(file, "utf8"), file));
}

/**
 * Merge. What no backend takes goes to the nop exporter. A backend whose processors differ from those of base.yaml gets a pipeline of its
 * own, named after it. Throws BackendError when two backends mean different things by the same name.
 */
export function render(base: Base, backends: readonly Backend[]): Rendered {
  const takers = perSignal((signal) =>
    backends.filter((backend) => signalsOf(backend).includes(signal)).map(({ name }) => name),
  );
  const pipelines: Record<string, Pipeline> = {};
  for (const signal of SIGNALS) {
    const { receivers, processors } = base.service.pipelines[signal];
    const taking = backends.filter(({ name }) => takers[signal].includes(name));
    for (const backend of taking) {
      const own = backend.service.pipelines[signal]!;
      const isShared = own.processors === undefined || isDeepStrictEqual(own.processors, processors);
      const id = isShared ? signal : `${signal}/${backend.name}`;
      pipelines[id] ??= { receivers, processors: own.processors ?? processors, exporters: [] };
      pipelines[id].exporters.push(...own.exporters.filter((exporter) => !isNop(exporter)));
    }
    if (taking.length === 0) pipelines[signal] = { receivers, processors, exporters: ["nop"] };
  }
  const extensions = backends.flatMap(({ service }) => service.extensions ?? []);
  const { receivers, processors, extensions: own, service, ...rest } = base;
  const config: Components = {
    ...rest,
    receivers,
    processors: merge(backends, "processors", processors),
    exporters: used(merge(backends, "exporters", { nop: null }), pipelines),
    extensions: merge(backends, "extensions", own),
    service: {
      ...service,
      extensions: [...new Set([...service.extensions, ...extensions])],
      pipelines,
    },
  };
  return { config, takers };
}

/** The rendered config as a file's text. References to the environment stay references: it holds no secret. */
export function renderText({ config }: Rendered, backends: readonly Backend[]): string {
  const names = backends.map(({ name }) => name).join(",");
  return `# Made by \`stampede backend ${names}\` from collector-config/; edit those files instead.\n${stringify(config, { aliasDuplicateObjects: false, lineWidth: 0 })}`;
}

/** The components of one kind of all backends, on top of `from`. */
function merge(
  backends: readonly Backend[],
  kind: "processors" | "exporters" | "extensions",
  from: Components,
): Components {
  const merged = { ...from };
  const owners = new Map<string, string>();
  for (const backend of backends) {
    for (const [id, settings] of Object.entries(backend[kind])) {
      if (id in merged && !isDeepStrictEqual(merged[id], settings))
        throw new BackendError(
          "backend_clash",
          `${owners.get(id) ?? "base.yaml"} and ${backend.name} mean different ${kind} by '${id}'; call them '${id.split("/")[0]}/${backend.name}' in backends/${backend.name}.yaml`,
        );
      merged[id] = settings;
      owners.set(id, backend.name);
    }
  }
  return merged;
}

/** Only the exporters that a pipeline has: the Collector starts no other, and nop is there for want of a taker. */
function used(exporters: Components, pipelines: Record<string, Pipeline>): Components {
  const ids = new Set(Object.values(pipelines).flatMap((pipeline) => pipeline.exporters));
  return Object.fromEntries(Object.entries(exporters).filter(([id]) => ids.has(id)));
}

/** One line per group of signals that goes the same way: `traces, logs to honeycomb and jaeger`. */
export function routes({ takers }: Rendered): string[] {
  const groups = new Map<string, Signal[]>();
  for (const signal of SIGNALS) {
    const to = takers[signal].join(" and ");
    groups.set(to, [...(groups.get(to) ?? []), signal]);
  }
  return [...groups].map(([to, signals]) =>
    to === ""
      ? `${signals.join(", ")}: nobody takes them, the collectors drop them`
      : `${signals.join(", ")} to ${to}`,
  );
}
