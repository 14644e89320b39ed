"""An object that people made by hand, or Helm did, becomes ours: which fields change hands.

Applying the same values makes us a second owner. Were the first one left, each later change of such a field would be a
conflict with somebody who is gone, and a field that is no longer drawn would stay. So once we have applied, the entries
of kubectl and Helm are taken out of `managedFields`: fields that we applied are ours alone, and the rest (what kubectl
keeps of its last apply, defaults that were written out) keeps its value and belongs to nobody. Entries of controllers,
autoscalers and of what applies again and again (Argo CD, Flux) stay.

Source: Kubernetes docs, "Server-Side Apply", sections "Field management" and "Transferring ownership".
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from clusters.domain.labels import ENVIRONMENT_LABEL
from clusters.domain.ownership.known import Sort, known
from clusters.domain.ownership.owners import NAME_MOST, Owner, entries_of, owners
from clusters.domain.ownership.paths import path_text
from clusters.domain.reading import mapping, text

Hand = tuple[str, str, str]
"""Manager, operation, and when it wrote last."""
FIELDS_MOST = 300
"""Fields of one manager that are listed; the counts count all."""
_BY_HAND = frozenset({Sort.KUBECTL, Sort.HELM})
NOBODY = frozenset({"before-first-apply"})
"""Stands for whoever wrote before the API server kept managers. Source: k8s.io/apiserver, `fieldmanager`."""


@dataclass(frozen=True, slots=True)
class Moving:
    """What one manager has of an object that is taken over."""

    manager: str
    name: str
    """As people call it."""
    operation: str
    at: str
    """When it wrote last, as the API server says; "" when it does not."""
    leaves: bool
    """Whether its fields change hands; else it stays an owner beside us."""
    repeats: bool
    """Whether it brings its own state back again and again."""
    fields: tuple[str, ...]
    """Those that we apply, as people write paths; FIELDS_MOST at most."""
    count: int
    """Of all these."""
    others: int
    """How many further fields it has, which then belong to nobody, or stay its own."""

    def as_json(self) -> dict[str, Any]:
        names = ("manager", "name", "operation", "at", "leaves", "repeats", "count", "others")
        return {**{name: getattr(self, name) for name in names}, "fields": list(self.fields)}


def is_free(live: Mapping[str, Any], is_another: Callable[[str], bool]) -> bool:
    """Whether no environment has its label on the object, so that one may take it over; `is_another` says whether what
    a label names may be one."""
    owner = text(mapping(mapping(live.get("metadata")).get("labels")).get(ENVIRONMENT_LABEL))
    return not owner or not is_another(owner)


def moving(live: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Moving, ...]:
    """The managers of an object beside us, but those of its status; `after` is the object with our apply."""
    ours = {path for path, several in owners(after).by_path().items() if any(one.is_ours for one in several)}
    by_owner: dict[Owner, list[tuple[str, ...]]] = {}
    for path, several in owners(live).by_path().items():
        for owner in several:
            if not owner.is_ours and owner.subresource != "status":
                by_owner.setdefault(owner, []).append(path)
    found = []
    for owner, paths in by_owner.items():
        who, shared = known(owner), sorted(path_text(path) for path in paths if path in ours)
        repeats = who.sort is Sort.GITOPS
        rest = len(paths) - len(shared)
        shown = tuple(shared[:FIELDS_MOST])
        found.append(
            Moving(
                owner.manager, who.name, owner.operation, owner.at, _leaves(owner), repeats, shown, len(shared), rest
            )
        )
    return tuple(found)


def leaving(moves: Iterable[Mapping[str, Any]]) -> frozenset[Hand]:
    """The managers that give up their fields, of rows of `Moving.as_json`."""
    return frozenset((str(one["manager"]), str(one["operation"]), str(one["at"])) for one in moves if one["leaves"])


def hands_of(live: Mapping[str, Any]) -> frozenset[Hand]:
    """The managers that give up their fields of an object that is taken over."""
    return frozenset(_hand(one) for one in map(_owner, entries_of(live)) if _leaves(one))


def without_hands(live: Mapping[str, Any], hands: Collection[Hand]) -> list[dict[str, Any]] | None:
    """`managedFields` without what these people and Helm had; None where they have nothing.

    Who has written since they were listed stays: nobody has seen what that was.
    """
    entries = entries_of(live)
    kept = [dict(entry) for entry in entries if not (_leaves(one := _owner(entry)) and _hand(one) in hands)]
    return kept if len(kept) < len(entries) else None


def _leaves(owner: Owner) -> bool:
    """Whether nobody is behind a manager who would miss its fields."""
    if owner.is_ours or owner.subresource == "status":
        return False
    return owner.manager in NOBODY or known(owner).sort in _BY_HAND


def _hand(owner: Owner) -> Hand:
    return owner.manager, owner.operation, owner.at


def _owner(entry: Mapping[str, Any]) -> Owner:
    manager, *rest = (text(entry.get(name))[:NAME_MOST] for name in ("manager", "operation", "time", "subresource"))
    return Owner(manager or "unknown", *rest)
