"""Everything in one namespace, by its metadata, for whoever would delete the namespace: all kinds that go with it.

Source: Kubernetes, pkg/controller/namespace/deletion/namespaced_resources_deleter.go: what is served with the verb
`delete` goes. What has no such verb is a view of other objects.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Lock

import orjson

from clusters.domain.labels import ENVIRONMENT_LABEL
from clusters.domain.reading import mapping, mappings, text
from clusters.kube.client import KubeClient
from clusters.kube.errors import ApiAnswer, ApiForbidden, ApiNotFound, Unauthorized
from clusters.kube.kinds import KINDS_MOST as SERVED_MOST
from clusters.kube.kinds import ServedKind, served_kinds
from clusters.kube.listing import PAGE, Listing, pages

AT_ONCE = 8
KINDS_MOST = 1_000
OBJECTS_MOST = 5_000
BYTES_MOST = 24 * 1024 * 1024
"""Of all that is read, as JSON."""
WITHIN_S = 20.0
RECORDS = frozenset({("", "Event"), ("events.k8s.io", "Event")})
"""What is written down of other objects, and forgotten after a while by itself."""

MEASURED = frozenset({"metrics.k8s.io", "custom.metrics.k8s.io", "external.metrics.k8s.io"})
"""Groups that hold no objects: they say what was measured of others. Source: Kubernetes docs, "Resource metrics
pipeline"."""


@dataclass(frozen=True, slots=True)
class Item:
    """An object in a namespace."""

    group: str
    kind: str
    name: str
    uid: str
    owners: frozenset[str]
    """The uids of its ownerReferences."""
    labels: Mapping[str, str]
    is_going: bool
    """It is being deleted."""

    @property
    def environment_id(self) -> str:
        return text(self.labels.get(ENVIRONMENT_LABEL))


@dataclass(slots=True)
class Inside:
    items: dict[str, Item] = field(default_factory=dict)
    """By uid: an object that several groups serve is there once."""
    unseen: list[str] = field(default_factory=list)
    """What could not be looked at, as `Secret objects may not be listed`."""


def read_inside(client: KubeClient, namespace: str, *, within_s: float = WITHIN_S) -> Inside:
    """Two requests for the kinds, and one for every 500 objects of each kind, AT_ONCE at a time.

    Whatever could not be read, or not wholly, is among the unseen. Raises Unauthorized, and what ends the work of the
    client (`while_alive`).
    """
    return _Reader(client, namespace, time.monotonic() + within_s).read()


class _Reader:
    def __init__(self, client: KubeClient, namespace: str, until: float) -> None:
        self._client, self._namespace, self._until = client, namespace, until
        self._found, self._lock, self._bytes = Inside(), Lock(), 0

    def read(self) -> Inside:
        silent: list[str] = []
        try:
            served = served_kinds(self._client, self._client.allowance(self._until - time.monotonic()), silent)
        except Unauthorized:
            raise
        except ApiAnswer as error:
            self._unseen(f"its kinds are not known: {error.detail}")
            return self._found
        for group in silent:
            if group.split("/")[0] not in MEASURED:
                self._unseen(f"{group} does not answer")
        kinds = [one for one in served if one.namespaced and "delete" in one.verbs]
        kinds = [one for one in kinds if (one.group, one.kind) not in RECORDS]
        if len(kinds) > KINDS_MOST or len(served) >= SERVED_MOST:
            self._unseen(f"there are more than {KINDS_MOST:,} kinds")
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="inside") as pool:
            for _ in pool.map(self._read_kind, kinds[:KINDS_MOST]):
                pass
        self._found.unseen.sort()
        return self._found

    def _read_kind(self, kind: ServedKind) -> None:
        if self._is_full():
            self._unseen(f"{kind.kind} objects were not looked at, as there is so much else")
            return
        found: dict[str, Item] = {}
        listing = Listing(kind.resource.path(self._namespace), metadata_only=True)
        try:
            for page in pages(
                self._client,
                listing,
                {"limit": str(PAGE)},
                within_s=self._until - time.monotonic(),
                wait=lambda seconds: self._client.allowance().sleep(seconds),
            ):
                if page is None:
                    found = {}
                    continue
                rows = mappings(page.get("items"))
                found |= {one.uid: one for one in (_item(kind, mapping(row.get("metadata"))) for row in rows)}
                with self._lock:
                    self._bytes += len(orjson.dumps(rows))
                if len(found) > OBJECTS_MOST or self._is_full():
                    self._unseen(f"there are more {kind.kind} objects than can be looked at")
                    break
        except Unauthorized:
            raise
        except ApiForbidden:
            self._unseen(f"{kind.kind} objects may not be listed")
        except ApiNotFound:
            return  # the cluster has stopped serving the kind
        except ApiAnswer as error:
            self._unseen(f"{kind.kind} objects could not be listed: {error.detail}")
        with self._lock:
            self._found.items |= found

    def _is_full(self) -> bool:
        return len(self._found.items) > OBJECTS_MOST or self._bytes > BYTES_MOST

    def _unseen(self, what: str) -> None:
        with self._lock:
            self._found.unseen.append(what)


def _item(kind: ServedKind, metadata: Mapping[str, object]) -> Item:
    owners = frozenset(text(one.get("uid")) for one in mappings(metadata.get("ownerReferences")))
    labels = {key: text(value) for key, value in mapping(metadata.get("labels")).items()}
    name = text(metadata.get("name"))
    uid = text(metadata.get("uid")) or f"{kind.group}/{kind.kind}/{name}"
    return Item(kind.group, kind.kind, name, uid, owners, labels, bool(metadata.get("deletionTimestamp")))
