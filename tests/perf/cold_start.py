"""Cold start: `manage.py up` on an installed copy with data → /health/ready, the sandbox's second start, and memory."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

from tests.perf._rows import report
from tests.support import stack as stacks
from tests.support.control_plane import ControlPlane
from tests.support.processes import descendants, rss_bytes

ROUNDS = 5
SANDBOX_ROUNDS = 3
ROLES = ("web", "worker", "watcher")
STILL_S = 4.0


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="kubeorch-cold-") as folder:
        product(Path(folder) / "data")
        sandbox(Path(folder) / "plane")


def product(data_dir: Path) -> None:
    stacks.start(data_dir).stop()  # the first start makes keys, database and certificates
    ready_s, memory_mb = [], []
    for _ in range(ROUNDS):
        began = time.monotonic()
        stack = stacks.start(data_dir)
        ready_s.append(time.monotonic() - began)
        try:
            stack.api("POST", "/api/v1/auth/login", {"email": "nobody@example.org", "password": "x"})
            memory_mb.append(settled_rss(stack.process.pid) / 1e6)
        finally:
            stack.stop()
    report("cold_start", statistics.median(ready_s), unit="s", must=2.5, aim=2)
    report("rss_roles", statistics.median(memory_mb), unit="MB", must=250, aim=220)


def sandbox(folder: Path) -> None:
    ControlPlane(folder).stop()
    took = []
    for _ in range(SANDBOX_ROUNDS):
        began = time.monotonic()
        ControlPlane(folder).stop()
        took.append(time.monotonic() - began)
    report("sandbox_second_start_and_stop", statistics.median(took), unit="s", must=20, aim=5)


def settled_rss(up: int) -> int:
    """Of all three together, once they have loaded and keep what they need: worker and watcher begin when the page
    answers, and the worker gives back what it took to compile its templates."""
    before, still_since = 0, time.monotonic()
    while time.monotonic() - still_since < STILL_S:
        now = sum(role_rss(up).values())
        if abs(now - before) > before * 0.01:
            before, still_since = now, time.monotonic()
        time.sleep(0.2)
    assert set(role_rss(up)) == set(ROLES)
    return before


def role_rss(up: int) -> dict[str, int]:
    """Resident bytes of web, worker and watcher below `up`, by their command lines."""
    found: dict[str, int] = {}
    for pid in descendants(up):
        try:
            words = (Path("/proc") / str(pid) / "cmdline").read_text().split("\0")
            for role in ROLES:
                if role in words:
                    found[role] = max(found.get(role, 0), rss_bytes(pid))
        except FileNotFoundError:
            continue
    return found


if __name__ == "__main__":
    main()
