/**
 * Log records. Sources: docs/general/logs.md, docs/registry/attributes/log.md, and the Collector's syslog receiver (pkg/stanza,
 * operator syslog_parser), which names the parts of a syslog line its own way.
 */
import { keyRules } from "./tables.ts";

export const LOG_KEYS = keyRules(
  "always",
  `
  log.record.uid                      string    log
  log.record.original                 string    log
  log.file.name                       string    log resource
  log.file.path                       string    log resource
  log.iostream                        string    log = stdout stderr
  appname                             string    log
  facility                            int       log
  facility_text                       string    log
  hostname                            string    log
  msg_id                              string    log
  priority                            int       log
  proc_id                             string    log
  version                             int       log
  message                             string    log
  `,
);
