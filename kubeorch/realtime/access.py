"""Who is behind a live connection, what topics they may see, and that this stays true.

Nothing is believed for longer than RECHECK_S: a revoked token, an ended session or a lost membership ends
the connection within five seconds. One task a process asks for all connections, once per proof and topic.
"""

from __future__ import annotations

import asyncio
import logging
import weakref
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple, Protocol, TypeVar
from urllib.parse import urlsplit

from django.conf import settings
from django.db import Error as DatabaseError
from django.http import parse_cookie
from pymongo.errors import PyMongoError

from kubeorch.accounts import authentication, store
from kubeorch.accounts.principal import Credential, Principal
from kubeorch.base.errors import KubeOrchError
from kubeorch.realtime import topics

log = logging.getLogger(__name__)
T = TypeVar("T")

RECHECK_S = 4.0
CONNECTIONS_A_PERSON = 100
"""Live connections that one person may hold to one process; each has at most 64 topics."""
_threads = ThreadPoolExecutor(max_workers=6, thread_name_prefix="live")


class Proof(NamedTuple):
    """What a client authenticates with: a bearer token or a session's key. Never logged."""

    kind: str
    secret: str


def proof_of(headers: Iterable[tuple[bytes, bytes]]) -> Proof | None:
    """From `Authorization: Bearer` or the session cookie; a token in the URL is ignored."""
    cookie = None
    for name, value in headers:
        if name.lower() == b"authorization":
            scheme, _, token = value.decode("latin1").partition(" ")
            return Proof("token", token.strip()) if scheme.lower() == "bearer" and token.strip() else None
        if name.lower() == b"cookie":
            cookie = parse_cookie(value.decode("latin1")).get(settings.SESSION_COOKIE_NAME)
    return Proof("session", cookie) if cookie else None


def origin_is_ours(headers: Iterable[tuple[bytes, bytes]], proof: Proof | None) -> bool:
    """Whether a WebSocket may be opened from the page it comes from.

    Browsers send cookies with WebSockets of any site, so Origin decides: our own host or one of the trusted
    origins. Without Origin (a script) only a bearer token serves. Source: OWASP ASVS 5.0.0, 4.4.2.
    """
    found = {name.lower(): value.decode("latin1") for name, value in headers if name.lower() in (b"origin", b"host")}
    origin = found.get(b"origin")
    if origin is None:
        return proof is not None and proof.kind == "token"
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return False
    trusted = {entry.lower().rstrip("/") for entry in settings.CSRF_TRUSTED_ORIGINS}
    if f"{parts.scheme}://{parts.netloc}".lower() in trusted:
        return True
    return parts.netloc.lower() == found.get(b"host", "").lower()


async def in_thread(function: Callable[..., T], *args: Any) -> T:
    """Run database work outside the event loop, in a small pool of its own."""
    return await asyncio.get_running_loop().run_in_executor(_threads, function, *args)


def principal_of(proof: Proof) -> Principal | None:
    """The person it belongs to; None if it is not valid."""
    if proof.kind == "token":
        return store.principal_of_token(proof.secret)
    return authentication.principal_of_session(proof.secret)


class Watched(Protocol):
    """A connection whose access is checked again and again."""

    principal: Principal

    @property
    def topics(self) -> Mapping[str, str]:
        """Topics subscribed to, with the audience each was opened for."""

    def end(self, code: int, reason: str) -> None:
        """Close: the credential is no longer valid, or no longer allows what is subscribed to."""


class Watchman:
    """Asks again for every open connection of this process."""

    def __init__(self) -> None:
        self._watched: set[Watched] = set()
        self._open: Counter[str] = Counter()
        self._task: asyncio.Task[None] | None = None

    def has_room_for(self, principal: Principal) -> bool:
        """Whether the person may open one more connection to this process."""
        return self._open[principal.user_id] < CONNECTIONS_A_PERSON

    def add(self, connection: Watched) -> None:
        """Watch a connection until `remove`; the caller has asked `has_room_for`."""
        self._watched.add(connection)
        self._open[connection.principal.user_id] += 1
        if self._task is None or self._task.done():
            self._task = asyncio.ensure_future(self._run())

    def remove(self, connection: Watched) -> None:
        if connection in self._watched:
            self._watched.discard(connection)
            self._open[connection.principal.user_id] -= 1
            self._open += Counter()  # drops people without a connection

    async def _run(self) -> None:
        while self._watched:
            await asyncio.sleep(RECHECK_S)
            by_credential: dict[Credential | None, list[Watched]] = {}
            for connection in self._watched:
                by_credential.setdefault(connection.principal.credential, []).append(connection)
            await asyncio.gather(*(self._check(group) for group in by_credential.values()))

    async def _check(self, group: list[Watched]) -> None:
        names = {name for connection in group for name in connection.topics}
        try:
            principal, audiences = await in_thread(_access_now, group[0].principal, names)
        except (DatabaseError, PyMongoError):
            return  # the database does not answer; the hub ends all connections if that lasts
        for connection in group:
            if connection not in self._watched:
                continue
            if principal is None:
                connection.end(4401, "signed out")
            elif any(audiences.get(name, audience) != audience for name, audience in connection.topics.items()):
                connection.end(4403, "access changed")
            else:
                connection.principal = principal


def _access_now(known: Principal, names: Iterable[str]) -> tuple[Principal | None, dict[str, str | None]]:
    """The person now, and by topic the audience they belong to now (None: they may not see it)."""
    principal = authentication.refreshed(known)
    if principal is None:
        return None, {}
    audiences: dict[str, str | None] = {}
    for name in names:
        try:
            topic, rest = topics.find(name)
            topic.authorize(principal, rest)
            audiences[name] = topic.audience(principal)
        except KubeOrchError:
            audiences[name] = None
    return principal, audiences


_watchmen: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Watchman] = weakref.WeakKeyDictionary()


def watchman() -> Watchman:
    loop = asyncio.get_running_loop()
    found = _watchmen.get(loop)
    if found is None:
        found = _watchmen[loop] = Watchman()
    return found
