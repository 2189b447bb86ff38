/**
 * Words of system lines: users, commands, units, packages. Addresses are those of documentation (RFC 5737) and private ones.
 */

/** Who may come in, with the fingerprint of the key. */
export const USERS = [
  { name: "deploy", uid: 1001, fingerprint: "pW3kZ7cQ0vYxUe9sT1mRbLh5NfGdJ2aK8oCiE4uXwHs" },
  { name: "ubuntu", uid: 1000, fingerprint: "Qd8RzVf1yKc6LmB3tHs0XeWj9NuGp7aYoTi2C4kEbUw" },
  { name: "ansible", uid: 1002, fingerprint: "9mTeXkB2cVhLq7NzRf5uYs0WdJp8GaKo3iCt1EyUbHw" },
  { name: "oncall", uid: 1003, fingerprint: "tG6bHyN4uJmK8iLo0pQz2XsWc3eDvR5fTaB7n1YhUkM" },
  { name: "maintenance", uid: 1004, fingerprint: "E0rYvB5nMq8wXc2ZtKpL6sHd9fGjT3aUoI1iN7kCbRe" },
] as const;

export const SCANNER_NETWORKS = ["192.0.2", "198.51.100", "203.0.113"] as const;

export const STRANGERS = [
  "admin",
  "test",
  "oracle",
  "postgres",
  "git",
  "ftpuser",
  "user",
  "pi",
  "hadoop",
  "jenkins",
  "minecraft",
  "nagios",
  "elastic",
  "steam",
  "support",
  "guest",
  "dev",
  "tomcat",
  "ubnt",
  "zabbix",
] as const;

export const COMMANDS = [
  "/usr/bin/systemctl status kubelet",
  "/usr/bin/systemctl restart containerd",
  "/usr/bin/journalctl -u kubelet --since -15m",
  "/usr/bin/crictl ps -a",
  "/usr/bin/crictl logs --tail 200 3f1c9a",
  "/usr/bin/df -h /var/lib/containerd",
  "/usr/sbin/iptables -L -n -v",
  "/usr/bin/apt-get update",
  "/usr/bin/tail -n 200 /var/log/syslog",
  "/usr/bin/ss -tanp",
  "/usr/bin/tcpdump -ni eth0 port 5432 -c 200",
  "/usr/bin/dmesg -T",
  "/usr/bin/lsof -nP -i",
  "/bin/bash",
] as const;

export const CRON_COMMANDS = [
  "   cd / && run-parts --report /etc/cron.hourly",
  "test -x /usr/sbin/anacron || { cd / && run-parts --report /etc/cron.daily; }",
  "command -v debian-sa1 > /dev/null && debian-sa1 1 1",
  "/usr/local/bin/backup-etcd --endpoints https://127.0.0.1:2379 --out /var/backups/etcd > /dev/null 2>&1",
  "/usr/local/bin/prune-images --older-than 72h",
  "/usr/bin/flock -n /run/lock/cleanup.lock /usr/local/sbin/cleanup-tmp.sh /var/tmp 7",
  "/usr/local/bin/node-textfile-metrics > /var/lib/node_exporter/textfile/node.prom",
  "/usr/sbin/logrotate /etc/logrotate.d/containers",
  "/usr/bin/certbot -q renew --deploy-hook 'systemctl reload nginx'",
  "/usr/local/bin/sync-hosts.py --inventory /etc/ansible/hosts",
  "[ -x /usr/lib/php/sessionclean ] && if [ ! -d /run/systemd/system ]; then /usr/lib/php/sessionclean; fi",
  "/usr/bin/fstrim --listed-in /etc/fstab:/proc/self/mountinfo --quiet-unsupported",
] as const;

/** Units that timers start. */
export const UNITS = [
  ["logrotate.service", "Rotate log files"],
  ["apt-daily.service", "Daily apt download activities"],
  ["apt-daily-upgrade.service", "Daily apt upgrade and clean activities"],
  ["fstrim.service", "Discard unused blocks on filesystems from /etc/fstab"],
  ["man-db.service", "Daily man-db regeneration"],
  ["systemd-tmpfiles-clean.service", "Cleanup of Temporary Directories"],
  ["sysstat-collect.service", "system activity accounting tool"],
  ["sysstat-summary.service", "Generate a daily summary of process accounting"],
  ["motd-news.service", "Message of the Day"],
  ["update-notifier-download.service", "Download data for packages that failed at package install time"],
  ["e2scrub_all.service", "Online ext4 Metadata Check for All Filesystems"],
  ["fwupd-refresh.service", "Refresh fwupd metadata and update motd"],
  ["dpkg-db-backup.service", "Daily dpkg database backup service"],
  ["node-textfile-metrics.service", "Collect node metrics for the textfile collector"],
] as const;

/** Those that are not Ubuntu's own. */
export const UNITS_OF_ANY = UNITS.filter(([name]) => !/^(apt|motd|update-notifier|e2scrub|dpkg)/.test(name));

/** Units that run all the time. */
export const DAEMON_UNITS = [
  ["containerd", "containerd container runtime"],
  ["kubelet", "kubelet: The Kubernetes Node Agent"],
  ["chrony", "chrony, an NTP client/server"],
  ["node-exporter", "Prometheus Node Exporter"],
  ["otelcol", "OpenTelemetry Collector"],
  ["amazon-ssm-agent", "amazon-ssm-agent"],
  ["rsyslog", "System Logging Service"],
  ["nodelocaldns", "Node-local DNS cache"],
] as const;

export const TIME_SOURCES = [
  ["169.254.169.123", "169.254.169.123"],
  ["192.0.2.123", "0.pool.example.net"],
  ["198.51.100.19", "1.pool.example.net"],
  ["203.0.113.87", "2.pool.example.net"],
] as const;

export const PACKAGES = [
  "libssl3t64",
  "openssl",
  "libc6",
  "libc-bin",
  "curl",
  "libcurl4t64",
  "python3.12",
  "libpython3.12-minimal",
  "linux-image-aws",
  "linux-headers-aws",
  "openssh-server",
  "openssh-client",
  "libexpat1",
  "libxml2",
  "sudo",
  "tzdata",
  "vim-tiny",
  "git",
  "libsqlite3-0",
  "containerd",
] as const;

export const LOG_NAMES = [
  "nginx/access",
  "nginx/error",
  "auth",
  "kern",
  "apt/term",
  "cloud-init",
  "syslog",
  "mail",
] as const;

export const VOLUMES = [
  "config",
  "tls",
  "ca-bundle",
  "feature-flags",
  "credentials",
  "templates",
  "logging",
] as const;

export const KERNEL_TASKS = [
  "kworker/u32:3",
  "jbd2/nvme0n1p1-8",
  "xfsaild/nvme1n1",
  "containerd-shim",
  "java",
  "runc",
  "kswapd0",
] as const;
