/**
 * Keys of `traces.services`: the services that all three signals come from.
 */
import { z } from "zod";
import { serviceNames } from "../scenario/service-names.ts";
import { MAX_SERVICES, name } from "./values.ts";

/** Services where neither count nor names are given. */
const DEFAULT_SERVICES = 5;

/** The section. */
export const services = z
  .strictObject({
    count: z
      .number()
      .int()
      .min(1)
      .max(MAX_SERVICES)
      .optional()
      .meta({
        description: "services of the scenario, of all three signals",
        absent: `as many as \`names\`, else ${DEFAULT_SERVICES}`,
        example: 12,
      }),
    names: z
      .array(name)
      .max(MAX_SERVICES)
      .default([])
      .meta({
        description: "their names; fewer than `count`: the rest are made up, plausibly",
        example: ["api-gateway", "user-service"],
      }),
    instances: z
      .number()
      .int()
      .min(1)
      .max(1000)
      .default(3)
      .meta({ description: "processes (pods) of each service", example: 6 }),
    ingress: z
      .strictObject({
        single: z.boolean().default(true).meta({
          description: "true: every trace begins at one service; false: at several",
          example: false,
        }),
        service: name.optional().meta({
          description: "with `single: true`: the service at which traces begin",
          absent: "the first",
          example: "api-gateway",
        }),
        services: z
          .array(name)
          .min(1)
          .max(MAX_SERVICES)
          .optional()
          .meta({
            description: "with `single: false`: the services at which traces begin",
            absent: "all of them",
            example: ["web-frontend", "mobile-gateway"],
          }),
      })
      .prefault({})
      .meta({ description: "Where requests from outside come in." }),
    namespaces: z
      .array(name)
      .min(1)
      .max(MAX_SERVICES)
      .default(["shop"])
      .meta({
        description:
          "namespaces (`service.namespace`, `k8s.namespace.name`), dealt out to the services in turn",
        example: ["frontend", "backend"],
      }),
    namespace_assignments: z
      .record(name, name)
      .default({})
      .meta({
        description: "namespaces of single services; wins over the turn",
        example: { "user-service": "backend" },
      }),
  })
  .superRefine((section, context) => {
    checkServices(section, (path, message) => context.addIssue({ code: "custom", path, message }));
  })
  .prefault({})
  .meta({ description: "The services that traces, metrics and logs come from." });

type Services = z.infer<typeof services>;

/** The names of all services: the given ones, then the made-up ones. */
export function namesOf({ names, count }: Pick<Services, "names" | "count">): string[] {
  return serviceNames(names, count ?? (names.length || DEFAULT_SERVICES));
}

/** Rules between fields; each problem is reported at the key that is to be changed. */
function checkServices(
  section: Pick<Services, "names" | "count" | "ingress" | "namespace_assignments">,
  problem: (path: (string | number)[], message: string) => void,
): void {
  const { count: wanted, names, ingress, namespace_assignments } = section;
  if (wanted !== undefined && names.length > wanted) {
    problem(["names"], `must be at most count (${wanted}) names, found ${names.length}`);
    return;
  }
  const known = new Set(namesOf(section));
  if (new Set(names).size < names.length) problem(["names"], "must differ from each other");
  const unknown = (service: string): string =>
    `must be the name of a service (${[...known].slice(0, 8).join(", ")}${known.size > 8 ? ", ..." : ""}), found "${service}"`;
  if (ingress.single) {
    if (ingress.services) problem(["ingress", "services"], "needs single: false; one service is `service`");
    if (ingress.service !== undefined && !known.has(ingress.service)) {
      problem(["ingress", "service"], unknown(ingress.service));
    }
  } else {
    if (ingress.service !== undefined) {
      problem(["ingress", "service"], "needs single: true; several services are `services`");
    }
    for (const [index, service] of (ingress.services ?? []).entries()) {
      if (!known.has(service)) problem(["ingress", "services", index], unknown(service));
    }
  }
  for (const service of Object.keys(namespace_assignments)) {
    if (!known.has(service)) problem(["namespace_assignments", service], unknown(service));
  }
}
