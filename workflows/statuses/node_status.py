"""The status of a node: what its card shows, and by what a run is judged. Pure: composed here, stored elsewhere."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypedDict

import orjson

from clusters.domain.diagnosis import ObservedNode
from clusters.domain.health import Health, worst
from clusters.domain.objects import Ref, Refs
from kubeorch.base import clock

OBJECTS_SHOWN = 20


class ObjectStatus(TypedDict):
    """One object of a node: one that is there, or one that should be."""

    ref: dict[str, str]
    """As `Ref.as_json`."""
    health: str
    reason: str
    """One sentence."""
    uid: str | None
    """None when the object is not there."""
    resource_version: str | None
    """At least the one of our last apply once that was observed; not always the newest one."""


class NodeStatus(TypedDict):
    """A node as the API and the live topic show it. Times are RFC 3339."""

    node_id: str
    health: str
    """The most severe of all its objects."""
    reason: str
    facts: dict[str, Any]
    """Figures for the card, by kind of object (`clusters.domain.facts`)."""
    objects: list[ObjectStatus]
    """OBJECTS_SHOWN at most: what the environment owns comes first."""
    evidence: list[dict[str, Any]]
    resource_version: str | None
    """Of the first object that is there."""
    observed_at: str | None
    """When this was written."""
    stale_since: str | None
    """Since when it may be out of date; None while it is current."""
    stale_reason: str | None
    """Why it may be out of date, in one sentence."""
    drifted: bool
    """Somebody else changed an object after our last apply."""
    rev: int
    """Of two statuses of a node, the one with the higher rev is newer."""


class Staleness(NamedTuple):
    """Since when, and why, a status may be out of date."""

    since: datetime
    reason: str


class AbsentObject(NamedTuple):
    """An object that was applied and is not observed, with what that means."""

    ref: Ref
    health: Health


class Composed(NamedTuple):
    """A status, and the objects beyond those it shows, by which a run is judged too."""

    status: NodeStatus
    not_shown: list[ObjectStatus]

    @property
    def objects(self) -> list[ObjectStatus]:
        return [*self.status["objects"], *self.not_shown]


def compose(
    node_id: str,
    observed: ObservedNode,
    absent: Sequence[AbsentObject],
    owned: Refs,
    *,
    at: datetime,
    stale: Staleness | None,
    rev: int,
) -> Composed | None:
    """The status of a node; None when nothing is there and nothing should be.

    An owned object is named as its environment names it, whatever version of its kind is watched.
    Objects that carry the node's labels without being `owned` by the environment are only shown, up to
    OBJECTS_SHOWN, since labels are anybody's to write. Owned ones are never left out.
    """
    present = []
    for seen, health in observed.objects:
        ref = owned.find(seen.ref)
        present.append((ref is not None, _object(ref or seen.ref, health, seen.uid, seen.resource_version)))
    rows = [row for is_owned, row in present if is_owned]
    rows += [_object(one.ref, one.health, None, None) for one in absent]
    rows += [row for is_owned, row in present if not is_owned][: max(0, OBJECTS_SHOWN - len(rows))]
    if not rows:
        return None
    health = worst([health for _, health in observed.objects] + [one.health for one in absent])
    status: NodeStatus = {
        "node_id": node_id,
        "health": str(health.state),
        "reason": health.reason,
        "facts": dict(observed.facts),
        "objects": rows[:OBJECTS_SHOWN],
        "evidence": [*(row.as_json() for row in observed.evidence), *_outside_edit(observed)],
        "resource_version": next((row["resource_version"] for row in rows if row["resource_version"]), None),
        "observed_at": clock.iso(at),
        "stale_since": clock.iso(stale.since) if stale is not None else None,
        "stale_reason": stale.reason if stale is not None else None,
        "drifted": observed.outside_edit is not None,
        "rev": rev,
    }
    return Composed(status, rows[OBJECTS_SHOWN:])


def digest_of(status: Mapping[str, Any]) -> bytes:
    """Of what a person can see: versions and the time of writing change without anything to see."""
    shown = {key: value for key, value in status.items() if key not in ("rev", "observed_at", "resource_version")}
    return _digest({**shown, "objects": _without_versions(status["objects"])})


def digest_of_objects(objects: Sequence[Mapping[str, Any]]) -> bytes:
    """Of objects that are not shown, without their versions; empty for none."""
    return _digest(_without_versions(objects)) if objects else b""


def versions_of(status: Mapping[str, Any], not_shown: Sequence[Mapping[str, Any]]) -> tuple[int, ...]:
    return tuple(version_number(row["resource_version"]) for row in (*status["objects"], *not_shown))


def version_number(resource_version: object) -> int:
    """0 for what is not a number. Source: KEP-5504: the versions of one resource are integers that grow."""
    text = str(resource_version or "")
    return int(text) if text.isascii() and text.isdigit() else 0


def shows_apply(seen_uid: object, seen_version: int, applied_uid: object, applied_version: int) -> bool:
    """Whether an observed object is the one that was applied, as it was applied or as it became later."""
    return seen_uid is not None and seen_uid == applied_uid and seen_version >= applied_version


def _object(ref: Ref, health: Health, uid: str | None, resource_version: str | None) -> ObjectStatus:
    return {
        "ref": ref.as_json(),
        "health": str(health.state),
        "reason": health.reason,
        "uid": uid,
        "resource_version": resource_version,
    }


def _outside_edit(observed: ObservedNode) -> list[dict[str, Any]]:
    edit = observed.outside_edit
    return [
        {
            "ref": seen.ref.as_json(),
            "reason": "ChangedOutside",
            "message": f"changed by {edit.manager} after our last apply",
            "count": 1,
            "at": edit.at,
        }
        for seen, _ in observed.objects
        if edit is not None and seen.outside_edit == edit
    ][:1]


def _without_versions(objects: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{key: value for key, value in row.items() if key != "resource_version"} for row in objects]


def _digest(value: object) -> bytes:
    return hashlib.blake2b(orjson.dumps(value, option=orjson.OPT_SORT_KEYS), digest_size=12).digest()
