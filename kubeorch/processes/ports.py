"""Free ports on the loopback address, the same ones at the next start where possible."""

from __future__ import annotations

import json
import random
import socket
from collections.abc import Collection, Sequence
from pathlib import Path

from kubeorch.processes.files import write_private

# Below the range from which Linux and macOS take ports for outgoing connections: no other program is given one of ours.
LOWEST, HIGHEST = 20_000, 32_000


def claim_ports(path: Path, names: Sequence[str], *, fresh: bool = False) -> dict[str, int]:
    """A free port for each name; those remembered at `path` if they are free and `fresh` is not asked for."""
    before = {} if fresh else remembered(path)
    ports: dict[str, int] = {}
    for name in names:
        port = before.get(name, 0)
        if not port or port in ports.values() or not is_free(port):
            port = free_port(set(ports.values()) | set(before.values()))
        ports[name] = port
    if ports != remembered(path):
        write_private(path, json.dumps(ports))
    return ports


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server could listen on it now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def free_port(taken: Collection[int] = ()) -> int:
    """A port that a server could listen on now, none of `taken`. Raises OSError when there is none."""
    for port in random.sample(range(LOWEST, HIGHEST), k=2_000):
        if port not in taken and is_free(port):
            return port
    raise OSError(f"no free port between {LOWEST} and {HIGHEST} on 127.0.0.1")


def remembered(path: Path) -> dict[str, int]:
    """The ports that `claim_ports` has written to `path`; none when that cannot be read."""
    try:
        rows = json.loads(path.read_text())
        return {str(name): int(port) for name, port in rows.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}
