/**
 * Keys of the section `logs`.
 */
import { z } from "zod";
import { MAX_ITEMS, MAX_SERVICES, percentage } from "./values.ts";

/** A kind that is not written down has no records, unless `types` is absent as a whole. */
const USUAL = { http_access: 40, application: 40, system: 20 };

const shareOf = (kind: keyof typeof USUAL) =>
  percentage.meta({
    description: "of all records, exact to the record",
    absent: `${USUAL[kind]} without \`types\`, else 0`,
    example: 60,
  });

const logTypes = z
  .strictObject({
    http_access: z
      .strictObject({ percentage: shareOf("http_access") })
      .prefault({ percentage: 0 })
      .meta({
        description:
          "Access logs of the services that speak HTTP, above all of the ingress: lines in the common or the combined log format.",
      }),
    application: z
      .strictObject({
        percentage: shareOf("application"),
        services: z.number().int().min(1).max(MAX_SERVICES).default(5).meta({
          description: "how many of the services write such logs, ingress first; at most all of them",
          example: 3,
        }),
      })
      .prefault({ percentage: 0 })
      .meta({ description: "What services write while they work; many belong to a span." }),
    system: z
      .strictObject({ percentage: shareOf("system") })
      .prefault({ percentage: 0 })
      .meta({
        description:
          "What the nodes of the cluster write: logins, cron, kernel, services and pods that start and stop.",
      }),
  })
  .superRefine(({ http_access, application, system }, context) => {
    const sum = http_access.percentage + application.percentage + system.percentage;
    if (Math.abs(sum - 100) > 1e-6) {
      context.addIssue({
        code: "custom",
        path: [],
        message: `the percentages must sum to 100, found ${sum}`,
      });
    }
  })
  .prefault({
    http_access: { percentage: USUAL.http_access },
    application: { percentage: USUAL.application },
    system: { percentage: USUAL.system },
  })
  .meta({
    description:
      "Kinds of records. The percentages sum to 100; a kind that is left out has none. Absent as a whole: the usual shares.",
  });

/** The section `logs`. */
export const logs = z
  .strictObject({
    count: z
      .number()
      .int()
      .min(0)
      .max(MAX_ITEMS)
      .default(50_000)
      .meta({ description: "log records; 0: no log file", example: 5000 }),
    types: logTypes,
  })
  .prefault({})
  .meta({ description: "The log file." });
