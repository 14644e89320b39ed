"""The local copy of one collection: takes lists and events, and reports what changed between the two."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, Generic, Protocol, TypeVar, cast

from clusters.kube.holding import Copy, Held, Key, Objects, checked_name, weight

log = logging.getLogger(__name__)

UNREADABLE_REMEMBERED = 100
VERSION_MOST = 64
"""Characters of a resourceVersion; Kubernetes' are decimal numbers of 64 bits."""


class Versioned(Protocol):
    @property
    def resource_version(self) -> str: ...
    @property
    def uid(self) -> str: ...


T = TypeVar("T", bound=Versioned)


class ListTooOld(Exception):
    """A list from before what was already observed."""


class Mirror(Generic[T]):
    """Used by one thread. A reflector (`watch`) says when which list is complete, and when history is lost."""

    def __init__(
        self,
        held: Held,
        path: str,
        decode: Callable[[dict[str, Any]], T | None],
        changed: Callable[[T | None, T | None], None],
        *,
        stores: bool,
    ) -> None:
        self._path = path
        self._decode = decode
        self._changed = changed
        self.stores = stores
        self._copy: Copy[T] = Copy(held, path)
        self._met_unknown_type = False
        self.version = ""
        """The resourceVersion up to which it is current."""
        self.lists = 0
        self.sees_bookmarks = False
        self.unreadable: dict[str, str] = {}
        """Objects left out, by name, with the reason; bounded."""

    @property
    def store(self) -> Objects[T]:
        return self._copy.objects

    def successor(self) -> AbstractContextManager[Copy[T]]:
        """For a list that is being read."""
        return self._copy.successor()

    def give_back(self) -> None:
        self._copy.give_back()

    def take(self, kind: str, body: dict[str, Any]) -> None:
        """Take one event of a watch."""
        version = version_of(body)
        if (kind != "BOOKMARK" and version == self.version) or is_older(version, self.version):
            return  # repeated or out of order: a watch only moves forward
        if kind == "BOOKMARK":
            self.sees_bookmarks = True
        elif kind == "DELETED":
            self._remove(body)
        elif kind in ("ADDED", "MODIFIED"):
            self._put(body)
        elif not self._met_unknown_type:
            self._met_unknown_type = True
            log.warning("%s: events of unknown type are skipped, as %.40r", self._path, kind)
        self.version = version or self.version

    def _put(self, body: dict[str, Any]) -> None:
        new = self._decoded(body)
        if new is None:
            self._remove(body)  # or what it was before would be taken for what it is
            return
        key = key_of(body)
        old = self.store.get(key)
        if self.stores:
            self._copy.put(key, new)
        self._notify(old, new)

    def _remove(self, body: dict[str, Any]) -> None:
        old = self._copy.pop(key_of(body))
        if old is not None:
            self._notify(old, None)

    def replace(self, fresh: Copy[T], version: str, *, from_quorum: bool) -> None:
        """Take a complete list; what it lacks was deleted while nobody watched.

        Raises ListTooOld for one from before what was observed, unless it comes from the quorum: then the cluster
        itself went back.
        """
        if not from_quorum and self.version and is_older(version, self.version):
            raise ListTooOld
        old_store = self.store
        self.lists += 1
        self.version = version
        found = fresh.objects
        if self.stores:
            fresh.take_over()
            self._copy = fresh
            for key, old in old_store.items():
                if key not in found:
                    self._notify(old, None)
        for key, new in found.items():
            known = old_store.get(key)
            if known is None or known.resource_version != new.resource_version or known.uid != new.uid:
                self._notify(known, new)

    def add(self, copy: Copy[T], body: Mapping[str, Any]) -> None:
        new = self._decoded(body)
        if new is not None:
            copy.put(key_of(body), new)

    def _decoded(self, body: Mapping[str, Any]) -> T | None:
        key = key_of(body)
        try:
            for part in key:
                checked_name(part)
            value = self._decode(cast("dict[str, Any]", body))
            if value is None:
                return None
            weight(value)
            if self.unreadable:
                self.unreadable.pop("/".join(key), None)
            return value
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            name = ascii("/".join(key))[1:-1][:300]
            if name not in self.unreadable and len(self.unreadable) < UNREADABLE_REMEMBERED:
                self.unreadable[name] = str(error)[:200]
                log.warning("%s: %s cannot be read and is left out: %.200s", self._path, name, error)
            return None

    def _notify(self, old: T | None, new: T | None) -> None:
        try:
            self._changed(old, new)
        except Exception:
            log.exception("%s: a change could not be handled", self._path)


def key_of(body: Mapping[str, Any]) -> Key:
    metadata = body.get("metadata")
    if not isinstance(metadata, dict):
        return "", ""
    return sys.intern(str(metadata.get("namespace") or "")), str(metadata.get("name") or "")


def version_of(body: Mapping[str, Any]) -> str:
    metadata = body.get("metadata")
    found = metadata.get("resourceVersion") if isinstance(metadata, dict) else None
    return found if isinstance(found, str) and len(found) <= VERSION_MOST else ""


def is_older(version: str, known: str) -> bool:
    """Whether `version` is before `known`: both are integers. Source: Kubernetes 1.35, "API concepts"."""
    if version.isdigit() and known.isdigit():
        return (len(version.lstrip("0")), version.lstrip("0")) < (len(known.lstrip("0")), known.lstrip("0"))
    return False
