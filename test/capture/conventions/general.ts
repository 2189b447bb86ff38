/**
 * What may stand on spans, events and records of any kind. Sources: docs/exceptions/*.md, docs/general/*.md,
 * docs/registry/attributes/{code,thread,user,session,enduser,log,feature-flag,service}.md.
 */
import { keyRules } from "./tables.ts";

export const GENERAL_KEYS = [
  ...keyRules(
    "always",
    `
    exception.type                      string    event log
    exception.message                   string    event log
    exception.stacktrace                string    event log
    exception.escaped                   boolean   event
    code.function.name                  string    span event log
    code.file.path                      string    span event log
    code.line.number                    int       span event log
    code.column.number                  int       span event log
    code.stacktrace                     string    span event log
    thread.id                           int       span event log
    thread.name                         string    span event log
    user.id                             string    span log
    user.name                           string    span log
    user.email                          string    span log
    user.hash                           string    span log
    user.roles                          string[]  span log
    session.id                          string    span log
    session.previous_id                 string    span log
    enduser.id                          string    span log
    enduser.pseudo.id                   string    span log
    service.peer.name                   string    http-client rpc-client database producer log
    service.peer.namespace              string    http-client rpc-client database producer log
    feature_flag.key                    string    event log point
    feature_flag.provider.name          string    event log point
    feature_flag.result.variant         string    event log point
    feature_flag.result.reason          string    event log point
    feature_flag.result.value           string    event log
    feature_flag.context.id             string    event log
    feature_flag.set.id                 string    event log
    feature_flag.version                string    event log
    `,
  ),
  ...keyRules(
    "old",
    `
    peer.service                        string    http-client rpc-client database producer
    code.function                       string    span event
    code.namespace                      string    span event
    code.filepath                       string    span event
    code.lineno                         int       span event
    enduser.role                        string    span
    enduser.scope                       string    span
    `,
  ),
];
