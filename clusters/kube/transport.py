"""Requests to one API server over a few open connections: JSON in, dicts out, errors of our families."""

from __future__ import annotations

import copy
import socket
import threading
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlencode, urlsplit

import orjson
import urllib3
from urllib3 import exceptions as transport

from clusters.domain.objects import Manifest
from clusters.kube.allowance import Alive, Allowance
from clusters.kube.answers import parsed, refusal, retry_after_s
from clusters.kube.doors import Door
from clusters.kube.errors import AnswerTooLarge, NotKubernetes
from clusters.kube.holding import LOGS_BURST_BYTES, LOGS_BYTES_PER_S, Held, Pace
from clusters.kube.limits import LIMITS, Limits
from clusters.kube.lines import ByteStream, LineStream
from clusters.kube.network_errors import network_error
from clusters.kube.opening import opened
from clusters.kube.resolving import Addresses, addresses_of
from clusters.kube.skew import ClusterClock
from clusters.kube.telling import Telling
from clusters.kube.tls import tls_context
from clusters.kube.wire import HTTPPool, HTTPSPool
from kubeorch.base.errors import InvalidInput

if TYPE_CHECKING:
    from clusters.domain.credentials import Credentials
    from clusters.domain.sharing import Acting

CONNECTIONS = 8
"""Requests in flight at once; the API server shares 200 mutating ones among all its clients."""
ATTEMPTS = 5
HEAD_BYTES = 1024 * 1024
"""Of an answer's head, and of what frames its body."""
ERROR_BYTES = 64 * 1024
"""What is read of an answer that says why there is no stream."""
STREAM_S = 3600.0
IDEMPOTENT = frozenset({"GET", "HEAD", "PUT", "PATCH", "DELETE"})
"""PATCH here is always server-side apply or a merge of absolute values."""


class Transport:
    """One API server. Share one among threads; `close()` it when its credentials change."""

    def __init__(
        self,
        credentials: Credentials,
        *,
        limits: Limits = LIMITS,
        connections: int = CONNECTIONS,
        addresses: Addresses = addresses_of,
        tells_causes: Callable[[], bool] = lambda: True,
        bearer: Callable[[], str] | None = None,
        refused: Callable[[str], bool] | None = None,
    ) -> None:
        """`addresses` resolves the server's name at every new connection, and raises unless it may be connected to.

        Unless `tells_causes`, errors do not say what is at the address, except what an API server says itself.
        `bearer` gives the token of each request, for credentials that are renewed, and may raise; `refused` is told of
        one that the API server does not take, and says whether there is another.
        """
        address = urlsplit(credentials.server)
        if address.scheme not in ("https", "http") or not address.hostname:
            raise InvalidInput(
                "the cluster's server must be an https:// address", code="cluster.bad_server", field="kubeconfig"
            )
        self.server = credentials.server
        self.limits = limits
        self._opened = partial(opened, connect_s=limits.connect_s)
        self._base = address.path.rstrip("/")
        self.alive: Alive | None = None
        self.held = Held()
        self.pace = Pace()
        self.log_pace = Pace(LOGS_BYTES_PER_S, LOGS_BURST_BYTES)
        """Of all logs that are read from the cluster: a flood of them delays no watch."""
        self._telling = Telling(credentials.server, tells_causes)
        self.clock = ClusterClock()
        self._headers = {"Host": address.netloc, "User-Agent": "kubeorch", "Accept": "application/json"}
        if credentials.token:
            self._headers["Authorization"] = f"Bearer {credentials.token}"
        self._bearer = bearer
        self._refused = refused
        self.acting: Mapping[str, str] = {}
        port = address.port or (443 if address.scheme == "https" else 80)
        options: dict[str, Any] = {"retries": False, "turn": threading.Lock(), "addresses": addresses}
        pool_class: type[urllib3.HTTPConnectionPool] = HTTPPool
        if address.scheme == "https":
            pool_class = HTTPSPool
            options["ssl_context"] = tls_context(credentials)
            if credentials.tls_server_name:
                options["server_hostname"] = credentials.tls_server_name
        self._pool = pool_class(address.hostname, port, maxsize=connections, block=True, **options)
        self._door = Door(
            address.hostname,
            port,
            addresses,
            options.get("ssl_context"),
            options.get("server_hostname"),
            limits.connect_s,
        )
        # Streams live for minutes; in the pool above they would starve everything else.
        self._streams = pool_class(address.hostname, port, maxsize=1, block=False, **options)

    def close(self) -> None:
        self._pool.close()
        self._streams.close()

    def while_alive(self, alive: Alive) -> Self:
        """This client, with the same connections, for work that may lose its reason while a request is on its way.

        Its requests call `alive` again and again: before each attempt, and every quarter of a second while they wait
        for a connection, the answer or a Retry-After (a TCP connect and a TLS handshake are one wait each, of
        `Limits.connect_s` at most). What it raises ends the request at once, closes its connection and reaches the
        caller; whether the API server carried the request out is unknown then. It must be quick and ask nobody, as
        `JobContext.check_alive` does. Streams do not ask it.
        """
        alike = copy.copy(self)
        alike.alive = alive
        return alike

    def acting_as(self, acting: Acting) -> Self:
        """This client, with the same connections, in the name of another: the API server decides by that one's rights.

        Source: Kubernetes docs, "User impersonation".
        """
        alike = copy.copy(self)
        alike.acting = {"Impersonate-User": acting.user, "Impersonate-Group": acting.group}
        return alike

    def request(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout_s: float | None = None,
        allowance: Allowance | None = None,
        guard: Callable[[], None] | None = None,
        name: str = "",
    ) -> tuple[int, Manifest]:
        """One call; (status, parsed body) of a 2xx answer.

        `guard` is called once for each attempt, at the last moment before its bytes go out, and may raise to forbid
        it. Tried again at once: an idempotent call whose open connection turns out to be broken, once; and a call whose
        token is not taken, once, where there is another. Tried again when Retry-After says so: 429, and 503 of an
        idempotent call. An API server that is not there fails the call at once; the caller's own loop knows when to
        come back. All of it takes `timeout_s` (Limits.answer_s) at most, or what is left of `allowance`, then
        ClusterTimeout is raised.
        Raises the errors of `clusters.kube.errors`; `name` names the object in them.
        """
        allowance = allowance or self.allowance(timeout_s)
        with self._telling.of(path):
            attempt, broken, is_renewed = 0, False, False
            while True:
                attempt += 1
                token = self._bearer() if self._bearer else ""
                sent = {**(headers or {}), "Authorization": f"Bearer {token}"} if token else headers
                try:
                    status, answer_headers, data = self._exchange(method, path, allowance, body, query, sent, guard)
                except transport.HTTPError as error:
                    if not isinstance(error, transport.ProtocolError) or broken or method not in IDEMPOTENT:
                        raise network_error(error) from error
                    broken = True
                    continue
                if status < 300:
                    return status, parsed(data)
                if status == 401 and not is_renewed and self._has_another(token):
                    is_renewed = True
                    continue
                retry_s = retry_after_s(answer_headers)
                if retry_s is not None and (status == 429 or (status == 503 and method in IDEMPOTENT)):
                    wait_s = min(max(retry_s, 0.05), self.limits.retry_after_s)
                    if attempt < ATTEMPTS and wait_s < allowance.left_s():
                        allowance.sleep(wait_s)
                        continue
                raise refusal(status, data, path, name, retry_s)

    def exchange(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout_s: float | None = None,
    ) -> tuple[int, Mapping[str, str], bytes]:
        """One attempt: (status, headers, body), whatever the status. Raises ClusterUnavailable without an answer."""
        with self._telling.of(path):
            try:
                return self._exchange(method, path, self.allowance(timeout_s), body, query, headers, None)
            except transport.HTTPError as error:
                raise network_error(error) from error

    def allowance(self, total_s: float | None = None) -> Allowance:
        """For one request, or for several that share `total_s` (Limits.answer_s)."""
        return Allowance(
            self.limits.answer_s if total_s is None else total_s, self.limits.answer_bytes, alive=self.alive
        )

    def _exchange(
        self,
        method: str,
        path: str,
        allowance: Allowance,
        body: Any,
        query: Mapping[str, str] | None,
        headers: Mapping[str, str] | None,
        guard: Callable[[], None] | None,
    ) -> tuple[int, Mapping[str, str], bytes]:
        payload = None if body is None else body if isinstance(body, bytes) else orjson.dumps(body)
        all_headers = self._all(headers)
        if payload is not None:
            all_headers.setdefault("Content-Type", "application/json")
        allowance.grant_bytes(self.limits.answer_bytes + HEAD_BYTES)
        response = self._opened(self._pool, method, self._url(path, query), all_headers, payload, allowance, guard)
        try:
            data = response.read(self.limits.answer_bytes + 1)
            if len(data) > self.limits.answer_bytes:
                raise AnswerTooLarge(self.limits.answer_bytes)
        except ValueError as error:  # http.client does not expect a chunk of fewer than no bytes
            response.close()
            raise NotKubernetes from error
        except BaseException:
            response.close()
            raise
        finally:
            response.release_conn()
        self.pace.delay_s(len(data))  # the next stream waits for it
        self.clock.hear(response.headers.get("Date", ""))
        return response.status, response.headers, data

    def stream(
        self,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        read_timeout_s: float = 330.0,
        age_s: float = STREAM_S,
    ) -> LineStream:
        """A streaming GET (watch, logs): iterate it for lines as bytes without the newline; close it when done.

        Raises at once for an answer that is not 200, and ClusterTimeout when none begins in time (Limits.answer_s).
        While iterating: ClusterTimeout when no whole line comes for `read_timeout_s`, however many bytes do, and
        ClusterUnavailable for a cut. A clean end ends the iteration, and so does an age of `age_s`.
        """
        allowance = Allowance(self.limits.answer_s, HEAD_BYTES)
        with self._telling.of(path):
            response = self._stream(path, query, headers, allowance)
        return LineStream(response, allowance, silence_s=read_timeout_s, age_s=age_s, pace=self.pace)

    def pieces(
        self, path: str, *, query: Mapping[str, str] | None = None, alive: Alive | None = None, begins_in_s: float
    ) -> ByteStream:
        """A streaming GET of plain text (the log of a container); close it when done. `alive` is asked as in requests.

        Raises as `stream`, and ClusterTimeout when no answer begins within `begins_in_s`.
        """
        allowance = Allowance(begins_in_s, HEAD_BYTES, alive=alive)
        with self._telling.of(path):
            response = self._stream(path, query, {"Accept": "text/plain, */*"}, allowance)
        return ByteStream(response, allowance, pace=self.log_pace)

    def dial(self, allowance: Allowance) -> tuple[socket.socket, dict[str, str]]:
        """A connection of one's own, over which no request went yet, and the headers that say who asks.

        Raises AddressRefused and its kind, ClusterTimeout, ClusterUntrusted or ClusterUnavailable.
        """
        with self._telling.of("/"):
            return self._door.open(allowance), self._all(None)

    def _stream(
        self, path: str, query: Mapping[str, str] | None, headers: Mapping[str, str] | None, allowance: Allowance
    ) -> urllib3.BaseHTTPResponse:
        try:
            response = self._opened(self._streams, "GET", self._url(path, query), self._all(headers), None, allowance)
            if response.status != 200:
                allowance.grant_bytes(self.limits.answer_bytes)
                data = response.read(ERROR_BYTES)
                response.close()
                raise refusal(response.status, data, path, "", retry_after_s(response.headers))
        except transport.HTTPError as error:
            raise network_error(error) from error
        return response

    def _has_another(self, token: str) -> bool:
        """Whether there is another token than one that was not taken."""
        return bool(token) and self._refused is not None and self._refused(token)

    def _all(self, headers: Mapping[str, str] | None) -> dict[str, str]:
        bearer = {"Authorization": f"Bearer {self._bearer()}"} if self._bearer else {}
        return {**self._headers, **bearer, **self.acting, **(headers or {})}

    def _url(self, path: str, query: Mapping[str, str] | None) -> str:
        return f"{self._base}{path}?{urlencode(query)}" if query else f"{self._base}{path}"
