"""Observed objects in groups by uid or name: about 40 bytes for each in one, since its keys are the objects' own."""

from __future__ import annotations

from typing import NamedTuple, TypeVar

from clusters.domain.objects import group_of
from clusters.domain.observed import ObservedObject
from clusters.watching.contract import NodeKey

ByUid = dict[str, ObservedObject]
K = TypeVar("K")


class Place(NamedTuple):
    """What objects have in common that differ by name."""

    group: str
    kind: str
    namespace: str


class Maker(NamedTuple):
    """An environment, in one of its namespaces."""

    environment_id: str
    namespace: str


def node_of(seen: ObservedObject) -> NodeKey:
    return NodeKey(seen.environment_id, seen.node_id)


def place_of(seen: ObservedObject) -> Place:
    return Place(group_of(seen.api_version), seen.kind, seen.namespace)


def take_out(groups: dict[K, dict[str, ObservedObject]], key: K, name: str) -> bool:
    """Whether it was there."""
    members = groups.get(key)
    if members is None or members.pop(name, None) is None:
        return False
    if not members:
        del groups[key]
    return True
