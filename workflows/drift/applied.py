"""What was applied of an object last: as the run stored it, else rendered again from its version."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, NamedTuple

import orjson
from bson import ObjectId

from clusters.domain.labels import ENVIRONMENT_LABEL
from clusters.domain.objects import Identity, Manifest, Ref
from clusters.domain.ownership.drift import Drifted, drift
from clusters.domain.reading import mapping, text
from clusters.kube.apply import is_secret
from clusters.kube.client import KubeClient
from kubeorch.base.digests import content_digest
from kubeorch.base.seal import fingerprint
from workflows.drift.values import digest_of
from workflows.environments.inventory_store import InventoryRow
from workflows.environments.questions import is_there
from workflows.environments.store import Environment
from workflows.environments.yield_store import paths_of
from workflows.runs import store as run_store
from workflows.runs.drawn import drawn_of
from workflows.runs.permission import cluster_scope
from workflows.runs.run import Run, RunNotFound

HIDDEN = "(hidden)"
"""Stands for a value of a Secret."""
KEPT = 16
"""Rendered graphs that are kept: objects of one environment are looked at one after another."""


class Applied(NamedTuple):
    """The object as it was sent; digests stand in the place of a Secret's values."""

    left_out: Manifest
    """Without the fields that the environment leaves to others."""
    whole: Manifest
    """With them."""


class AppliedObjects:
    """Of one cluster. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[Any, ...], Mapping[Identity, Applied]] = OrderedDict()

    def manifest_of(self, environment: Environment, row: InventoryRow, ref: Ref, client: KubeClient) -> Applied | None:
        """The manifest; None where the version has no such object.

        Raises ReleaseGone, and InvalidInput when the version cannot be rendered any more.
        """
        run = _run_of(environment, row)
        if run is None:
            return None
        found = self._rendered(environment, run, client).get(ref.identity)
        if found is None or not is_secret(ref):
            return found
        data = dict(row.get("secret_digests") or {})
        return Applied({**found.left_out, "data": data}, {**found.whole, "data": data})

    def _rendered(self, environment: Environment, run: Run, client: KubeClient) -> Mapping[Identity, Applied]:
        left_out = sorted((str(one), paths) for one, paths in paths_of(environment["_id"]).items())
        place = orjson.dumps([environment["variables"], environment["namespace"], left_out])
        key = (environment["_id"], run["version"], run.get("release_of", run["_id"]), content_digest(place))
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
                return found
        drawn = drawn_of(run, environment, cluster_scope(client))
        whole = {one.ref.identity: one.manifest for one in drawn.whole}
        found = {
            one.ref.identity: Applied(one.manifest, whole.get(one.ref.identity, one.manifest)) for one in drawn.items
        }
        with self._lock:
            self._kept[key] = found
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return found


def _run_of(environment: Environment, row: InventoryRow) -> Run | None:
    """The run that applied the object; the one that is deployed where that run is forgotten by now."""
    deployed = environment["deployed"]
    for run_id in (row["run_id"], deployed["run_id"] if deployed else None):
        if run_id is not None:
            with suppress(RunNotFound):
                return run_store.find(run_id, {})
    return None


def without_values(environment_id: ObjectId, node_id: str, ref: Ref, live: Manifest) -> Manifest:
    """The object as it is, with digests in the place of a Secret's values, as the inventory keeps them."""
    if not is_secret(ref):
        return live
    place = f"{environment_id}/{node_id}"
    data = live.get("data") or {}
    digests = {key: fingerprint(str(value).encode(), aad=f"{place}/{key}") for key, value in data.items()}
    return {**{name: one for name, one in live.items() if name != "stringData"}, "data": digests}


def differences(
    environment_id: ObjectId, node_id: str, ref: Ref, applied: Manifest, live: Manifest
) -> tuple[Drifted, ...]:
    """The fields in which the object differs from what was applied; of a Secret's values only that they do."""
    found = drift(applied, without_values(environment_id, node_id, ref, live))
    if not is_secret(ref):
        return tuple(found)
    return tuple(
        replace(one, ours=HIDDEN, live=None if one.live is None else HIDDEN) if one.path.startswith("data") else one
        for one in found
    )


def without_adopted(row: InventoryRow, fields: Iterable[Drifted]) -> tuple[Drifted, ...]:
    """The fields without those whose value a person took into the graph, which no run has applied yet."""
    adopted = {one["path"]: one["digest"] for one in row.get("adopted") or () if one["hash"] == row["hash"]}
    return tuple(field for field in fields if adopted.get(field.path) != digest_of(field.live))


def is_ours(live: Manifest, row: InventoryRow) -> bool:
    """Whether the object carries the label of the row's environment, or no other one's and is the very one that it
    made."""
    metadata = mapping(live.get("metadata"))
    label = text(mapping(metadata.get("labels")).get(ENVIRONMENT_LABEL))
    if label == str(row["environment_id"]):
        return True
    return text(metadata.get("uid")) == row["uid"] and not (label and is_there(label))
