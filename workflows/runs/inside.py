"""Whose the things are that would go with a Namespace: the environment's own, or those of others.

Ours is what carries the environment's label, or nobody's and is known by its uid; and what was made of these: an object
all of whose ownerReferences lead to something of ours. Everything else is somebody's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from clusters.domain.objects import GroupKind, Ref, ref_from_json
from clusters.kube.inside import Item
from workflows.domain.rendering.claims import CLAIM, SET, ClaimsMade
from workflows.domain.rendering.data import Hold
from workflows.domain.rendering.plan import Action, Plan
from workflows.environments.inventory_store import InventoryRow
from workflows.environments.owned import was_taken_over

OWNERS_DEEP = 5
"""Custom object → set → claim are two; more than so many steps are not followed."""
KINDS_NAMED = 5
NAMESPACE = GroupKind("", "Namespace")
_IN_EVERY_ONE = frozenset({("", "ServiceAccount", "default"), ("", "ConfigMap", "kube-root-ca.crt")})
"""Source: Kubernetes, pkg/controller/serviceaccount and pkg/controller/certificates/rootcacertpublisher."""


@dataclass(slots=True)
class Theirs:
    """What is in a namespace and not the environment's."""

    items: list[Item] = field(default_factory=list)
    left_behind: int = 0
    """So many of them name owners alone that are not in the namespace; the garbage collector may be about to take
    them."""


def of_others(items: Collection[Item], rows: Iterable[InventoryRow], environment_id: str, namespace: str) -> Theirs:
    """What is not ours of what a namespace holds. What is being deleted already is nobody's loss."""
    rows = list(rows)
    taken = {row["uid"] for row in rows if was_taken_over(row)}
    ours = {row["uid"] for row in rows if row["uid"] is not None} - taken
    ours -= {one.uid for one in items if one.environment_id not in ("", environment_id)}
    ours |= {one.uid for one in items if one.environment_id == environment_id and one.uid not in taken}
    ours |= {one.uid for one in items if (one.group, one.kind, one.name) in _IN_EVERY_ONE}
    inside = [(ref_from_json(row["ref"]), row) for row in rows if row["ref"]["namespace"] == namespace]
    ours |= {one.uid for one in items if one.uid not in taken and _is_made_by_name(one, inside)}
    services = {one.name: one.uid for one in items if (one.group, one.kind) == ("", "Service")}
    owners = {one.uid: _owners(one, services) for one in items}
    for _ in range(OWNERS_DEEP):
        ours |= {uid for uid, above in owners.items() if above and above <= ours and uid not in taken}
    theirs = [one for one in items if one.uid not in ours and not one.is_going]
    return Theirs(theirs, sum(bool(above := owners[one.uid]) and not above & owners.keys() for one in theirs))


def _owners(item: Item, services: Mapping[str, str]) -> frozenset[str]:
    """The Endpoints of a Service name no owner, and go with it."""
    if (item.group, item.kind) == ("", "Endpoints") and not item.owners and item.name in services:
        return frozenset({services[item.name]})
    return item.owners


def _is_made_by_name(item: Item, inside: Iterable[tuple[Ref, InventoryRow]]) -> bool:
    """Whether it is what Kubernetes makes of an object of ours without naming that as its owner."""
    if item.owners or item.environment_id:
        return False
    if (item.group, item.kind) == ("", "Endpoints"):
        return any((ref.group, ref.kind, ref.name) == ("", "Service", item.name) for ref, _ in inside)
    if (item.group, item.kind) == CLAIM:
        claim = {"metadata": {"name": item.name, "labels": item.labels}}
        return any(
            (ref.group, ref.kind) == SET
            and "claims_made" in row
            and ClaimsMade.of_document(row["claims_made"]).has_made(ref.name, claim)
            for ref, row in inside
        )
    return False


def counted(items: Collection[Item]) -> str:
    """`3 objects in it (Ingress, Secret)`."""
    kinds = sorted({one.kind for one in items})
    more = [f"{len(kinds) - KINDS_NAMED} more kinds"] if len(kinds) > KINDS_NAMED else []
    objects = "1 object" if len(items) == 1 else f"{len(items)} objects"
    return f"{objects} in it ({', '.join([*kinds[:KINDS_NAMED], *more])})"


def in_use(plan: Plan) -> dict[Ref, Hold]:
    """The Namespaces that a plan deletes although an object stays in them, or comes into them."""
    stays = {step.ref.namespace: step for step in reversed(plan.steps) if step.action is not Action.DELETE}
    found = {}
    for step in plan.deletions:
        if (step.ref.group, step.ref.kind) == NAMESPACE and (inside := stays.get(step.ref.name)) is not None:
            does = "goes into it" if inside.action is Action.APPLY else "stays in it"
            found[step.ref] = Hold(f"{inside.ref.kind} {inside.ref.name} {does}", loses_data=True)
    return found
