/** RPC. Sources: docs/rpc/rpc-spans.md, docs/rpc/grpc.md, docs/registry/attributes/rpc.md. */
import { keyRules } from "./tables.ts";

/** gRPC's codes by their numbers. */
export const GRPC_CODES =
  `OK CANCELLED UNKNOWN INVALID_ARGUMENT DEADLINE_EXCEEDED NOT_FOUND ALREADY_EXISTS PERMISSION_DENIED RESOURCE_EXHAUSTED
 FAILED_PRECONDITION ABORTED OUT_OF_RANGE UNIMPLEMENTED INTERNAL UNAVAILABLE DATA_LOSS UNAUTHENTICATED`.split(
    /\s+/,
  );

/** Those that are errors of a server, not of its caller. */
export const GRPC_SERVER_ERRORS = new Set([
  "UNKNOWN",
  "DEADLINE_EXCEEDED",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
]);

export const RPC_KEYS = [
  ...keyRules(
    "always",
    `
    rpc.method                          string    rpc-server! rpc-client! log point
    `,
  ),
  ...keyRules(
    "new",
    `
    rpc.system.name                     string    rpc-server! rpc-client! log point = grpc dubbo connectrpc jsonrpc
    rpc.method_original                 string    rpc-server rpc-client
    rpc.response.status_code            string    rpc-server! rpc-client! log point = ${GRPC_CODES.join(" ")}
    rpc.request.metadata.<key>          string[]  rpc-server rpc-client
    rpc.response.metadata.<key>         string[]  rpc-server rpc-client
    `,
  ),
  ...keyRules(
    "old",
    `
    rpc.system                          string    rpc-server! rpc-client! = grpc apache_dubbo connect_rpc dotnet_wcf java_rmi
    rpc.service                         string    rpc-server! rpc-client!
    rpc.grpc.status_code                int       rpc-server! rpc-client!
    rpc.grpc.request.metadata.<key>     string[]  rpc-server rpc-client
    rpc.grpc.response.metadata.<key>    string[]  rpc-server rpc-client
    rpc.message.type                    string    event = SENT RECEIVED
    rpc.message.id                      int       event
    rpc.message.compressed_size         int       event
    rpc.message.uncompressed_size       int       event
    message.type                        string    event = SENT RECEIVED
    message.id                          int       event
    message.compressed_size             int       event
    message.uncompressed_size           int       event
    `,
  ),
];
