"""A Kubernetes control plane of our own on the loopback address: etcd, API server, controllers, scheduler, fake nodes.

    sandbox = run(data_dir, report)      # find or make the programs, start, wait until ready
    sandbox.kubeconfig_path              # administrator's access
    sandbox.stop()

Names are loaded when first asked for: `manage.py up` uses small parts of this package and starts in milliseconds.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from clusters.sandbox.control_plane import Sandbox, run
    from clusters.sandbox.errors import SandboxError
    from clusters.sandbox.progress import Phase, Progress, Report

__all__ = ["Phase", "Progress", "Report", "Sandbox", "SandboxError", "run"]

_HOMES = {
    "Phase": "progress",
    "Progress": "progress",
    "Report": "progress",
    "Sandbox": "control_plane",
    "SandboxError": "errors",
    "run": "control_plane",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
