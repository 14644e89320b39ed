"""Room on the disk of a folder, and whether it has just become short."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

EVERY_S = 5.0


class Space:
    """Looks at the disk every few seconds."""

    def __init__(self, folder: Path, *, least_bytes: int) -> None:
        self._folder = folder
        self._least_bytes = least_bytes
        self._looked_at = 0.0
        self._is_short = False

    def free_bytes(self) -> int:
        return shutil.disk_usage(self._folder).free

    def has_become_short(self) -> bool:
        """True once each time that less than `least_bytes` are left."""
        now = time.monotonic()
        if now - self._looked_at < EVERY_S:
            return False
        self._looked_at = now
        was_short, self._is_short = self._is_short, self.free_bytes() < self._least_bytes
        return self._is_short and not was_short
