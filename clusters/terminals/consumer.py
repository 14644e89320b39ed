"""WebSocket /ws/exec: a shell in a container.

In: `{"open": {cluster, namespace, pod, container, debug}, "columns", "rows"}`, where `debug` is the image of a
container that is added beside one without a shell, or `{"attach": id, "after": byte}`, then
`{"resize": {columns, rows}}`, `{"close": true}`, and binary frames as input. Out: `opened` (with the id to attach with
again, the number of the byte that comes next, and `until` which byte all was printed before), binary frames as output,
`took` (bytes of input taken so far; keep less than 256 KB ahead of it), `lost` (bytes that are forgotten), `refused`,
and `ended`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

from django.urls import URLPattern, path

from clusters.terminals.debugging import check_image
from clusters.terminals.session import Session
from clusters.terminals.sessions import NoSuchSession, Wanted, sessions
from clusters.uses import BelongingOf
from kubeorch.accounts.principal import Principal
from kubeorch.base.errors import InvalidInput
from kubeorch.base.names import is_dns_subdomain
from kubeorch.realtime.duplex import POLICY, Closed, DuplexConsumer, End

PIECE_BYTES = 32 * 1024
ELSEWHERE = 4410
"""The shell was opened in another tab."""
SIZE_MOST = 1000


class BadCommand(InvalidInput):
    code = "terminal.bad_command"


class Terminal:
    """One browser tab's end of a shell."""

    def __init__(self, principal: Principal, wake: Callable[[], None], belonging_of: BelongingOf) -> None:
        self._principal = principal
        self._belonging_of = belonging_of
        self._wake = wake
        self._session: Session | None = None
        self._at = 0
        self._told_taken = 0
        self._has_ended = False
        self._size = (80, 24)
        self._lock = threading.Lock()
        self._has_left = False

    def obey(self, command: Mapping[str, Any]) -> Mapping[str, Any] | None:
        if "open" in command:
            return self._opened(command)
        if "attach" in command:
            return self._attached(command)
        if "resize" in command:
            _size_of(command["resize"])
            return None
        if command.get("close") is not True:
            raise BadCommand("send open, attach, resize or close")
        if self._session is not None:
            self._session.end("closed")
        return None

    def obey_now(self, command: Mapping[str, Any]) -> bool:
        """A window that is dragged has many sizes: of those that come while a shell is opened, the latest counts."""
        if "resize" not in command or "open" in command or "attach" in command:
            return False
        try:
            self._size = _size_of(command["resize"])
        except BadCommand:
            return False  # it is refused in its turn
        if self._session is not None and self._session.is_seen_by(self._wake):
            self._session.resize(*self._size)
        return True

    def take(self, data: bytes) -> None:
        session = self._session
        if session is None:
            raise Closed(POLICY, "open a shell first")
        if session.is_seen_by(self._wake) and not session.write(data):
            raise Closed(POLICY, "too much input at once; wait for 'took'")

    def next(self) -> bytes | Mapping[str, Any] | None:
        session = self._session
        if session is None or self._has_ended:
            return None
        if not session.is_seen_by(self._wake):
            raise Closed(ELSEWHERE, "opened elsewhere")
        if session.taken != self._told_taken:
            self._told_taken = session.taken
            return {"type": "took", "bytes": self._told_taken}
        at, data = session.read(PIECE_BYTES)
        if data and at > self._at:
            lost, self._at = at - self._at, at
            session.rewind(at)
            return {"type": "lost", "bytes": lost}
        if data:
            self._at = at + len(data)
            return data
        if session.ended is not None:
            self._has_ended = True
            exit_code, detail = session.ended
            return {"type": "ended", "reason": session.reason, "exit_code": exit_code, "detail": detail}
        return None

    def leave(self) -> None:
        with self._lock:
            self._has_left = True
            session = self._session
        if session is not None:
            session.detach(self._wake)

    def _opened(self, command: Mapping[str, Any]) -> Mapping[str, Any]:
        wanted = command["open"]
        if not isinstance(wanted, dict) or self._session is not None:
            raise BadCommand("open is an object with cluster, namespace, pod and container, sent once")
        names = {key: wanted.get(key, "") for key in ("cluster", "namespace", "pod", "container")}
        for key, value in names.items():
            is_name = isinstance(value, str) and (is_dns_subdomain(value) or (key == "container" and not value))
            if not is_name:
                raise BadCommand(f"{key} is not a name", field=key)
        self._keep_size(command)
        image = check_image(wanted["debug"]) if wanted.get("debug") else ""
        place = Wanted(names["cluster"], names["namespace"], names["pod"], names["container"], image)
        session = sessions().open(self._principal, place, self._belonging_of)
        session.resize(*self._size)
        with self._lock:
            if self._has_left:
                session.end("closed")  # nobody knows its id
        return self._begin(session, 0)

    def _attached(self, command: Mapping[str, Any]) -> Mapping[str, Any]:
        session_id, after = command["attach"], command.get("after", 0)
        if self._session is not None or not isinstance(session_id, str) or len(session_id) > 64:
            raise NoSuchSession
        is_number = isinstance(after, int) and not isinstance(after, bool) and 0 <= after < 2**53
        self._keep_size(command)
        session = sessions().find(self._principal, session_id)
        if "columns" in command:
            session.resize(*self._size)
        return self._begin(session, after if is_number else 0)

    def _begin(self, session: Session, after: int) -> Mapping[str, Any]:
        with self._lock:
            self._at, before = session.attach(self._wake, after)
            self._session = session
            if self._has_left:
                session.detach(self._wake)
        self._told_taken = session.taken
        if before is not None and before is not self._wake:
            before()
        place = session.place
        return {
            "type": "opened",
            "id": session.id,
            "at": self._at,
            "until": session.printed,
            "took": self._told_taken,
            "container": place.container,
            "lost": max(0, self._at - after),
        }

    def _keep_size(self, command: Mapping[str, Any]) -> None:
        if "columns" in command or "rows" in command:
            self._size = _size_of(command)


def _size_of(size: Any) -> tuple[int, int]:
    if not isinstance(size, dict):
        raise BadCommand("resize is an object with columns and rows")
    columns, rows = size.get("columns", 80), size.get("rows", 24)
    for number in (columns, rows):
        if not isinstance(number, int) or isinstance(number, bool) or not 0 < number <= SIZE_MOST:
            raise BadCommand(f"columns and rows are numbers from 1 to {SIZE_MOST}")
    return columns, rows


class ExecConsumer(DuplexConsumer):
    def __init__(self, belonging_of: BelongingOf) -> None:
        super().__init__()
        self._belonging_of = belonging_of

    def end_for(self, principal: Principal, wake: Callable[[], None]) -> End:
        return Terminal(principal, wake, self._belonging_of)


def websocket_routes(belonging_of: BelongingOf) -> list[URLPattern]:
    """`belonging_of` says to which environment a pod belongs."""
    return [path("ws/exec", ExecConsumer.as_asgi(belonging_of=belonging_of))]
