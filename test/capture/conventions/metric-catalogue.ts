/**
 * The metrics whose names, units, kinds and attributes are settled elsewhere: by the Collector's receivers (host_metrics,
 * kubelet_stats, k8s_cluster of contrib, their metadata.yaml, release 0.162.0) and by the semantic conventions 1.44.0.
 */

export type MetricForm = "gauge" | "sum+" | "sum-" | "hist";

export interface CatalogueMetric {
  unit: string;
  /** sum+ is monotonic, sum- is not; hist is a histogram of either kind. */
  form: MetricForm;
  /** Undefined for histograms. */
  number: "int" | "dbl" | undefined;
  /** All that a point may have. Undefined: not settled here. */
  attributes: readonly string[] | undefined;
}

/** Name, unit (- for none), form, number, attributes separated by commas. */
const RECEIVERS = `
# 1.1 cpu, load, system
system.cpu.time                              s                sum+   dbl  cpu,state
system.cpu.utilization                       1                gauge  dbl  cpu,state
system.cpu.physical.count                    {cpu}            sum-   int
system.cpu.logical.count                     {cpu}            sum-   int
system.cpu.frequency                         Hz               gauge  dbl  cpu
system.cpu.load_average.1m                   {thread}         gauge  dbl
system.cpu.load_average.5m                   {thread}         gauge  dbl
system.cpu.load_average.15m                  {thread}         gauge  dbl
system.uptime                                s                gauge  dbl

# 1.2 memory
system.memory.usage                          By               sum-   int  state
system.memory.utilization                    1                gauge  dbl  state
system.memory.limit                          By               sum-   int
system.memory.page_size                      By               gauge  int
system.linux.memory.available                By               sum-   int
system.linux.memory.dirty                    By               sum-   int
system.memory.linux.shared                   By               sum-   int
system.memory.linux.hugepages.limit          {page}           sum-   int
system.memory.linux.hugepages.reserved       {page}           sum-   int
system.memory.linux.hugepages.surplus        {page}           sum-   int
system.memory.linux.hugepages.page_size      By               sum-   int
system.memory.linux.hugepages.usage          {page}           sum-   int  system.memory.linux.hugepages.state
system.memory.linux.hugepages.utilization    1                gauge  dbl  system.memory.linux.hugepages.state

# 1.3 disk, filesystem
system.disk.io                               By               sum+   int  device,direction
system.disk.operations                       {operations}     sum+   int  device,direction
system.disk.io_time                          s                sum+   dbl  device
system.disk.operation_time                   s                sum+   dbl  device,direction
system.disk.weighted_io_time                 s                sum+   dbl  device
system.disk.pending_operations               {operations}     sum-   int  device
system.disk.merged                           {operations}     sum+   int  device,direction
system.filesystem.usage                      By               sum-   int  device,mode,mountpoint,type,state
system.filesystem.inodes.usage               {inodes}         sum-   int  device,mode,mountpoint,type,state
system.filesystem.utilization                1                gauge  dbl  device,mode,mountpoint,type

# 1.4 network
system.network.io                            By               sum+   int  device,direction
system.network.packets                       {packets}        sum+   int  device,direction
system.network.dropped                       {packets}        sum+   int  device,direction
system.network.errors                        {errors}         sum+   int  device,direction
system.network.connections                   {connections}    sum-   int  protocol,state
system.network.conntrack.count               {entries}        sum-   int
system.network.conntrack.max                 {entries}        sum-   int

# 1.5 paging, processes
system.paging.usage                          By               sum-   int  device,state
system.paging.utilization                    1                gauge  dbl  device,state
system.paging.operations                     {operations}     sum+   int  direction,type
system.paging.faults                         {faults}         sum+   int  type
system.processes.created                     {processes}      sum+   int
system.processes.count                       {processes}      sum-   int  status

# 1.6 process
process.cpu.time                             s                sum+   dbl  state
process.cpu.utilization                      1                gauge  dbl  state
process.memory.usage                         By               sum-   int
process.memory.virtual                       By               sum-   int
process.memory.utilization                   1                gauge  dbl
process.disk.io                              By               sum+   int  direction
process.disk.operations                      {operations}     sum+   int  direction
process.paging.faults                        {faults}         sum+   int  type
process.context_switches                     {count}          sum+   int  type
process.threads                              {threads}        sum-   int
process.open_file_descriptors                {count}          sum-   int
process.handles                              {count}          sum-   int
process.signals_pending                      {signals}        sum-   int
process.uptime                               s                gauge  dbl

# 1.7 nfs (development; the scraper is opt-in, all its metrics are gauges of int)
system.nfs.net.count                         {request}        gauge  int
system.nfs.net.udp.count                     {datagram}       gauge  int
system.nfs.net.tcp.count                     {segment}        gauge  int
system.nfs.net.tcp.connection.count          {connection}     gauge  int
system.nfs.rpc.count                         {request}        gauge  int
system.nfs.rpc.retransmit.count              {retransmit}     gauge  int
system.nfs.rpc.authrefresh.count             {authrefresh}    gauge  int
system.nfs.procedure.count                   {procedure}      gauge  int  rpc.onc.version,rpc.onc.procedure.name
system.nfs.operation.count                   {procedure}      gauge  int  rpc.onc.version,rpc.nfs.operation.name
system.nfsd.repcache.hits                    {hit}            gauge  int
system.nfsd.repcache.misses                  {miss}           gauge  int
system.nfsd.repcache.nocache                 {miss}           gauge  int
system.nfsd.fh.stale.count                   {fh}             gauge  int
system.nfsd.io.read.count                    By               gauge  int
system.nfsd.io.write.count                   By               gauge  int
system.nfsd.thread.count                     {thread}         gauge  int
system.nfsd.net.count                        {request}        gauge  int
system.nfsd.net.udp.count                    {datagram}       gauge  int
system.nfsd.net.tcp.count                    {segment}        gauge  int
system.nfsd.net.tcp.connection.count         {connection}     gauge  int
system.nfsd.rpc.count                        {request}        gauge  int
system.nfsd.rpc.bad.count                    {request}        gauge  int
system.nfsd.rpc.badfmt.count                 {request}        gauge  int
system.nfsd.rpc.badauth.count                {request}        gauge  int
system.nfsd.rpc.badclient.count              {request}        gauge  int
system.nfsd.procedure.count                  {procedure}      gauge  int  rpc.onc.version,rpc.onc.procedure.name
system.nfsd.operation.count                  {operation}      gauge  int  rpc.onc.version,rpc.nfs.operation.name

# 2. kubelet_stats
container.cpu.time                           s                sum+   dbl
container.cpu.usage                          {cpu}            gauge  dbl
container.filesystem.available               By               gauge  int
container.filesystem.capacity                By               gauge  int
container.filesystem.usage                   By               gauge  int
container.memory.available                   By               gauge  int
container.memory.usage                       By               gauge  int
container.memory.rss                         By               gauge  int
container.memory.working_set                 By               gauge  int
container.memory.page_faults                 1                gauge  int
container.memory.major_page_faults           1                gauge  int
container.uptime                             s                sum+   int
k8s.container.cpu_limit_utilization          1                gauge  dbl
k8s.container.cpu_request_utilization        1                gauge  dbl
k8s.container.memory_limit_utilization       1                gauge  dbl
k8s.container.memory_request_utilization     1                gauge  dbl
k8s.container.cpu.node.utilization           1                gauge  dbl
k8s.container.memory.node.utilization        1                gauge  dbl
k8s.container.ephemeral_storage.usage        By               sum-   int  fs.type
k8s.pod.cpu.time                             s                sum+   dbl
k8s.pod.cpu.usage                            {cpu}            gauge  dbl
k8s.pod.filesystem.available                 By               gauge  int
k8s.pod.filesystem.capacity                  By               gauge  int
k8s.pod.filesystem.usage                     By               gauge  int
k8s.pod.memory.available                     By               gauge  int
k8s.pod.memory.usage                         By               gauge  int
k8s.pod.memory.rss                           By               gauge  int
k8s.pod.memory.working_set                   By               gauge  int
k8s.pod.memory.page_faults                   1                gauge  int
k8s.pod.memory.major_page_faults             1                gauge  int
k8s.pod.network.io                           By               sum+   int  interface,direction
k8s.pod.network.errors                       1                sum+   int  interface,direction
k8s.pod.uptime                               s                sum+   int
k8s.pod.cpu_limit_utilization                1                gauge  dbl
k8s.pod.cpu_request_utilization              1                gauge  dbl
k8s.pod.memory_limit_utilization             1                gauge  dbl
k8s.pod.memory_request_utilization           1                gauge  dbl
k8s.pod.cpu.node.utilization                 1                gauge  dbl
k8s.pod.memory.node.utilization              1                gauge  dbl
k8s.pod.volume.usage                         By               sum-   int
k8s.node.cpu.time                            s                sum+   dbl
k8s.node.cpu.usage                           {cpu}            gauge  dbl
k8s.node.filesystem.available                By               gauge  int
k8s.node.filesystem.capacity                 By               gauge  int
k8s.node.filesystem.usage                    By               gauge  int
k8s.node.filesystem.inode.count              {inode}          sum-   int
k8s.node.filesystem.inode.free               {inode}          sum-   int
k8s.node.memory.available                    By               gauge  int
k8s.node.memory.usage                        By               gauge  int
k8s.node.memory.rss                          By               gauge  int
k8s.node.memory.working_set                  By               gauge  int
k8s.node.memory.page_faults                  1                gauge  int
k8s.node.memory.major_page_faults            1                gauge  int
k8s.node.network.io                          By               sum+   int  interface,direction
k8s.node.network.errors                      1                sum+   int  interface,direction
k8s.node.uptime                              s                sum+   int
k8s.node.pid.limit                           {thread}         sum-   int
k8s.node.pid.usage                           {thread}         sum-   int
k8s.node.system_container.cpu.time           s                sum+   dbl
k8s.node.system_container.cpu.usage          {cpu}            gauge  dbl
k8s.node.system_container.memory.usage       By               gauge  int
k8s.node.system_container.memory.working_set By               gauge  int
k8s.volume.available                         By               gauge  int
k8s.volume.capacity                          By               gauge  int
k8s.volume.inodes                            1                gauge  int
k8s.volume.inodes.free                       1                gauge  int
k8s.volume.inodes.used                       1                gauge  int

# 3. k8s_cluster
k8s.container.cpu_limit                      {cpu}            gauge  dbl
k8s.container.cpu_request                    {cpu}            gauge  dbl
k8s.container.memory_limit                   By               gauge  int
k8s.container.memory_request                 By               gauge  int
k8s.container.storage_limit                  By               gauge  int
k8s.container.storage_request                By               gauge  int
k8s.container.ephemeralstorage_limit         By               gauge  int
k8s.container.ephemeralstorage_request       By               gauge  int
k8s.container.ready                          -                gauge  int
k8s.container.restarts                       {restart}        gauge  int
k8s.container.status.state                   {container}      sum-   int  k8s.container.status.state
k8s.container.status.reason                  {container}      sum-   int  k8s.container.status.reason
k8s.pod.phase                                -                gauge  int
k8s.pod.status_reason                        -                gauge  int
k8s.namespace.phase                          -                gauge  int
k8s.node.condition                           {condition}      gauge  int  condition
k8s.deployment.desired                       {pod}            gauge  int
k8s.deployment.available                     {pod}            gauge  int
k8s.replicaset.desired                       {pod}            gauge  int
k8s.replicaset.available                     {pod}            gauge  int
k8s.replication_controller.desired           {pod}            gauge  int
k8s.replication_controller.available         {pod}            gauge  int
k8s.statefulset.desired_pods                 {pod}            gauge  int
k8s.statefulset.current_pods                 {pod}            gauge  int
k8s.statefulset.ready_pods                   {pod}            gauge  int
k8s.statefulset.updated_pods                 {pod}            gauge  int
k8s.statefulset.pod.available                {pod}            sum-   int
k8s.daemonset.desired_scheduled_nodes        {node}           gauge  int
k8s.daemonset.current_scheduled_nodes        {node}           gauge  int
k8s.daemonset.ready_nodes                    {node}           gauge  int
k8s.daemonset.misscheduled_nodes             {node}           gauge  int
k8s.job.active_pods                          {pod}            gauge  int
k8s.job.desired_successful_pods              {pod}            gauge  int
k8s.job.failed_pods                          {pod}            gauge  int
k8s.job.max_parallel_pods                    {pod}            gauge  int
k8s.job.successful_pods                      {pod}            gauge  int
k8s.cronjob.active_jobs                      {job}            gauge  int
k8s.hpa.current_replicas                     {pod}            gauge  int
k8s.hpa.desired_replicas                     {pod}            gauge  int
k8s.hpa.max_replicas                         {pod}            gauge  int
k8s.hpa.min_replicas                         {pod}            gauge  int
k8s.resource_quota.hard_limit                {resource}       gauge  int  resource
k8s.resource_quota.used                      {resource}       gauge  int  resource
k8s.service.endpoint.count                   {endpoint}       gauge  int  k8s.service.endpoint.address_type,k8s.service.endpoint.condition,k8s.service.endpoint.zone
k8s.service.load_balancer.ingress.count      {ingress}        gauge  int
k8s.persistentvolume.status.phase            {persistentvolume} sum-   int  k8s.persistentvolume.status.phase
k8s.persistentvolume.storage.capacity        By               sum-   int
k8s.persistentvolumeclaim.status.phase       {persistentvolumeclaim} sum-   int  k8s.persistentvolumeclaim.status.phase
k8s.persistentvolumeclaim.storage.capacity   By               sum-   int
k8s.persistentvolumeclaim.storage.request    By               sum-   int
openshift.clusterquota.limit                 {resource}       gauge  int  resource
openshift.clusterquota.used                  {resource}       gauge  int  resource
openshift.appliedclusterquota.limit          {resource}       gauge  int  k8s.namespace.name,resource
openshift.appliedclusterquota.used           {resource}       gauge  int  k8s.namespace.name,resource
`;

/** As above; `*` for attributes that the conventions leave open. */
const CONVENTIONS = `
http.server.request.duration            s                hist  -    http.request.method,url.scheme,http.route,http.response.status_code,error.type,network.protocol.name,network.protocol.version,server.address,server.port
http.client.request.duration            s                hist  -    http.request.method,server.address,server.port,http.response.status_code,error.type,network.protocol.name,network.protocol.version,url.scheme,url.template
http.server.active_requests             {request}        sum-  int  http.request.method,url.scheme,server.address,server.port
http.server.request.body.size           By               hist  -    http.request.method,url.scheme,http.route,http.response.status_code,error.type,network.protocol.name,network.protocol.version,server.address,server.port
http.server.response.body.size          By               hist  -    http.request.method,url.scheme,http.route,http.response.status_code,error.type,network.protocol.name,network.protocol.version,server.address,server.port
http.client.request.body.size           By               hist  -    http.request.method,server.address,server.port,http.response.status_code,error.type,network.protocol.name,network.protocol.version,url.scheme,url.template
http.client.response.body.size          By               hist  -    http.request.method,server.address,server.port,http.response.status_code,error.type,network.protocol.name,network.protocol.version,url.scheme,url.template
http.client.active_requests             {request}        sum-  int  http.request.method,server.address,server.port,url.scheme,url.template
http.client.open_connections            {connection}     sum-  int  http.connection.state,server.address,server.port,network.protocol.version,network.peer.address,url.scheme
http.client.connection.duration         s                hist  -    server.address,server.port,network.protocol.version,network.peer.address,url.scheme
db.client.operation.duration            s                hist  -    db.system.name,db.collection.name,db.namespace,db.operation.name,db.response.status_code,error.type,server.address,server.port,db.query.summary,network.peer.address,network.peer.port,db.stored_procedure.name
db.client.response.returned_rows        {row}            hist  -    db.system.name,db.collection.name,db.namespace,db.operation.name,db.response.status_code,error.type,server.address,server.port,db.query.summary
db.client.connection.count              {connection}     sum-  int  db.client.connection.pool.name,db.client.connection.state
db.client.connection.idle.max           {connection}     sum-  int  db.client.connection.pool.name
db.client.connection.idle.min           {connection}     sum-  int  db.client.connection.pool.name
db.client.connection.max                {connection}     sum-  int  db.client.connection.pool.name
db.client.connection.pending_requests   {request}        sum-  int  db.client.connection.pool.name
db.client.connection.timeouts           {timeout}        sum+  int  db.client.connection.pool.name
db.client.connection.create_time        s                hist  -    db.client.connection.pool.name
db.client.connection.wait_time          s                hist  -    db.client.connection.pool.name
db.client.connection.use_time           s                hist  -    db.client.connection.pool.name
rpc.server.call.duration                s                hist  -    rpc.system.name,rpc.method,rpc.response.status_code,error.type,server.address,server.port
rpc.client.call.duration                s                hist  -    rpc.system.name,rpc.method,rpc.response.status_code,error.type,server.address,server.port
messaging.client.operation.duration     s                hist  -    messaging.system,messaging.operation.name,messaging.operation.type,messaging.destination.name,messaging.destination.partition.id,messaging.consumer.group.name,error.type,server.address,server.port
messaging.process.duration              s                hist  -    messaging.system,messaging.operation.name,messaging.destination.name,messaging.destination.partition.id,messaging.consumer.group.name,error.type,server.address,server.port
messaging.client.sent.messages          {message}        sum+  int  messaging.system,messaging.operation.name,messaging.destination.name,messaging.destination.partition.id,error.type,server.address,server.port
messaging.client.consumed.messages      {message}        sum+  int  messaging.system,messaging.operation.name,messaging.destination.name,messaging.destination.partition.id,messaging.consumer.group.name,error.type,server.address,server.port
faas.invoke_duration                    s                hist  -    *
faas.coldstarts                         {coldstart}      sum+  int  *
faas.errors                             {error}          sum+  int  *
faas.invocations                        {invocation}     sum+  int  *
`;

/** Names that were replaced: who sends them today sends the past. */
export const RETIRED_METRICS: Readonly<Record<string, string>> = {
  "http.server.duration": "http.server.request.duration",
  "http.client.duration": "http.client.request.duration",
  "rpc.server.duration": "rpc.server.call.duration",
  "rpc.client.duration": "rpc.client.call.duration",
  "db.client.connections.usage": "db.client.connection.count",
};

const SECONDS = "0.005 0.01 0.025 0.05 0.075 0.1 0.25 0.5 0.75 1 2.5 5 7.5 10";

/** Bounds that the conventions give to histograms of durations, in seconds, by the metric's name. */
export const DURATION_BOUNDS: ReadonlyMap<string, string> = new Map([
  ["http.server.request.duration", SECONDS],
  ["http.client.request.duration", SECONDS],
  ["rpc.server.call.duration", SECONDS],
  ["rpc.client.call.duration", SECONDS],
  ["db.client.operation.duration", "0.001 0.005 0.01 0.05 0.1 0.5 1 5 10"],
]);

/** Values of attributes of points, by the beginning of the metric's name. */
const STATES = `
system.cpu.                 state      idle interrupt nice softirq steal system user wait
system.memory.u             state      buffered cached inactive free slab_reclaimable slab_unreclaimable used
system.disk.                direction  read write
system.filesystem.          mode       rw ro
system.filesystem.          state      free reserved used
system.network.             direction  receive transmit
system.network.connections  protocol   tcp udp
system.network.connections  state      CLOSE CLOSE_WAIT CLOSING ESTABLISHED FIN_WAIT1 FIN_WAIT2 LAST_ACK LISTEN SYN_SENT SYN_RECV TIME_WAIT
system.paging.u             state      cached free used
system.paging.operations    direction  page_in page_out
system.paging.              type       major minor
system.processes.count      status     blocked daemon detached idle locked orphan paging running sleeping stopped system unknown zombies
process.cpu.                state      system user wait
process.disk.               direction  read write
process.paging.faults       type       major minor
process.context_switches    type       involuntary voluntary
k8s.pod.network.io          direction  receive transmit
k8s.pod.network.errors      direction  receive transmit
k8s.node.network.io         direction  receive transmit
k8s.node.network.errors     direction  receive transmit
k8s.container.ephemeral_storage.usage  fs.type  logs rootfs
k8s.container.status.state  k8s.container.status.state  running terminated waiting
k8s.persistentvolume.status.phase       k8s.persistentvolume.status.phase       Available Bound Failed Pending Released
k8s.persistentvolumeclaim.status.phase  k8s.persistentvolumeclaim.status.phase  Bound Lost Pending
`;

export const CATALOGUE: ReadonlyMap<string, CatalogueMetric> = new Map([
  ...metricsIn(RECEIVERS),
  ...metricsIn(CONVENTIONS),
]);

export interface PointValues {
  prefix: string;
  key: string;
  values: ReadonlySet<string>;
}

export const POINT_VALUES: readonly PointValues[] = linesOf(STATES).map(([prefix, key, ...values]) => ({
  prefix: prefix!,
  key: key!,
  values: new Set(values),
}));

function metricsIn(table: string): [string, CatalogueMetric][] {
  return linesOf(table).map(([name, unit, form, number, attributes]) => [
    name!,
    {
      unit: unit === "-" ? "" : unit!,
      form: form as MetricForm,
      number: number === "-" ? undefined : (number as "int" | "dbl"),
      attributes: attributes === "*" ? undefined : (attributes?.split(",") ?? []),
    },
  ]);
}

function linesOf(table: string): string[][] {
  return table
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.split(/\s+/));
}
