"""Everything in one namespace that a cluster's credentials may list, read once and within bounds.

What controllers make by the thousand is asked for as metadata first, and only what has no controller is read whole.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from typing import Any, NamedTuple

import orjson

from clusters.domain.objects import GroupKind, Manifest, Ref, group_of
from clusters.domain.reading import mapping, mappings, text
from clusters.kube.client import KubeClient
from clusters.kube.discovery import Resource
from clusters.kube.errors import ApiForbidden, ApiNotFound, ClusterUnavailable
from clusters.kube.listing import PAGE, Listing, pages
from kubeorch.base.errors import InvalidInput

AT_ONCE = 6
OBJECTS_MOST = 6_000
"""That are read whole, those among them that the cluster has made beside others."""
CHILDREN_MOST = 1_000
"""Of one kind that are named; the counts count all."""
BYTES_MOST = 32 * 1024 * 1024
"""Of all that is read, as JSON."""
WITHIN_S = 120.0
_WRITTEN_BY_SERVER = ("managedFields",)


class TooMuchInNamespace(InvalidInput):
    """The namespace has more than is read at once."""

    code = "cluster.namespace_too_large"

    def __init__(self, what: str) -> None:
        super().__init__(f"the namespace has more than {what}; give a label selector, and bring it in parts")


class Kind(NamedTuple):
    """A kind as the cluster serves it."""

    resource: Resource
    group_kind: GroupKind


@dataclass(frozen=True, slots=True)
class Unread:
    """A kind, or a whole group of them, of which nothing was read."""

    kind: str
    why: str


@dataclass(slots=True)
class Contents:
    """What a namespace holds."""

    objects: list[Manifest] = field(default_factory=list, repr=False)
    """Whole, without status and managers, by kind and name; each says its apiVersion and kind."""
    children: list[Manifest] = field(default_factory=list, repr=False)
    """Objects that a controller has made: their metadata, and of Secrets the type."""
    counts: dict[str, int] = field(default_factory=dict)
    """Of children by kind, those that are not named among them."""
    unread: list[Unread] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which kinds of a namespace matter."""

    skipped: Mapping[GroupKind, str]
    """Kinds of which nothing is read, with the reason."""
    groups_skipped: Mapping[str, str]
    children_first: Collection[GroupKind]
    """Kinds whose objects mostly have a controller."""
    types_by_name: Collection[str]
    """Types of Secrets of which only the names are read: others made them, and they may be large."""


def read_namespace(
    client: KubeClient, namespace: str, wanted: Wanted, *, selector: str, check: Callable[[], None], said: Said
) -> Contents:
    """Read it. `check` is called often and may raise; `said` gets (kinds read, all kinds).

    Kinds that may not be listed, and groups that do not answer, are named. Raises TooMuchInNamespace, InvalidInput for
    a selector that the API server refuses, and other API errors.
    """
    until = time.monotonic() + WITHIN_S
    alive = _Alive(check, until)
    reader = _Reader(client.while_alive(alive), namespace, wanted, selector, alive, until)
    return reader.read(said)


Said = Callable[[int, int], None]


class _Alive:
    """Asks at most once a second whether to go on, from whatever thread."""

    def __init__(self, check: Callable[[], None], until: float) -> None:
        self._check, self._until = check, until
        self._next, self._lock = 0.0, Lock()

    def __call__(self) -> None:
        moment = time.monotonic()
        if moment > self._until:
            raise TooMuchInNamespace(f"can be read in {WITHIN_S:.0f} s")
        with self._lock:
            if moment < self._next:
                return
            self._next = moment + 1.0
        self._check()


class _Reader:
    def __init__(
        self, client: KubeClient, namespace: str, wanted: Wanted, selector: str, alive: _Alive, until: float
    ) -> None:
        self._client, self._namespace, self._wanted, self._selector = client, namespace, wanted, selector
        self._alive, self._until = alive, until
        self._lock = Lock()
        self._bytes = self._whole = 0
        self._found = Contents()

    def read(self, said: Said) -> Contents:
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="namespace") as pool:
            kinds = self._kinds(pool)
            for done, _ in enumerate(pool.map(self._read_kind, kinds), start=1):
                said(done, len(kinds))
        found = self._found
        found.objects = list({_uid(one): one for one in sorted(found.objects, key=_order)}.values())
        found.children.sort(key=_order)
        found.unread.sort(key=lambda one: one.kind)
        return found

    def _kinds(self, pool: ThreadPoolExecutor) -> list[Kind]:
        """The kinds of namespaced objects that can be listed, each in the version that its group prefers."""
        groups = mappings(self._client.request("GET", "/apis")[1].get("groups"))
        versions = [text(mapping(group.get("preferredVersion")).get("groupVersion")) for group in groups]
        wanted = ["v1", *(one for one in versions if one and group_of(one) not in self._wanted.groups_skipped)]
        self._found.unread += [
            Unread(group, why)
            for group, why in self._wanted.groups_skipped.items()
            if any(group_of(one) == group for one in versions)
        ]
        return [kind for found in pool.map(self._kinds_of, wanted) for kind in found]

    def _kinds_of(self, api_version: str) -> list[Kind]:
        path = f"/api/{api_version}" if "/" not in api_version else f"/apis/{api_version}"
        try:
            rows = mappings(self._client.request("GET", path)[1].get("resources"))
        except (ApiForbidden, ApiNotFound, ClusterUnavailable) as error:
            self._unread(group_of(api_version), f"its kinds are not known: {error.detail}")
            return []
        found: list[Kind] = []
        for row in rows:
            name, kind = text(row.get("name")), text(row.get("kind"))
            verbs = row.get("verbs")
            if "/" in name or not kind or not row.get("namespaced") or "list" not in (verbs or ()):
                continue
            one = Kind(Resource(api_version, kind, name, True), GroupKind(group_of(api_version), kind))
            if why := self._wanted.skipped.get(one.group_kind):
                self._unread(kind, why)
            else:
                found.append(one)
        return found

    def _read_kind(self, kind: Kind) -> None:
        is_secret = kind.group_kind == ("", "Secret")
        try:
            if kind.group_kind in self._wanted.children_first:
                self._read_children_first(kind)
            elif is_secret:
                self._read_secrets(kind)
            else:
                self._keep(kind, self._listed(kind))
        except ApiForbidden as error:
            self._unread(kind.resource.kind, f"it may not be listed: {error.detail}")
        except ApiNotFound:
            self._unread(kind.resource.kind, "the cluster has stopped serving it")

    def _read_children_first(self, kind: Kind) -> None:
        left: list[str] = []
        for item in self._listed(kind, metadata_only=True):
            if _is_child(item):
                self._note_child(kind, item)
            else:
                left.append(text(mapping(item.get("metadata")).get("name")))
        for name in left:
            whole = self._client.get(Ref(kind.resource.api_version, kind.resource.kind, self._namespace, name))
            self._keep(kind, iter([whole] if whole is not None else []))

    def _read_secrets(self, kind: Kind) -> None:
        types = sorted(self._wanted.types_by_name)
        self._keep(kind, self._listed(kind, fields=",".join(f"type!={one}" for one in types)))
        for type_ in types:
            for item in self._listed(kind, fields=f"type={type_}", metadata_only=True):
                self._note_child(kind, {**item, "type": type_})

    def _listed(self, kind: Kind, *, fields: str = "", metadata_only: bool = False) -> Iterator[Manifest]:
        listing = Listing(kind.resource.path(self._namespace), self._selector, fields, metadata_only)
        items: list[Manifest] = []
        wait = partial(_wait, self._client)
        for page in pages(
            self._client, listing, {"limit": str(PAGE)}, within_s=self._until - time.monotonic(), wait=wait
        ):
            self._alive()
            if page is None:
                items = []
                continue
            rows = page.get("items")
            self._count(len(orjson.dumps(rows)))
            items += [dict(one) for one in mappings(rows) if isinstance(one.get("metadata"), dict)]
        return iter(items)

    def _keep(self, kind: Kind, items: Iterator[Manifest]) -> None:
        resource = kind.resource
        found = []
        for item in items:
            whole = {key: value for key, value in item.items() if key not in ("status", "apiVersion", "kind")}
            metadata = {key: value for key, value in item["metadata"].items() if key not in _WRITTEN_BY_SERVER}
            found.append({"apiVersion": resource.api_version, "kind": resource.kind, **whole, "metadata": metadata})
        with self._lock:
            self._whole += len(found)
            if self._whole > OBJECTS_MOST:
                raise TooMuchInNamespace(f"{OBJECTS_MOST:,} objects without a controller")
            self._found.objects += found

    def _note_child(self, kind: Kind, item: Manifest) -> None:
        metadata = item["metadata"]
        kept = {name: metadata[name] for name in ("name", "namespace", "uid", "ownerReferences") if name in metadata}
        child = {"apiVersion": kind.resource.api_version, "kind": kind.resource.kind, "metadata": kept}
        with self._lock:
            count = self._found.counts[kind.resource.kind] = self._found.counts.get(kind.resource.kind, 0) + 1
            if count <= CHILDREN_MOST:
                self._found.children.append({**child, **({"type": item["type"]} if "type" in item else {})})

    def _unread(self, kind: str, why: str) -> None:
        with self._lock:
            self._found.unread.append(Unread(kind, why))

    def _count(self, size: int) -> None:
        with self._lock:
            self._bytes += size
            if self._bytes > BYTES_MOST:
                raise TooMuchInNamespace(f"{BYTES_MOST // 1_048_576} MB of objects")


def _wait(client: KubeClient, seconds: float) -> None:
    client.allowance().sleep(seconds)


def _is_child(item: Mapping[str, Any]) -> bool:
    return any(owner.get("controller") for owner in mappings(mapping(item.get("metadata")).get("ownerReferences")))


def _uid(manifest: Manifest) -> str:
    """One object that several groups serve has one uid."""
    return text(manifest["metadata"].get("uid")) or str(_order(manifest))


def _order(manifest: Manifest) -> tuple[str, str, str]:
    return manifest["kind"], text(manifest["metadata"].get("name")), manifest["apiVersion"]
