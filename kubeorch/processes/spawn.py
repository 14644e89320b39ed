"""Start programs that cannot outlive us, remember them in a file, and clear away what a killed run left behind."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from kubeorch.processes.files import write_private

GUARD = Path(__file__).with_name("guard.py")


def spawn(
    command: Sequence[str],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdout: IO[str] | None = None,
) -> subprocess.Popen[bytes]:
    """Start `command` in its own process group, tied to the calling thread's life.

    What it says goes to the end of `log`; its plain output to `stdout` instead when one is given.

    The kernel ties it to the thread, not to the process: call this only from a thread that lives as long as the
    program should.
    """
    with log.open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-I", "-S", str(GUARD), str(os.getpid()), *command],
            stdin=subprocess.DEVNULL,
            stdout=stdout or output,
            stderr=output,
            env=dict(env) if env is not None else None,
            cwd=cwd,
            start_new_session=True,
        )


def stop(processes: Iterable[subprocess.Popen[bytes]], *, grace_s: float = 3.0) -> None:
    """End all of them: ask, wait up to `grace_s` together, then kill."""
    running = [process for process in processes if process.poll() is None]
    for process in running:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
    deadline = time.monotonic() + grace_s
    for process in running:
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


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


def remember(path: Path, marks: Iterable[Mark]) -> None:
    write_private(path, json.dumps([{"pid": m.pid, "started": m.started, "name": m.name} for m in marks]))


def sweep(path: Path, *, grace_s: float = 0.0) -> list[str]:
    """Kill the remembered processes that still run after `grace_s`; the names of those.

    The grace is for a program that was told to end and is still writing down what it has.
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
