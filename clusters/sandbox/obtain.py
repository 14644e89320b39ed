"""Have every program at hand, whatever it takes, and say meanwhile what is being done."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from clusters.sandbox import binaries
from clusters.sandbox.errors import SandboxError
from clusters.sandbox.progress import Phase, Progress, Report
from clusters.sandbox.versions import CONTROL_PLANE, Program


def obtain(
    programs: Sequence[Program] = CONTROL_PLANE,
    *,
    report: Report = lambda progress: None,
    environ: Mapping[str, str] = os.environ,
) -> dict[str, Path]:
    """Path of each program by name: found, else downloaded, else built into our cache.

    Raises SandboxError with what to do when a program can be had in none of these ways.
    """
    report(Progress(Phase.FINDING, 0, len(programs), "looking for the control plane's programs"))
    found, missing = binaries.find(programs, environ)
    if missing:
        names = ", ".join(program.name for program in missing)
        raise SandboxError(f"{names} not found", "put them into the folder KUBEORCH_SANDBOX_BIN names")
    return found
