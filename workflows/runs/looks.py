"""What a run looks at before its first write: its namespace, and the objects that are there."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable
from concurrent.futures import Future, ThreadPoolExecutor

from clusters.domain.objects import Manifest, Ref
from clusters.kube.client import KubeClient
from clusters.kube.errors import ApiForbidden, ApiNotFound, UnknownKind
from workflows.runs.run import Run

READS_AT_ONCE = 8
"""Lists in flight; writes are counted by themselves (`applying.AT_ONCE`) and begin when these are answered."""
FRESH_S = 1.0
"""How old what was seen may be when a run begins to apply: planning takes some milliseconds, unless something hangs."""

Listed = dict[str, Manifest]
"""Metadata by name."""


def needs_namespace(run: Run, refs: Iterable[Ref]) -> bool:
    """Whether any of the objects is in the run's namespace."""
    return any(ref.namespace == run["namespace"] for ref in refs)


class Looks:
    """What a run looks at before its first write: asked for at once, while it is still being planned.

    Use it as a context manager: what is still on its way at the end is left alone.
    """

    def __init__(self, client: KubeClient, run: Run) -> None:
        self._client, self._run = client, run
        self._pool = ThreadPoolExecutor(READS_AT_ONCE, thread_name_prefix="look")
        self._begun_at = time.monotonic()
        self._lists: dict[tuple[str, str], Future[Listed | None]] = {}
        self._namespace: Future[Manifest | None] | None = None

    def __enter__(self) -> Looks:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def begin(self, refs: Collection[Ref]) -> None:
        """Look at the objects of these kinds, and at the run's namespace where they need it."""
        self._begun_at = time.monotonic()
        if needs_namespace(self._run, refs):
            self._namespace = self._pool.submit(namespace_of, self._client, self._run)
        for kind in kinds_to_list(refs):
            self._lists[kind] = self._pool.submit(list_kind, self._client, self._run, *kind)

    def namespace(self, client: KubeClient) -> Manifest | None:
        """The run's namespace. Raises ApiForbidden; `client` is asked where nothing fresh is known."""
        if self._namespace is None or not self._is_fresh():
            return namespace_of(client, self._run)
        return self._namespace.result()

    def has_namespace(self) -> bool | None:
        """Whether the run's namespace exists; None when the credentials may not say."""
        try:
            return self.namespace(self._client) is not None
        except ApiForbidden:
            return None

    def listed(self, client: KubeClient, api_version: str, kind: str) -> Listed | None:
        """As `list_kind` says."""
        known = self._lists.get((api_version, kind))
        if known is None or not self._is_fresh():
            return list_kind(client, self._run, api_version, kind)
        return known.result()

    def _is_fresh(self) -> bool:
        return time.monotonic() - self._begun_at < FRESH_S


def namespace_of(client: KubeClient, run: Run) -> Manifest | None:
    """The run's namespace; None when it does not exist. Raises ApiForbidden when the credentials may not say."""
    return client.get(Ref("v1", "Namespace", "", run["namespace"]))


def kinds_to_list(refs: Iterable[Ref]) -> list[tuple[str, str]]:
    """(API version, kind) of the objects that are looked at in one list each."""
    return sorted({(ref.api_version, ref.kind) for ref in refs if ref.namespace})


def list_kind(client: KubeClient, run: Run, api_version: str, kind: str) -> Listed | None:
    """The metadata of the kind's objects in the run's namespace; None when the credentials may not list them."""
    try:
        items, _ = client.list(api_version, kind, namespace=run["namespace"], metadata_only=True)
    except ApiForbidden:
        return None
    except (UnknownKind, ApiNotFound):
        return {}
    return {item["metadata"]["name"]: item for item in items}
