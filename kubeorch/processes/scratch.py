"""Folders for a while, with what nobody else may see: they go with whoever made them, also when that is killed."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from kubeorch.processes.lock import AlreadyHeld, hold

PREFIX = "kubeorch-scratch-"
_LOCK = "lock"


@contextlib.contextmanager
def scratch_folder(what_for: str) -> Iterator[Path]:
    """A folder for this user alone, removed at the end. Those that a killed process left are removed first."""
    clear_away()
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{what_for}-")).resolve()
    try:
        with hold(folder / _LOCK):
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def clear_away() -> None:
    """Remove the folders of processes that have ended without doing it: nobody holds their lock."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError, AlreadyHeld):
            found = folder.lstat()
            if stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and (folder / _LOCK).exists():
                with hold(folder / _LOCK):
                    shutil.rmtree(folder, ignore_errors=True)
