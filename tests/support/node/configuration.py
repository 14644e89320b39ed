"""What the programs of a node are told."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import yaml

from clusters.sandbox.pki import Pki
from tests.support.node.names import DOMAIN

NODE = "node-1"
BRIDGE = "cni0"
ADDRESS = "10.88.0.1"
"""Of the bridge: the node's own, as containers and the API server reach it."""
POD_RANGE = "10.88.0.0/16"
PAUSE = "node.kubeorch.test/pause:1"
EMPTY_REGISTRY = "registry.kubeorch.test"
"""The only registry that answers; it has no image."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where things lie. Short: the path of a socket has 107 bytes at most."""

    root: Path

    @property
    def containerd_socket(self) -> Path:
        return self.root / "containerd.sock"

    def log(self, name: str) -> Path:
        return self.root / "logs" / f"{name}.log"


def containerd_toml(places: Places, *, runc: Path, plugins: Path) -> str:
    root = places.root
    cri = 'plugins."io.containerd.grpc.v1.cri"'
    return f"""version = 2
root = "{root}/containerd/root"
state = "{root}/containerd/state"
disabled_plugins = [
  "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs",
]
[grpc]
  address = "{places.containerd_socket}"
[ttrpc]
  address = "{places.containerd_socket}.ttrpc"
[plugins."io.containerd.internal.v1.opt"]
  path = "{root}/containerd/opt"
[{cri}]
  sandbox_image = "{PAUSE}"
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  [{cri}.cni]
    bin_dir = "{plugins}"
    conf_dir = "{root}/cni"
  [{cri}.containerd]
    default_runtime_name = "runc"
    [{cri}.containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [{cri}.containerd.runtimes.runc.options]
        BinaryName = "{runc}"
        SystemdCgroup = false
  [{cri}.registry]
    config_path = "{root}/registries"
"""


def registry_toml(port: int) -> str:
    address = f"http://127.0.0.1:{port}"
    return f'server = "{address}"\n[host."{address}"]\n  capabilities = ["pull", "resolve"]\n'


def trusted_toml(host: str, authority: Path) -> str:
    """For a registry whose certificate is signed by an authority of its own: word for word what the page of registries
    has people put on their nodes, but for the folder."""
    address = f"https://{host}"
    return f'server = "{address}"\n\n[host."{address}"]\n  capabilities = ["pull", "resolve"]\n  ca = "{authority}"\n'


def cni_json() -> str:
    ipam = {"type": "host-local", "ranges": [[{"subnet": POD_RANGE}]], "routes": [{"dst": "0.0.0.0/0"}]}
    bridge = {"type": "bridge", "bridge": BRIDGE, "isGateway": True, "hairpinMode": True, "ipam": ipam}
    return json.dumps({"cniVersion": "1.0.0", "name": "pods", "plugins": [bridge, {"type": "loopback"}]})


def kubelet_yaml(places: Places, pki: Pki, *, cgroup: str) -> str:
    """Waits are short: objects are watched, and back-offs end at ten seconds. Only new values in volumes wait for the
    next look at a pod, which costs much with a hundred of them: it comes every four seconds."""
    root = places.root
    return yaml.safe_dump(
        {
            "apiVersion": "kubelet.config.k8s.io/v1beta1",
            "kind": "KubeletConfiguration",
            "address": ADDRESS,
            "healthzBindAddress": "127.0.0.1",
            "clusterDNS": [ADDRESS],
            "clusterDomain": DOMAIN,
            "authentication": {
                "anonymous": {"enabled": False},
                "webhook": {"enabled": False},
                "x509": {"clientCAFile": str(pki.authority.certificate)},
            },
            "authorization": {"mode": "AlwaysAllow"},
            "containerRuntimeEndpoint": f"unix://{places.containerd_socket}",
            # All containers lie below one cgroup of ours: only so can it be removed. Without cgroups for qualities of
            # service the kubelet gives containerd no parent at all.
            "cgroupDriver": "cgroupfs",
            "cgroupRoot": f"/{cgroup}",
            "cgroupsPerQOS": True,
            "enforceNodeAllocatable": [],
            "failCgroupV1": False,
            "failSwapOn": False,
            "oomScoreAdj": 0,
            "configMapAndSecretChangeDetectionStrategy": "Watch",
            "syncFrequency": "4s",
            "nodeStatusUpdateFrequency": "5s",
            "crashLoopBackOff": {"maxContainerRestartPeriod": "10s"},
            "featureGates": {"KubeletCrashLoopBackOffMax": True},
            "serializeImagePulls": False,
            "registerWithTaints": [],
            "resolvConf": str(root / "resolv.conf"),
            "podLogsDir": str(root / "pod-logs"),
            "volumePluginDir": str(root / "volume-plugins"),
            "maxPods": 250,
            "kubeAPIQPS": 200,
            "kubeAPIBurst": 400,
            "eventRecordQPS": 0,
            # How full the machine's disk is does not matter to a node that lives for minutes.
            "evictionHard": {"nodefs.available": "0%", "imagefs.available": "0%", "memory.available": "100Mi"},
            "imageGCHighThresholdPercent": 100,
        }
    )


def kube_proxy_yaml(kubeconfig: Path) -> str:
    return yaml.safe_dump(
        {
            "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
            "kind": "KubeProxyConfiguration",
            "mode": "nftables",
            "clientConnection": {"kubeconfig": str(kubeconfig)},
            "hostnameOverride": NODE,
            "clusterCIDR": POD_RANGE,
            "healthzBindAddress": "127.0.0.1",
            "metricsBindAddress": "127.0.0.1",
            "conntrack": {
                "maxPerCore": 0,
                "min": 0,
                "tcpEstablishedTimeout": "0s",
                "tcpCloseWaitTimeout": "0s",
            },
        }
    )
