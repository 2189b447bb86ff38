/**
 * What fills the places of system lines. Most facts are steady: they follow from the episode's word, so that all of its
 * lines name the same user, pod or process.
 */
import { mix } from "../../../template/mix.ts";
import type { Random } from "../../random.ts";
import { hex8 } from "../../scenario/wording.ts";
import { TIME_TEXT } from "../log-record.ts";
import type { Slot, Slots } from "../text-template.ts";
import { daemonPid, type Guest, type Host, isUbuntu } from "./host.ts";
import * as words from "./words.ts";

/** An episode that goes on. */
export interface Scene {
  readonly host: Host;
  readonly word: number;
}

const MIB = 2 ** 20;

/** A whole number that stays the same within a scene: another one for each salt. Both ends included. */
export function steady(scene: Scene, salt: number, min: number, max: number): number {
  return min + ((mix(scene.word + Math.imul(salt, 0x9e3779b1)) >>> 0) % (max - min + 1));
}

function steadyPick<T>(scene: Scene, salt: number, items: readonly T[]): T {
  return items[steady(scene, salt, 0, items.length - 1)]!;
}

function steadyHex(scene: Scene, salt: number, digits: number): string {
  let text = "";
  for (let word = 0; text.length < digits; word++) {
    text += hex8(mix(scene.word + Math.imul(salt + word * 131, 0x9e3779b1)));
  }
  return text.length === digits ? text : text.slice(0, digits);
}

const number =
  (salt: number, min: number, max: number): Slot<Scene> =>
  (_, scene) =>
    String(steady(scene, salt, min, max));
const hex =
  (salt: number, digits: number): Slot<Scene> =>
  (_, scene) =>
    steadyHex(scene, salt, digits);
const picked =
  (salt: number, items: readonly string[]): Slot<Scene> =>
  (_, scene) =>
    steadyPick(scene, salt, items);
const ofGuest =
  (tell: (guest: Guest, scene: Scene) => string): Slot<Scene> =>
  (_, scene) =>
    tell(guestOf(scene), scene);
const ofHost =
  (tell: (host: Host, scene: Scene) => string): Slot<Scene> =>
  (_, scene) =>
    tell(scene.host, scene);
const klog =
  (level: string): Slot<Scene> =>
  (_, { host }) =>
    `${level}${TIME_TEXT.klog} ${host.kubelet} `;

const guestOf = (scene: Scene): Guest => steadyPick(scene, 1, scene.host.guests);
const userOf = (scene: Scene) => steadyPick(scene, 2, words.USERS);
/** Images of clouds have a user of their own. */
const userName = (scene: Scene): string => {
  const { name } = userOf(scene);
  return name === "ubuntu" && !isUbuntu(scene.host.node) ? "ec2-user" : name;
};
const unitOf = (scene: Scene) =>
  steadyPick(scene, 34, isUbuntu(scene.host.node) ? words.UNITS : words.UNITS_OF_ANY);
/** Each time by a quarter more than the limit, as the kernel does. */
const perfLimit = (scene: Scene): number => steady(scene, 55, 2500, 7400);
const UBUNTU_BUILDER = "buildd@lcy02-amd64-043) (gcc 13.3.0, GNU ld 2.42";
const AMAZON_BUILDER = "mockbuild@ip-10-0-44-180) (gcc 11.5.0, GNU ld 2.41";
const seconds = (ms: number): string => `${(ms / 1000).toFixed(3)}s`;
const startupOf = (kernel: number, userspace: number): string =>
  `${seconds(kernel)} (kernel) + ${seconds(userspace)} (userspace) = ${seconds(kernel + userspace)}`;
const isBackup = (scene: Scene): boolean => steadyPick(scene, 33, words.CRON_COMMANDS).includes("backup");
const diskOf = (scene: Scene) => steadyPick(scene, 3, scene.host.node.disks);
const limitKbOf = (scene: Scene): number =>
  guestOf(scene).pod.deployment.containers[0]!.memoryLimitBytes / 1024;
const fullOf = (scene: Scene): number => steady(scene, 4, 86, 96);
const imageOf = ({ pod }: Guest): string => {
  const { image, tag } = pod.deployment.containers[0]!;
  return `${image}:${tag}`;
};
/** Shares of a whole, in the scene: `low` to `high` thousandths. */
const shareOf = (scene: Scene, salt: number, whole: number, low: number, high: number): number =>
  Math.floor((whole * steady(scene, salt, low, high)) / 1000);

/** Slots that tell of a pod: a machine without pods has no lines with these. */
const GUEST_SLOTS: Slots<Scene> = {
  pod: ofGuest(({ pod }) => pod.name),
  namespace: ofGuest(({ pod }) => pod.deployment.namespace.name),
  podKey: ofGuest(({ pod }) => `${pod.deployment.namespace.name}/${pod.name}`),
  podUid: ofGuest(({ pod }) => pod.uid),
  podSlice: ofGuest(({ pod }) => pod.uid.replaceAll("-", "_")),
  podIp: ofGuest(({ pod }) => pod.ip),
  container: ofGuest(({ pod }) => pod.containers[0]!.spec.name),
  containerId: ofGuest(({ pod }) => pod.containers[0]!.id),
  image: ofGuest(imageOf),
  comm: ofGuest(({ command }) => command),
  servicePort: ofGuest(({ service }) => String(service.port)),
  notReady: ofGuest(({ pod, service }) =>
    service.protocol === "grpc"
      ? "timeout: health rpc did not complete within 1s"
      : `Get \\"http://${pod.ip}:${service.port}/readyz\\": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`,
  ),
  notAlive: ofGuest(({ service }, scene) =>
    service.protocol === "grpc"
      ? 'service unhealthy (responded with \\"NOT_SERVING\\")'
      : `HTTP probe failed with statuscode: ${steadyPick(scene, 45, ["500", "502", "503", "503", "504"])}`,
  ),
  limitKb: (_, scene) => String(limitKbOf(scene)),
  anonKb: (_, scene) => String(shareOf(scene, 5, limitKbOf(scene), 930, 985)),
  totalVmKb: (_, scene) => String(shareOf(scene, 6, limitKbOf(scene), 2400, 7800)),
};

const HOST_SLOTS: Slots<Scene> = {
  node: ofHost(({ node }) => node.name),
  shortName: ofHost(({ shortName }) => shortName),
  ip: ofHost(({ node }) => node.ip),
  gateway: ofHost(({ node }) => node.ip.replace(/\.\d+\.\d+$/, ".0.1")),
  cluster: ofHost(({ node }) => node.cluster.name),
  hostType: ofHost(({ node }) => node.hostType),
  kernel: ofHost(({ kernel }) => kernel),
  kernelBuilder: ofHost(({ node }) => (isUbuntu(node) ? UBUNTU_BUILDER : AMAZON_BUILDER)),
  startup: (_, scene) => startupOf(steady(scene, 53, 2_100, 5_900), steady(scene, 54, 11_000, 48_000)),
  kernelBuild: ofHost(({ kernel }) => /-(\d+)/.exec(kernel)?.[1] ?? "1"),
  machineId: ofHost(({ machineId }) => machineId),
  cpus: ofHost(({ node }) => String(node.cpus)),
  cpus2: ofHost(({ node }) => String(node.cpus * 2)),
  cpu: ofHost(({ node }, scene) => String(steady(scene, 7, 0, node.cpus - 1))),
  load: ofHost(({ node }, scene) => (shareOf(scene, 8, node.cpus * 10, 1050, 2600) / 10).toFixed(1)),
  memoryBytes: ofHost(({ node }) => String(node.memoryBytes)),
  memoryUsedBytes: ofHost(({ node }, scene) => String(shareOf(scene, 9, node.memoryBytes, 945, 985))),
  memoryKb: ofHost(({ node }) => String(node.memoryBytes / 1024)),
  memoryFreeKb: ofHost(({ node }) => String(Math.floor((node.memoryBytes / 1024) * 0.962))),
  reservedKb: ofHost(({ node }) => String(Math.floor((node.memoryBytes / 1024) * 0.038))),
  memoryMib: ofHost(({ node }) => String(memoryMibOf(node.memoryBytes))),
  memoryAvailMib: ofHost(({ node }, scene) =>
    String(shareOf(scene, 10, memoryMibOf(node.memoryBytes), 21, 99)),
  ),
  memoryAvailPercent: (_, scene) => (steady(scene, 10, 21, 99) / 10).toFixed(2).padStart(5),
  activePages: ofHost(({ node }, scene) => String(shareOf(scene, 11, node.memoryBytes / 4096, 870, 940))),
  rootDevice: ofHost(({ node }) => node.disks[0]!.device),
  rootUuid: ofHost(({ node }) => node.uid),
  dataDevice: ofHost(({ node }) => node.disks.at(-1)!.device),
  dataMount: ofHost(({ node }) => node.disks.at(-1)!.mountpoint),
  dataUnit: ofHost(({ node }) => `${node.disks.at(-1)!.mountpoint.slice(1).replaceAll("/", "-")}.mount`),
  dataUuid: ofHost(({ node }) =>
    [...node.uid]
      .toReversed()
      .join("")
      .replace(/^(.{12})-(.*)-(.{8})$/, "$3-$2-$1"),
  ),
  mount: (_, scene) => diskOf(scene).mountpoint,
  mountName: (_, scene) =>
    diskOf(scene).mountpoint === "/" ? "rootfs" : diskOf(scene).mountpoint.slice(1).replaceAll("/", "_"),
  full: (_, scene) => String(fullOf(scene)),
  gcBytes: ofHost(({ node }, scene) =>
    String(Math.floor((node.disks.at(-1)!.bytes * (fullOf(scene) - 80)) / 100)),
  ),
  rsyslogPid: ofHost((host) => String(daemonPid(host.ordinal, "rsyslogd"))),
  I: klog("I"),
  W: klog("W"),
  E: klog("E"),
  nanos: () => TIME_TEXT["RFC 3339 nanoseconds"],
};

const memoryMibOf = (bytes: number): number => Math.floor((bytes * 0.972) / MIB);

const SCENE_SLOTS: Slots<Scene> = {
  user: (_, scene) => userName(scene),
  uid: (_, scene) => String(userOf(scene).uid),
  fingerprint: (_, scene) => userOf(scene).fingerprint,
  bastion: (_, scene) => `10.8.0.${steady(scene, 12, 10, 41)}`,
  scanner: (_, scene) => `${steadyPick(scene, 13, words.SCANNER_NETWORKS)}.${steady(scene, 14, 1, 254)}`,
  stranger: picked(15, words.STRANGERS),
  port: number(16, 32768, 60999),
  session: number(17, 120, 48000),
  tty: number(18, 0, 3),
  command: picked(19, words.COMMANDS),
  victim: number(20, 2100, 4190000),
  deadId: hex(21, 64),
  sandboxId: hex(22, 64),
  digest: hex(23, 64),
  veth: (_, scene) => `veth${steadyHex(scene, 24, 8)}`,
  cniPort: number(25, 2, 28),
  oomScore: number(26, 872, 999),
  nvme: number(27, 0, 1),
  tag: number(28, 1, 1023),
  queue: number(29, 1, 8),
  task: picked(30, words.KERNEL_TASKS),
  blocked: picked(31, ["122", "122", "122", "245", "368"]),
  cronUser: (_, scene) => (isBackup(scene) ? "backup" : "root"),
  cronUid: (_, scene) => (isBackup(scene) ? "34" : "0"),
  cronCommand: picked(33, words.CRON_COMMANDS),
  unit: (_, scene) => unitOf(scene)[0],
  unitText: (_, scene) => unitOf(scene)[1],
  daemon: (_, scene) => steadyPick(scene, 35, words.DAEMON_UNITS)[0],
  daemonText: (_, scene) => steadyPick(scene, 35, words.DAEMON_UNITS)[1],
  ntp: (_, scene) => steadyPick(scene, 36, words.TIME_SOURCES)[0],
  ntpName: (_, scene) => steadyPick(scene, 36, words.TIME_SOURCES)[1],
  package: picked(37, words.PACKAGES),
  packages: (_, scene) => [37, 38, 39].map((salt) => steadyPick(scene, salt, words.PACKAGES)).join(" "),
  logName: picked(40, words.LOG_NAMES),
  logSize: number(41, 20, 500),
  needs: picked(42, ["needs", "does not need"]),
  volume: picked(43, words.VOLUMES),
  backOff: picked(44, ["10s", "20s", "40s", "1m20s", "2m40s", "5m0s"]),
  dns: picked(46, ["10.20.0.2", "10.20.4.2", "169.254.169.253"]),
  perfTook: (_, scene) => String(perfLimit(scene) + steady(scene, 56, 3, 900)),
  perfLimit: (_, scene) => String(perfLimit(scene)),
  perfRate: (_, scene) => String(250 * Math.floor(790_000 / perfLimit(scene))),
  hex3: hex(47, 3),
  hex4: hex(48, 4),
  hex5: hex(49, 5),
  hex6: hex(50, 6),
  hex8: hex(51, 8),
  hex12: hex(52, 12),
};

/** All places that a system line can have. */
export const SYSTEM_SLOTS: Slots<Scene> = { ...GUEST_SLOTS, ...HOST_SLOTS, ...SCENE_SLOTS };

/** Whether a text tells of a pod. */
export function namesGuest(slots: readonly string[]): boolean {
  return slots.some((name) => name in GUEST_SLOTS);
}

/** Begin an episode on a machine. */
export function beginScene(host: Host, random: Random): Scene {
  return { host, word: random.word() };
}
