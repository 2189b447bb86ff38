/** The process that reports: what spans and records of one resource have in common. */
import { attributesText, stringAttribute } from "./attributes.ts";
import type { Attributed } from "./requests.ts";

export interface Origin {
  service: string;
  /** Equal for two resources exactly when they are one process. */
  instance: string;
  /** telemetry.sdk.language, or "". */
  language: string;
}

export function originOf(resource: Attributed): Origin {
  return {
    service: stringAttribute(resource, "service.name") ?? "",
    instance: stringAttribute(resource, "service.instance.id") ?? attributesText(resource.attributes),
    language: stringAttribute(resource, "telemetry.sdk.language") ?? "",
  };
}
