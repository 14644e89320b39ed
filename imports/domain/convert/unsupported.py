"""Keys of services that become nothing: with the reason, and those that have no effect on what runs."""

from __future__ import annotations

from collections.abc import Mapping

NO_EFFECT: Mapping[str, str] = {
    "attach": "it says whose output `docker compose up` prints",
    "develop": "it is for `docker compose watch` on a developer's machine",
    "profiles": "the service is among those that were chosen",
    "extends": "what it brings in stands in this service",
    "env_file": "its variables stand under environment",
    "label_file": "its labels stand under labels",
    "cpu_period": "it is a part of cpu_quota",
}
DROPPED: Mapping[str, str] = {
    "blkio_config": "Kubernetes does not divide disk time among containers",
    "cgroup": "the kubelet gives each container a cgroup of its own",
    "cgroup_parent": "the kubelet decides over cgroups",
    "cpu_percent": "it exists on Windows alone",
    "cpu_rt_period": "Kubernetes knows no real-time scheduling",
    "cpu_rt_runtime": "Kubernetes knows no real-time scheduling",
    "cpu_shares": "the kubelet derives shares from the CPU request; set a request",
    "cpuset": "the CPU manager of the kubelet pins containers, for whole CPUs of guaranteed pods",
    "credential_spec": "a gMSA is set up in the cluster; set it in the patch of the node then",
    "device_cgroup_rules": "devices are given by device plugins, or to privileged containers",
    "domainname": "pods have the domain of their namespace",
    "isolation": "it exists on Windows alone; choose a RuntimeClass instead",
    "logging": "the nodes of the cluster keep the output of containers; a driver is set up for all of them",
    "mac_address": "the network of the cluster gives pods their addresses",
    "mem_swappiness": "swap is set up for nodes",
    "memswap_limit": "swap is set up for nodes",
    "models": "KubeOrch runs no models; draw the server of the model as a workload of its own",
    "oom_kill_disable": "a container above its memory limit is always ended",
    "oom_score_adj": "the kubelet derives it from requests and limits; set them",
    "pids_limit": "the kubelet limits the processes of pods, for all pods alike",
    "provider": "the provider is a program on the machine that runs Compose; draw what it would start",
    "storage_opt": "the container runtime of the nodes decides; limit ephemeral storage instead",
    "ulimits": "the container runtime of the nodes sets limits of processes, for all containers alike",
    "use_api_socket": "a pod cannot use the API of Docker; give it a ServiceAccount for that of Kubernetes",
    "userns_mode": "user namespaces are switched on for a pod by hostUsers: false in the patch of the node",
    "uts": "a pod has a host name of its own",
}
