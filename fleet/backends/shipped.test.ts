/** Rules that every file of collector-config/backends/ keeps, and the places that must know of it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { isNop, listBackends, parseBackend, readBackend, signalsOf } from "./backend-file.ts";

const ROOT = join(import.meta.dirname, "../..");
const configs = join(ROOT, "collector-config");
const read = (file: string) => readFileSync(join(ROOT, file), "utf8");

/** Variables that compose decides itself (or the container, or the shell). */
const SET_BY_COMPOSE = ["HOSTNAME", "COLLECTOR_SINK_ENDPOINT", "COLLECTOR_EXPORT_DIRECTORY"];

/** Exporters that answer when they are done. */
const WITHOUT_QUEUE = ["nop", "debug", "file"];

describe.each(listBackends(configs))("backends/%s.yaml", (name) => {
  const backend = readBackend(configs, name);
  const exporters = Object.entries(backend.exporters) as [string, Record<string, unknown> | null][];

  test("tells of every variable that it refers to, and of no other", () => {
    expect(Object.keys(backend.header.needs).toSorted()).toEqual(backend.needed.toSorted());
    expect(Object.keys(backend.header.takes).toSorted()).toEqual(backend.optional.toSorted());
    expect(backend.header.title).toBeTruthy();
  });

  test("has every default that it tells of", () => {
    const code = read(`collector-config/backends/${name}.yaml`);
    for (const variable of backend.optional) {
      const [, written] = code.match(new RegExp(`\\$\\{env:${variable}:-([^}]*)\\}`))!;
      const told = backend.header.takes[variable]!;
      expect(
        told.startsWith(written === "null" || written === "" ? "none" : written!),
        `${variable}: ${told}`,
      ).toBe(true);
    }
  });

  test("has its variables handed on by compose", () => {
    const handedOn = read("collector-config/variables.env").split("\n");
    const all = [...backend.needed, ...backend.optional].filter((one) => !SET_BY_COMPOSE.includes(one));
    expect(all.filter((variable) => !handedOn.includes(variable))).toEqual([]);
  });

  test("refuses when it can take no more: each exporter has a sized queue and never gives up what is in it", () => {
    for (const [id, settings] of exporters) {
      if (WITHOUT_QUEUE.includes(id.split("/")[0]!)) continue;
      if (id === "prometheus_remote_write") {
        expect(settings).toMatchObject({
          remote_write_queue: { queue_size: 500 },
          retry_on_failure: { max_elapsed_time: "0s" },
        });
        continue;
      }
      expect(settings).toMatchObject({
        sending_queue: { sizer: "items", batch: { max_size: expect.any(Number) } },
      });
      expect(settings!.sending_queue).not.toHaveProperty("block_on_overflow", true);
      if (id !== "elasticsearch")
        expect(settings).toMatchObject({ retry_on_failure: { max_elapsed_time: "0s" } });
    }
    expect(Object.keys(backend.processors).filter((id) => id.split("/")[0] === "batch")).toEqual([]);
  });

  test("names its exporters so that they do not meet another backend's", () => {
    const others = listBackends(configs)
      .filter((other) => other !== name)
      .flatMap((other) => Object.keys(readBackend(configs, other).exporters));
    expect(exporters.map(([id]) => id).filter((id) => !isNop(id) && others.includes(id))).toEqual([]);
  });

  test("is started by compose under the profile that it tells of", () => {
    const { profile } = backend.header;
    if (profile === undefined || profile === "sink") return;
    const { services } = parse(read(`collector-config/compose/${profile}.yaml`));
    for (const service of Object.values(services) as { profiles: string[]; image: string }[]) {
      expect(service.profiles).toEqual(expect.arrayContaining([profile, name]));
      expect(service.image).toMatch(/:v?\d+\.\d+/);
    }
    expect(parse(read("docker-compose.yml")).include).toContain(`collector-config/compose/${profile}.yaml`);
  });
});

describe("docs/backends.md", () => {
  const page = read("docs/backends.md");
  const rows = new Map(
    [...page.matchAll(/^\| `([\w-]+)` \|.*$/gm)].map((match) => [match[1]!, match[0].split(" | ")]),
  );

  test("has a row for every backend, with all its signals and variables, and what it bills", () => {
    expect([...rows.keys()].toSorted()).toEqual(listBackends(configs));
    for (const name of listBackends(configs)) {
      const backend = readBackend(configs, name);
      const [, signals, variables] = rows.get(name)!;
      const taken = signalsOf(backend);
      expect(signals, name).toMatch(taken.length === 1 ? taken[0]! : /^all/);
      const shown = backend.optional.filter(
        (one) => one !== "HOSTNAME" && one !== "COLLECTOR_EXPORT_DIRECTORY",
      );
      for (const variable of shown) expect(variables, name).toContain(`\`${variable}\``);
      for (const variable of backend.needed) expect(variables, name).toContain(`**\`${variable}\`**`);
      const costs = page.split("## What it costs")[1]!.split("\n\n")[1]!.split(" are told of")[0]!;
      expect(costs.includes(`\`${name}\``), name).toBe(backend.header.bills);
    }
  });

  test("shows a backend that is one, and takes what it says", () => {
    const [, example] = page.match(/```yaml\n(# Acme[\s\S]*?)```/)!;
    const acme = parseBackend("acme", example!, "acme.yaml");
    expect(Object.keys(acme.header.needs)).toEqual(acme.needed);
    expect(Object.keys(acme.header.takes)).toEqual(acme.optional);
    expect(signalsOf(acme)).toEqual(["traces"]);
  });
});

test("variables.env hands on nothing that no backend has", () => {
  const known = listBackends(configs).flatMap((name) => {
    const { needed, optional } = readBackend(configs, name);
    return [...needed, ...optional];
  });
  const handedOn = read("collector-config/variables.env")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  expect(handedOn.filter((variable) => !known.includes(variable))).toEqual([]);
});

test("both builder manifests are of the version that compose runs", () => {
  const version = read("docker-compose.yml").match(/otel\/opentelemetry-collector-contrib:(\S+)/)![1];
  for (const manifest of ["builder.yaml", "builder-backends.yaml"])
    expect(parse(read(`collector-config/${manifest}`)).dist.version).toBe(version);
});
