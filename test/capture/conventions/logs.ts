/**
 * Log records. Sources: docs/general/logs.md, docs/registry/attributes/log.md, and the Collector's syslog receiver (pkg/stanza,
 * operator syslog_parser), which names the parts of a syslog line its own way. Programs have keys of their own, in their own namespace.
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
  systemd.unit                        string    log
  # the programs' own: what their log lines are about
  shop.<key>                          string    log
  shop.duration_ms                    double    log
  shop.elapsed_ms                     int       log
  shop.duration_s                     int       log
  shop.duration_min                   int       log
  shop.duration_h                     int       log
  shop.duration_days                  int       log
  shop.item.count                     int       log
  shop.total.count                    int       log
  shop.money.amount                   double    log
  shop.retry.attempt                  int       log
  shop.content.bytes                  int       log
  shop.usage.percent                  int       log
  shop.page.number                    int       log
  shop.review.rating                  int       log
  shop.money.expected_amount          double    log
  `,
);
