/**
 * deploy/kubernetes without a cluster: every overlay builds, holds in the schemas of the oldest and the newest release that it is for, is
 * confined, and asks for nothing that is not there. What its containers do: pods.test.ts. scripts/get-kubernetes brings the judges.
 */
import { cpSync, globSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { buildProgram } from "../../cli/program.ts";
import { run } from "../stampede.ts";
import {
  build,
  buildOnTop,
  type Container,
  DEPLOY,
  dataOf,
  environmentOf,
  expand,
  getTools,
  labelsOfPod,
  type Manifest,
  parseManifests,
  podOf,
  ROOT,
  readRoot,
  type Tools,
} from "./manifests.ts";

const RELEASES = ["1.30.0", "1.37.0"];
const OVERLAYS = readdirSync(join(DEPLOY, "overlays"));
const COMPONENTS = readdirSync(join(DEPLOY, "components"));
/** What the downward API says in a cluster. */
const FIELDS = {
  "metadata.namespace": "stampede",
  "metadata.labels['apps.kubernetes.io/pod-index']": "7",
  "metadata.labels['batch.kubernetes.io/job-completion-index']": "7",
  "status.podIP": "10.0.0.7",
};

let tools: Tools;
let directory = "";
beforeAll(async () => {
  tools = await getTools();
  directory = mkdtempSync(join(tmpdir(), "stampede-kubernetes-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** A copy of what kustomize reads, so that keys of the test stand in nobody's checkout. */
function copyOfSources(): string {
  const copy = mkdtempSync(join(directory, "sources-"));
  for (const folder of ["deploy/kubernetes", "collector-config", "examples"])
    cpSync(join(ROOT, folder), join(copy, folder), { recursive: true });
  writeFileSync(
    join(copy, "deploy/kubernetes/components/honeycomb/honeycomb.env"),
    "HONEYCOMB_API_KEY=s3cret\n",
  );
  return join(copy, "deploy/kubernetes");
}

/** kubeconform's verdict, strict: what no schema knows is an error. */
async function judge(text: string, release: string) {
  const file = join(mkdtempSync(join(directory, "judged-")), "manifests.yaml");
  writeFileSync(file, text);
  const place = `${tools.schemas}/{{.NormalizedKubernetesVersion}}{{.StrictSuffix}}/{{.ResourceKind}}{{.KindSuffix}}.json`;
  const flags = ["-strict", "-summary", "-kubernetes-version", release, "-schema-location", place];
  const { exitCode, stdout } = await run(tools.kubeconform, [...flags, file]);
  return { exitCode, stdout };
}

const containersOf = (manifest: Manifest): Container[] => {
  const pod = podOf(manifest);
  return pod ? [...(pod.initContainers ?? []), ...pod.containers] : [];
};

describe.each(OVERLAYS)("overlay %s", (overlay) => {
  let text = "";
  let manifests: Manifest[] = [];
  let workloads: Manifest[] = [];
  let all: { workload: Manifest; container: Container }[] = [];
  const find = (kind: string, name: string) =>
    manifests.find((one) => one.kind === kind && one.metadata.name === name);
  beforeAll(async () => {
    text = await build(tools, join(copyOfSources(), "overlays", overlay));
    manifests = parseManifests(text);
    workloads = manifests.filter(podOf);
    all = workloads.flatMap((workload) =>
      containersOf(workload).map((container) => ({ workload, container })),
    );
  });

  test.each(RELEASES)("holds in the schemas of Kubernetes %s, strictly", async (release) => {
    const { exitCode, stdout } = await judge(text, release);
    expect(exitCode, stdout).toBe(0);
    const count = manifests.length;
    expect(stdout).toContain(
      `${count} resources found in 1 file - Valid: ${count}, Invalid: 0, Errors: 0, Skipped: 0`,
    );
  });

  test("all is in the namespace, which admits only what is restricted", () => {
    const outside = manifests.filter(
      ({ kind, metadata }) => kind !== "Namespace" && metadata.namespace !== "stampede",
    );
    expect(outside).toEqual([]);
    expect(find("Namespace", "stampede")!.metadata.labels).toMatchObject({
      "pod-security.kubernetes.io/enforce": "restricted",
    });
  });

  test("no Pod runs as root, unconfined, or with a token", () => {
    for (const workload of workloads) {
      const { automountServiceAccountToken, securityContext } = podOf(workload)!;
      expect({ automountServiceAccountToken, ...securityContext }, workload.metadata.name).toMatchObject({
        automountServiceAccountToken: false,
        runAsNonRoot: true,
        seccompProfile: { type: "RuntimeDefault" },
      });
      expect(securityContext.runAsUser).toBeGreaterThan(0);
      expect(securityContext.runAsGroup).toBeGreaterThan(0);
    }
  });

  test("every container has a read-only root, no capability, and no way to more", () => {
    for (const { container } of all)
      expect(container.securityContext, container.name).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      });
  });

  test("every container has requests and limits of CPU and memory, the limits not below", () => {
    for (const { container } of all) {
      const { requests, limits } = container.resources;
      for (const resource of ["cpu", "memory"]) {
        expect(amountOf(requests[resource]!), container.name).toBeGreaterThan(0);
        expect(amountOf(limits[resource]!), container.name).toBeGreaterThanOrEqual(
          amountOf(requests[resource]!),
        );
      }
    }
  });

  test("every volume and every name that Pods ask for is there", () => {
    for (const workload of workloads) {
      const { volumes = [] } = podOf(workload)!;
      for (const { mounts } of containersOf(workload).map(({ volumeMounts = [] }) => ({
        mounts: volumeMounts,
      })))
        for (const mount of mounts) expect(volumes.map(({ name }) => name)).toContain(mount.name);
      for (const { configMap, projected, persistentVolumeClaim } of volumes) {
        const maps = [configMap, ...(projected?.sources ?? []).map((source) => source.configMap)];
        for (const map of maps) if (map) expect(find("ConfigMap", map.name), map.name).toBeDefined();
        if (persistentVolumeClaim)
          expect(find("PersistentVolumeClaim", persistentVolumeClaim.claimName)).toBeDefined();
      }
    }
    // Throws where a ConfigMap, a Secret that is not optional, or a field is not there.
    for (const { container } of all) environmentOf(manifests, container, FIELDS);
  });

  test("what is started again when it ends stays, and what is a Job ends", () => {
    for (const { kind, metadata, spec } of workloads) {
      if (!["replayer", "ledger", "generator"].includes(metadata.name)) continue;
      const { restartPolicy, containers } = spec.template.spec;
      const stays = (containers as Container[]).some(({ args = [] }) => args.includes("--stay"));
      expect(stays, `${kind} ${metadata.name}`).toBe(kind !== "Job");
      if (kind === "Job") expect(["Never", "OnFailure"]).toContain(restartPolicy);
    }
  });

  test("every probe asks a port of its container", () => {
    for (const { container } of all) {
      const ports = (container.ports ?? []).map(({ name }) => name);
      for (const probe of ["readinessProbe", "livenessProbe", "startupProbe"] as const) {
        const { httpGet, tcpSocket } = container[probe] ?? {};
        const port = (httpGet ?? tcpSocket)?.port;
        if (port !== undefined) expect(ports, `${container.name} ${probe}`).toContain(port);
      }
    }
  });

  test("Services, budgets and autoscalers mean Pods that there are, at ports that they have", () => {
    const selected = (labels: Record<string, string>) =>
      workloads.filter((workload) =>
        Object.entries(labels).every(([key, value]) => labelsOfPod(workload)[key] === value),
      );
    for (const { kind, metadata, spec } of manifests) {
      if (kind === "Service") {
        const [workload, ...more] = selected(spec.selector);
        expect(more, metadata.name).toEqual([]);
        const ports = containersOf(workload!).flatMap((container) => container.ports ?? []);
        for (const { name, port } of spec.ports) expect(ports).toContainEqual({ name, containerPort: port });
      }
      if (kind === "PodDisruptionBudget") expect(selected(spec.selector.matchLabels)).toHaveLength(1);
      if (kind === "HorizontalPodAutoscaler") {
        const { kind: of, name } = spec.scaleTargetRef;
        expect(find(of, name)!.spec.replicas, "who scales is the autoscaler alone").toBeUndefined();
      }
      if (spec?.selector?.matchLabels && spec.template)
        expect(spec.template.metadata.labels, metadata.name).toMatchObject(spec.selector.matchLabels);
      if (kind === "StatefulSet") expect(find("Service", spec.serviceName)!.spec.clusterIP).toBe("None");
    }
  });

  test("stampede takes every argument, and every name in them is a Service at that port", async () => {
    const ours = all.filter(({ container }) => container.image === "stampede" && !container.command);
    expect(ours.length).toBeGreaterThan(2);
    for (const { container } of ours) {
      const environment = environmentOf(manifests, container, FIELDS);
      const args = container.args!.map((text) => expand(text, environment));
      expect(args.join(" ")).not.toContain("$(");
      await parse(args);
      const texts = [...args, ...Object.values(environment)];
      for (const [service, port] of texts.flatMap(servicesIn)) {
        const found = find("Service", service);
        expect(found, `${container.name}: ${service}`).toBeDefined();
        if (port !== undefined)
          expect(found!.spec.ports.map((one: { port: number }) => one.port)).toContain(port);
      }
    }
  });

  test("the Collectors' limit leaves room below what the container may have", () => {
    const { containers } = podOf(find("Deployment", "collector")!)!;
    const { COLLECTOR_MEMORY_MIB, GOMEMLIMIT } = environmentOf(manifests, containers[0]!, FIELDS);
    const limit = Number(COLLECTOR_MEMORY_MIB) * 2 ** 20;
    expect(limit * 1.2).toBeLessThanOrEqual(amountOf(containers[0]!.resources.limits.memory!));
    expect(amountOf(GOMEMLIMIT!.replace(/B$/, "")) / limit).toBeCloseTo(0.8, 2);
  });

  test("the real command makes a Collector config of it, and check takes both configs", async () => {
    const place = mkdtempSync(join(directory, "configs-"));
    mkdirSync(join(place, "backends"));
    for (const { kind, metadata } of manifests) {
      if (kind !== "ConfigMap" || /^(settings|scripts)-/.test(metadata.name)) continue;
      const folder = metadata.name.startsWith("collector-backends-") ? join(place, "backends") : place;
      for (const [file, content] of Object.entries(dataOf(manifests, kind, metadata.name)))
        writeFileSync(join(folder, file), content);
    }
    const checked = await stampede(
      "check",
      [join(place, "generator.yaml"), join(place, "replayer.yaml")],
      {},
    );
    expect(checked.exitCode, checked.stderr).toBe(0);
    const backend = podOf(find("Deployment", "collector")!)!.initContainers![0]!;
    const args = backend.args!.map((text) =>
      text.replace("/collector-config", place).replace("/rendered", place),
    );
    const environment = environmentOf(manifests, backend, FIELDS);
    const rendered = await stampede(args[0]!, args.slice(1), environment);
    expect(rendered.exitCode, rendered.stderr).toBe(0);
    expect(rendered.stderr).toContain(
      environment.BACKEND === "nop" ? "nobody takes them" : environment.BACKEND,
    );
  });
});

test("a key that no schema knows is found", async () => {
  const text = await build(tools, join(DEPLOY, "base"));
  const { exitCode, stdout } = await judge(
    text.replace("readOnlyRootFilesystem:", "readonlyRootFilesystem:"),
    "1.37.0",
  );
  expect(exitCode).toBe(1);
  expect(stdout).toContain("additional properties 'readonlyRootFilesystem' not allowed");
});

test("every component stands in an overlay of its name", () => {
  expect(COMPONENTS).toEqual(OVERLAYS);
});

test("ConfigMaps are the files of this repository, all of them", async () => {
  const manifests = parseManifests(await build(tools, join(DEPLOY, "base")));
  const data = (start: string) =>
    manifests.find(({ metadata }) => metadata.name.startsWith(`${start}-`))!.data!;
  const files = globSync("collector-config/backends/*.yaml", { cwd: ROOT });
  expect(data("collector-backends")).toEqual(
    Object.fromEntries(files.map((file) => [basename(file), readRoot(file)])),
  );
  expect(data("collector-config")).toEqual({ "base.yaml": readRoot("collector-config/base.yaml") });
  expect(data("generator-config")).toEqual({ "generator.yaml": readRoot("examples/compose-generator.yaml") });
  expect(data("replayer-config")).toEqual({ "replayer.yaml": readRoot("examples/compose-replayer.yaml") });
});

test("the Collector is the one of compose", async () => {
  const image = /image: (otel\/\S+)/.exec(readRoot("docker-compose.yml"))![1]!;
  const text = await build(tools, join(DEPLOY, "base"));
  expect(text).toContain(`image: ${image}\n`);
});

test("without a key Honeycomb does not build, and the file that is missing is named; git does not know it", async () => {
  const copy = copyOfSources();
  rmSync(join(copy, "components/honeycomb/honeycomb.env"));
  await expect(build(tools, join(copy, "overlays/honeycomb"))).rejects.toThrow("honeycomb.env: no such file");
  const { exitCode } = await run("git", [
    "-C",
    ROOT,
    "check-ignore",
    "deploy/kubernetes/components/honeycomb/honeycomb.env",
  ]);
  expect(exitCode).toBe(0);
});

test("components go together", async () => {
  const copy = copyOfSources();
  const together = async (...components: string[]) => {
    writeFileSync(
      join(copy, "kustomization.yaml"),
      stringify({ resources: ["base"], components: components.map((name) => `components/${name}`) }),
    );
    const text = await build(tools, copy);
    const { exitCode, stdout } = await judge(text, "1.37.0");
    expect(exitCode, stdout).toBe(0);
    return parseManifests(text);
  };
  const kinds = (manifests: readonly Manifest[]) =>
    manifests.filter(podOf).map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  const large = await together("honeycomb", "forty", "autoscale", "shared-templates");
  expect(kinds(large).toSorted()).toEqual([
    "Deployment collector",
    "Job generator",
    "StatefulSet ledger",
    "StatefulSet replayer",
  ]);
  expect(large.map(({ spec }) => spec?.replicas)).toContain(40);
  const ending = await together("sink", "forty", "job");
  expect(kinds(ending).toSorted()).toEqual([
    "Deployment collector",
    "Deployment sink",
    "Job ledger",
    "Job replayer",
  ]);
});

test("a kustomization on top changes settings, image, numbers and namespace", async () => {
  const text = await buildOnTop(tools, "sink", {
    namespace: "load",
    images: [{ name: "stampede", newName: "registry.example/stampede", newTag: "1" }],
    replicas: [{ name: "replayer", count: 12 }],
    configMapGenerator: [
      { name: "settings", behavior: "merge", literals: ["RATE=7"] },
      { name: "generator-config", behavior: "replace", literals: ["generator.yaml=seed: 7"] },
    ],
  });
  expect(text).not.toMatch(/image: stampede$/m);
  expect(text).not.toContain("namespace: stampede");
  const manifests = parseManifests(text);
  const replayer = manifests.find(
    ({ kind, metadata }) => kind === "StatefulSet" && metadata.name === "replayer",
  )!;
  expect(replayer.spec.replicas).toBe(12);
  expect(environmentOf(manifests, podOf(replayer)!.containers[0]!, FIELDS).RATE).toBe("7");
  const [config] = podOf(replayer)!.volumes!.flatMap(({ projected }) => projected?.sources ?? []);
  expect(dataOf(manifests, "ConfigMap", config!.configMap.name)).toEqual({ "generator.yaml": "seed: 7" });
});

/** Parse as the command does, up to the point where it would act. Throws what the command would say. */
async function parse(args: readonly string[]): Promise<void> {
  const program = await buildProgram(args);
  let command = program;
  for (const word of args) {
    const next = command.commands.find((one) => one.name() === word);
    if (!next) break;
    command = next;
  }
  let isTaken = false;
  command.exitOverride().configureOutput({ writeErr: () => {} });
  command.action(() => {
    isTaken = true;
  });
  await program.parseAsync(args, { from: "user" });
  expect(isTaken, args.join(" ")).toBe(true);
}

/** Services that a text names: `NAME.stampede.svc.cluster.local`, `http://NAME:PORT`, `NAME:PORT`. */
function servicesIn(text: string): [string, number | undefined][] {
  const full = [...text.matchAll(/([a-z-]+)\.stampede\.svc\.cluster\.local(?::(\d+))?/g)];
  const short = [...text.matchAll(/(?:http:\/\/|^)([a-z-]+):(\d+)$/g)];
  return [...full, ...short].map(([, name, port]) => [name!, port === undefined ? undefined : Number(port)]);
}

const UNITS: Readonly<Record<string, number>> = { m: 0.001, Mi: 2 ** 20, MiB: 2 ** 20, Gi: 2 ** 30 };

/** A quantity as a number: 250m, 512Mi, 2. */
function amountOf(quantity: string): number {
  const [, number, unit] = /^([\d.]+)(m|Mi|Gi)?$/.exec(quantity)!;
  return Number(number) * (unit === undefined ? 1 : UNITS[unit]!);
}

/** The command with nothing in its environment but what is given. */
async function stampede(command: string, args: readonly string[], environment: Record<string, string>) {
  const env = [
    "-i",
    `PATH=${process.env.PATH}`,
    ...Object.entries(environment).map(([name, value]) => `${name}=${value}`),
  ];
  return run("env", [...env, process.execPath, join(ROOT, "cli/main.ts"), command, ...args]);
}
