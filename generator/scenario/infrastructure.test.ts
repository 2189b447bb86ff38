import { describe, expect, it } from "vitest";
import { Random } from "../random.ts";
import {
  buildInfrastructure,
  makeCluster,
  makeDeployment,
  makeNamespace,
  makeNode,
  makePod,
} from "./infrastructure.ts";

const SERVICES = [
  { name: "api-gateway", namespace: "frontend", instances: 3 },
  { name: "orders", namespace: "backend", instances: 5 },
  { name: "payments", namespace: "backend", instances: 2 },
];

const build = (seed: number, nodes = 4) =>
  buildInfrastructure(new Random(seed), { nodes, services: SERVICES });

describe("infrastructure", () => {
  it("is the same for the same seed and another for another", () => {
    expect(build(1)).toEqual(build(1));
    expect(build(1).nodes[0]).not.toEqual(build(2).nodes[0]);
  });

  it("gives every service its pods, in a deployment of its own in its namespace", () => {
    const built = build(7);
    expect(built.pods).toHaveLength(10);
    expect(built.namespaces.map(({ name }) => name)).toEqual(["frontend", "backend"]);
    for (const service of SERVICES) {
      const pods = built.podsOfService.get(service.name)!;
      expect(pods).toHaveLength(service.instances);
      for (const pod of pods) {
        expect(pod.deployment.name).toBe(service.name);
        expect(pod.deployment.namespace.name).toBe(service.namespace);
        expect(built.nodes).toContain(pod.node);
        expect(built.deployments.map(({ uid }) => uid)).toContain(pod.deployment.uid);
        expect(pod.name.startsWith(`${pod.deployment.replicaSet.name}-`)).toBe(true);
        expect(pod.containers.map(({ spec }) => spec)).toEqual(pod.deployment.containers);
        expect(pod.uptimeSeconds).toBeLessThanOrEqual(Math.max(601, pod.node.uptimeSeconds));
      }
    }
  });

  it("runs the next version in one pod of six while a deployment is rolled out, in a replica set of its own", () => {
    const services = Array.from({ length: 40 }, (_, n) => ({ name: `s${n}`, namespace: "x", instances: 12 }));
    const { podsOfService, deployments } = buildInfrastructure(new Random(3), { nodes: 4, services });
    const rolling = services.flatMap(({ name }, n) => {
      const [was, next] = [
        deployments[n]!,
        podsOfService.get(name)!.filter(({ deployment }) => deployment !== deployments[n]),
      ];
      if (next.length === 0) return [];
      expect(next).toHaveLength(2);
      for (const { deployment, name: pod } of next) {
        expect(deployment.containers[0]!.tag).not.toBe(was.containers[0]!.tag);
        expect(deployment.replicaSet.name).not.toBe(was.replicaSet.name);
        expect(pod.startsWith(deployment.replicaSet.name)).toBe(true);
      }
      return [name];
    });
    expect(rolling.length).toBeGreaterThan(6);
    expect(rolling.length).toBeLessThan(24);
  });

  it("keeps the nodes and pods that were there when more are asked for", () => {
    const few = build(3, 2);
    const many = build(3, 9);
    expect(many.nodes.slice(0, 2)).toEqual(few.nodes);
    expect(many.pods.map(({ uid, ip }) => uid + ip)).toEqual(few.pods.map(({ uid, ip }) => uid + ip));
  });

  it("has a node even where none is asked for", () => {
    expect(build(3, 0).nodes).toHaveLength(1);
  });

  it("never gives two objects one name, id or address", () => {
    const random = new Random(5);
    const cluster = makeCluster(random);
    const nodes = Array.from({ length: 3_000 }, (_, ordinal) => makeNode(random, cluster, ordinal));
    const deployment = makeDeployment(random, "orders", makeNamespace(random, "backend"));
    const pods = Array.from({ length: 6_000 }, (_, i) =>
      makePod(random, deployment, i, i, nodes[i % nodes.length]!),
    );
    for (const key of ["name", "uid", "hostId", "ip"] as const) {
      expect(new Set(nodes.map((node) => node[key])).size).toBe(nodes.length);
    }
    for (const key of ["name", "uid", "ip"] as const)
      expect(new Set(pods.map((pod) => pod[key])).size).toBe(pods.length);
    const ids = pods.flatMap((pod) => pod.containers.map(({ id }) => id));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("writes addresses, ids and names as the real ones look", () => {
    for (const pod of build(11).pods) {
      expect(pod.ip).toMatch(/^10\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.\d{1,3}\.\d{1,3}$/);
      expect(pod.uid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(pod.name).toMatch(
        /^[a-z-]+-[bcdfghjklmnpqrstvwxz2456789]{10}-[bcdfghjklmnpqrstvwxz2456789]{5}$/,
      );
      expect(pod.containers[0]!.id).toMatch(/^[0-9a-f]{64}$/);
      expect(pod.node.hostId).toMatch(/^i-0[0-9a-f]{16}$/);
      expect(pod.node.name).toContain(pod.node.cluster.region);
    }
  });
});
