"""Another API server in front of the store of a control plane, with flags of its own: it serves other versions."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from clusters.domain.kubeconfig import parse_kubeconfig
from clusters.kube.client import KubeClient
from tests.support.control_plane import ControlPlane
from tests.support.ports import free_port
from tests.support.wait import until

if TYPE_CHECKING:
    from tests.support.node.node import Node


@contextmanager
def second_api_server(plane: ControlPlane | Node, *flags: str) -> Iterator[str]:
    """The kubeconfig of a second API server, which ends with the block."""
    first = Path(f"/proc/{plane.pids['kube-apiserver']}/cmdline").read_bytes()
    port = free_port()
    command = [
        f"--secure-port={port}" if word.startswith("--secure-port=") else word
        for word in first.decode().split("\0")
        if word
    ]
    before = f":{urlsplit(plane.server).port}"
    kubeconfig = plane.kubeconfig.replace(before, f":{port}")
    log = plane.data_dir / "second-apiserver.log"
    with log.open("wb") as output, subprocess.Popen([*command, *flags], stdout=output, stderr=output) as process:
        try:
            client = KubeClient(parse_kubeconfig(kubeconfig))
            until(client.is_ready, timeout_s=90, what="the second API server is ready")
            yield kubeconfig
        finally:
            process.terminate()
