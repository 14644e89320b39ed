"""Ports for servers that tests start."""

from __future__ import annotations

import random

from kubeorch.processes.ports import is_free

LOWEST, HIGHEST = 10_000, 19_999
"""Below the range from which the system takes ports for outgoing connections: one of those may take a port from there
between our look and the server's start. And apart from the range in which the product looks for its own."""


def free_port() -> int:
    """A port of 127.0.0.1 on which nothing listens; another one at nearly every call."""
    return next(port for port in random.sample(range(LOWEST, HIGHEST), k=HIGHEST - LOWEST) if is_free(port))
