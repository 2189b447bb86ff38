import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { SIGNALS } from "../../otlp/signal.ts";
import { type Backend, listBackends, parseBackend, readBackend, signalsOf } from "./backend-file.ts";
import { readBase, render, renderText, routes } from "./render.ts";

const configs = fileURLToPath(new URL("../../collector-config/", import.meta.url));
const base = readBase(configs);
const shipped = listBackends(configs).map((name) => readBackend(configs, name));
const named = (name: string) => shipped.find((backend) => backend.name === name)!;
const made = (name: string, text: string) => parseBackend(name, text, `${name}.yaml`);

// biome-ignore lint/suspicious/noExplicitAny: the shape is what the tests are about
const rendered = (...backends: Backend[]): any => parse(renderText(render(base, backends), backends));

/** Any of the shipped backends, in any order. */
const someBackends = fc.shuffledSubarray(shipped, { minLength: 1 });

describe("a rendered config", () => {
  test("sends every signal to all that take it, in the order they were named, and to nop where none does", () => {
    fc.assert(
      fc.property(someBackends, (backends) => {
        const { pipelines } = rendered(...backends).service;
        for (const signal of SIGNALS) {
          const wanted = backends
            .filter((backend) => signalsOf(backend).includes(signal))
            .flatMap((backend) => backend.service.pipelines[signal]!.exporters);
          const those = Object.keys(pipelines).filter((id) => id.split("/")[0] === signal);
          const got = those.flatMap((id) => pipelines[id].exporters);
          expect(got.toSorted()).toEqual(wanted.length === 0 ? ["nop"] : wanted.toSorted());
          // In one pipeline, as they were named.
          for (const id of those) {
            const at = pipelines[id].exporters.map((one: string) => wanted.indexOf(one));
            expect(at).toEqual(at.toSorted((a: number, b: number) => a - b));
          }
        }
      }),
    );
  });

  test("defines what its pipelines use and no other exporter, and limits memory first everywhere", () => {
    fc.assert(
      fc.property(someBackends, (backends) => {
        const { exporters, processors, service } = rendered(...backends);
        // biome-ignore lint/suspicious/noExplicitAny: as above
        const pipelines: any[] = Object.values(service.pipelines);
        const usedExporters = new Set(pipelines.flatMap((pipeline) => pipeline.exporters));
        expect(Object.keys(exporters).toSorted()).toEqual([...usedExporters].toSorted());
        for (const pipeline of pipelines) {
          expect(pipeline.receivers).toEqual(["otlp"]);
          expect(pipeline.processors[0]).toBe("memory_limiter");
          for (const id of pipeline.processors) expect(processors).toHaveProperty(id);
        }
      }),
    );
  });

  test("keeps every reference to the environment as it is written, and so holds no secret", () => {
    const text = renderText(render(base, shipped), shipped);
    for (const { needed } of shipped) for (const name of needed) expect(text).toContain(`\${env:${name}}`);
    expect(text).toContain("x-honeycomb-team: ${env:HONEYCOMB_API_KEY}");
    expect(text).not.toMatch(/[&*]a\d/);
  });

  test("of one backend is base.yaml with its file on top, as the Collector would merge them", () => {
    const { config } = render(base, [named("sink")]);
    const { service, exporters } = named("sink");
    expect(config).toEqual({
      ...base,
      exporters,
      service: {
        ...base.service,
        pipelines: Object.fromEntries(
          SIGNALS.map((signal) => [
            signal,
            { ...base.service.pipelines[signal], ...service.pipelines[signal] },
          ]),
        ),
      },
    });
  });

  test("gives a backend with processors of its own a pipeline of its own, and leaves the others' as it is", () => {
    const { pipelines } = rendered(named("dynatrace"), named("sink")).service;
    expect(pipelines).toMatchObject({
      traces: { exporters: ["otlp_http/dynatrace_traces", "otlp_grpc/sink"] },
      metrics: { processors: ["memory_limiter"], exporters: ["otlp_grpc/sink"] },
      "metrics/dynatrace": {
        processors: ["memory_limiter", "cumulative_to_delta/dynatrace"],
        exporters: ["otlp_http/dynatrace_metrics"],
      },
    });
  });

  test("starts the extensions of base.yaml and of every backend once", () => {
    const text = (name: string) =>
      `{extensions: {auth/${name}: {}}, exporters: {debug/${name}: }, service: {extensions: [health_check, auth/${name}], pipelines: {logs: {exporters: [debug/${name}]}}}}`;
    const { extensions, service } = rendered(made("a", text("a")), made("b", text("b")));
    expect(service.extensions).toEqual(["health_check", "auth/a", "auth/b"]);
    expect(Object.keys(extensions)).toEqual(["health_check", "auth/a", "auth/b"]);
  });

  test("is not made of two backends that mean different things by one name", () => {
    const text = (verbosity: string) =>
      `{exporters: {debug: {verbosity: ${verbosity}}}, service: {pipelines: {logs: {exporters: [debug]}}}}`;
    const both = [made("a", text("basic")), made("b", text("normal"))];
    expect(() => render(base, both)).toThrow(
      expect.objectContaining({
        code: "backend_clash",
        message: "a and b mean different exporters by 'debug'; call them 'debug/b' in backends/b.yaml",
      }),
    );
    expect(() => render(base, [both[0]!, made("c", text("basic"))])).not.toThrow();
  });
});

test("what goes where is told signal by signal, and so is what goes nowhere", () => {
  const told = (...names: string[]) => routes(render(base, names.map(named)));
  expect(told("jaeger", "sink")).toEqual(["traces to jaeger and sink", "metrics, logs to sink"]);
  expect(told("tempo", "loki")).toEqual([
    "traces to tempo",
    "metrics: nobody takes them, the collectors drop them",
    "logs to loki",
  ]);
  expect(told("nop")).toEqual(["traces, metrics, logs: nobody takes them, the collectors drop them"]);
  expect(told("nop", "sink")).toEqual(["traces, metrics, logs to sink"]);
});
