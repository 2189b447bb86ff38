/**
 * The manifests of deploy/kubernetes as kubectl would apply them, for tests: built by kustomize, parsed, and with what Pods get from
 * ConfigMaps and Secrets at hand.
 */
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseAllDocuments, stringify } from "yaml";
import { bring } from "../bring.ts";
import { outputOf, run } from "../stampede.ts";

export const ROOT = realpathSync(fileURLToPath(new URL("../..", import.meta.url)));
export const DEPLOY = join(ROOT, "deploy/kubernetes");

/** As far as tests look into it. */
export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string> };
  data?: Record<string, string>;
  // biome-ignore lint/suspicious/noExplicitAny: its shape is what the schemas are for
  spec?: any;
}

export interface Container {
  name: string;
  image: string;
  command?: string[];
  args?: string[];
  env?: { name: string; value?: string; valueFrom?: { fieldRef: { fieldPath: string } } }[];
  envFrom?: { configMapRef?: { name: string }; secretRef?: { name: string; optional?: boolean } }[];
  ports?: { name: string; containerPort: number }[];
  // biome-ignore lint/suspicious/noExplicitAny: probes are compared, not understood
  [probe: `${string}Probe`]: any;
  securityContext: {
    allowPrivilegeEscalation?: boolean;
    readOnlyRootFilesystem?: boolean;
    capabilities?: { drop?: string[] };
  };
  resources: { requests: Record<string, string>; limits: Record<string, string> };
  volumeMounts?: { name: string; mountPath: string; subPath?: string; readOnly?: boolean }[];
}

export interface Volume {
  name: string;
  emptyDir?: { sizeLimit: string };
  configMap?: { name: string };
  projected?: { sources: { configMap: { name: string } }[] };
  persistentVolumeClaim?: { claimName: string };
}

export interface PodSpec {
  automountServiceAccountToken?: boolean;
  terminationGracePeriodSeconds?: number;
  securityContext: {
    runAsNonRoot?: boolean;
    runAsUser: number;
    runAsGroup: number;
    fsGroup?: number;
    seccompProfile?: { type: string };
  };
  initContainers?: Container[];
  containers: Container[];
  volumes?: Volume[];
}

export interface Tools {
  kustomize: string;
  kubeconform: string;
  schemas: string;
}

/** What scripts/get-kubernetes brings, brought now if it is not there. */
export async function getTools(): Promise<Tools> {
  const folder = await bring("kubernetes");
  return {
    kustomize: join(folder, "kustomize"),
    kubeconform: join(folder, "kubeconform"),
    schemas: join(folder, "schemas"),
  };
}

/** The text that `kubectl apply -k FOLDER` would send. Throws with kustomize's own words. */
export const build = ({ kustomize }: Tools, folder: string): Promise<string> =>
  outputOf(`kustomize build ${folder}`, run(kustomize, ["build", folder]));

/** The same for an overlay with what a user's own kustomization puts on top. */
export async function buildOnTop(
  tools: Tools,
  overlay: string,
  own: Readonly<Record<string, unknown>>,
): Promise<string> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "stampede-kustomize-")));
  try {
    const resources = [relative(folder, join(DEPLOY, "overlays", overlay))];
    writeFileSync(join(folder, "kustomization.yaml"), stringify({ resources, ...own }));
    return await build(tools, folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export function parseManifests(text: string): Manifest[] {
  return parseAllDocuments(text).map((document) => document.toJS());
}

/** The Pods that a manifest makes, if it makes any. */
export function podOf({ kind, spec }: Manifest): PodSpec | undefined {
  return ["Deployment", "StatefulSet", "Job"].includes(kind) ? spec.template.spec : undefined;
}

export function labelsOfPod({ spec }: Manifest): Record<string, string> {
  return spec.template.metadata.labels;
}

/** Values of a ConfigMap or a Secret, by key. Throws where there is none of that name. */
export function dataOf(manifests: readonly Manifest[], kind: "ConfigMap" | "Secret", name: string) {
  const found = manifests.find((one) => one.kind === kind && one.metadata.name === name);
  if (!found) throw new Error(`there is no ${kind} ${name}`);
  const entries = Object.entries(found.data ?? {});
  const decode = (value: string) =>
    kind === "Secret" ? Buffer.from(value, "base64").toString("utf8") : value;
  return Object.fromEntries(entries.map(([key, value]) => [key, decode(value)]));
}

/**
 * The environment of a container, in Kubernetes' order: envFrom, then env.
 * fields  what the downward API says, by its path
 */
export function environmentOf(
  manifests: readonly Manifest[],
  container: Container,
  fields: Readonly<Record<string, string>>,
): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const { configMapRef, secretRef } of container.envFrom ?? []) {
    if (configMapRef) Object.assign(environment, dataOf(manifests, "ConfigMap", configMapRef.name));
    if (!secretRef) continue;
    const isThere = manifests.some(
      ({ kind, metadata }) => kind === "Secret" && metadata.name === secretRef.name,
    );
    if (isThere || !secretRef.optional)
      Object.assign(environment, dataOf(manifests, "Secret", secretRef.name));
  }
  for (const { name, value, valueFrom } of container.env ?? []) {
    const given = value ?? fields[valueFrom!.fieldRef.fieldPath];
    if (given === undefined)
      throw new Error(`${name} asks for ${valueFrom!.fieldRef.fieldPath}, which the test does not know`);
    environment[name] = given;
  }
  return environment;
}

/** `$(NAME)` in arguments, as the kubelet expands it: what is not known stays. */
export function expand(text: string, environment: Readonly<Record<string, string>>): string {
  return text.replace(/\$\(([A-Za-z_]\w*)\)/g, (written, name: string) => environment[name] ?? written);
}

export const readRoot = (path: string): string => readFileSync(join(ROOT, path), "utf8");
