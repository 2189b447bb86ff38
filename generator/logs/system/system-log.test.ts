import { describe, expect, test } from "vitest";
import { slotNames, textTemplate } from "../text-template.ts";
import { writtenLogs } from "../written-logs.ts";
import { SYSTEM_SLOTS } from "./scene.ts";
import { EPISODES } from "./system-log.ts";
import { USERS } from "./words.ts";

const NONE = { http_access: { percentage: 0 }, application: { percentage: 0 }, system: { percentage: 100 } };
const { records, scenario } = await writtenLogs(
  { count: 0, services: { count: 6 } },
  { count: 6000, types: NONE },
);
const { nodes, pods } = scenario.infrastructure;

describe("system logs", () => {
  test("come from machines of the scenario, all of them, in three forms", () => {
    const hosts = new Set(nodes.map(({ name }) => name));
    expect(new Set(records.map(({ resource }) => resource.get("host.name")))).toEqual(hosts);
    const forms = Map.groupBy(records, ({ body }) => {
      if (/^<\d+>Jan {2}1 00:00:00 ip-\S+ [\w-]+(\[\d+\])?: ./.test(body)) return "old";
      if (/^<\d+>1 1970-01-01T00:00:00\.000000Z \S+ [\w-]+ (\d+|-) - - ./.test(body)) return "new";
      return body.startsWith("<") ? "wrong" : "journal";
    });
    expect([...forms.keys()].toSorted()).toEqual(["journal", "new", "old"]);
  });

  test("come from no more machines than metrics with few series know, the first ones", async () => {
    const { records: few, scenario: large } = await writtenLogs(
      { count: 0, services: { count: 60 } },
      { count: 400, types: NONE },
      42,
      { timeseries_per_metric: { min: 4, max: 9, default: 6 } },
    );
    const measured = large.infrastructure.nodes.slice(0, 4).map(({ name }) => name);
    expect(large.infrastructure.nodes.length).toBeGreaterThan(20);
    expect(new Set(few.map(({ resource }) => resource.get("host.name")))).toEqual(new Set(measured));
  });

  test("say in the line what the attributes say", () => {
    for (const { body, attributes, resource } of records) {
      const message = attributes.get("message");
      expect(String(resource.get("host.name"))).toContain(String(attributes.get("hostname")));
      if (message === undefined) continue;
      expect(body.endsWith(String(message))).toBe(true);
      expect(body.startsWith(`<${attributes.get("priority")}>`)).toBe(true);
      expect(Number(attributes.get("priority")) >> 3).toBe(attributes.get("facility"));
      expect(body).toContain(` ${attributes.get("appname")}`);
    }
  });

  test("have the severity of their priority", () => {
    const texts = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"];
    const numbers = [21, 19, 18, 17, 13, 10, 9, 5];
    for (const { attributes, severity, severityText } of records) {
      const level = Number(attributes.get("priority")) & 7;
      expect([severityText, severity]).toEqual([texts[level], numbers[level]]);
    }
  });

  test("name only pods that run on their machine, in their namespaces", () => {
    const byName = new Map(pods.map((pod) => [pod.name, pod]));
    let named = 0;
    for (const { body, resource } of records) {
      for (const [, namespace, name] of body.matchAll(/pods?=\[?"([^/"]+)\/([^"]+)"/g)) {
        const pod = byName.get(name!)!;
        expect(pod.deployment.namespace.name).toBe(namespace);
        expect(pod.node.name).toBe(resource.get("host.name"));
        named++;
      }
    }
    expect(named).toBeGreaterThan(200);
  });

  test("name only disks, mounts and processors that their machine has", () => {
    const byName = new Map(nodes.map((node) => [node.name, node]));
    for (const { body, resource } of records) {
      const node = byName.get(String(resource.get("host.name")))!;
      const devices = new Set(node.disks.map(({ device }) => device));
      const [, device] = /(?:EXT4-fs|XFS)[^(]*\((?:device )?(\w+)\)/.exec(body) ?? [];
      if (device) expect(devices.has(device)).toBe(true);
      const [, mount] = /'(rootfs|var_\w+)' space usage/.exec(body) ?? [];
      if (mount) {
        expect(
          node.disks.map(({ mountpoint }) =>
            mountpoint === "/" ? "rootfs" : mountpoint.slice(1).replaceAll("/", "_"),
          ),
        ).toContain(mount);
      }
      const [, cpu] = /(?:CPU#|CPU )(\d+)/.exec(body) ?? [];
      if (cpu) expect(Number(cpu)).toBeLessThan(node.cpus);
      const [, load, limit] = /loadavg \(5min\) of ([\d.]+) matches .* > ([\d.]+)\]/.exec(body) ?? [];
      if (load) {
        expect(Number(limit)).toBe(node.cpus);
        expect(Number(load)).toBeGreaterThan(node.cpus);
      }
    }
  });

  test("tell stories: whoever comes in by ssh is the one who leaves", () => {
    const opened = records.filter(({ body }) => body.includes("Accepted publickey for"));
    expect(opened.length).toBeGreaterThan(10);
    for (const { body, attributes, resource } of opened) {
      const [, user, port] = /for ([\w-]+) from \S+ port (\d+)/.exec(body)!;
      const own = records.filter(
        (other) =>
          other.attributes.get("proc_id") === attributes.get("proc_id") &&
          other.resource.get("host.name") === resource.get("host.name") &&
          other.body.includes("Disconnected from"),
      );
      for (const left of own) expect(left.body).toContain(`Disconnected from user ${user} `);
      for (const left of own) expect(left.body).toContain(`port ${port}`);
    }
  });

  test("have more than a hundred lines to tell, start-ups and shutdowns among them, each with known places", () => {
    const texts = EPISODES.flatMap(({ lines }) => lines.map(({ text }) => text));
    expect(new Set(texts).size).toBeGreaterThan(100);
    for (const text of texts) {
      expect(() => textTemplate(text, SYSTEM_SLOTS)).not.toThrow();
      expect(slotNames(text).filter((name) => name.includes(".."))).toEqual([]);
    }
    for (const told of [
      "Linux version",
      "Startup finished",
      "The system will reboot now!",
      "Killed process",
    ]) {
      expect(records.some(({ body }) => body.includes(told))).toBe(true);
    }
    for (const { body } of records) expect(body).not.toMatch(/\{\w+\}|undefined|NaN/);
  });

  test("of Ubuntu's own programs come from machines that run it, and figures of one line agree", () => {
    const ubuntu = new Set(nodes.filter(({ os }) => os.name === "Ubuntu").map(({ name }) => name));
    for (const { body, resource } of records) {
      const isUbuntu = ubuntu.has(String(resource.get("host.name")));
      if (/unattended-upgrade|apt-daily|buildd@|user ubuntu/.test(body))
        expect([body, isUbuntu]).toEqual([body, true]);
      if (/mockbuild@|user ec2-user/.test(body)) expect([body, isUbuntu]).toEqual([body, false]);
      const [, took, limit] = /interrupt took too long \((\d+) > (\d+)\)/.exec(body) ?? [];
      if (took) expect(Number(took)).toBeGreaterThan(Number(limit));
      const [, kernel, userspace, all] =
        /finished in ([\d.]+)s .* \+ ([\d.]+)s .* = ([\d.]+)s/.exec(body) ?? [];
      if (kernel) expect(Number(kernel) + Number(userspace)).toBeCloseTo(Number(all), 3);
    }
  });

  test("tell nothing of pods on a machine without any", async () => {
    const { records: lonely, scenario: small } = await writtenLogs(
      { count: 0, services: { count: 1, instances: 1 } },
      { count: 600, types: NONE },
    );
    const used = new Set<unknown>(small.infrastructure.pods.map(({ node }) => node.name));
    const others = lonely.filter(({ resource }) => !used.has(resource.get("host.name")));
    expect(others.length).toBeGreaterThan(200);
    for (const { body } of others) expect(body).not.toMatch(/pod=|pods=/);
  });

  test("know keys of users as long as SHA-256 is in base64", () => {
    for (const { fingerprint } of USERS) expect(fingerprint).toMatch(/^[A-Za-z0-9+/]{43}$/);
  });
});
