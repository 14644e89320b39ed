"""What a program that starts others says on the terminal."""

from __future__ import annotations

import contextlib
import errno
import sys
from typing import TextIO


def say(line: str, stream: TextIO | None = None) -> None:
    """One line to the terminal. A closed terminal is no reason to end."""
    with contextlib.suppress(OSError, ValueError):
        print(line, file=stream or sys.stdout, flush=True)


def sentence(error: OSError) -> str:
    """The error in words."""
    if error.errno == errno.ENOSPC:
        return f"the disk is full ({error.filename or 'DATA_DIR'}); free some space or choose another DATA_DIR"
    return f"{error.filename or 'the system'}: {error.strerror or error}"
