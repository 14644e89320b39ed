"""A command in a container, run to its end, with a bound for what it prints and how long it takes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from clusters.kube.client import KubeClient
from clusters.kube.exec import Exec

STEP_S = 1.0


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended. `exit_code` is None where it never ran, was cut, or did not end within its bounds."""

    exit_code: int | None
    printed: bytes
    why: str
    """What it wrote to stderr, or why it did not run to its end."""
    is_cut: bool = False
    """It ran, and was ended at one of its bounds."""


def run_command(
    client: KubeClient,
    namespace: str,
    pod: str,
    container: str,
    command: Sequence[str],
    *,
    most_bytes: int,
    timeout_s: float,
) -> Ran:
    """Run it without a terminal and without input.

    Raises what the API server answers, and ClusterUnavailable.
    """
    until = time.monotonic() + timeout_s
    process = Exec(client, namespace, pod, container, command, has_terminal=False)
    printed = bytearray()
    try:
        while process.outcome is None:
            left_s = until - time.monotonic()
            if left_s <= 0:
                return Ran(None, bytes(printed), f"{command[0]} did not end within {timeout_s:.0f} s", is_cut=True)
            printed += process.step(min(left_s, STEP_S))
            if len(printed) > most_bytes:
                why = f"{command[0]} prints more than {most_bytes:,} bytes"
                return Ran(None, bytes(printed[:most_bytes]), why, is_cut=True)
        said = process.errors.decode(errors="replace").strip() or process.outcome.detail
        return Ran(process.outcome.exit_code, bytes(printed), said)
    finally:
        process.close()
