"""Several lists of objects at once, for one look at a cluster: bounded in number, bytes and time, and told in parts.

What may not be read, or not wholly, is named, so that nobody takes what was not seen for what is not there.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Lock
from typing import NamedTuple

from clusters.domain.objects import Manifest, Ref
from clusters.domain.reading import mapping, mappings, text
from clusters.kube.client import METADATA_LIST, KubeClient
from clusters.kube.errors import (
    AnswerTooLarge,
    ApiAnswer,
    ApiForbidden,
    ApiNotFound,
    ClusterTimeout,
    ClusterUnavailable,
    Unauthorized,
    UnknownKind,
)

AT_ONCE = 4
PAGE = 250
OBJECTS_MOST = 5_000
"""Of one list."""
BYTES_MOST = 24 * 1024 * 1024
"""Of all lists, as JSON; in memory it is about eight times as much."""


LINES_BYTES = 256 * 1024
"""Of the last lines of a log."""


class Want(NamedTuple):
    """One list: a kind, in one namespace or (None) in all, or of a kind that has none."""

    api_version: str
    kind: str
    namespace: str | None = None
    labels: str = ""
    fields: str = ""
    metadata_only: bool = False
    most: int = OBJECTS_MOST


@dataclass(slots=True)
class Gathered:
    objects: dict[str, list[Manifest]] = field(default_factory=dict)
    """By kind; one that could not be read in any of its lists is absent."""
    unread: dict[str, str] = field(default_factory=dict)
    """Why, by kind."""
    partial: set[str] = field(default_factory=set)
    """Kinds of which there are more, or of which one list of several could not be read."""
    read_bytes: int = 0


def gather(client_in: Callable[[str], KubeClient], wants: Sequence[Want], *, within_s: float) -> Gathered:
    """Read the lists, AT_ONCE at a time. `client_in` gives the client for a namespace, and for "" the one for the rest.

    Raises Unauthorized, and ClusterUnavailable where nothing at all could be read.
    """
    until = time.monotonic() + within_s
    found, lock = Gathered(), Lock()

    def read(want: Want) -> ClusterUnavailable | None:
        rows: list[Manifest] = []
        try:
            complete = _read(client_in(want.namespace or ""), want, rows, until, found, lock)
        except (ApiNotFound, UnknownKind):
            complete = True  # not served here, so there are none
        except Unauthorized:
            raise
        except ApiForbidden:
            with lock:
                found.unread[want.kind] = "these credentials may not list them"
            return None
        except ApiAnswer as error:  # it does not answer in time, or the snapshot of its pages has expired
            with lock:
                found.unread[want.kind] = str(error)
            return error if isinstance(error, ClusterUnavailable) else None
        with lock:
            found.objects.setdefault(want.kind, []).extend(rows)
            if not complete:
                found.partial.add(want.kind)
        return None

    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="gather") as pool:
        failures = [error for error in pool.map(read, wants) if error is not None]
    if failures and not found.objects:
        raise failures[0]
    found.partial |= set(found.objects) & set(found.unread)
    return found


def _read(client: KubeClient, want: Want, rows: list[Manifest], until: float, found: Gathered, lock: Lock) -> bool:
    """Add the objects of a list to `rows`; False when there are more of them than may be read."""
    path = client.resource(want.api_version, want.kind).path(want.namespace)
    query = {"limit": str(min(PAGE, want.most))}
    query |= {"labelSelector": want.labels} if want.labels else {}
    query |= {"fieldSelector": want.fields} if want.fields else {}
    headers = {"Accept": METADATA_LIST} if want.metadata_only else None
    while True:
        left_s = until - time.monotonic()
        if left_s <= 0:
            raise ClusterTimeout
        with lock:
            if found.read_bytes > BYTES_MOST:
                return False
        allowance = client.allowance(left_s)
        try:
            _, page = client.request("GET", path, query=query, headers=headers, allowance=allowance)
        except AnswerTooLarge:
            if query["limit"] == "1":
                return False
            query["limit"] = str(max(1, int(query["limit"]) // 8))
            continue
        rows.extend(_lean(mappings(page.get("items"))))
        with lock:
            found.read_bytes += allowance.received
        token = text(mapping(page.get("metadata")).get("continue"))
        if not token:
            return True
        if len(rows) >= want.most:
            return False
        query["continue"] = token


def _lean(items: Iterable[object]) -> list[Manifest]:
    """Without who manages which field, which is half of most objects."""
    found = []
    for item in items:
        if isinstance(item, dict) and isinstance(item.get("metadata"), dict):
            item["metadata"].pop("managedFields", None)
            found.append(item)
    return found


def last_words(
    client: KubeClient,
    namespace: str,
    pod: str,
    container: str,
    *,
    previous: bool,
    lines: int,
    most_bytes: int,
    timeout_s: float,
) -> list[str]:
    """The last lines of a container's log, [] where there is none; bytes that are no UTF-8 are replaced.

    Source: Kubernetes API reference, "read log of the specified Pod".
    """
    path = f"{client.path_of(Ref('v1', 'Pod', namespace, pod))}/log"
    query = {"container": container, "tailLines": str(lines), "previous": "true" if previous else "false"}
    query["limitBytes"] = str(LINES_BYTES)  # from where those lines begin
    status, _, body = client.exchange("GET", path, query=query, timeout_s=timeout_s)
    if status != 200:
        return []
    shown = body[-most_bytes:].decode(errors="replace").splitlines()
    return ["".join(one if one.isprintable() or one == "\t" else "�" for one in line) for line in shown[-lines:]]
