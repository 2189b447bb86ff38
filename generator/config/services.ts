/**
 * Keys of `traces.services`: the services that all three signals come from.
 */
import { z } from "zod";
import { DEFAULT_SERVICES, MAX_SERVICES, name } from "./values.ts";

/** The section; counts and names are checked against each other by the whole schema. */
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
  .prefault({})
  .meta({ description: "The services that traces, metrics and logs come from." });
