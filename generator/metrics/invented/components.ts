/**
 * Software that every cluster runs, and the parts of it that are worth measuring. A line is a component: its name, and its
 * parts by sort (work, queue, cache, pool, store). A star marks parts of the kernel.
 */
import type { MetricType } from "../../config.ts";
import { contribScope } from "../catalogue/scopes.ts";
import type { CarrierKind, Scope } from "../definition.ts";
import type { Sort } from "./aspects.ts";

/** Who reports what, for one type of metrics. */
export interface Stack {
  readonly carrier: CarrierKind;
  readonly scope: Scope;
  readonly components: readonly Component[];
}

export interface Component {
  readonly name: string;
  /** A part of the kernel, which counts by core. */
  readonly inKernel: boolean;
  readonly parts: readonly { readonly name: string; readonly sort: Sort }[];
}

const scraped = contribScope("prometheusreceiver");

const CONTROLLERS =
  "replicaset deployment statefulset daemonset job cronjob endpointslice node_lifecycle garbage_collector namespace serviceaccount attachdetach disruption ttl_after_finished horizontal_autoscaler certificate_signing cloud_route cloud_load_balancer persistent_volume_binder resource_quota pod_gc";

/** Components that serve a type of metrics. Types that are about services have none: their names come from the domains. */
export const STACKS: Readonly<Partial<Record<MetricType, Stack>>> = {
  host_metrics: {
    carrier: "host",
    scope: scraped,
    components: components(`
      containerd: work image_pull task_start snapshot_commit exec; queue event; cache content; pool shim; store snapshot lease
      journald: work entry_write rotation; queue forward; store journal
      systemd: work unit_start timer; queue job; store unit
      otelcol: work receiver processor exporter; queue sending; pool connection; store file_storage
      fluent_bit: work input filter output; queue retry; store chunk
      *ext4: work journal_commit block_allocation; queue writeback; cache inode extent; store reservation
      *xfs: work log_write extent_allocation; cache inode buffer; store allocation_group
      *nvme: work command flush trim; queue submission completion; store namespace
      *tcp: work handshake retransmission; queue listen out_of_order; pool socket time_wait; store fastopen_cookie
      *udp: work checksum; queue receive; pool socket
      *conntrack: work flow_insert garbage_collection; store flow expectation
      *neighbor: work resolution; cache entry; queue unresolved
      dns_stub: work query; cache answer; pool upstream
      *page_cache: work readahead writeback reclaim; store dirty_page
      *cgroup: work reclaim freeze charge; store memory_event
      auditd: work dispatch; queue event; store rule
      chrony: work ntp_request clock_step; store source
      sshd: work authentication key_exchange; pool session
      *disk_scheduler: work merge dispatch; queue read write
      ebpf_agent: work probe map_update; queue ring_buffer; store map
      package_manager: work refresh install; cache metadata
      udev: work rule_match device_add; queue event
      logrotate: work rotate compress; store archive
      cron: work job; queue due
      ntp_client: work poll; store peer
      *bridge: work forward learn; cache fdb; queue transmit
      *netfilter: work rule_match nat; queue verdict; store chain
      *slab: work allocation shrink; cache dentry inode; pool object
      *softirq: work net_rx net_tx block timer
      *numa: work migration balancing; store page
    `),
  },
  k8s_node: {
    carrier: "node",
    scope: scraped,
    components: components(`
      kubelet: work pod_sync pod_eviction volume_mount probe log_rotation certificate_rotation node_status_update; queue pod_update; cache image secret configmap; pool exec_stream; store checkpoint
      container_runtime: work sandbox_create container_start container_stop image_pull image_gc exec_sync; queue event; pool sandbox; store layer
      kube_proxy: work rule_sync endpoint_update; queue change; cache endpoint; store rule
      cni: work attach detach policy_update; pool ip_address; store route endpoint
      aws_node: work eni_attach ip_assignment reconcile; pool eni ip_address; cache instance_type
      csi_node: work stage publish unpublish expand; queue volume_operation; store mount
      cadvisor: work housekeeping scrape; cache container_info
      device_manager: work allocation health_check; pool device; store plugin
      topology_manager: work admission; cache hint
      cpu_manager: work reconcile; pool exclusive_cpu; store assignment
      node_dns: work query forward; cache answer; pool upstream; queue pending
      node_exporter: work scrape collector; queue request
      node_problem_detector: work check; queue event; store condition
      log_agent: work tail parse ship; queue buffer; store position
      spot_handler: work drain notice_poll; store taint
      gpu_agent: work sample; pool slice; store process
      image_puller: work layer_download layer_unpack verification; queue layer; cache manifest; pool connection
      node_autorepair: work check reboot; queue action
      sysctl_operator: work apply; store setting
      certificate_agent: work renewal; store certificate
      storage_agent: work trim resize; queue request; store volume
    `),
  },
  k8s_cluster: {
    carrier: "controller",
    scope: scraped,
    components: [
      ...CONTROLLERS.split(" ").flatMap((name) =>
        components(`${name}_controller: work reconcile patch; queue work; cache informer`),
      ),
      ...components(`
        leader_election: work renewal; store lease
        cluster_autoscaler: work scale_up scale_down estimation; queue pending_pod; cache node_group; store template
        admission_webhook: work validation mutation; pool connection; cache policy
        cert_manager: work issuance renewal challenge; queue order; store certificate
        external_dns: work record_update zone_list; cache record
        ingress_controller: work reload route_sync; cache backend; store rule
        argocd: work application_sync manifest_render repository_fetch; queue refresh; cache manifest; store application
        service_mesh: work config_push certificate_signing; queue push; cache endpoint; pool proxy_stream
        metrics_server: work scrape; cache sample; store series
        policy_engine: work evaluation audit; cache template; store violation
        backup_operator: work snapshot restore upload; queue item; store backup
      `),
    ],
  },
  k8s_container: {
    carrier: "container",
    scope: scraped,
    components: components(`
      envoy: work upstream_request downstream_request tls_handshake health_check route_match xds_update; queue pending_request; cache dns; pool upstream_connection downstream_connection; store cluster
      mesh_agent: work certificate_rotation config_push; queue debounce; cache secret; pool xds_stream
      nginx: work request proxy_pass subrequest gzip; cache response fastcgi; pool keepalive worker_connection; store shared_zone
      pgbouncer: work query login transaction; queue client_wait; pool server_connection client_connection; cache prepared_statement
      gunicorn: work request worker_restart; queue backlog; pool worker
      tomcat: work request session_expiry; queue accept; pool thread; store session
      netty: work channel_read channel_write task; queue outbound_buffer; pool direct_buffer event_loop
      hikari: work connection_validation; pool connection; store leak_record
      celery: work task beat; queue broker; pool worker_process; store result
      sidekiq: work job scheduler_poll; queue default low; pool processor; store dead_set
      vault_agent: work token_renewal template_render; cache lease; store secret
      oauth_proxy: work token_refresh authorization; cache session jwks; pool upstream
      log_shipper: work read parse send; queue buffer; store checkpoint
      config_reloader: work check reload; store file
      liveness: work check
      overlayfs: work copy_up lookup; cache dentry; store upper_layer
      seccomp: work filter; store profile
      tls: work handshake session_resumption certificate_verification; cache session; store trust_anchor
      dns_client: work query; cache answer; queue pending
      haproxy: work request health_check; queue backend; pool server_connection; store stick_table
      memcached: work get set; cache slab_class; pool connection; store item
      sqlite: work query checkpoint; cache page; store wal
      kafka_client: work produce fetch rebalance; queue record; pool connection; cache metadata
      grpc: work call keepalive; queue stream; pool channel; cache name_resolution
      redis_client: work command; pool connection; cache script
      otel_sdk: work span_export metric_export log_export; queue span metric log; store span_limit
    `),
  },
  runtime: {
    carrier: "service",
    scope: { name: "com.example.platform.runtime", version: "2.4.1" },
    components: components(`
      runtime.heap: work allocation compaction; cache free_list; pool arena; store large_object
      runtime.gc: work mark sweep evacuation safepoint; queue finalizer; store remembered_set
      runtime.jit: work compilation deoptimization; queue compile; cache code; store method
      runtime.scheduler: work task timer; queue run; pool worker_thread; store timer_wheel
      runtime.io: work read write poll; queue completion; pool buffer; store file_handle
      runtime.module: work load resolve; cache module; store export
      runtime.http_client: work connect request; pool connection; cache dns; queue pending
      runtime.tls: work handshake renegotiation; cache session; store certificate
      runtime.lock: work contention; queue waiter; store monitor
      runtime.serializer: work encode decode; cache schema; pool buffer
      runtime.logger: work append format; queue record; pool buffer
      runtime.telemetry: work span_export metric_collection; queue span; store instrument
    `),
  },
  database: {
    carrier: "database",
    scope: contribScope("sqlqueryreceiver"),
    components: components(`
      db.server.planner: work plan; cache plan; store statistic
      db.server.executor: work sort hash_join sequential_scan index_scan aggregate; queue parallel_worker; pool worker; store temp_file
      db.server.wal: work write sync archive; queue archive; cache buffer; store segment
      db.server.vacuum: work table_vacuum analyze freeze; queue table; pool worker
      db.server.replication: work apply stream; queue sender; store slot
      db.server.checkpoint: work buffer_write sync; store dirty_buffer
      db.server.buffer: work page_read page_write; cache page; pool frame
      db.server.lock: work acquire deadlock_check; queue waiter; store entry
      db.server.catalog: work lookup invalidation; cache relation; store object
      db.server.connection: work authentication fork; queue backlog; pool backend
      db.server.index: work build split merge; cache page; store page
      db.server.transaction: work commit rollback; queue prepared; store snapshot
      db.server.backup: work base_copy upload verify; store file
      db.server.cursor: work fetch; store portal
    `),
  },
  messaging: {
    carrier: "broker",
    scope: contribScope("jmxreceiver"),
    components: components(`
      messaging.broker.controller: work leader_election topic_create partition_reassignment; queue event; store metadata_log
      messaging.broker.replica: work fetch log_append isr_update; queue pending; pool fetcher; store follower
      messaging.broker.purgatory: work produce_completion fetch_completion; store delayed_request
      messaging.broker.coordinator: work rebalance join heartbeat offset_commit; cache group; store member
      messaging.broker.log: work flush roll recovery; queue deletion; cache index; store segment
      messaging.broker.log_cleaner: work compaction; queue partition; pool thread; store offset_map
      messaging.broker.network: work accept read write; queue request response; pool processor connection
      messaging.broker.quota: work throttle; store entity
      messaging.broker.transaction: work begin commit abort marker_write; queue marker; store producer_id
      messaging.broker.authorizer: work decision; cache acl; store acl
      messaging.broker.schema: work validation lookup; cache schema; store subject
      messaging.broker.tier: work upload download; queue segment; cache chunk; store remote_segment
      messaging.broker.mirror: work record_copy offset_sync; queue record; store checkpoint
    `),
  },
};

/** `name: sort part part; sort part` a line. */
function components(text: string): Component[] {
  return text
    .trim()
    .split("\n")
    .map((line) => {
      const [name, rest] = line.trim().split(": ");
      const parts = rest!.split("; ").flatMap((group) => {
        const [sort, ...names] = group.split(" ");
        return names.map((part) => ({ name: part, sort: sort as Sort }));
      });
      const inKernel = name!.startsWith("*");
      return { name: inKernel ? name!.slice(1) : name!, inKernel, parts };
    });
}
