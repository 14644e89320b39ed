"""`python -m tests.support.node.enclosed python -m tests.support.node`: a node, and a shell to look at it."""

from __future__ import annotations

import os
import subprocess
import sys

from clusters.sandbox.versions import KUBECTL
from kubeorch.programs.obtaining import obtain
from tests.support.node.enclosed import CGROUP
from tests.support.node.node import ROOT, Node


def main() -> int:
    if CGROUP not in os.environ:
        print("start it in namespaces of its own: python -m tests.support.node.enclosed python -m tests.support.node")
        return 1
    kubectl = obtain([KUBECTL])[KUBECTL.name]
    node = Node()
    try:
        print(f"logs are in {ROOT / 'logs'}; exit ends the node")
        path = f"{kubectl.parent}{os.pathsep}{os.environ['PATH']}"
        environ = {**os.environ, "KUBECONFIG": str(node.kubeconfig_path), "PATH": path}
        return subprocess.run(os.environ.get("SHELL", "sh"), env=environ, check=False).returncode
    finally:
        node.stop()


if __name__ == "__main__":
    sys.exit(main())
