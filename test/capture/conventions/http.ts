/** HTTP. Sources: docs/http/http-spans.md, docs/http/http-metrics.md, docs/registry/attributes/{http,url,server,client,network,user-agent}.md. */
import { keyRules } from "./tables.ts";

const HTTP_METHODS = "CONNECT DELETE GET HEAD OPTIONS PATCH POST PUT TRACE QUERY _OTHER";

export const HTTP_KEYS = [
  ...keyRules(
    "always",
    `
    http.route                          string    http-server log point
    url.template                        string    http-client log point
    http.request.header.<key>           string[]  http-server http-client log
    http.response.header.<key>          string[]  http-server http-client log
    user_agent.synthetic.type           string    http-server http-client log = bot test
    error.type                          string    span point log event
    `,
  ),
  ...keyRules(
    "new",
    `
    http.request.method                 string    http-server! http-client! log point = ${HTTP_METHODS}
    http.request.method_original        string    http-server http-client log
    http.response.status_code           int       http-server http-client log point
    http.request.resend_count           int       http-client log
    http.request.body.size              int       http-server http-client log
    http.response.body.size             int       http-server http-client log
    http.request.size                   int       http-server http-client
    http.response.size                  int       http-server http-client
    http.connection.state               string    point = active idle
    url.path                            string    http-server! log
    url.query                           string    http-server log
    url.scheme                          string    http-server! http-client log point = http https ws wss
    url.full                            string    http-client! log
    server.address                      string    http-server http-client! rpc-server rpc-client! database producer consumer receive log point resource
    server.port                         int       http-server http-client! rpc-server rpc-client! database producer consumer receive log point resource
    client.address                      string    http-server rpc-server log
    client.port                         int       http-server rpc-server log
    network.protocol.name               string    http-server http-client rpc-server rpc-client log point = http amqp kafka grpc
    network.protocol.version            string    http-server http-client rpc-server rpc-client log point = 1.0 1.1 2 3
    network.transport                   string    http-server http-client rpc-server rpc-client database producer consumer receive point = tcp udp quic unix pipe
    network.type                        string    http-server http-client rpc-server rpc-client database producer consumer receive point = ipv4 ipv6
    network.peer.address                string    http-server http-client rpc-server rpc-client database producer consumer receive log point
    network.peer.port                   int       http-server http-client rpc-server rpc-client database producer consumer receive log point
    network.local.address               string    http-server rpc-server
    network.local.port                  int       http-server rpc-server
    user_agent.original                 string    http-server http-client log
    user_agent.name                     string    http-server log
    user_agent.version                  string    http-server log
    `,
  ),
  ...keyRules(
    "old",
    `
    http.method                         string    http-server! http-client! = ${HTTP_METHODS}
    http.status_code                    int       http-server http-client
    http.url                            string    http-client!
    http.target                         string    http-server!
    http.scheme                         string    http-server! http-client = http https
    http.host                           string    http-server http-client
    http.server_name                    string    http-server
    http.user_agent                     string    http-server http-client
    http.client_ip                      string    http-server
    http.flavor                         string    http-server http-client = 1.0 1.1 2.0 2 3.0 3
    http.resend_count                   int       http-client
    http.request_content_length         int       http-server http-client
    http.response_content_length        int       http-server http-client
    http.request_content_length_uncompressed   int  http-server http-client
    http.response_content_length_uncompressed  int  http-server http-client
    net.host.name                       string    http-server rpc-server
    net.host.port                       int       http-server rpc-server
    net.host.ip                         string    http-server rpc-server
    net.peer.name                       string    http-server http-client! rpc-server rpc-client! database producer consumer receive
    net.peer.port                       int       http-server http-client! rpc-server rpc-client! database producer consumer receive
    net.peer.ip                         string    http-server http-client rpc-server rpc-client database producer consumer receive
    net.sock.host.addr                  string    http-server rpc-server
    net.sock.host.port                  int       http-server rpc-server
    net.sock.peer.addr                  string    http-server http-client rpc-server rpc-client database producer consumer receive
    net.sock.peer.port                  int       http-server http-client rpc-server rpc-client database producer consumer receive
    net.sock.peer.name                  string    http-client rpc-client database producer consumer receive
    net.sock.family                     string    http-server http-client rpc-server rpc-client database producer consumer receive = inet inet6 unix
    net.transport                       string    http-server http-client rpc-server rpc-client database producer consumer receive = ip_tcp ip_udp pipe inproc other
    net.protocol.name                   string    http-server http-client rpc-server rpc-client
    net.protocol.version                string    http-server http-client rpc-server rpc-client
    `,
  ),
];
