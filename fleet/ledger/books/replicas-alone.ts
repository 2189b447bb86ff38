/** An account of replicas alone: no Collectors and no sink are read, and nobody steers. */

import { UNCONTROLLED } from "../control.ts";
import type { AccountSources } from "./account.ts";
import { CollectorBook } from "./collector-book.ts";
import { SinkBook } from "./sink-book.ts";

/** Sources of such an account; what else is not given is not there. */
export const replicasAlone = (
  given: Pick<AccountSources, "release" | "startedAtMs" | "replicas" | "isFinal"> & Partial<AccountSources>,
): AccountSources => ({
  expected: undefined,
  collectorNames: [],
  collectors: new CollectorBook(),
  hasSink: false,
  sinks: new SinkBook(),
  control: UNCONTROLLED,
  config: null,
  notes: [],
  ...given,
});
