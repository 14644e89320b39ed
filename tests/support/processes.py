"""Processes as the system sees them (Linux)."""

from __future__ import annotations

import os
from pathlib import Path

PROC = Path("/proc")


def is_running(pid: int) -> bool:
    """Whether the process runs; one that has ended and was not waited for does not."""
    state = _stat(pid)
    return state is not None and state[0] not in "ZX"


def is_stopped(pid: int) -> bool:
    """Whether it is halted by a signal."""
    state = _stat(pid)
    return state is not None and state[0] == "T"


def descendants(pid: int) -> set[int]:
    """Every process below `pid`."""
    children: dict[int, list[int]] = {}
    for entry in PROC.iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found: set[int] = set()
    waiting = [pid]
    while waiting:
        for child in children.get(waiting.pop(), []):
            found.add(child)
            waiting.append(child)
    return found


def rss_bytes(pid: int) -> int:
    """Resident memory."""
    return int((PROC / str(pid) / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def cpu_s(pid: int) -> float:
    """Processor time used so far."""
    fields = _stat(pid)
    assert fields is not None
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _stat(pid: int) -> list[str] | None:
    """The fields of /proc/<pid>/stat from the state on; None when there is no such process."""
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split() or None
    except (FileNotFoundError, ProcessLookupError):
        return None
