/**
 * What keeps a machine in order: cron, timers, clocks, updates, log rotation, and the watchers of its resources.
 */
import { episode } from "./episode.ts";

export const UPKEEP = [
  episode(
    14,
    "CRON authpriv.info pam_unix(cron:session): session opened for user {cronUser}(uid={cronUid}) by {cronUser}(uid=0)",
    "CRON cron.info ({cronUser}) CMD ({cronCommand})",
    "CRON authpriv.info pam_unix(cron:session): session closed for user {cronUser}",
  ),
  episode(
    1,
    "CRON cron.info ({cronUser}) CMD ({cronCommand})",
    "CRON cron.info (CRON) info (No MTA installed, discarding output)",
  ),
  episode(
    7,
    "systemd daemon.info Starting {unit} - {unitText}...",
    "systemd daemon.info {unit}: Deactivated successfully.",
    "systemd daemon.info Finished {unit} - {unitText}.",
  ),
  episode(
    1,
    "systemd daemon.info Starting {unit} - {unitText}...",
    "systemd daemon.notice {unit}: Main process exited, code=exited, status={1..4}/FAILURE",
    "systemd daemon.warning {unit}: Failed with result 'exit-code'.",
    "systemd daemon.err Failed to start {unit} - {unitText}.",
  ),
  episode(
    2,
    "systemd daemon.info {unit}: Consumed {1..58}.{100..999}s CPU time, {12..900}.{1..9}M memory peak, 0B memory swap peak.",
  ),
  episode(
    2,
    "systemd daemon.notice {daemon}.service: Main process exited, code=killed, status=9/KILL",
    "systemd daemon.warning {daemon}.service: Failed with result 'signal'.",
    "systemd daemon.info {daemon}.service: Scheduled restart job, restart counter is at {1..9}.",
    "systemd daemon.info Started {daemon}.service - {daemonText}.",
  ),
  episode(4, "chronyd daemon.info Selected source {ntp} ({ntpName})"),
  episode(
    1,
    "chronyd daemon.warning Can't synchronise: no selectable sources",
    "chronyd daemon.info Source {ntp} offline",
  ),
  episode(
    1,
    "chronyd daemon.warning System clock wrong by {1..4}.{100000..999999} seconds",
    "chronyd daemon.warning System clock was stepped by {1..4}.{100000..999999} seconds",
  ),
  episode(
    1,
    "chronyd daemon.info Frequency {1..38}.{100..999} +/- 0.{011..412} ppm read from /var/lib/chrony/chrony.drift",
  ),
  episode(
    2,
    "unattended-upgrade daemon.info Starting unattended upgrades script",
    "unattended-upgrade daemon.info Allowed origins are: o=Ubuntu,a=noble, o=Ubuntu,a=noble-security",
    "unattended-upgrade daemon.info Packages that will be upgraded: {packages}",
    "unattended-upgrade daemon.info Writing dpkg log to /var/log/unattended-upgrades/unattended-upgrades-dpkg.log",
    "unattended-upgrade daemon.info All upgrades installed",
  ),
  episode(
    1,
    "unattended-upgrade daemon.warning Package {package} is kept back because a related package is kept back or due to local apt_preferences(5).",
  ),
  episode(
    3,
    "unattended-upgrade daemon.info No packages found that can be upgraded unattended and no pending auto-removals",
  ),
  episode(1, "logrotate daemon.err error: stat of /var/log/{logName}.log failed: No such file or directory"),
  episode(
    2,
    "logrotate daemon.info rotating pattern: /var/log/{logName}.log  {logSize}M bytes (7 rotations), log {needs} rotating",
  ),
  episode(
    1,
    'rsyslogd syslog.info [origin software="rsyslogd" swVersion="8.2312.0" x-pid="{rsyslogPid}" x-info="https://www.rsyslog.com"] rsyslogd was HUPed',
  ),
  episode(
    1,
    "rsyslogd syslog.warning imjournal: {12..2900} messages lost due to rate-limiting (20000 allowed within 600 seconds)",
  ),
  episode(1, "systemd-journald syslog.info Suppressed {14..9200} messages from {daemon}.service"),
  episode(
    1,
    "systemd-journald syslog.info Vacuuming done, freed {8..900}.{1..9}M of archived journals from /var/log/journal/{machineId}.",
  ),
  episode(
    2,
    "systemd-resolved daemon.warning Using degraded feature set UDP instead of UDP+EDNS0 for DNS server {dns}.",
  ),
  episode(1, "systemd-resolved daemon.info Clock change detected. Flushing caches."),
  episode(
    2,
    "systemd-networkd daemon.info {veth}: Link UP",
    "systemd-networkd daemon.info {veth}: Gained carrier",
    "systemd-networkd daemon.info {veth}: Gained IPv6LL",
  ),
  episode(
    1,
    "systemd-networkd daemon.info {veth}: Lost carrier",
    "systemd-networkd daemon.info {veth}: Link DOWN",
  ),
  episode(
    1,
    "dockerd-cleanup local0.info removed {2..48} dangling image layers, {110..9800} MB reclaimed on {dataMount}",
  ),
  episode(
    3,
    "monit daemon.err '{mountName}' space usage {full}.{0..9}% matches resource limit [space usage > 85.0%]",
    "monit daemon.info '{mountName}' space usage check succeeded [current space usage = {61..84}.{0..9}%]",
  ),
  episode(
    2,
    "monit daemon.err '{shortName}' loadavg (5min) of {load} matches resource limit [loadavg (5min) > {cpus}.0]",
    "monit daemon.info '{shortName}' loadavg (5min) check succeeded [current loadavg (5min) = {1..4}.{0..9}]",
  ),
  episode(
    2,
    "monit daemon.err '{shortName}' mem usage of {91..98}.{0..9}% matches resource limit [mem usage > 90.0%]",
  ),
  episode(
    2,
    "earlyoom daemon.info mem avail: {memoryAvailMib} of {memoryMib} MiB ({memoryAvailPercent}%), swap free:    0 of    0 MiB ( 0.00%)",
  ),
  episode(
    1,
    "earlyoom daemon.warning low memory! at or below SIGTERM limits: mem 10.00%, swap 10.00%",
    'earlyoom daemon.warning sending SIGTERM to process {victim} uid 1000 "{comm}": oom_score {780..1300}, VmRSS {300..1900} MiB',
  ),
  episode(
    2,
    "smartd daemon.info Device: /dev/nvme{nvme}, SMART/Health Information: Temperature changed from {36..48} to {49..61} Celsius",
  ),
  episode(
    1,
    "smartd daemon.crit Device: /dev/nvme{nvme}, Critical Warning (0x02): temperature above or below threshold",
  ),
  episode(
    1,
    "thermald daemon.warning package temperature {88..99} C reached trip point, reducing power limit",
  ),
  episode(
    1,
    "systemd-oomd daemon.warning Memory used {memoryUsedBytes} / total {memoryBytes} and swap used 0 / total 0 exceed thresholds",
  ),
  episode(
    2,
    'node-exporter daemon.warning level=warn collector=filesystem msg="mount point timed out, it is being labeled as stuck and will not be monitored" mountpoint=/var/lib/kubelet/pods/{podUid}/volumes',
  ),
];
