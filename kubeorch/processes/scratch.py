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

_LOCK = "lock"


@contextlib.contextmanager
def scratch_folder(prefix: str) -> Iterator[Path]:
    """A folder for this user alone, removed at the end. Those that a killed process left are removed first."""
    _clear_away(prefix)
    folder = Path(tempfile.mkdtemp(prefix=prefix)).resolve()
    try:
        with hold(folder / _LOCK):
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _clear_away(prefix: str) -> None:
    """Remove the folders of processes that have ended without doing it: nobody holds their lock."""
    for folder in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        with contextlib.suppress(OSError, AlreadyHeld):
            found = folder.lstat()
            if stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and (folder / _LOCK).exists():
                with hold(folder / _LOCK):
                    shutil.rmtree(folder, ignore_errors=True)
