import { formatEndpoint } from "../otlp/endpoint.ts";
import type { ReplayerSettings } from "./settings.ts";

/** The settings as a report shows them: header values, which may be secrets, and key material are left out. */
export function maskSettings(settings: ReplayerSettings): Record<string, unknown> {
  const { target, retryLaw, shape, idKey: _, ...rest } = settings;
  const headers = Object.fromEntries(Object.keys(target.headers ?? {}).map((name) => [name, "***"]));
  return {
    ...rest,
    // A curve may have thousands of points; its file is named.
    shape: shape?.kind === "curve" ? { ...shape, points: shape.points.length } : shape,
    target: {
      endpoint: target.endpoints.map(formatEndpoint).join(),
      secure: target.endpoints.every(({ secure }) => secure),
      protocol: target.protocol,
      compression: target.compression,
      headers,
      timeoutMs: target.timeoutMs,
      maxConnectionAgeMs: target.maxConnectionAgeMs,
    },
    retry: retryLaw,
  };
}
