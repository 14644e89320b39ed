"""A file that one process at a time may hold, or several may share."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path


class AlreadyHeld(Exception):
    """Another process holds the file."""

    def __init__(self, holder: str) -> None:
        super().__init__(holder)
        self.holder = holder
        """Its process id, `unknown` when that is not written there."""


@contextlib.contextmanager
def hold(path: Path) -> Iterator[None]:
    """Hold the file while the block lasts; the system lets go of it when this process ends, however it ends.

    Raises AlreadyHeld at once when another process holds it, OSError when the file cannot be opened.
    """
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise AlreadyHeld(file.read(20).strip() or "unknown") from None
        with contextlib.suppress(OSError):  # a full disk: it is held all the same, and only the number is missing
            file.truncate(0)
            file.write(f"{os.getpid()}\n")
            file.flush()
        yield


@contextlib.contextmanager
def share(path: Path) -> Iterator[None]:
    """Share the file while the block lasts: others may share it, and nobody holds it.

    Raises AlreadyHeld at once when a process holds it, OSError when the file cannot be opened.
    """
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyHeld("unknown") from None
        yield
