/** Resources. Sources: docs/resource/*.md, and what the Collector's receivers and processors set (container.image.tag). */
import { keyRules } from "./tables.ts";

const CLOUD_PROVIDERS =
  "akamai_cloud alibaba_cloud aws azure gcp heroku hetzner ibm_cloud oracle_cloud scaleway_cloud tencent_cloud vultr";
const CLOUD_PLATFORMS =
  `aws_ec2 aws_ecs aws_eks aws_lambda aws_elastic_beanstalk aws_app_runner aws_openshift azure.vm azure.aks
 azure.functions azure.app_service azure.container_apps azure.container_instances azure.openshift gcp_compute_engine gcp_kubernetes_engine
 gcp_cloud_run gcp_cloud_functions gcp_app_engine gcp_bare_metal_solution gcp_openshift`.replaceAll(
    /\s+/g,
    " ",
  );

const objects = ["deployment", "replicaset", "statefulset", "daemonset", "job", "cronjob", "hpa", "service"];
const others = [
  "replicationcontroller",
  "resourcequota",
  "persistentvolume",
  "persistentvolumeclaim",
  "namespace",
  "node",
  "cluster",
];

const KUBERNETES_OBJECTS = [...objects, ...others]
  .map((kind) => `k8s.${kind}.name string resource point log\nk8s.${kind}.uid string resource log`)
  .join("\n");

export const RESOURCE_KEYS = keyRules(
  "always",
  `
  service.name                        string    resource log
  service.namespace                   string    resource
  service.version                     string    resource
  service.instance.id                 string    resource
  service.criticality                 string    resource = critical high medium low
  telemetry.sdk.name                  string    resource = opentelemetry
  telemetry.sdk.version               string    resource
  telemetry.sdk.language              string    resource = cpp dotnet erlang go java kotlin nodejs php python ruby rust swift webjs
  telemetry.distro.name               string    resource
  telemetry.distro.version            string    resource
  deployment.environment.name         string    resource = development production staging test
  deployment.id                       string    resource
  deployment.name                     string    resource
  host.name                           string    resource log
  host.id                             string    resource
  host.type                           string    resource
  host.arch                           string    resource = amd64 arm32 arm64 ia64 ppc32 ppc64 s390x x86
  host.image.id                       string    resource
  host.image.name                     string    resource
  host.image.version                  string    resource
  host.ip                             string[]  resource
  host.mac                            string[]  resource
  host.cpu.vendor.id                  string    resource
  host.cpu.family                     string    resource
  host.cpu.model.id                   string    resource
  host.cpu.model.name                 string    resource
  host.cpu.stepping                   string    resource
  host.cpu.cache.l2.size              int       resource
  os.type                             string    resource = aix darwin dragonflybsd freebsd hpux linux netbsd openbsd solaris windows zos
  os.name                             string    resource
  os.version                          string    resource
  os.description                      string    resource
  os.build_id                         string    resource
  process.pid                         int       resource log
  process.parent_pid                  int       resource
  process.executable.name             string    resource log
  process.executable.path             string    resource
  process.command                     string    resource
  process.command_line                string    resource
  process.command_args                string[]  resource
  process.owner                       string    resource
  process.creation.time               string    resource
  process.cgroup                      string    resource
  process.runtime.name                string    resource
  process.runtime.version             string    resource
  process.runtime.description         string    resource
  container.id                        string    resource
  container.name                      string    resource
  container.image.name                string    resource
  container.image.tags                string[]  resource
  container.image.tag                 string    resource
  container.image.id                  string    resource
  container.image.repo_digests        string[]  resource
  container.runtime.name              string    resource
  container.runtime.version           string    resource
  container.label.<key>               string    resource
  ${KUBERNETES_OBJECTS}
  k8s.pod.name                        string    resource log
  k8s.pod.uid                         string    resource log
  k8s.pod.ip                          string    resource
  k8s.pod.hostname                    string    resource
  k8s.pod.start_time                  string    resource
  k8s.pod.qos_class                   string    resource
  k8s.pod.label.<key>                 string    resource
  k8s.pod.annotation.<key>            string    resource
  k8s.node.label.<key>                string    resource
  k8s.namespace.label.<key>           string    resource
  k8s.container.name                  string    resource log
  k8s.container.restart_count         int       resource
  k8s.container.status.last_terminated_reason  string  resource
  k8s.node.system_container.name      string    resource
  k8s.kubelet.version                 string    resource
  k8s.volume.name                     string    resource point
  k8s.volume.type                     string    resource = configMap downwardAPI emptyDir hostPath local persistentVolumeClaim secret projected
  k8s.storageclass.name               string    resource point
  k8s.service.type                    string    resource
  k8s.hpa.scaletargetref.kind         string    resource
  k8s.hpa.scaletargetref.name         string    resource
  k8s.hpa.scaletargetref.apiversion   string    resource
  cloud.provider                      string    resource = ${CLOUD_PROVIDERS}
  cloud.platform                      string    resource = ${CLOUD_PLATFORMS}
  cloud.region                        string    resource
  cloud.availability_zone             string    resource
  cloud.account.id                    string    resource
  cloud.resource_id                   string    resource
  aws.ecs.cluster.arn                 string    resource
  aws.ecs.task.arn                    string    resource
  aws.eks.cluster.arn                 string    resource
  webengine.name                      string    resource
  webengine.version                   string    resource
  `,
);
