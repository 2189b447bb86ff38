/**
 * What the kubelet and the container runtime say of the pods that run on a node. Sources: kubernetes/pkg/kubelet (klog, structured),
 * containerd/pkg/cri (logrus), as of 1.33 and 2.1.
 */
import { episode } from "./episode.ts";

const PLEG = (type: string, data: string) =>
  `kubelet daemon.info {I}kubelet.go:2457] "SyncLoop (PLEG): event for pod" pod="{podKey}" event={"ID":"{podUid}","Type":"${type}","Data":"${data}"}`;
const containerd = (level: "info" | "warning" | "error", message: string, fields = "") =>
  `containerd daemon.${level === "error" ? "err" : level} time="{nanos}" level=${level} msg="${message}"${fields}`;

export const KUBERNETES = [
  episode(
    8,
    'kubelet daemon.info {I}kubelet.go:2425] "SyncLoop ADD" source="api" pods=["{podKey}"]',
    containerd(
      "info",
      'RunPodSandbox for &PodSandboxMetadata{Name:{pod},Uid:{podUid},Namespace:{namespace},Attempt:0,} returns sandbox id \\"{sandboxId}\\"',
    ),
    PLEG("ContainerStarted", "{sandboxId}"),
    containerd("info", 'PullImage \\"{image}\\"'),
    containerd(
      "info",
      'Pulled image \\"{image}\\" with image id \\"sha256:{digest}\\", repo tag \\"{image}\\", size \\"{41000000..380000000}\\" in {1..19}.{100000..999999}s',
    ),
    containerd(
      "info",
      'CreateContainer within sandbox \\"{sandboxId}\\" for &ContainerMetadata{Name:{container},Attempt:0,} returns container id \\"{containerId}\\"',
    ),
    containerd("info", 'StartContainer for \\"{containerId}\\" returns successfully'),
    PLEG("ContainerStarted", "{containerId}"),
    'kubelet daemon.info {I}pod_startup_latency_tracker.go:104] "Observed pod startup duration" pod="{podKey}" podStartSLOduration={1..18}.{100000000..999999999} podStartE2EDuration="{19..40}.{100000000..999999999}s"',
  ),
  episode(
    4,
    'kubelet daemon.info {I}kubelet.go:2441] "SyncLoop DELETE" source="api" pods=["{podKey}"]',
    'kubelet daemon.info {I}kuberuntime_container.go:808] "Killing container with a grace period" pod="{podKey}" podUID="{podUid}" containerName="{container}" containerID="containerd://{deadId}" gracePeriod=30',
    containerd("info", 'StopContainer for \\"{deadId}\\" with timeout 30 (s)'),
    containerd("info", 'Stop container \\"{deadId}\\" with signal terminated'),
    "systemd daemon.info cri-containerd-{deadId}.scope: Deactivated successfully.",
    containerd("info", "shim disconnected", " id={deadId} namespace=k8s.io"),
    containerd("info", 'StopContainer for \\"{deadId}\\" returns successfully'),
    PLEG("ContainerDied", "{deadId}"),
    'kubelet daemon.info {I}reconciler_common.go:299] "Volume detached for volume \\"kube-api-access-{hex5}\\" (UniqueName: \\"kubernetes.io/projected/{podUid}-kube-api-access-{hex5}\\") on node \\"{node}\\" DevicePath \\"\\""',
  ),
  episode(
    5,
    'kubelet daemon.info {I}prober.go:107] "Probe failed" probeType="Readiness" pod="{podKey}" podUID="{podUid}" containerName="{container}" probeResult="failure" output="{notReady}"',
    'kubelet daemon.info {I}kubelet.go:2529] "SyncLoop (probe)" probe="readiness" status="not ready" pod="{podKey}"',
    'kubelet daemon.info {I}kubelet.go:2529] "SyncLoop (probe)" probe="readiness" status="ready" pod="{podKey}"',
  ),
  episode(
    3,
    'kubelet daemon.info {I}prober.go:107] "Probe failed" probeType="Liveness" pod="{podKey}" podUID="{podUid}" containerName="{container}" probeResult="failure" output="{notAlive}"',
    'kubelet daemon.info {I}kuberuntime_manager.go:1080] "Message for Container of pod" containerName="{container}" containerStatusID="containerd://{deadId}" pod="{podKey}" containerMessage="Container {container} failed liveness probe, will be restarted"',
    PLEG("ContainerDied", "{deadId}"),
    PLEG("ContainerStarted", "{containerId}"),
  ),
  episode(
    3,
    'kubelet daemon.err {E}pod_workers.go:1301] "Error syncing pod, skipping" err="failed to \\"StartContainer\\" for \\"{container}\\" with CrashLoopBackOff: \\"back-off {backOff} restarting failed container={container} pod={pod}_{namespace}({podUid})\\"" pod="{podKey}" podUID="{podUid}"',
  ),
  episode(
    2,
    containerd(
      "error",
      'PullImage \\"{image}\\" failed',
      ' error="rpc error: code = NotFound desc = failed to pull and unpack image \\"{image}\\": failed to resolve reference \\"{image}\\": not found"',
    ),
    'kubelet daemon.err {E}pod_workers.go:1301] "Error syncing pod, skipping" err="failed to \\"StartContainer\\" for \\"{container}\\" with ImagePullBackOff: \\"Back-off pulling image \\\\\\"{image}\\\\\\"\\"" pod="{podKey}" podUID="{podUid}"',
  ),
  episode(
    4,
    'kubelet daemon.info {I}operation_generator.go:557] "MountVolume.SetUp succeeded for volume \\"{volume}\\" (UniqueName: \\"kubernetes.io/configmap/{podUid}-{volume}\\") pod \\"{pod}\\" (UID: \\"{podUid}\\") " pod="{podKey}"',
  ),
  episode(
    2,
    'kubelet daemon.err {E}nestedpendingoperations.go:348] Operation for "{volumeName:kubernetes.io/secret/{podUid}-{volume} podName:{podUid} nodeName:}" failed. No retries permitted until the next sync (durationBeforeRetry {backOff}). Error: MountVolume.SetUp failed for volume "{volume}" : secret "{container}-{volume}" not found',
  ),
  episode(
    2,
    'kubelet daemon.info {I}image_gc_manager.go:383] "Disk usage on image filesystem is over the high threshold, trying to free bytes down to the low threshold" usage={full} highThreshold=85 amountToFree={gcBytes} lowThreshold=80',
    'kubelet daemon.info {I}image_gc_manager.go:487] "Removing image to free bytes" imageID="sha256:{digest}" size={41000000..380000000} runtimeHandler=""',
    containerd("info", 'ImageDelete event name:\\"sha256:{digest}\\"'),
  ),
  episode(
    1,
    'kubelet daemon.warning {W}eviction_manager.go:376] "Eviction manager: attempting to reclaim" resourceName="memory"',
    'kubelet daemon.info {I}eviction_manager.go:387] "Eviction manager: must evict pod(s) to reclaim" resourceName="memory"',
    'kubelet daemon.info {I}eviction_manager.go:405] "Eviction manager: pods ranked for eviction" pods=["{podKey}"]',
    'kubelet daemon.info {I}eviction_manager.go:627] "Eviction manager: pod is evicted successfully" pod="{podKey}"',
  ),
  episode(
    1,
    'kubelet daemon.err {E}eviction_manager.go:598] "Eviction manager: cannot evict a critical pod" pod="{podKey}"',
  ),
  episode(
    3,
    'kubelet daemon.warning {W}reflector.go:569] object-"{namespace}"/"{container}-config": watch of *v1.ConfigMap ended with: too old resource version: {410000000..419999999} ({420000000..429999999})',
  ),
  episode(
    2,
    'kubelet daemon.err {E}controller.go:195] "Failed to update lease" err="Put \\"https://api.{cluster}.internal:443/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/{node}?timeout=10s\\": context deadline exceeded"',
  ),
  episode(2, "kubelet daemon.warning {W}machine.go:65] Cannot read vendor id correctly, set empty."),
  episode(
    3,
    'kubelet daemon.info {I}kubelet_getters.go:206] "Pod status updated" pod="{podKey}" status="Running"',
  ),
  episode(
    3,
    'kubelet daemon.err {E}dns.go:153] "Nameserver limits exceeded" err="Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: {dns} 10.20.0.2 10.20.0.3"',
  ),
  episode(
    1,
    'kubelet daemon.notice {I}kubelet_node_status.go:730] "Node became not ready" node="{node}" condition={"type":"Ready","status":"False","reason":"KubeletNotReady","message":"PLEG is not healthy: pleg was last seen active 3m{1..58}.{100000000..999999999}s ago; threshold is 3m0s"}',
    'kubelet daemon.err {E}kubelet.go:2412] "Skipping pod synchronization" err="PLEG is not healthy: pleg was last seen active 3m{1..58}.{100000000..999999999}s ago; threshold is 3m0s"',
    'kubelet daemon.info {I}kubelet_node_status.go:685] "Recording event message for node" node="{node}" event="NodeReady"',
  ),
  episode(
    3,
    "systemd daemon.info run-containerd-runc-k8s.io-{deadId}-runc.{hex6}.mount: Deactivated successfully.",
  ),
  episode(
    2,
    "systemd daemon.info Created slice kubepods-burstable-pod{podSlice}.slice - libcontainer container kubepods-burstable-pod{podSlice}.slice.",
    "systemd daemon.info Started cri-containerd-{sandboxId}.scope - libcontainer container {sandboxId}.",
  ),
  episode(
    2,
    containerd("info", "container event discarded", " container={deadId} type=CONTAINER_DELETED_EVENT"),
  ),
  episode(1, containerd("warning", 'failed to get usage for snapshot \\"{digest}\\": context canceled')),
  episode(
    1,
    containerd(
      "error",
      'ExecSync for \\"{containerId}\\" failed',
      ' error="rpc error: code = DeadlineExceeded desc = failed to exec in container: timeout {1..10}s exceeded: context deadline exceeded"',
    ),
  ),
];
