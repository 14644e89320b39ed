"""The role that builds images: BuildKit in its first thread, the embedded registry in another.

It runs without Django: settings are those of the environment, which `up` has checked.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from functools import partial
from pathlib import Path
from types import FrameType

from builds.engines.local import role as local
from builds.engines.local.place import place_in
from builds.registries.embedded import role as registry
from builds.registries.embedded.place import embedded_in
from kubeorch.base.flags import flag

log = logging.getLogger(__name__)
GB = 1_000_000_000


def main() -> int:
    """Run until SIGTERM. Exit code 1 when a part of it has failed, so that it is started again."""
    stopping = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)
    data_dir = Path(os.environ.get("DATA_DIR", ".data")).absolute()
    failed = threading.Event()
    beside = threading.Thread(target=_run_registry, args=(data_dir, stopping, failed), name="registry")
    if flag(os.environ, "KUBEORCH_EMBEDDED_REGISTRY", False):
        beside.start()
    try:
        local.run(place_in(data_dir), stopping)
    finally:  # whatever has ended one of them ends the other, so that the role is started again
        stopping.set()
        if beside.ident is not None:
            beside.join()
    return int(failed.is_set())


def wanted_registry() -> registry.Wanted:
    most_gb = int(os.environ.get("KUBEORCH_EMBEDDED_REGISTRY_GB") or 20)
    team_gb = int(os.environ.get("KUBEORCH_EMBEDDED_REGISTRY_TEAM_GB") or 0)
    team_most = min(team_gb or most_gb / 2, most_gb)
    address = os.environ.get("KUBEORCH_EMBEDDED_REGISTRY_ADDRESS", "").lower()
    return registry.Wanted(address, most_gb * GB, int(team_most * GB))


def _run_registry(data_dir: Path, stopping: threading.Event, failed: threading.Event) -> None:
    builds = place_in(data_dir)
    try:
        builds.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        registry.run(embedded_in(data_dir), wanted_registry(), stopping, idle=partial(local.nobody_builds, builds))
    except Exception:
        log.exception("the embedded registry has failed")
        failed.set()
        stopping.set()
        print("registry: it has failed; its role is started again", file=sys.stderr, flush=True)
