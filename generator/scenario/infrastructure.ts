/**
 * Where things run: one Kubernetes cluster, its nodes, and the pods of each service's deployment.
 *
 * Spans, log records and metric points all name these objects, so a pod has one node, one namespace, one address
 * and one deployment in all three signals. Each object is drawn from a stream of its own, named after it: asking for
 * more nodes or more replicas never changes the ones that were there.
 */
import type { Random } from "../random.ts";

export interface Cluster {
  readonly name: string;
  readonly uid: string;
  /** Cloud region, such as `eu-west-1`; its zones are the region's name and a letter. */
  readonly region: string;
  readonly zones: readonly string[];
  /** Account at the cloud provider: 12 digits. */
  readonly accountId: string;
}

export interface Disk {
  /** Block device without `/dev/`. */
  readonly device: string;
  readonly bytes: number;
  readonly mountpoint: string;
  /** Filesystem, as `mount` names it. */
  readonly type: string;
}

/** A machine: a host to host metrics and system logs, a node to Kubernetes. Its host name is its node name. */
export interface Node {
  readonly name: string;
  readonly uid: string;
  readonly hostId: string;
  /** Machine type of the cloud. */
  readonly hostType: string;
  readonly arch: "amd64" | "arm64";
  readonly ip: string;
  readonly zone: string;
  readonly cluster: Cluster;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly disks: readonly Disk[];
  /** Network devices, the first one being the way out. */
  readonly interfaces: readonly string[];
  readonly os: OperatingSystem;
  /** How long it has been up at the moment of the template. */
  readonly uptimeSeconds: number;
}

export interface OperatingSystem {
  readonly type: "linux";
  readonly name: string;
  readonly version: string;
  readonly description: string;
}

export interface Namespace {
  readonly name: string;
  readonly uid: string;
}

/** What each pod of a deployment runs. CPU in cores, multiples of 1/16; memory in bytes, multiples of 16 MiB. */
export interface ContainerSpec {
  readonly name: string;
  readonly image: string;
  readonly tag: string;
  readonly cpuRequest: number;
  readonly cpuLimit: number;
  readonly memoryRequestBytes: number;
  readonly memoryLimitBytes: number;
}

/** A deployment and its live replica set; pods of a roll-out have one that differs in the replica set and the tag. */
export interface Deployment {
  readonly name: string;
  readonly uid: string;
  readonly namespace: Namespace;
  readonly replicaSet: { readonly name: string; readonly uid: string };
  readonly containers: readonly ContainerSpec[];
}

export interface Container {
  readonly spec: ContainerSpec;
  /** 64 hex digits. */
  readonly id: string;
  readonly restarts: number;
}

export interface Pod {
  readonly name: string;
  readonly uid: string;
  readonly ip: string;
  readonly node: Node;
  readonly deployment: Deployment;
  readonly containers: readonly Container[];
  readonly uptimeSeconds: number;
}

/** What is asked for: how many nodes, and which services with how many pods each. */
export interface InfrastructureSize {
  readonly nodes: number;
  readonly services: readonly {
    readonly name: string;
    readonly namespace: string;
    readonly instances: number;
  }[];
}

export interface Infrastructure {
  readonly cluster: Cluster;
  readonly nodes: readonly Node[];
  readonly namespaces: readonly Namespace[];
  /** One per service, of the same name, in the order of the services. */
  readonly deployments: readonly Deployment[];
  /** All pods, by service, then by instance. */
  readonly pods: readonly Pod[];
  /** The pods of a service, by the service's name; instance i runs in pod i. */
  readonly podsOfService: ReadonlyMap<string, readonly Pod[]>;
}

/**
 * Draw a cluster that holds these services, at least one node, pods spread evenly over the nodes.
 *
 * Objects are drawn from forks of `random`, labelled by kind and ordinal; service names are unique.
 */
export function buildInfrastructure(random: Random, size: InfrastructureSize): Infrastructure {
  const cluster = makeCluster(random);
  const nodes = Array.from({ length: Math.max(1, size.nodes) }, (_, i) => makeNode(random, cluster, i));
  const namespaces = new Map<string, Namespace>();
  const podsOfService = new Map<string, readonly Pod[]>();
  const deployments: Deployment[] = [];
  const pods: Pod[] = [];
  for (const service of size.services) {
    let namespace = namespaces.get(service.namespace);
    if (!namespace) {
      namespace = makeNamespace(random, service.namespace);
      namespaces.set(service.namespace, namespace);
    }
    const deployment = makeDeployment(random, service.name, namespace);
    const next = rollOut(random, deployment);
    const own: Pod[] = [];
    for (let replica = 0; replica < service.instances; replica++) {
      const ordinal = pods.length;
      const runs =
        replica % NEXT_ONE_IN === NEXT_ONE_IN - 1 || (isLastOfFew(service.instances) && replica === 2);
      const node = nodes[ordinal % nodes.length]!;
      const pod = makePod(random, next && runs ? next : deployment, replica, ordinal, node);
      own.push(pod);
      pods.push(pod);
    }
    deployments.push(deployment);
    podsOfService.set(service.name, own);
  }
  return { cluster, nodes, namespaces: [...namespaces.values()], deployments, pods, podsOfService };
}

// ---- one object each -----------------------------------------------------------------------------------------

const REGIONS = ["us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "ap-southeast-2"];
const STAGES = ["prod", "prod", "live", "main"];

/** The cluster of a run; drawn from `random`'s fork "cluster". */
export function makeCluster(random: Random): Cluster {
  const own = random.fork("cluster");
  const region = own.pick(REGIONS);
  return {
    name: `${own.pick(STAGES)}-${region}`,
    uid: own.uuid(),
    region,
    zones: ["a", "b", "c"].map((letter) => region + letter),
    accountId: String(own.int(100_000, 999_999)) + String(own.int(100_000, 999_999)),
  };
}

const GIB = 2 ** 30;

/** Machine types: name, architecture, cores, GiB. */
const MACHINES = [
  ["m6i.2xlarge", "amd64", 8, 32],
  ["m7g.2xlarge", "arm64", 8, 32],
  ["c6i.4xlarge", "amd64", 16, 32],
  ["r6i.2xlarge", "amd64", 8, 64],
] as const;

const OS_RELEASES = [
  { name: "Ubuntu", version: "24.04", description: "Ubuntu 24.04.3 LTS (Linux 6.8.0-1031-aws)" },
  {
    name: "Amazon Linux",
    version: "2023",
    description: "Amazon Linux 2023.8.20250818 (Linux 6.1.147-172.266.amzn2023)",
  },
] as const;

/** Node `ordinal` of a cluster, 0 <= ordinal < 44 * 65,536: beyond it addresses, and so names, would repeat. */
export function makeNode(random: Random, cluster: Cluster, ordinal: number): Node {
  const own = random.fork(`node ${ordinal}`);
  const [hostType, arch, cpus, gibibytes] = own.pick(MACHINES);
  // An odd multiplier permutes 16 bits: addresses look scattered over the subnet and never repeat.
  const address = (ordinal * 40_503 + 4_660) & 0xffff;
  const ip = `10.${20 + (ordinal >>> 16)}.${address >>> 8}.${address & 0xff}`;
  return {
    name: `ip-${ip.replaceAll(".", "-")}.${cluster.region}.compute.internal`,
    uid: own.uuid(),
    hostId: `i-0${own.hex(8)}`,
    hostType,
    arch,
    ip,
    zone: cluster.zones[ordinal % cluster.zones.length]!,
    cluster,
    cpus,
    memoryBytes: gibibytes * GIB,
    disks: [
      { device: "nvme0n1p1", bytes: own.pick([80, 100, 120]) * GIB, mountpoint: "/", type: "ext4" },
      {
        device: "nvme1n1",
        bytes: own.pick([250, 500]) * GIB,
        mountpoint: "/var/lib/containerd",
        type: "xfs",
      },
    ],
    interfaces: ["eth0", "lo"],
    os: { type: "linux", ...own.pick(OS_RELEASES) },
    uptimeSeconds: own.int(3_600, 90 * 86_400),
  };
}

/** Share of deployments that are about to get a new version, and how many of their pods have it: one in this many. */
const ROLLING_SHARE = 0.35;
const NEXT_ONE_IN = 6;

/** With three to five pods it is the third one that is new. */
const isLastOfFew = (instances: number): boolean => instances >= 3 && instances < NEXT_ONE_IN;

/** The next version of a deployment that is being rolled out: the same deployment, with a replica set of its own. */
function rollOut(random: Random, deployment: Deployment): Deployment | undefined {
  const own = random.fork(`roll-out ${deployment.namespace.name}/${deployment.name}`);
  if (!own.chance(ROLLING_SHARE)) return undefined;
  const [main, ...beside] = deployment.containers;
  const [major, minor, patch] = main!.tag.split(".").map(Number);
  const tag = own.chance(0.6) ? `${major}.${minor! + 1}.0` : `${major}.${minor}.${patch! + 1}`;
  return {
    ...deployment,
    replicaSet: makeReplicaSet(own, deployment.name),
    containers: [{ ...main!, tag }, ...beside],
  };
}

/** The namespace of that name. */
export function makeNamespace(random: Random, name: string): Namespace {
  return { name, uid: random.fork(`namespace ${name}`).uuid() };
}

const MIB = 2 ** 20;
const SIDECAR: ContainerSpec = {
  name: "istio-proxy",
  image: "docker.io/istio/proxyv2",
  tag: "1.27.3",
  cpuRequest: 0.125,
  cpuLimit: 1,
  memoryRequestBytes: 128 * MIB,
  memoryLimitBytes: 256 * MIB,
};

/** The deployment `name` of a namespace: one container named after it, sometimes with a proxy beside it. */
export function makeDeployment(random: Random, name: string, namespace: Namespace): Deployment {
  const own = random.fork(`deployment ${namespace.name}/${name}`);
  const cpuRequest = own.pick([0.125, 0.25, 0.5]);
  const memoryRequestBytes = own.pick([128, 256, 512]) * MIB;
  const main: ContainerSpec = {
    name,
    image: `registry.example.com/${namespace.name}/${name}`,
    tag: `${own.int(1, 4)}.${own.int(0, 30)}.${own.int(0, 9)}`,
    cpuRequest,
    cpuLimit: cpuRequest * 2,
    memoryRequestBytes,
    memoryLimitBytes: memoryRequestBytes * 2,
  };
  return {
    name,
    uid: own.uuid(),
    namespace,
    replicaSet: makeReplicaSet(own, name),
    containers: own.chance(0.3) ? [main, SIDECAR] : [main],
  };
}

function makeReplicaSet(own: Random, deployment: string): Deployment["replicaSet"] {
  const hash = `${kubernetesSuffix(own.int(0, SUFFIXES - 1))}${kubernetesSuffix(own.int(0, SUFFIXES - 1))}`;
  return { name: `${deployment}-${hash}`, uid: own.uuid() };
}

/**
 * One pod of a deployment.
 *
 * replica  its place among the deployment's pods: names differ for every replica below 27^5
 * ordinal  its place among the cluster's pods: addresses differ for every ordinal below 2^22
 */
export function makePod(
  random: Random,
  deployment: Deployment,
  replica: number,
  ordinal: number,
  node: Node,
): Pod {
  const own = random.fork(`pod ${deployment.namespace.name}/${deployment.name}/${replica}`);
  const address = (ordinal * 1_640_531 + 258) & 0x3f_ffff;
  return {
    // The multiplier is a prime other than 3, so the product permutes the 27^5 suffixes.
    name: `${deployment.replicaSet.name}-${kubernetesSuffix((replica * 6_700_417 + deployment.name.length * 999_983) % SUFFIXES)}`,
    uid: own.uuid(),
    ip: `10.${64 + (address >>> 16)}.${(address >>> 8) & 0xff}.${address & 0xff}`,
    node,
    deployment,
    containers: deployment.containers.map((spec) => ({
      spec,
      id: own.hex(32),
      restarts: own.chance(0.1) ? own.int(1, 5) : 0,
    })),
    uptimeSeconds: own.int(600, Math.max(601, Math.min(node.uptimeSeconds, 14 * 86_400))),
  };
}

// ---- names ---------------------------------------------------------------------------------------------------

/** The letters of generated Kubernetes names: no vowels, no digits that look like letters. */
const SUFFIX_ALPHABET = "bcdfghjklmnpqrstvwxz2456789";
const SUFFIXES = SUFFIX_ALPHABET.length ** 5;

/** A number below 27^5 as the five letters at the end of a pod's name. */
function kubernetesSuffix(number: number): string {
  let text = "";
  for (let place = 0; place < 5; place++) {
    text += SUFFIX_ALPHABET[number % SUFFIX_ALPHABET.length]!;
    number = Math.floor(number / SUFFIX_ALPHABET.length);
  }
  return text;
}
