"""Cold start: exec of `manage.py up` on an installed copy with data → /health/ready, and the roles' memory.

Prints one JSON object a line. There is nothing to compare with; the bars are absolute.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

from tests.support.processes import descendants, rss_bytes

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.support import stack as stacks

ROUNDS = 5
ROLES = ("web", "worker", "watcher")
STILL_S = 4.0


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="kubeorch-cold-") as folder:
        data_dir = Path(folder) / "data"
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
    print(json.dumps({"bar": "cold_start", "ours": statistics.median(ready_s), "must": 4, "aim": 2, "unit": "s"}))
    print(json.dumps({"bar": "rss_roles", "ours": statistics.median(memory_mb), "must": 400, "aim": 250, "unit": "MB"}))


def settled_rss(up: int) -> int:
    """Of all three together, once they have loaded: worker and watcher begin when the page answers."""
    before, still_since = 0, time.monotonic()
    while time.monotonic() - still_since < STILL_S:
        now = sum(role_rss(up).values())
        if now > before * 1.01:
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
        except OSError:
            continue
        for role in ROLES:
            if role in words:
                found[role] = max(found.get(role, 0), rss_bytes(pid))
    return found


if __name__ == "__main__":
    main()
