"""The command lines of the control plane. Everything listens on 127.0.0.1 only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from clusters.sandbox.pki import Pki

NO_EGRESS = "outbound-connections-are-off-in-the-sandbox"
"""A socket that nobody serves: what the API server says when something asks it to connect to anything."""
SERVICE_RANGE = "10.96.0.0/16"
POD_RANGE = "10.128.0.0/14"
PORT_NAMES = ("apiserver", "etcd", "etcd-peer")


@dataclass(frozen=True, slots=True)
class Component:
    """One process of the control plane: its name and the full command."""

    name: str
    command: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Paths:
    """The paths below DATA_DIR/sandbox."""

    root: Path

    @property
    def etcd(self) -> Path:
        return self.root / "etcd"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def pki(self) -> Path:
        return self.root / "pki"

    @property
    def internal(self) -> Path:
        return self.root / "internal"

    @property
    def egress(self) -> Path:
        return self.internal / "egress.yaml"

    @property
    def ports(self) -> Path:
        return self.root / "ports.json"

    @property
    def processes(self) -> Path:
        return self.root / "processes.json"

    @property
    def kubeconfig(self) -> Path:
        return self.root / "kubeconfig"

    @property
    def lock(self) -> Path:
        return self.root / "lock"


def etcd(binaries: Mapping[str, Path], paths: Paths, pki: Pki, ports: Mapping[str, int]) -> Component:
    """The store. Without fsync: a crash of the machine may destroy the sandbox's data, killing the process does not."""
    client, peer = f"https://127.0.0.1:{ports['etcd']}", f"https://127.0.0.1:{ports['etcd-peer']}"
    return Component(
        "etcd",
        (
            str(binaries["etcd"]),
            "--name=sandbox",
            f"--data-dir={paths.etcd}",
            f"--listen-client-urls={client}",
            f"--advertise-client-urls={client}",
            f"--listen-peer-urls={peer}",
            f"--initial-advertise-peer-urls={peer}",
            f"--initial-cluster=sandbox={peer}",
            f"--cert-file={pki.etcd.certificate}",
            f"--key-file={pki.etcd.key}",
            "--client-cert-auth=true",
            f"--trusted-ca-file={pki.etcd_authority.certificate}",
            f"--peer-cert-file={pki.etcd.certificate}",
            f"--peer-key-file={pki.etcd.key}",
            "--peer-client-cert-auth=true",
            f"--peer-trusted-ca-file={pki.etcd_authority.certificate}",
            "--unsafe-no-fsync=true",
            "--auto-compaction-mode=periodic",
            "--auto-compaction-retention=30m",
            "--quota-backend-bytes=4294967296",
            # One member needs no long election: it would only delay the start.
            "--heartbeat-interval=50",
            "--election-timeout=250",
            "--log-level=warn",
        ),
    )


def egress_yaml() -> str:
    """Where the API server may connect to: its store, and nothing else, whatever its objects ask of it.

    Webhooks, aggregated APIs and the proxies of nodes, pods and services would reach this machine and its network. The
    sandbox's pods are simulated, so nothing that could answer runs in it.
    Source: Kubernetes docs, "Set up Konnectivity service"; k8s.io/apiserver, pkg/server/egressselector.
    """
    nowhere = {"proxyProtocol": "HTTPConnect", "transport": {"uds": {"udsName": NO_EGRESS}}}
    selections = [{"name": name, "connection": nowhere} for name in ("cluster", "controlplane")]
    return yaml.safe_dump(
        {
            "apiVersion": "apiserver.k8s.io/v1beta1",
            "kind": "EgressSelectorConfiguration",
            "egressSelections": [*selections, {"name": "etcd", "connection": {"proxyProtocol": "Direct"}}],
        }
    )


def apiserver(binaries: Mapping[str, Path], paths: Paths, pki: Pki, ports: Mapping[str, int]) -> Component:
    return Component(
        "kube-apiserver",
        (
            str(binaries["kube-apiserver"]),
            f"--etcd-servers=https://127.0.0.1:{ports['etcd']}",
            f"--etcd-cafile={pki.etcd_authority.certificate}",
            f"--etcd-certfile={pki.etcd.certificate}",
            f"--etcd-keyfile={pki.etcd.key}",
            "--bind-address=127.0.0.1",
            "--advertise-address=127.0.0.1",
            f"--secure-port={ports['apiserver']}",
            # The loopback address is not a valid endpoint, so the `kubernetes` Service has none.
            "--endpoint-reconciler-type=none",
            f"--tls-cert-file={pki.apiserver.certificate}",
            f"--tls-private-key-file={pki.apiserver.key}",
            f"--client-ca-file={pki.authority.certificate}",
            "--authorization-mode=RBAC",
            f"--egress-selector-config-file={paths.egress}",
            f"--service-cluster-ip-range={SERVICE_RANGE}",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={pki.service_account_key}",
            f"--service-account-signing-key-file={pki.service_account_key}",
            "--allow-privileged=true",
            "--anonymous-auth=false",
            "--profiling=false",
            # One user on one machine: fair queuing between tenants only costs start time here.
            "--enable-priority-and-fairness=false",
        ),
    )


def controller_manager(binaries: Mapping[str, Path], paths: Paths, pki: Pki, ports: Mapping[str, int]) -> Component:
    return Component(
        "kube-controller-manager",
        (
            str(binaries["kube-controller-manager"]),
            f"--kubeconfig={paths.internal / 'controller-manager.kubeconfig'}",
            "--leader-elect=false",
            "--secure-port=0",
            "--profiling=false",
            f"--service-account-private-key-file={pki.service_account_key}",
            f"--root-ca-file={pki.authority.certificate}",
            f"--cluster-signing-cert-file={pki.authority.certificate}",
            f"--cluster-signing-key-file={pki.authority.key}",
            # The autoscaler needs measured load, which no fake pod has; ours answers in its place (autoscaler.py).
            "--controllers=*,-horizontal-pod-autoscaler-controller",
            "--kube-api-qps=200",
            "--kube-api-burst=400",
            "--concurrent-deployment-syncs=10",
            "--concurrent-replicaset-syncs=10",
        ),
    )


def scheduler(binaries: Mapping[str, Path], paths: Paths, pki: Pki, ports: Mapping[str, int]) -> Component:
    return Component(
        "kube-scheduler",
        (
            str(binaries["kube-scheduler"]),
            f"--kubeconfig={paths.internal / 'scheduler.kubeconfig'}",
            "--leader-elect=false",
            "--secure-port=0",
            "--profiling=false",
            "--kube-api-qps=200",
            "--kube-api-burst=400",
        ),
    )


def kwok(binaries: Mapping[str, Path], paths: Paths, pki: Pki, ports: Mapping[str, int]) -> Component:
    return Component(
        "kwok",
        (
            str(binaries["kwok"]),
            f"--kubeconfig={paths.internal / 'kwok.kubeconfig'}",
            f"--config={paths.internal / 'stages.yaml'}",
            "--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake",
            f"--cidr={POD_RANGE}",
            "--node-lease-duration-seconds=0",
            "--v=WARN",
        ),
    )
