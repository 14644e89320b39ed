"""A Kubernetes API client on urllib3 and orjson: JSON in, dicts out, nothing modelled.

The `kubernetes` package costs 43 MB and a quarter of a second to import; here it serves as the oracle in
tests only. Credentials stay in memory: client certificates pass through an anonymous file.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

import orjson
import urllib3
from urllib3 import exceptions as transport

from clusters.domain.managers import FIELD_MANAGER
from clusters.kube.discovery import Discovery, Resource
from clusters.kube.errors import (
    ApiNotFound,
    ClusterUnavailable,
    Expired,
    error_from_status,
)
from clusters.kube.wire import HTTPPool, HTTPSPool, LineStream, network_error, outgoing, tls_context
from kubeorch.base.backoff import Backoff
from kubeorch.base.errors import InvalidInput

if TYPE_CHECKING:
    from clusters.domain.kubeconfig import Credentials
    from clusters.domain.objects import Ref

Manifest = dict[str, Any]
Manifests = list[Manifest]

CONNECTIONS = 8
"""Requests in flight at once; the API server shares 200 mutating ones among all its clients."""
CONNECT_TIMEOUT_S = 5.0
READ_TIMEOUT_S = 30.0
RESPONSE_LIMIT_BYTES = 64 * 1024 * 1024
PAGE = 500
RETRIES = 4
RECONNECT = Backoff(first_s=0.2, most_s=1.6)
RETRY_AFTER_LIMIT_S = 10.0
IDEMPOTENT = frozenset({"GET", "HEAD", "PUT", "PATCH", "DELETE"})
"""PATCH here is always server-side apply or a merge of absolute values."""
METADATA_LIST = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json"
METADATA_ONE = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json"


@dataclass(frozen=True, slots=True)
class Applied:
    """What server-side apply answered."""

    object: Manifest
    created: bool


class KubeClient:
    """One cluster. Share one among threads; `close()` it when its credentials change."""

    def __init__(
        self, credentials: Credentials, *, connections: int = CONNECTIONS, user_agent: str = "kubeorch"
    ) -> None:
        address = urlsplit(credentials.server)
        if address.scheme not in ("https", "http") or not address.hostname:
            raise InvalidInput("the cluster's server must be an https:// address", code="cluster.bad_server")
        self.server = credentials.server
        self._base = address.path.rstrip("/")
        self._headers = {"User-Agent": user_agent, "Accept": "application/json"}
        if credentials.token:
            self._headers["Authorization"] = f"Bearer {credentials.token}"
        port = address.port or (443 if address.scheme == "https" else 80)
        options: dict[str, Any] = {
            "timeout": urllib3.Timeout(connect=CONNECT_TIMEOUT_S, read=READ_TIMEOUT_S),
            "retries": False,
        }
        pool_class: type[urllib3.HTTPConnectionPool] = HTTPPool
        if address.scheme == "https":
            pool_class = HTTPSPool
            options["ssl_context"] = tls_context(credentials)
            if credentials.tls_server_name:
                options["server_hostname"] = credentials.tls_server_name
        self._pool = pool_class(address.hostname, port, maxsize=connections, block=True, **options)
        # Streams live for minutes; in the pool above they would starve everything else.
        self._streams = pool_class(address.hostname, port, maxsize=1, block=False, **options)
        self.discovery = Discovery(self.get_path)

    def close(self) -> None:
        self._pool.close()
        self._streams.close()

    # Requests

    def request(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout_s: float = READ_TIMEOUT_S,
        guard: Callable[[], None] | None = None,
        name: str = "",
    ) -> tuple[int, Manifest]:
        """One call; (status, parsed body) of a 2xx answer.

        `guard` is called once, at the last moment before an attempt's bytes go out, and may raise to forbid it. Tried
        again: refused connections and broken keep-alive ones when the call is idempotent, 429, and 503 with
        Retry-After.
        Raises the errors of `clusters.kube.errors`; `name` names the object in them.
        """
        url = self._url(path, query)
        payload = None if body is None else body if isinstance(body, bytes) else orjson.dumps(body)
        all_headers = {**self._headers, **(headers or {})}
        if payload is not None:
            all_headers.setdefault("Content-Type", "application/json")
        give_up_at = time.monotonic() + timeout_s
        attempt = 0
        while True:
            attempt += 1
            may_repeat = attempt <= RETRIES and time.monotonic() < give_up_at
            try:
                outgoing.guard = guard
                status, answer_headers, data = self._send(method, url, payload, all_headers, timeout_s)
            except (transport.NewConnectionError, transport.ConnectTimeoutError, transport.ProtocolError) as error:
                if not (may_repeat and method in IDEMPOTENT):
                    raise network_error(error) from error
                # A keep-alive connection the server has closed fails at once; a server that is down needs a moment.
                at_once = isinstance(error, transport.ProtocolError) and attempt == 1
                delay_s = 0.0 if at_once else RECONNECT.delay_s(attempt)
                if time.monotonic() + delay_s > give_up_at:
                    raise network_error(error) from error
                time.sleep(delay_s)
                continue
            except transport.HTTPError as error:
                raise network_error(error) from error
            finally:
                outgoing.guard = None
            if status < 300:
                return status, orjson.loads(data) if data else {}
            retry_after_s = _retry_after_s(answer_headers)
            repeatable = status == 429 or (status == 503 and method in IDEMPOTENT)
            if repeatable and retry_after_s is not None and may_repeat:
                wait_s = min(max(retry_after_s, 0.05), RETRY_AFTER_LIMIT_S)
                if time.monotonic() + wait_s < give_up_at:
                    time.sleep(wait_s)
                    continue
            raise error_from_status(
                status,
                _status_body(data),
                name=name,
                secret=_is_about_secrets(path),
                retry_after_s=retry_after_s,
            )

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
                timeout=urllib3.Timeout(connect=CONNECT_TIMEOUT_S, read=READ_TIMEOUT_S),
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
            raise error_from_status(
                response.status,
                _status_body(data),
                secret=_is_about_secrets(path),
                retry_after_s=_retry_after_s(response.headers),
            )
        return LineStream(response)

    def get_path(
        self, path: str, *, query: Mapping[str, str] | None = None, timeout_s: float = READ_TIMEOUT_S
    ) -> Manifest:
        return self.request("GET", path, query=query, timeout_s=timeout_s)[1]

    # Objects

    def resource(self, api_version: str, kind: str) -> Resource:
        return self.discovery.resource(api_version, kind)

    def path_of(self, ref: Ref) -> str:
        return self.resource(ref.api_version, ref.kind).path(ref.namespace, ref.name)

    def apply(
        self,
        manifest: Manifest,
        *,
        field_manager: str = FIELD_MANAGER,
        force: bool = False,
        resource_version: str | None = None,
        uid: str | None = None,
        dry_run: bool = False,
        guard: Callable[[], None] | None = None,
    ) -> Applied:
        """Server-side apply. With `uid` only that very object is changed, never a namesake.

        Raises FieldConflict when others manage fields with other values, ApiConflict for another uid or a
        stale `resource_version`, ApiInvalid with the API server's causes.
        """
        metadata = manifest["metadata"]
        resource = self.resource(manifest["apiVersion"], manifest["kind"])
        if uid or resource_version:
            fence = {key: value for key, value in (("uid", uid), ("resourceVersion", resource_version)) if value}
            manifest = {**manifest, "metadata": {**metadata, **fence}}
        query = {"fieldManager": field_manager, "fieldValidation": "Strict", "force": "true" if force else "false"}
        if dry_run:
            query["dryRun"] = "All"
        status, answer = self.request(
            "PATCH",
            resource.path(metadata.get("namespace"), metadata["name"]),
            body=_json_as_yaml(manifest),
            query=query,
            headers={"Content-Type": "application/apply-patch+yaml"},
            guard=guard,
            name=f"{manifest['kind']} {metadata['name']}",
        )
        return Applied(answer, created=status == 201)

    def get(self, ref: Ref, *, metadata_only: bool = False) -> Manifest | None:
        """The object, or None when there is none."""
        headers = {"Accept": METADATA_ONE} if metadata_only else None
        try:
            return self.request("GET", self.path_of(ref), headers=headers, name=f"{ref.kind} {ref.name}")[1]
        except ApiNotFound:
            return None

    def delete(
        self,
        ref: Ref,
        *,
        uid: str | None = None,
        propagation: str = "Background",
        guard: Callable[[], None] | None = None,
    ) -> bool:
        """Ask for deletion of the very object `uid`; True when it is gone at once or was gone already.

        False: it waits for finalizers. Raises ApiConflict when a namesake with another uid stands there.
        """
        body: Manifest = {"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": propagation}
        if uid:
            body["preconditions"] = {"uid": uid}
        try:
            _, answer = self.request("DELETE", self.path_of(ref), body=body, guard=guard, name=f"{ref.kind} {ref.name}")
        except ApiNotFound:
            return True
        if answer.get("kind") == "Status":
            return True
        return not (answer.get("metadata") or {}).get("finalizers") and not _is_graceful(answer)

    def list(
        self,
        api_version: str,
        kind: str,
        *,
        namespace: str | None = None,
        label_selector: str | None = None,
        metadata_only: bool = False,
    ) -> tuple[Manifests, str]:
        """All objects, page by page, and the list's resourceVersion. Items carry no apiVersion and kind."""
        path = self.resource(api_version, kind).path(namespace)
        headers = {"Accept": METADATA_LIST} if metadata_only else None
        query = {"limit": str(PAGE)}
        if label_selector:
            query["labelSelector"] = label_selector
        items: Manifests = []
        while True:
            try:
                _, page = self.request("GET", path, query=query, headers=headers, name=f"{kind} objects")
            except Expired:
                if "continue" not in query:
                    raise
                # The snapshot behind the pages is compacted away: once more, whole.
                query = {key: value for key, value in query.items() if key not in ("continue", "limit")}
                items = []
                continue
            items.extend(page.get("items") or ())
            metadata = page.get("metadata") or {}
            if not metadata.get("continue"):
                return items, str(metadata.get("resourceVersion") or "")
            query["continue"] = metadata["continue"]

    def watch(
        self,
        api_version: str,
        kind: str,
        *,
        namespace: str | None = None,
        resource_version: str,
        timeout_s: int = 300,
        query: Mapping[str, str] | None = None,
    ) -> LineStream:
        """A watch from `resource_version` with bookmarks; each line is one event as JSON."""
        return self.stream(
            self.resource(api_version, kind).path(namespace),
            query={
                "watch": "true",
                "allowWatchBookmarks": "true",
                "resourceVersion": resource_version,
                "timeoutSeconds": str(timeout_s),
                **(query or {}),
            },
            read_timeout_s=timeout_s + 30,
        )

    # Below: the wire

    def _url(self, path: str, query: Mapping[str, str] | None) -> str:
        return f"{self._base}{path}?{urlencode(query)}" if query else f"{self._base}{path}"

    def _send(
        self, method: str, url: str, payload: bytes | None, headers: Mapping[str, str], timeout_s: float
    ) -> tuple[int, Mapping[str, str], bytes]:
        response = self._pool.urlopen(
            method,
            url,
            body=payload,
            headers=headers,
            preload_content=False,
            redirect=False,
            retries=False,
            pool_timeout=int(timeout_s) + 1,
            timeout=urllib3.Timeout(connect=min(CONNECT_TIMEOUT_S, timeout_s), read=timeout_s),
        )
        data = response.read(RESPONSE_LIMIT_BYTES + 1)
        if len(data) > RESPONSE_LIMIT_BYTES:
            response.close()
            raise ClusterUnavailable("the API server's answer is larger than 64 MB", code="cluster.answer_too_large")
        response.release_conn()
        return response.status, response.headers, data


_READ_OTHERWISE = re.compile(rb"\x7f|\xc2[\x80-\x9f]|\xe2\x80[\xa8\xa9]|\xef\xbb\xbf|\xef\xbf[\xbe\xbf]")
"""In UTF-8: characters that JSON takes as they are and YAML folds as line ends, drops or refuses."""


def _json_as_yaml(manifest: Manifest) -> bytes:
    """JSON that a YAML parser reads as the same texts; the API server reads applied objects as YAML."""
    return _READ_OTHERWISE.sub(lambda found: b"\\u%04x" % ord(found[0].decode()), orjson.dumps(manifest))


def _is_graceful(answer: Manifest) -> bool:
    """Whether a deleted object still stands until its grace period ends (pods)."""
    metadata = answer.get("metadata") or {}
    return bool(metadata.get("deletionTimestamp")) and bool(metadata.get("deletionGracePeriodSeconds"))


def _is_about_secrets(path: str) -> bool:
    return "/secrets" in path


def _status_body(data: bytes) -> Manifest:
    try:
        body = orjson.loads(data)
    except orjson.JSONDecodeError:
        return {"message": data[:300].decode("utf-8", "replace")}
    return body if isinstance(body, dict) else {}


def _retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Seconds from Retry-After; the API server sends whole seconds, never a date."""
    value = headers.get("Retry-After")
    try:
        return float(value) if value else None
    except ValueError:
        return None
