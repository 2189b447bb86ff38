/**
 * What processes say of themselves, outside of any request: start-up and shutdown, configuration, health, pools, memory, jobs.
 * Some of it every program says, some only those of a language and its frameworks.
 */
import type { Language } from "../../scenario/languages.ts";
import type { Level } from "../log-record.ts";

export type ProcessMessages = Readonly<Partial<Record<Level, readonly string[]>>>;

export const COMMON: ProcessMessages = {
  TRACE: ["health check of {store} sent", "lease of leader election renewed, {2..14} s left"],
  DEBUG: [
    "health check passed: {store} answered in {1..18} ms",
    "cache of {collection} evicted {12..900} entries, {1000..48000} left",
    "connection pool to {store}: {1..8} active, {2..12} idle, 0 waiting",
    "feature flags refreshed, {14..60} flags, {0..3} changed",
    "heartbeat of job scheduler, {0..6} jobs due",
    "exported {120..2048} spans in {4..90} ms",
  ],
  INFO: [
    "{service} {release} listening on 0.0.0.0:{listen}",
    "starting {service} {release} in {namespaceName} as {pod}",
    "received SIGTERM, draining {0..40} requests",
    "shutdown complete after {1..29} s",
    "configuration reloaded: {1..9} keys changed",
    "readiness of {service} is now true",
    "job expire-{collection} finished: {0..2400} removed in {12..9400} ms",
    "job sync-{collection} finished: {10..9800} read, {0..310} changed in {140..42000} ms",
    "job compact-{entity}-history scheduled, next run in {5..55} min",
    "cache of {collection} warmed with {800..24000} entries in {120..4800} ms",
    "connected to {store} in {2..48} ms",
    "leader election: {pod} leads until the lease ends",
    "certificate of {service} reloaded, valid for {30..90} days",
    "migrations are up to date, schema version {schema}",
  ],
  WARN: [
    "connection to {store} lost, reconnecting in {1..30} s",
    "pool to {store} is exhausted: {10..20} active, {1..40} waiting",
    "export of telemetry took {1100..9800} ms, queue at {71..99} percent",
    "clock differs from {store} by {120..900} ms",
    "deprecated setting {entity}.cache.ttl is ignored, use cache.{collection}.ttl",
    "client uses deprecated API version v{1..2}, will be removed in release {4..9}.0",
    "configuration of {collection} is {2..48} h old, the source does not answer",
    "liveness probe answered after {900..2900} ms",
    "memory use at {81..96} percent of the limit of {heapMib} MiB",
  ],
  ERROR: [
    "job sync-{collection} failed after {12..9400} records",
    "could not connect to {store} after {3..9} attempts",
    "configuration could not be reloaded, keeping the one of {2..48} h ago",
    "background refresh of {collection} failed",
    "export of {200..2048} spans failed, dropping them",
  ],
  FATAL: [
    "cannot listen on 0.0.0.0:{listen}: address already in use, exiting",
    "required secret {entity}-credentials is missing, exiting",
    "schema version {schema} is newer than this release {release}, exiting",
    "no connection to {store} within 60 s of start-up, exiting",
  ],
};

export const OF_LANGUAGE: Readonly<Record<Language["sdk"], ProcessMessages>> = {
  java: {
    DEBUG: [
      "HikariPool-1 - Pool stats (total={8..10}, active={0..6}, idle={2..8}, waiting=0)",
      "GC({120..9800}) Pause Young (Normal) (G1 Evacuation Pause) {180..420}M->{60..170}M({heapMib}M) {2..28}.{100..999}ms",
    ],
    INFO: [
      "Starting {className}Application v{release} using Java {runtime} with PID 1 (/app/app.jar started by app in /app)",
      'The following 1 profile is active: "production"',
      "Tomcat initialized with port {listen} (http)",
      "HikariPool-1 - Start completed.",
      "Started {className}Application in {5..19}.{100..999} seconds (process running for {20..24}.{100..999})",
      "Commencing graceful shutdown. Waiting for active requests to complete",
      "HikariPool-1 - Shutdown completed.",
      "[Consumer clientId=consumer-{service}-1, groupId={service}] Successfully synced group in generation Generation{generationId={12..900}, memberId='consumer-{service}-1', protocol='cooperative-sticky'}",
      "Exposing {4..14} endpoints beneath base path '/actuator'",
      "GC({120..9800}) Pause Young (Concurrent Start) (G1 Humongous Allocation) {280..520}M->{160..270}M({heapMib}M) {8..64}.{100..999}ms",
    ],
    WARN: [
      "HikariPool-1 - Thread starvation or clock leap detected (housekeeper delta={45..89}s{100..999}ms).",
      "HikariPool-1 - Failed to validate connection {driver}@{10000000..99999999} (This connection has been closed.). Possibly consider using a shorter maxLifetime value.",
      "spring.jpa.open-in-view is enabled by default. Therefore, database queries may be performed during view rendering.",
      "[Consumer clientId=consumer-{service}-1, groupId={service}] Offset commit failed with a retriable exception. You should retry committing the latest consumed offsets.",
    ],
    FATAL: ["Terminating due to java.lang.OutOfMemoryError: Java heap space"],
  },
  nodejs: {
    DEBUG: [
      "event loop lag p99 {8..90} ms, utilization 0.{11..94}",
      "heap used {60..340} MiB of {heapMib} MiB",
    ],
    INFO: [
      "server listening at http://{podIp}:{listen}",
      "process started, node {runtime}, pid 1",
      "worker {1..4} online",
      "HTTP server closed, {0..14} keep-alive connections ended",
    ],
    WARN: [
      "event loop blocked for {120..1900} ms",
      "(node:1) MaxListenersExceededWarning: Possible EventEmitter memory leak detected. 11 close listeners added to [Socket]. MaxListeners is 10.",
      "(node:1) [DEP0040] DeprecationWarning: The `punycode` module is deprecated. Please use a userland alternative instead.",
    ],
    FATAL: ["Reached heap limit Allocation failed - JavaScript heap out of memory"],
  },
  python: {
    DEBUG: ["gc: collected {120..9000} objects of generation {0..2} in {1..40} ms"],
    INFO: [
      "Started server process [7]",
      "Application startup complete.",
      "Uvicorn running on http://0.0.0.0:{listen} (Press CTRL+C to quit)",
      "Finished server process [7]",
      "Task {service}.tasks.refresh_{collection} succeeded in {0..9}.{100000..999999}s: None",
    ],
    WARN: [
      "QueuePool limit of size 5 overflow 10 reached, connection timed out, timeout 30.00",
      "DeprecationWarning: datetime.datetime.utcnow() is deprecated and scheduled for removal in a future version",
      "ASGI 'lifespan' protocol appears unsupported.",
    ],
    FATAL: ["Application startup failed. Exiting."],
  },
  go: {
    DEBUG: [
      "gc cycle {120..98000} finished, heap {24..180} MiB, pause {40..900} us",
      "goroutines: {40..900}",
    ],
    INFO: [
      "serving http on :{listen}",
      "maxprocs: Updating GOMAXPROCS={1..4}: determined from CPU quota",
      "graceful stop: {0..24} streams left",
    ],
    WARN: [
      "http: TLS handshake error from {podIp}:{32768..60999}: EOF",
      "context of background refresh was canceled",
    ],
    FATAL: ["fatal error: all goroutines are asleep - deadlock!"],
  },
  dotnet: {
    DEBUG: [
      'Connection id "0HN{100..999}GK{10..99}" started.',
      "GC gen{0..2} pause {1..38}.{10..99} ms, heap {40..320} MB",
    ],
    INFO: [
      "Now listening on: http://[::]:{listen}",
      "Application started. Press Ctrl+C to shut down.",
      "Hosting environment: Production",
      "Content root path: /app",
      "Application is shutting down...",
    ],
    WARN: [
      "The ASP.NET Core developer certificate is not trusted.",
      "Heartbeat ran for {1100..4800} ms, which is longer than 1 s. This could be caused by thread pool starvation.",
    ],
    FATAL: ["Application terminated unexpectedly: BackgroundService failed"],
  },
  ruby: {
    DEBUG: ["GC: minor {100..900}, major {4..60}, {200000..900000} live slots"],
    INFO: [
      "* Listening on http://0.0.0.0:{listen}",
      "- Worker {0..3} (PID: {10..60}) booted in {1..9}.{10..99}s, phase: 0",
      "Refresh{className}Job done in {4..900}.{10..99} ms",
    ],
    WARN: [
      "DEPRECATION WARNING: Passing an Active Record class to count is deprecated (called from block in <main>)",
    ],
    FATAL: ["Terminating timed out worker (Worker {0..3} failed to check in within 60 seconds)"],
  },
  rust: {
    DEBUG: ["pool: acquired connection after {1..38} ms, {1..9} in use"],
    INFO: [
      "listening on 0.0.0.0:{listen}",
      "runtime started with {1..8} worker threads",
      "signal received, starting graceful shutdown",
    ],
    WARN: ["slow poll: task ran {51..900} ms without yielding"],
    FATAL: ["thread 'main' panicked: could not bind 0.0.0.0:{listen}"],
  },
  php: {
    DEBUG: ["opcache: {900..4000} scripts cached, hit rate 9{4..9}.{10..99} percent"],
    INFO: [
      "FrankenPHP started, PHP {runtime}, {16..64} threads",
      "serving initial configuration",
      "Processed: App\\Jobs\\Refresh{className} in {4..900}.{10..99} ms",
    ],
    WARN: [
      "all {16..64} workers are busy, {1..40} requests wait",
      "worker script /app/public/index.php terminated with status {1..2}, restarting",
    ],
    FATAL: ["loading initial config: listen tcp :{listen}: bind: address already in use"],
  },
};
