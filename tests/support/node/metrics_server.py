"""metrics-server, by which most clusters measure: a second API server behind the first one, that asks the kubelet.

It runs beside the kubelet, not in a pod; the API server asks it through a Service, as everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kubeorch.processes.files import write_private
from kubeorch.processes.spawn import spawn, stop
from kubeorch.programs.downloading import asset_digest
from kubeorch.programs.finding import find
from kubeorch.programs.obtaining import obtain
from kubeorch.programs.program import Kit, NoDownload, Program, Release
from tests.support.node.configuration import ADDRESS
from tests.support.node.node import Node
from tests.support.ports import free_port

VERSION = "0.9.0"
MODULES = Path(__file__).resolve().parents[2] / "programs"
KIT = Kit("metrics", ("KUBEORCH_METRICS_BIN",), MODULES)
GROUP = "metrics.k8s.io"
NAME = "metrics-server"
SPACE = "kube-system"


def _release(program: Program, system: str, architecture: str) -> Release:
    if system != "linux":
        raise NoDownload(f"there is no official {program.name} for {system}")
    name = f"{program.name}-{system}-{architecture}"
    repository = "kubernetes-sigs/metrics-server"
    return Release(
        f"https://github.com/{repository}/releases/download/v{program.version}/{name}",
        f"https://api.github.com/repos/{repository}/releases/tags/v{program.version}",
        lambda text: asset_digest(text, name),
    )


METRICS_SERVER = Program(
    KIT,
    NAME,
    VERSION,
    NAME,
    "sigs.k8s.io/metrics-server/cmd/metrics-server",
    _release,
    oldest=(0, 7),
    linked=(("k8s.io/client-go/pkg/version.gitVersion", f"v{VERSION}"),),
)


def lacking() -> str:
    """Why it does not run here, "" where it does."""
    return f"{NAME} (python -m tests.support.node.metrics_server)" if find([METRICS_SERVER])[1] else ""


@contextmanager
def measuring(node: Node, folder: Path) -> Iterator[None]:
    """Have the node's cluster measured by it meanwhile; nothing of it is left."""
    port = free_port()
    kubeconfig = folder / "kubeconfig"
    write_private(kubeconfig, node.kubeconfig)
    command = [
        str(find([METRICS_SERVER])[0][NAME]),
        f"--bind-address={ADDRESS}",
        f"--secure-port={port}",
        f"--cert-dir={folder}",
        *(f"--{what}kubeconfig={kubeconfig}" for what in ("", "authentication-", "authorization-")),
        "--kubelet-insecure-tls",
        "--kubelet-preferred-address-types=InternalIP",
        "--kubelet-request-timeout=8s",
        "--metric-resolution=10s",
    ]
    process = spawn(command, log=folder / f"{NAME}.log")
    try:
        for one in objects(port):
            node.apply(one)
        yield
    finally:
        stop([process], grace_s=2)
        remove(node)


def remove(node: Node) -> None:
    node.delete("apiregistration.k8s.io/v1", "APIService", f"v1beta1.{GROUP}")
    node.delete("v1", "Service", NAME, SPACE)


def objects(port: int) -> list[dict[str, object]]:
    """Source: the project's own manifests, components.yaml; the slice is in the place of the selector of its pods."""
    metadata = {"name": NAME, "namespace": SPACE}
    labels = {"kubernetes.io/service-name": NAME, "endpointslice.kubernetes.io/managed-by": "tests"}
    backend = {"name": NAME, "namespace": SPACE, "port": 443}
    return [
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": metadata,
            "spec": {"ports": [{"name": "https", "port": 443, "targetPort": port}]},
        },
        {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {**metadata, "labels": labels},
            "addressType": "IPv4",
            "ports": [{"name": "https", "port": port}],
            "endpoints": [{"addresses": [ADDRESS]}],
        },
        {
            "apiVersion": "apiregistration.k8s.io/v1",
            "kind": "APIService",
            "metadata": {"name": f"v1beta1.{GROUP}"},
            "spec": {
                "group": GROUP,
                "version": "v1beta1",
                "service": backend,
                "insecureSkipTLSVerify": True,
                "groupPriorityMinimum": 100,
                "versionPriority": 100,
            },
        },
    ]


if __name__ == "__main__":
    obtain([METRICS_SERVER], report=lambda progress: print(progress.line(), flush=True))
