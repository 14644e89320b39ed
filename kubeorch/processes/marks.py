"""A file that remembers our processes, so that the next start can clear away what a killed run left behind."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from kubeorch.processes.files import write_private


@dataclass(frozen=True, slots=True)
class Mark:
    """A process by id and start time, so that a reused id is never taken for it."""

    pid: int
    started: str
    name: str


def mark_of(pid: int, name: str) -> Mark | None:
    """The mark of a running process, None when there is none with this id."""
    started = _start_time(pid)
    return Mark(pid, started, name) if started else None


def remember(path: Path, pids: Mapping[str, int]) -> None:
    """Write down the processes of these ids by name; those that have ended are left out."""
    write_marks(path, (mark for name, pid in pids.items() if (mark := mark_of(pid, name))))


def write_marks(path: Path, marks: Iterable[Mark]) -> None:
    write_private(path, json.dumps([{"pid": m.pid, "started": m.started, "name": m.name} for m in marks]))


def sweep(path: Path, *, grace_s: float = 0.0) -> list[str]:
    """Kill the remembered processes that still run after `grace_s`; the names of those.

    The grace is for a program that was asked to end and is still writing down what it has.
    """
    marks = _read(path)
    _wait_gone(marks, grace_s)
    swept = []
    for mark in marks:
        if _start_time(mark.pid) == mark.started:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                if os.getpgid(mark.pid) == mark.pid:
                    os.killpg(mark.pid, signal.SIGKILL)
                else:
                    os.kill(mark.pid, signal.SIGKILL)
                swept.append(mark.name)
    _wait_gone(marks, 3.0)
    path.unlink(missing_ok=True)
    return swept


def _wait_gone(marks: Iterable[Mark], timeout_s: float) -> None:
    deadline = time.monotonic() + timeout_s
    for mark in marks:
        while time.monotonic() < deadline and _start_time(mark.pid) == mark.started:
            time.sleep(0.02)


def _read(path: Path) -> list[Mark]:
    try:
        rows = json.loads(path.read_text())
        return [Mark(int(row["pid"]), str(row["started"]), str(row["name"])) for row in rows]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _start_time(pid: int) -> str:
    """When the process started, in whatever unit the system counts; empty when it is gone or a zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        if sys.platform == "linux":
            return ""
        listing = subprocess.run(
            ["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False, timeout=5
        )
        return listing.stdout.strip()
    except OSError:
        return ""
    # The name in brackets may hold blanks and brackets: count from the last one. Source: proc(5), /proc/[pid]/stat.
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] in "ZX" else fields[19]
