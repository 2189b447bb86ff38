/**
 * Keys of the section `otlp`: where to send, and how.
 */
import { z } from "zod";
import { duration } from "../../config/units.ts";
import { parseEndpoints } from "../../otlp/endpoint.ts";
import { COMPRESSIONS, PROTOCOLS, type Protocol } from "../../otlp/protocol.ts";
import { TargetError } from "../../otlp/target-error.ts";
import { filePath } from "./values.ts";

/** What otlp.* is when neither flags, nor the file, nor the environment say it. */
export const OTLP_DEFAULTS = {
  protocol: "grpc",
  compression: "none",
  insecure: false,
  timeoutMs: 10_000,
} as const;

const tls = z
  .strictObject({
    ca: filePath.optional().meta({
      description: "PEM file of the authorities to trust",
      absent: "those of Node and of the system",
      flag: "--ca",
      example: "ca.pem",
    }),
    cert: filePath.optional().meta({
      description: "PEM file of the client's certificate; needs `key`",
      absent: "none",
      flag: "--cert",
      example: "client.pem",
    }),
    key: filePath.optional().meta({
      description: "PEM file of its key; needs `cert`",
      absent: "none",
      flag: "--key",
      example: "client.key",
    }),
    skip_verify: z
      .boolean()
      .default(false)
      .meta({ description: "accept any certificate of the target", flag: "--skip-verify", example: true }),
  })
  .refine((tls) => (tls.cert === undefined) === (tls.key === undefined), {
    error: "cert and key belong together; give both or neither",
  })
  .prefault({})
  .meta({ description: "Certificates, where the endpoint means TLS." });

const text = z.string().min(1);

/**
 * All of it optional: what is absent comes from the OTEL_EXPORTER_OTLP_* variables, then from OTLP_DEFAULTS,
 * and only settings can tell "absent" from "the default, on purpose".
 */
export const otlp = z
  .strictObject({
    endpoint: z
      .union([text, z.array(text).min(1)])
      .optional()
      .meta({
        expected: "an endpoint such as localhost:4317, or a list of endpoints",
        short: "text, or list of texts",
        description:
          "`host:port` (TLS unless `insecure`), `http://...` or `https://...`; `dns:///name:port` for every address of a name. Without a port: 443 for https://, else 4317 or 4318. HTTP appends `/v1/<signal>` to a path; gRPC has no path. Several, as a list or with commas, share the requests",
        absent: "http://localhost:4317, or :4318 for HTTP",
        flag: "--endpoint",
        example: "https://collector.example.com:4317",
      }),
    protocol: z.enum(PROTOCOLS).optional().meta({
      description: "how requests travel",
      absent: OTLP_DEFAULTS.protocol,
      flag: "--protocol",
      example: "http/protobuf",
    }),
    compression: z.enum(COMPRESSIONS).optional().meta({
      description: "of bodies",
      absent: OTLP_DEFAULTS.compression,
      flag: "--compression",
      example: "gzip",
    }),
    headers: z
      .record(z.string().min(1), z.string().meta({ type: ["string", "number"] }))
      .optional()
      .meta({
        description: "sent with every request, byte for byte; their values are never printed",
        absent: "none",
        flag: "--header NAME=VALUE",
        example: { "x-tenant": "${TENANT}" },
      }),
    insecure: z
      .boolean()
      .optional()
      .meta({
        description: "no TLS for an endpoint written as `host:port`",
        absent: String(OTLP_DEFAULTS.insecure),
        flag: "--insecure",
        example: true,
      }),
    tls,
    connection: z
      .strictObject({
        max_age: duration().prefault("0s").meta({
          description:
            "a connection that stands for about so long takes no new request, finishes what it has and is replaced, so that balancers in front of the target can move it; 0: no limit",
          example: "5m",
        }),
      })
      .prefault({})
      .meta({ description: "How long connections live." }),
    // Without a limit, a target that never answers would hold a run for ever.
    timeout: duration()
      .refine((ms) => ms > 0, { error: "must be a duration above 0" })
      .optional()
      .meta({
        description: "limit of one try of one request",
        absent: `${OTLP_DEFAULTS.timeoutMs / 1000}s`,
        example: "30s",
      }),
  })
  .superRefine(({ endpoint, protocol, insecure }, context) => {
    const problem = endpoint === undefined ? undefined : endpointProblem(endpoint, protocol, insecure);
    if (problem) context.addIssue({ code: "custom", path: ["endpoint"], message: problem });
  })
  .prefault({})
  .meta({
    description:
      "Where to send. What is absent here comes from the OTEL_EXPORTER_OTLP_* variables, then from the default.",
  });

function endpointProblem(
  written: string | string[],
  protocol: Protocol | undefined,
  insecure = false,
): string | undefined {
  try {
    // Where the file leaves the protocol open, the one that allows more: it may come from a flag or the environment.
    parseEndpoints(written, { protocol: protocol ?? "http/protobuf", insecure });
    return undefined;
  } catch (error) {
    if (error instanceof TargetError) return error.message;
    throw error;
  }
}
