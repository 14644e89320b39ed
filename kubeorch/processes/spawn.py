"""Start programs that cannot outlive us, and end them."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO

GUARD = Path(__file__).with_name("guard.py")
SECRETIVE = ("KUBEORCH_", "MONGODB_", "DJANGO_")
"""Beginnings of the names of our own settings, the sealing key and the database's address among them."""


def without_our_settings(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment for a program that is not ours: anybody who may read its /proc entry, or its crash report, would
    otherwise have the sealing key."""
    return {name: value for name, value in environ.items() if not name.startswith(SECRETIVE)}


def spawn(
    command: Sequence[str],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdout: IO[str] | None = None,
    at_our_end: signal.Signals = signal.SIGKILL,
) -> subprocess.Popen[bytes]:
    """Start `command` in its own process group, tied to the calling thread's life; its path must be absolute.

    Without `env` it gets our environment less our settings. What it prints goes to the end of `log`; its plain output
    to `stdout` instead when one is given. `at_our_end` is the signal it gets when this thread ends before it does.

    The kernel ties it to the thread, not to the process: call this only from a thread that lives as long as the
    program should.
    """
    with log.open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-I", "-S", str(GUARD), str(os.getpid()), str(int(at_our_end)), *command],
            stdin=subprocess.DEVNULL,
            stdout=stdout or output,
            stderr=output,
            env=without_our_settings(os.environ) if env is None else dict(env),
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
            kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """End it and its group now, whether it runs or is halted, and wait until it is gone."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def how_it_ended(process: subprocess.Popen[bytes]) -> str:
    """`signal 9` or `exit code 1`, of a process that has ended."""
    code = process.returncode
    return f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
