/**
 * Attributes of data points: the short ones of the Collector's receivers, those of the conventions for runtimes and systems, and those
 * that were read in the metrics of services and found apt. Sources: metadata.yaml of the receivers; docs/{runtime,system,hardware}/*.md.
 */
import { keyRules } from "./tables.ts";

export const POINT_KEYS = keyRules(
  "always",
  `
  # receivers of the Collector
  cpu                                 string    point
  state                               string    point
  device                              string    point
  direction                           string    point
  mode                                string    point
  mountpoint                          string    point
  type                                string    point
  protocol                            string    point
  status                              string    point
  interface                           string    point
  condition                           string    point
  resource                            string    point
  fs.type                             string    point
  system.memory.linux.hugepages.state string    point
  rpc.onc.version                     int       point
  rpc.onc.procedure.name              string    point
  rpc.nfs.operation.name              string    point
  k8s.container.status.state          string    point
  k8s.container.status.reason         string    point
  k8s.persistentvolume.status.phase   string    point
  k8s.persistentvolumeclaim.status.phase  string  point
  k8s.service.endpoint.address_type   string    point
  k8s.service.endpoint.condition      string    point
  k8s.service.endpoint.zone           string    point
  # postgresql, mysql, redis, mongodb, kafka receivers
  replication_client                  string    point
  kind                                string    point
  command                             string    point
  table                               string    point
  operation                           string    point
  source                              string    point
  topic                               string    point
  partition                           int       point
  group                               string    point
  # labels of Kubernetes' own components, as their Prometheus pages have them
  operation_type                      string    point
  verb                                string    point
  path                                string    point
  method                              string    point
  request_kind                        string    point = readOnly mutating
  plugin_name                         string    point
  probe_type                          string    point = Liveness Readiness Startup
  container_state                     string    point
  queue                               string    point
  name                                string    point
  result                              string    point
  etcd.mvcc.db.size_type              string    point
  # programs' own
  outcome                             string    point
  trigger                             string    point
  worker                              string    point
  worker.pool                         string    point
  work.priority                       string    point
  shard                               string    point
  <entity>.state                      string    point
  sales.channel                       string    point
  sales.region                        string    point
  customer.tier                       string    point
  cache.name                          string    point
  cache.result                        string    point = hit miss
  cache.eviction.reason               string    point
  rate_limit.decision                 string    point
  task.name                           string    point
  # runtimes
  jvm.memory.type                     string    point = heap non_heap
  jvm.memory.pool.name                string    point
  jvm.gc.name                         string    point
  jvm.gc.action                       string    point
  jvm.gc.cause                        string    point
  jvm.thread.daemon                   boolean   point
  jvm.thread.state                    string    point = new runnable blocked waiting timed_waiting terminated
  jvm.buffer.pool.name                string    point
  nodejs.eventloop.state              string    point = active idle
  v8js.gc.type                        string    point = major minor incremental weakcb
  v8js.heap.space.name                string    point
  go.memory.type                      string    point = stack other
  cpython.gc.generation               int       point = 0 1 2
  dotnet.gc.heap.generation           string    point = gen0 gen1 gen2 loh poh
  aspnetcore.rate_limiting.policy     string    point
  aspnetcore.rate_limiting.result     string    point
  cpu.mode                            string    point = idle interrupt iowait kernel nice steal system user
  cpu.logical_number                  int       point
  process.cpu.state                   string    point = system user wait
  network.interface.name              string    point
  network.io.direction                string    point = receive transmit
  disk.io.direction                   string    point = read write
  system.device                       string    point
  `,
);
