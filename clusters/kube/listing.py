"""What a watch follows, what it needs of a client, and a list by pages."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from clusters.domain.reading import mapping
from clusters.kube.client import METADATA_LIST
from clusters.kube.errors import AnswerTooLarge, ClusterTimeout, Expired
from clusters.kube.holding import Held, Pace, TooMuch

PAGE = 500
PAGES_MOST = 1000
PAGE_TIMEOUT_S = 60.0


class Api(Protocol):
    """The part of `KubeClient` that a reflector uses."""

    held: Held
    pace: Pace

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout_s: float = 30.0,
    ) -> tuple[int, dict[str, Any]]: ...

    def stream(
        self,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        read_timeout_s: float = 330.0,
        age_s: float = 3600.0,
    ) -> Any: ...


@dataclass(frozen=True, slots=True)
class Listing:
    """What to follow: the path of a collection, and which of its objects."""

    path: str
    label_selector: str = ""
    field_selector: str = ""
    metadata_only: bool = False
    """Ask for metadata alone: the data of ConfigMaps and Secrets never enters this process."""

    def query(self) -> dict[str, str]:
        found = {"labelSelector": self.label_selector, "fieldSelector": self.field_selector}
        return {key: value for key, value in found.items() if value}

    def watch_query(self, version: str, timeout_s: float) -> dict[str, str]:
        """To watch from that resourceVersion on, until the server ends it after `timeout_s`."""
        found = {"watch": "true", "allowWatchBookmarks": "true", "timeoutSeconds": str(max(1, int(timeout_s)))}
        return {**found, **({"resourceVersion": version} if version else {}), **self.query()}


def pages(
    api: Api, listing: Listing, query: Mapping[str, str], *, within_s: float, wait: Callable[[float], object]
) -> Iterator[dict[str, Any] | None]:
    """The pages of a list, asked for with `query` and a limit; smaller ones where one is too large.

    None: the list begins anew, since the snapshot of its pages has expired; what was read of it counts no more.
    Raises what the API server says, ClusterTimeout after `within_s` in all, and TooMuch.
    """
    size = PAGE
    query = {**listing.query(), **query}
    headers = {"Accept": METADATA_LIST} if listing.metadata_only else None
    until = time.monotonic() + within_s
    for _ in range(PAGES_MOST):
        if delay_s := api.pace.delay_s(0):
            wait(delay_s)
        left_s = until - time.monotonic()
        if left_s <= 0:
            raise ClusterTimeout
        try:
            timeout_s = min(left_s, PAGE_TIMEOUT_S)
            _, page = api.request("GET", listing.path, query=query, headers=headers, timeout_s=timeout_s)
        except Expired:
            if "continue" not in query:
                raise
            query = listing.query()  # once more, without pages
            yield None
            continue
        except AnswerTooLarge:
            if size == 1:
                raise
            size = max(1, size // 8)
            query = {**query, "limit": str(size)}
            continue
        yield page
        token = mapping(page.get("metadata")).get("continue")
        if not token or not isinstance(token, str):
            return
        query = {**listing.query(), "limit": str(size), "continue": token}
    raise TooMuch(f"the cluster answers {listing.path} in more than {PAGES_MOST} pages")
