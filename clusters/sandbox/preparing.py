"""What a control plane is given before and after it starts: access for its parts, nodes and classes."""

from __future__ import annotations

import socket
from pathlib import Path

import yaml

from clusters.domain.kubeconfig import kubeconfig_text
from clusters.domain.objects import Manifest, Ref
from clusters.kube.client import KubeClient
from clusters.kube.errors import ClusterUnavailable
from clusters.sandbox import components
from clusters.sandbox.components import Paths
from clusters.sandbox.pki import Pair, Pki, credentials
from clusters.sandbox.stages import stages_yaml
from kubeorch.processes.files import write_private

OBJECTS = Path(__file__).parent / "objects"


def write_access(paths: Paths, server: str, pki: Pki) -> None:
    for name, pair in (
        ("controller-manager", pki.controller_manager),
        ("scheduler", pki.scheduler),
        ("kwok", pki.kwok),
    ):
        write_kubeconfig(paths.internal / f"{name}.kubeconfig", server, pki, pair)
    write_private(paths.internal / "stages.yaml", stages_yaml())
    write_private(paths.egress, components.egress_yaml())


def write_kubeconfig(path: Path, server: str, pki: Pki, pair: Pair) -> None:
    write_private(path, kubeconfig_text(credentials(server, pki, pair), name="sandbox"))


def is_usable(client: KubeClient, nodes: list[str]) -> bool:
    """Whether pods can be made: the default account is there, and the nodes are ready."""
    try:
        account = client.get(Ref("v1", "ServiceAccount", "default", "default"))
        return account is not None and all(_is_node_ready(client, name) for name in nodes)
    except ClusterUnavailable:
        return False


def _is_node_ready(client: KubeClient, name: str) -> bool:
    node = client.get(Ref("v1", "Node", "", name)) or {}
    conditions = node.get("status", {}).get("conditions", [])
    taints = {taint["key"] for taint in node.get("spec", {}).get("taints", [])}
    ready = any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)
    return ready and "node.kubernetes.io/not-ready" not in taints


def base_objects() -> list[Manifest]:
    """Nodes and classes that every sandbox has."""
    return [
        document
        for path in sorted(OBJECTS.glob("*.yaml"))
        for document in yaml.safe_load_all(path.read_text())
        if document
    ]


def listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0
