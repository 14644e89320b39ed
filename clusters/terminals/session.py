"""A shell in a container that outlives the connections of whoever looks at it."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from bson import ObjectId

from clusters.kube.exec import Exec, Outcome
from clusters.scope import Access
from clusters.terminals.scrollback import Scrollback
from kubeorch.accounts.principal import Principal

AHEAD_MOST = 256 * 1024
"""Bytes that a viewer may lag behind before the shell waits for it."""
STDIN_MOST = 2 * 1024 * 1024
LEAVE = b"\x03\x04"
"""Ctrl-C and Ctrl-D, so that a shell at its prompt ends with its session."""
LEAVES_S = 1.0
PROCESS = secrets.token_hex(4)
"""Stands in the ids of the shells of this process, since another one knows nothing of them."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a session lasts, in seconds."""

    idle_s: float = 30 * 60
    """Without input."""
    alone_s: float = 10 * 60
    """Without anybody who looks at it."""
    most_s: float = 8 * 3600


@dataclass(frozen=True, slots=True)
class Place:
    """Where a shell runs, in whose name."""

    cluster_id: ObjectId
    cluster: str
    access: Access
    """By what its person may have it."""
    namespace: str
    pod: str
    container: str

    def as_target(self) -> dict[str, str]:
        return {
            "cluster": self.cluster,
            "namespace": self.namespace,
            "pod": self.pod,
            "container": self.container,
        }


class Session:
    """`run` in a thread until it is over; everything else may be called from any."""

    def __init__(self, process: Exec, place: Place, principal: Principal, limits: Limits) -> None:
        self.id = f"{PROCESS}.{secrets.token_urlsafe(18)}"
        self.place = place
        self.principal = principal
        """Who opened it, with the rights of the last check."""
        self.opened_at = time.monotonic()
        self._process = process
        self._limits = limits
        self._lock = threading.Lock()
        self._printed = Scrollback()
        self._viewer: Callable[[], None] | None = None
        self._seen = 0
        self._input_at = self._alone_since = self.opened_at
        self._end_wanted = ""
        self.ended: Outcome | None = None
        self.reason = ""
        """Why it ended: `exited`, `cut`, `idle`, `alone`, `too_long`, `closed`, `revoked`, `changed` (of the
        access to the cluster)."""

    # Whoever looks at it

    def attach(self, wake: Callable[[], None], after: int) -> tuple[int, Callable[[], None] | None]:
        """Be the one who looks at it, from that byte on; where it begins, and who looked at it before."""
        with self._lock:
            before, self._viewer = self._viewer, wake
            self._seen = min(max(after, self._printed.start), self._printed.end)
            start = self._seen
        self._process.wake()
        return start, before

    def detach(self, wake: Callable[[], None]) -> None:
        with self._lock:
            if self._viewer is wake:
                self._viewer, self._alone_since = None, time.monotonic()
        self._process.wake()

    def is_seen_by(self, wake: Callable[[], None]) -> bool:
        return self._viewer is wake

    def read(self, most_bytes: int) -> tuple[int, bytes]:
        """What was printed next: the number of its first byte, and the bytes. Older bytes may be forgotten."""
        with self._lock:
            was_full = self._printed.end - self._seen > AHEAD_MOST
            at, data = self._printed.after(self._seen, most_bytes)
            self._seen = at + len(data)
        if was_full:
            self._process.wake()
        return at, data

    def rewind(self, at: int) -> None:
        """Read that byte again."""
        with self._lock:
            self._seen = at

    @property
    def printed(self) -> int:
        """Bytes that were printed so far."""
        with self._lock:
            return self._printed.end

    @property
    def taken(self) -> int:
        """Bytes of input that the cluster has taken."""
        return self._process.taken

    def write(self, data: bytes) -> bool:
        """Input; False, and none of it is taken, when more of it would wait than is kept."""
        if self._end_wanted:
            return True  # it is over, as its viewer is told
        self._input_at = time.monotonic()
        return self._process.write(data, most=STDIN_MOST)

    def resize(self, columns: int, rows: int) -> None:
        self._process.resize(columns, rows)

    def end(self, reason: str) -> None:
        if not self._end_wanted:
            self._end_wanted = reason
        self._process.wake()

    # Its thread

    def run(self, over: Callable[[Session], None]) -> None:
        """Returns when it is over, after `over` was called."""
        try:
            while self.ended is None:
                self._turn()
            self._tell()
            if self._process.outcome is None:
                self._leave()
        finally:
            self.ended = self.ended or Outcome(None, "it broke")
            self._process.close()
            self._tell()
            over(self)

    def _turn(self) -> None:
        printed = self._process.step(1.0, reads=not self._is_behind())
        if printed:
            with self._lock:
                self._printed.add(printed)
        taken = self._process.taken
        if printed or taken != self._told_taken:
            self._told_taken = taken
            self._tell()
        if self._process.outcome is not None:
            self.reason = "exited" if self._process.outcome.exit_code is not None else "cut"
            self.ended = self._process.outcome
        elif reason := self._end_wanted or self._over_limit():
            self._end_wanted = reason
            self.reason, self.ended = reason, Outcome(None, "")

    _told_taken = 0

    def _leave(self) -> None:
        """Whoever looked at it was told already, and sees nothing of this."""
        self._process.write(LEAVE, most=STDIN_MOST + len(LEAVE))
        until = time.monotonic() + LEAVES_S
        while self._process.outcome is None and time.monotonic() < until:
            self._process.step(0.1)

    def _is_behind(self) -> bool:
        with self._lock:
            return self._viewer is not None and self._printed.end - self._seen > AHEAD_MOST

    def _over_limit(self) -> str:
        now, limits = time.monotonic(), self._limits
        if now - self.opened_at > limits.most_s:
            return "too_long"
        if now - self._input_at > limits.idle_s:
            return "idle"
        return "alone" if self._viewer is None and now - self._alone_since > limits.alone_s else ""

    def _tell(self) -> None:
        viewer = self._viewer
        if viewer is not None:
            viewer()
