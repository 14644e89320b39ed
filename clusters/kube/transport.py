"""Requests to one API server over a few open connections: JSON in, dicts out, errors of our families."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

import orjson
import urllib3
from urllib3 import exceptions as transport

from clusters.domain.objects import Manifest
from clusters.kube.errors import ClusterUnavailable, error_from_status, network_error
from clusters.kube.lines import LineStream
from clusters.kube.tls import tls_context
from clusters.kube.wire import CheckPeer, HTTPPool, HTTPSPool, outgoing
from kubeorch.base.errors import InvalidInput

if TYPE_CHECKING:
    from clusters.domain.kubeconfig import Credentials

CONNECTIONS = 8
"""Requests in flight at once; the API server shares 200 mutating ones among all its clients."""
ATTEMPTS = 5
IDEMPOTENT = frozenset({"GET", "HEAD", "PUT", "PATCH", "DELETE"})
"""PATCH here is always server-side apply or a merge of absolute values."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long an API server may take, and how much it may answer."""

    connect_s: float = 5.0
    answer_s: float = 30.0
    """The longest silence while an answer is awaited, and how long a request is tried again."""
    question_s: float = 8.0
    """The same while a person waits for the answer."""
    retry_after_s: float = 10.0
    """The longest wait an API server may ask for with Retry-After."""
    answer_bytes: int = 64 * 1024 * 1024


LIMITS = Limits()


class NotKubernetes(ClusterUnavailable):
    """Something answers, and in no way an API server does."""

    code = "cluster.not_kubernetes"

    def __init__(self) -> None:
        super().__init__("what answers at this address is not a Kubernetes API server; check the address")


class AnswerTooLarge(ClusterUnavailable):
    code = "cluster.answer_too_large"

    def __init__(self, most_bytes: int) -> None:
        super().__init__(f"the API server's answer is larger than {most_bytes // 1_048_576} MB")


class Transport:
    """One API server. Share one among threads; `close()` it when its credentials change."""

    def __init__(
        self,
        credentials: Credentials,
        *,
        limits: Limits = LIMITS,
        connections: int = CONNECTIONS,
        check_peer: CheckPeer | None = None,
    ) -> None:
        """`check_peer` is asked at every new connection whether its address is allowed."""
        address = urlsplit(credentials.server)
        if address.scheme not in ("https", "http") or not address.hostname:
            raise InvalidInput("the cluster's server must be an https:// address", code="cluster.bad_server")
        self.server = credentials.server
        self.limits = limits
        self._base = address.path.rstrip("/")
        self._headers = {"User-Agent": "kubeorch", "Accept": "application/json"}
        if credentials.token:
            self._headers["Authorization"] = f"Bearer {credentials.token}"
        port = address.port or (443 if address.scheme == "https" else 80)
        options: dict[str, Any] = {"retries": False, "turn": threading.Lock(), "check_peer": check_peer}
        pool_class: type[urllib3.HTTPConnectionPool] = HTTPPool
        if address.scheme == "https":
            pool_class = HTTPSPool
            options["ssl_context"] = tls_context(credentials)
            if credentials.tls_server_name:
                options["server_hostname"] = credentials.tls_server_name
        self._pool = pool_class(address.hostname, port, maxsize=connections, block=True, **options)
        # Streams live for minutes; in the pool above they would starve everything else.
        self._streams = pool_class(address.hostname, port, maxsize=1, block=False, **options)

    def close(self) -> None:
        self._pool.close()
        self._streams.close()

    def request(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout_s: float | None = None,
        guard: Callable[[], None] | None = None,
        name: str = "",
    ) -> tuple[int, Manifest]:
        """One call; (status, parsed body) of a 2xx answer.

        `guard` is called once for each attempt, at the last moment before its bytes go out, and may raise to forbid
        it. Tried again at once: an idempotent call whose open connection turns out to be broken, once. Tried again
        when Retry-After says so, within `timeout_s` (Limits.answer_s): 429, and 503 of an idempotent call. An API
        server that is not there fails the call at once; the caller's own loop knows when to come back.
        Raises the errors of `clusters.kube.errors`; `name` names the object in them.
        """
        timeout_s = self.limits.answer_s if timeout_s is None else timeout_s
        give_up_at = time.monotonic() + timeout_s
        attempt, broken = 0, False
        while True:
            attempt += 1
            try:
                status, answer_headers, data = self.exchange(
                    method, path, body=body, query=query, headers=headers, timeout_s=timeout_s, guard=guard
                )
            except transport.HTTPError as error:
                if not isinstance(error, transport.ProtocolError) or broken or method not in IDEMPOTENT:
                    raise network_error(error) from error
                broken = True
                continue
            if status < 300:
                return status, _parsed(data)
            retry_after_s = _retry_after_s(answer_headers)
            if retry_after_s is not None and (status == 429 or (status == 503 and method in IDEMPOTENT)):
                wait_s = min(max(retry_after_s, 0.05), self.limits.retry_after_s)
                if attempt < ATTEMPTS and time.monotonic() + wait_s < give_up_at:
                    time.sleep(wait_s)
                    continue
            raise _refusal(status, data, path, name, retry_after_s)

    def exchange(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout_s: float | None = None,
        guard: Callable[[], None] | None = None,
    ) -> tuple[int, Mapping[str, str], bytes]:
        """One attempt: (status, headers, body), whatever the status. Raises urllib3's HTTPError without an answer."""
        timeout_s = self.limits.answer_s if timeout_s is None else timeout_s
        payload = None if body is None else body if isinstance(body, bytes) else orjson.dumps(body)
        all_headers = {**self._headers, **(headers or {})}
        if payload is not None:
            all_headers.setdefault("Content-Type", "application/json")
        outgoing.guard = guard
        try:
            response = self._pool.urlopen(
                method,
                self._url(path, query),
                body=payload,
                headers=all_headers,
                preload_content=False,
                redirect=False,
                retries=False,
                pool_timeout=math.ceil(timeout_s),
                timeout=urllib3.Timeout(connect=min(self.limits.connect_s, timeout_s), read=timeout_s),
            )
        finally:
            outgoing.guard = None
        try:
            data = response.read(self.limits.answer_bytes + 1)
            if len(data) > self.limits.answer_bytes:
                response.close()
                raise AnswerTooLarge(self.limits.answer_bytes)
        finally:
            response.release_conn()
        return response.status, response.headers, data

    def stream(
        self,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        read_timeout_s: float = 330.0,
    ) -> LineStream:
        """A streaming GET (watch, logs): iterate it for lines as bytes without the newline; close it when done.

        Raises at once for an answer that is not 200, and ClusterTimeout when none begins in time. A silence longer
        than `read_timeout_s` raises ClusterTimeout while iterating, a cut ClusterUnavailable; a clean end ends the
        iteration.
        """
        outgoing.silence_s = read_timeout_s
        try:
            response = self._streams.urlopen(
                "GET",
                self._url(path, query),
                headers={**self._headers, **(headers or {})},
                preload_content=False,
                redirect=False,
                retries=False,
                timeout=urllib3.Timeout(connect=self.limits.connect_s, read=self.limits.answer_s),
            )
        except transport.HTTPError as error:
            raise network_error(error) from error
        finally:
            outgoing.silence_s = None
        if response.status != 200:
            try:
                data = response.read(1_000_000)
            except transport.HTTPError:
                data = b""
            response.close()
            raise _refusal(response.status, data, path, "", _retry_after_s(response.headers))
        return LineStream(response)

    def _url(self, path: str, query: Mapping[str, str] | None) -> str:
        return f"{self._base}{path}?{urlencode(query)}" if query else f"{self._base}{path}"


def _parsed(data: bytes) -> Manifest:
    try:
        body = orjson.loads(data) if data else {}
    except orjson.JSONDecodeError:
        raise NotKubernetes from None
    if not isinstance(body, dict):
        raise NotKubernetes
    return body


def _refusal(status: int, data: bytes, path: str, name: str, retry_after_s: float | None) -> Exception:
    try:
        body = orjson.loads(data)
    except orjson.JSONDecodeError:
        body = {"message": data[:300].decode("utf-8", "replace")}
    return error_from_status(
        status,
        body if isinstance(body, dict) else {},
        name=name,
        secret="/secrets" in path,
        retry_after_s=retry_after_s,
    )


def _retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Seconds from Retry-After; the API server sends whole seconds, never a date."""
    value = headers.get("Retry-After")
    try:
        return float(value) if value else None
    except ValueError:
        return None
