"""How many objects a run may delete before a person says their number, and which deletions are renames."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from clusters.domain.objects import Ref
from workflows.domain.rendering.identity import finder

OBJECTS_MOST = 100_000


class Named(Protocol):
    """An object of a node: as it is rendered, or a row of the inventory."""

    @property
    def ref(self) -> Ref: ...
    @property
    def node_id(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Budget:
    """So many objects, or so many percent of what the environment owns, whichever is more."""

    objects: int = 10
    percent: int = 20

    def of(self, owned: int) -> int:
        """How many deletions of `owned` objects are within it; what is left of one object does not count."""
        return max(self.objects, owned * self.percent // 100)

    def as_json(self) -> dict[str, int]:
        return {"objects": self.objects, "percent": self.percent}


DEFAULT = Budget()


def budget_of(environment: Mapping[str, Any]) -> Budget:
    """The budget that was set for an environment, or the usual one."""
    stored = environment.get("deletion_budget")
    return Budget(stored["objects"], stored["percent"]) if stored else DEFAULT


@dataclass(frozen=True, slots=True)
class Deletions:
    """How many objects go, and how many may without a person who types their number."""

    count: int
    budget: int

    @property
    def above(self) -> bool:
        return self.count > self.budget

    def as_json(self) -> dict[str, Any]:
        return {"count": self.count, "budget": self.budget, "above": self.above}


class Placed(NamedTuple):
    """An object and the node that draws it."""

    ref: Ref
    node_id: str


@dataclass(frozen=True, slots=True)
class Rename:
    """A node that makes an object of the same kind under another name: two objects, of which one is new."""

    node_id: str
    before: Ref
    after: Ref
    stays: bool
    """The one with the old name stays in the cluster."""

    @property
    def meaning(self) -> str:
        old = "stays" if self.stays else "is deleted"
        return (
            f"{self.before.name} was renamed to {self.after.name}: a new {self.after.kind} is made, the old one {old}"
        )

    def as_json(self) -> dict[str, Any]:
        return {
            "node_id": self.node_id,
            "before": self.before.as_json(),
            "after": self.after.as_json(),
            "meaning": self.meaning,
        }


def renames(rendered: Iterable[Named], owned: Iterable[Named], kept: Collection[Ref] = ()) -> list[Rename]:
    """The nodes that were renamed, by their old names; `kept` stay in the cluster.

    A node with several new or several old objects of a kind was not renamed: which became which is not known.
    """
    rendered, owned = list(rendered), list(owned)
    is_owned, is_drawn = finder(one.ref for one in owned), finder(one.ref for one in rendered)
    made = _by_node_and_kind(one for one in rendered if is_owned(one.ref) is None)
    left = _by_node_and_kind(one for one in owned if is_drawn(one.ref) is None)
    found = [
        Rename(place[0], refs[0], made[place][0], refs[0] in kept)
        for place, refs in left.items()
        if len(refs) == 1 and len(made.get(place, ())) == 1
    ]
    return sorted(found, key=lambda rename: rename.before)


def _by_node_and_kind(objects: Iterable[Named]) -> dict[tuple[str, str, str, str], list[Ref]]:
    """Refs by node, group, kind and namespace; objects that no node draws are left out."""
    found: dict[tuple[str, str, str, str], list[Ref]] = {}
    for one in objects:
        if one.node_id:
            found.setdefault((one.node_id, one.ref.group, one.ref.kind, one.ref.namespace), []).append(one.ref)
    return found
