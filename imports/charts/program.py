"""The programs that render: found on this machine, never fetched while somebody waits."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from clusters.sandbox.versions import HELM, KUBECTL_TO_BUILD
from kubeorch.base.errors import Unavailable
from kubeorch.programs import finding
from kubeorch.programs.program import Program


class ProgramMissing(Unavailable):
    """Helm or kubectl is not where the worker runs."""

    code = "import.no_program"

    def __init__(self, program: Program, cure: str) -> None:
        super().__init__(f"{program.name} is not on the machine where KubeOrch's worker runs; {cure}")


def find_helm(environ: Mapping[str, str] = os.environ) -> Path:
    """Helm, 3.14 or newer: from the folder that KUBEORCH_SANDBOX_BIN names, PATH, or our cache.

    Raises ProgramMissing.
    """
    return _found(HELM, "put Helm 3.14 or newer on its PATH, or run `make helm`", environ)


def find_kubectl(environ: Mapping[str, str] = os.environ) -> Path:
    """Kubectl, of any version from 1.27. Raises ProgramMissing."""
    return _found(KUBECTL_TO_BUILD, "put kubectl 1.27 or newer on its PATH", environ)


def _found(program: Program, cure: str, environ: Mapping[str, str]) -> Path:
    found, _ = finding.find([program], environ)
    if program.name not in found:
        raise ProgramMissing(program, cure)
    return found[program.name]
