"""What is said of a start that is waited for: that it takes long, and that it is over."""

from __future__ import annotations

from pathlib import Path

READY_TIMEOUT_S = 60.0


class StartWords:
    """Says each once, as a start goes on."""

    def __init__(self, url: str, log: Path) -> None:
        self._url = url
        self._log = log
        self._is_late = False
        self.is_ready = False

    def now(self, waited_s: float, *, is_ready: bool) -> str:
        """What is to be said now; "" for nothing new."""
        if self.is_ready:
            return ""
        if is_ready:
            self.is_ready = True
            late = ", later than it should be" if self._is_late else ""
            return f"KubeOrch is ready at {self._url} ({waited_s:.1f} s{late}). Ctrl-C stops it."
        if not self._is_late and waited_s > READY_TIMEOUT_S:
            self._is_late = True
            return f"web: not ready after {READY_TIMEOUT_S:.0f} s, and waited for; see {self._log}"
        return ""
