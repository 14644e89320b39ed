"""Before a changed manifest is applied: adopt what was filled in for the former one, release what others are to set.

It changes who manages which field and no value, in one request that is refused if the object has changed since. The
apply that follows takes the adopted fields away (clusters.domain.handover says why). A worker killed in between leaves
nothing behind that the next apply does not put right.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from clusters.domain.handover import (
    Path,
    adopted,
    has,
    has_applied,
    joined,
    outdated,
    unmanaged,
    value_at,
    without,
)
from clusters.domain.managers import FIELD_MANAGER, SECRETS_MANAGER
from clusters.domain.objects import Manifest, Ref
from clusters.domain.ownership.elements import value_of
from clusters.domain.ownership.items import MISSING, Items, Values
from clusters.domain.ownership.touches import fingerprint_of
from clusters.kube.client import KubeClient
from clusters.kube.errors import ApiConflict, ApiNotFound
from clusters.kube.trials import Trials
from kubeorch.base.errors import KubeOrchError, Unavailable

REPLICAS: Path = ("f:spec", "f:replicas")
"""Where every built-in kind that can be scaled has its number, and custom ones by convention."""


@dataclass(frozen=True, slots=True)
class Handed:
    """Which fields change hands before an apply, with what they then are."""

    adopted: tuple[Path, ...] = ()
    """Filled in for the former manifest: the apply takes them away, and the API server fills in anew."""
    filled: Mapping[Path, Any] = field(default_factory=dict)
    """What the API server fills in for these anew; MISSING where nothing."""
    released: Mapping[Path, Any] = field(default_factory=dict)
    """Left to others; the value is what stays."""

    @property
    def can_be_tried(self) -> bool:
        """Whether an apply that sets the adopted fields gives what the hand-over and the apply give: it cannot take a
        field away, and API servers refuse or fail on some lists and maps that they fill in themselves.
        """
        return all(isinstance(value, str | int) for value in self.filled.values())

    def written_into(self, manifest: Manifest) -> Manifest:
        """The manifest with these fields in it, as a dry run foresees a hand-over: it cannot build on another one."""
        values = {**(self.filled if self.can_be_tried else {}), **self.released}
        if not values:
            return manifest
        tree: dict[str, Any] = {}
        for path, value in values.items():
            node = tree
            for element in path[:-1]:
                node = node.setdefault(element, {})
            node[path[-1]] = _Value(value)
        written = copy.deepcopy(manifest)
        _put(written, tree)
        return written


NOTHING_HANDED = Handed()
WRITES_MOST = 20
"""Of one hand-over: the status of an object whose pods are starting changes many times a second."""


def hand_over(
    client: KubeClient,
    ref: Ref,
    manifest: Manifest,
    seen: Manifest,
    *,
    guard: Callable[[], None] | None,
    trials: Trials,
) -> Handed:
    """Adopt and release fields of the very object `seen`, so that applying the manifest leaves it as if made anew.

    Without a `guard` nothing is written, and `seen` is the whole object; the answer is what would be.
    Raises ApiConflict when the object changes meanwhile, and API errors. An API server that makes no trial objects of
    the kind (a webhook without dry runs, a quota that is used up) leaves the fields as they are.
    """
    live = client.get(ref) if guard is not None else seen
    if live is None or live["metadata"]["uid"] != seen["metadata"]["uid"] or not has_applied(live, FIELD_MANAGER):
        return NOTHING_HANDED
    managed_fields = live["metadata"].get("managedFields")
    filled = _outdated(client, trials, ref, manifest, live)
    adopt = tuple(filled)
    released = _is_left_to_others(client, ref, manifest, live)
    release = {REPLICAS: value_at(live, REPLICAS)} if released else {}
    if not adopt and not release:
        return NOTHING_HANDED
    entries = adopted(managed_fields, FIELD_MANAGER, ref.api_version, adopt, release)
    if entries is None:
        return NOTHING_HANDED
    for left in reversed(range(WRITES_MOST if guard is not None else 0)):
        try:
            write_managers(client, ref, live, entries, guard)
            break
        except ApiConflict:
            again = client.get(ref)
            if not left or again is None or not _is_other_status_alone(live, again):
                raise
            live = again
            entries = adopted(live["metadata"].get("managedFields"), FIELD_MANAGER, ref.api_version, adopt, release)
            if entries is None:
                return NOTHING_HANDED
    return Handed(adopt, filled, release)


def join_managers(client: KubeClient, ref: Ref, live: Manifest, *, guard: Callable[[], None]) -> None:
    """Give our manager the values of a Secret that an earlier release applied under a manager of their own."""
    entries = joined(live["metadata"].get("managedFields"), FIELD_MANAGER, SECRETS_MANAGER)
    if entries is not None:
        write_managers(client, ref, live, entries, guard)


def _outdated(client: KubeClient, trials: Trials, ref: Ref, manifest: Manifest, live: Manifest) -> dict[Path, Any]:
    """What was filled in otherwise for the former manifest, with what is filled in now."""
    filled_in = unmanaged(live)
    said, given = Values(manifest), Values(live)
    open_fields = [path for path in filled_in if said.at(path) is MISSING]
    if not open_fields:
        return {}
    after = _made_anew(client, trials, ref, manifest)
    is_now = Values(after)
    differing = [path for path in open_fields if is_now.at(path) != given.at(path)] if after else []
    if after is None or not differing:
        return {}  # which saves the second trial for most changes
    metadata = {name: live["metadata"][name] for name in ("labels", "annotations") if name in live["metadata"]}
    before = _made_anew(client, trials, ref, {**without(live, filled_in), "metadata": metadata})
    if before is None:
        return {}
    return {path: is_now.at(path) for path in outdated(live, differing, manifest, before, after)}


def _made_anew(client: KubeClient, trials: Trials, ref: Ref, manifest: Manifest) -> Manifest | None:
    """As `Trials.made_anew`; None when the API server refuses."""
    try:
        return trials.made_anew(client, ref, manifest)
    except Unavailable:
        raise
    except KubeOrchError:
        return None


@dataclass(frozen=True, slots=True)
class _Value:
    """A leaf of a tree of fields."""

    value: Any


def _put(content: Any, tree: Mapping[str, Any]) -> None:
    """Set fields; what is above them is made where it is not there."""
    items = Items(list(content)) if isinstance(content, list) else None
    for element, below in tree.items():
        if items is not None:
            item = items.find(element)
            if item is MISSING:
                item = dict(value_of(element))
                content.append(item)
            if not isinstance(below, _Value):
                _put(item, below)
        elif isinstance(below, _Value):
            content[element[2:]] = below.value
        else:
            is_list = next(iter(below)).startswith("k:")
            _put(content.setdefault(element[2:], [] if is_list else {}), below)


def _is_left_to_others(client: KubeClient, ref: Ref, manifest: Manifest, live: Manifest) -> bool:
    """Whether we have set the number of pods and leave it out now: it stays until an autoscaler or a person scales."""
    count = value_at(live, REPLICAS)
    if value_at(manifest, REPLICAS) is not MISSING or not isinstance(count, int):
        return False
    if not has(live["metadata"].get("managedFields"), FIELD_MANAGER, REPLICAS):
        return False
    try:
        _, scale = client.request("GET", f"{client.path_of(ref)}/scale", name=f"{ref.kind} {ref.name}")
    except ApiNotFound:
        return False  # a kind that cannot be scaled
    return (scale.get("spec") or {}).get("replicas", 0) == count


def _is_other_status_alone(before: Manifest, after: Manifest) -> bool:
    """Whether nothing of an object changed that a hand-over rests on: `generation` counts changes of all but the status
    and the metadata, for kinds that have one."""
    old, new = before["metadata"], after["metadata"]
    same = ("uid", "generation", "labels", "annotations", "deletionTimestamp")
    return (
        bool(old.get("generation"))
        and all(old.get(name) == new.get(name) for name in same)
        and fingerprint_of(before) == fingerprint_of(after)
    )


def write_managers(
    client: KubeClient, ref: Ref, live: Manifest, entries: list[dict[str, Any]], guard: Callable[[], None] | None
) -> Manifest:
    """Give the very object `live`, unless it has changed since, these `managedFields`; the object then.

    Raises ApiConflict and API errors.
    """
    metadata: Mapping[str, Any] = live["metadata"]
    same = {name: metadata[name] for name in ("uid", "resourceVersion")}
    return client.request(
        "PATCH",
        client.path_of(ref),
        body={"metadata": {**same, "managedFields": entries}},
        query={"fieldManager": FIELD_MANAGER},
        headers={"Content-Type": "application/merge-patch+json"},
        guard=guard,
        name=f"{ref.kind} {ref.name}",
    )[1]
