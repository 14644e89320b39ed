"""Run a program that is not trusted with time, memory, disk or output, and end it with all it has started."""

from __future__ import annotations

import contextlib
import os
import resource
import selectors
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from kubeorch.processes.spawn import GUARD, kill

LOOK_EVERY_S = 0.2
"""How often the caller is asked whether to go on."""
_CHUNK = 65_536


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a program may use. Memory, processor and file size are of each of its processes, on Linux alone."""

    wall_s: float
    cpu_s: int
    memory_bytes: int
    file_bytes: int
    """Of any one file it writes."""
    output_bytes: int
    """Of what it prints; see `Finished.is_cut`."""
    error_bytes: int = 1_000_000
    """Of what it says beside; only the last ERROR_KEPT of it are kept."""
    reserves: bool = False
    """The program reserves far more addresses than it uses, as those in Go: its memory is what it may write to."""


ERROR_KEPT = 8_000
FILES_MOST = 256
"""Open at once, of each of its processes."""


class Overdue(Exception):
    """The program did not end in time, and was killed."""


class TooTalkative(Exception):
    """It printed more than it may, and was killed."""


@dataclass(frozen=True, slots=True)
class Finished:
    code: int
    """Negative: the signal that ended it."""
    output: bytes = field(repr=False)
    error: str
    """The end of what it said."""


def run_bounded(
    command: Sequence[str],
    bounds: Bounds,
    *,
    env: Mapping[str, str],
    cwd: Path,
    stdin: bytes = b"",
    check: Callable[[], None] = lambda: None,
    heard: Callable[[bytes], None] = lambda _: None,
) -> Finished:
    """Run `command`, whose path is absolute, to its end, in a process group of its own that ends with this thread.

    `check` is called again and again; what it raises ends the program and reaches the caller. `heard` gets what the
    program says on its standard error as it comes. Raises Overdue or TooTalkative.
    """
    process = start_bounded(command, bounds, env=env, cwd=cwd)
    try:
        output, error = _followed(process, bounds, stdin, check, heard)
        return Finished(process.wait(), output, error)
    finally:
        end(process)


def start_bounded(
    command: Sequence[str], bounds: Bounds, *, env: Mapping[str, str], cwd: Path
) -> subprocess.Popen[bytes]:
    """Start `command` with pipes to all three of its streams. The caller sees to its time and ends it with `end`."""
    guard = _small_guard(bounds)
    process = subprocess.Popen(
        [*(guard or [sys.executable, "-I", "-S", str(GUARD), str(os.getpid()), str(int(signal.SIGKILL))]), *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=dict(env),
        cwd=cwd,
        start_new_session=True,
    )
    if not guard:
        with contextlib.suppress(ProcessLookupError):
            _limit(process.pid, bounds)
    return process


def _small_guard(bounds: Bounds) -> list[str]:
    """As GUARD with the bounds of `_limit`, of programs that start six times as fast; [] where these are not there.

    The limits stand before the program is loaded, and it is not where its parent has ended meanwhile. As below Python,
    a file that is too large is told of, and kills nothing. Source: POSIX, `ulimit`, which counts files in blocks of 512
    bytes, and `trap`: what is ignored stays so in what is executed; setpriv(1).
    """
    setpriv = _setpriv()
    if not setpriv:
        return []
    memory = f"-{'d' if bounds.reserves else 'v'} {-(-bounds.memory_bytes // 1024)}"
    limits = ("-c 0", f"-n {FILES_MOST}", f"-t {bounds.cpu_s}", f"-f {-(-bounds.file_bytes // 512)}", memory)
    steps = ["trap '' PIPE XFSZ", *(f"ulimit {one}" for one in limits), f'[ "$PPID" = {os.getpid()} ]', 'exec "$@"']
    return [setpriv, "--pdeathsig", "KILL", "/bin/sh", "-c", " && ".join(steps), "sh"]


@cache
def _setpriv() -> str:
    """ "" where it is missing, or cannot tie a program to its parent."""
    found = shutil.which("setpriv", path=os.defpath) if sys.platform == "linux" else None
    if found is None:
        return ""
    tried = subprocess.run(
        [found, "--pdeathsig", "KILL", "/bin/sh", "-c", "exit 7"], capture_output=True, check=False, env={}
    )
    return found if tried.returncode == 7 else ""


def end(process: subprocess.Popen[bytes]) -> None:
    """Kill it and its group, and close its streams. What its children hold open no longer matters."""
    kill(process)
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()


def _limit(pid: int, bounds: Bounds) -> None:
    """On Linux alone: elsewhere a process cannot limit another one. The program is not loaded yet: the guard is."""
    if sys.platform != "linux":
        return
    for what, most in (
        (resource.RLIMIT_CPU, bounds.cpu_s),
        (resource.RLIMIT_DATA if bounds.reserves else resource.RLIMIT_AS, bounds.memory_bytes),
        (resource.RLIMIT_FSIZE, bounds.file_bytes),
        (resource.RLIMIT_NOFILE, FILES_MOST),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.prlimit(pid, what, (most, most))


def _followed(
    process: subprocess.Popen[bytes],
    bounds: Bounds,
    stdin: bytes,
    check: Callable[[], None],
    heard: Callable[[bytes], None],
) -> tuple[bytes, str]:
    """(output, end of the standard error) of a process that has closed both."""
    assert process.stdin is not None and process.stdout is not None and process.stderr is not None  # noqa: S101, PT018
    deadline = time.monotonic() + bounds.wall_s
    output, error, error_bytes = bytearray(), bytearray(), 0
    left = memoryview(stdin)
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        selector.register(process.stderr, selectors.EVENT_READ)
        if left:
            os.set_blocking(process.stdin.fileno(), False)
            selector.register(process.stdin, selectors.EVENT_WRITE)
        else:
            process.stdin.close()
        while selector.get_map():
            check()
            if time.monotonic() > deadline:
                raise Overdue
            for key, _ in selector.select(LOOK_EVERY_S):
                if key.fileobj is process.stdin:
                    left = left[_written(key.fd, left) :]
                    if not left:
                        selector.unregister(process.stdin)
                        process.stdin.close()
                    continue
                chunk = os.read(key.fd, _CHUNK)
                if not chunk:
                    selector.unregister(key.fileobj)
                elif key.fileobj is process.stdout:
                    output += chunk
                else:
                    error_bytes += len(chunk)
                    error = (error + chunk)[-ERROR_KEPT:]
                    heard(chunk)
            if len(output) > bounds.output_bytes or error_bytes > bounds.error_bytes:
                raise TooTalkative
    while process.poll() is None:
        check()
        if time.monotonic() > deadline:
            raise Overdue
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(LOOK_EVERY_S)
    return bytes(output), error.decode(errors="replace")


def _written(handle: int, left: memoryview) -> int:
    """How many bytes the pipe took; all of them, as far as we care, where nobody reads it any more."""
    try:
        return os.write(handle, left[:_CHUNK])
    except BlockingIOError:
        return 0
    except BrokenPipeError:
        return len(left)
