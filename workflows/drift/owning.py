"""Who owns which field of what an environment applied, asked of its cluster now, with the run for fields of ours."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bson import ObjectId

from clusters.connections import asking, client_for_team
from clusters.domain.objects import Manifest, Ref, ref_from_json
from clusters.domain.ownership.known import Known, known
from clusters.domain.ownership.owners import Owner, owners
from clusters.domain.ownership.paths import Path, path_text, read_path
from clusters.kube.apply import is_secret
from clusters.kube.client import KubeClient
from clusters.kube.errors import ApiForbidden, ApiNotFound, UnknownKind
from workflows.domain.images import BuiltImage, images_from
from workflows.domain.planning.effects import Yielded
from workflows.domain.planning.paths import value_at
from workflows.domain.planning.yielded import yielded_fields
from workflows.drift.applied import Applied, AppliedObjects, is_ours, without_values
from workflows.drift.looking import OBJECTS_MOST, TOTAL_S
from workflows.environments import yield_store
from workflows.environments.inventory_store import InventoryRow, owned_objects
from workflows.environments.store import Environment
from workflows.environments.yield_store import Yield
from workflows.runs import store as run_store
from workflows.runs.permission import require_cluster
from workflows.runs.run import Run

FIELDS_MOST = 1000
"""Fields of one object that are listed."""


@dataclass(frozen=True, slots=True)
class Owned:
    """One field with one of its owners."""

    ref: Ref
    node_id: str
    path: str
    owner: Owner
    known: Known
    run: Run | None
    """That applied the object last, of a field of ours; None where that is no longer known."""
    built: BuiltImage | None = None
    """What the field has, where it is an image that this run took of a source."""


class Left(NamedTuple):
    """A field that is left to others, as it is now."""

    row: Yield
    field: Yielded


@dataclass(frozen=True, slots=True)
class Answer:
    fields: tuple[Owned, ...]
    yielded: tuple[Left, ...]
    left_out: int
    """Objects that were not looked at, or could not be."""
    complete: bool
    """False when an object has more fields, or more that cannot be read, than is listed."""


def owners_in(environment: Environment, node_id: str | None = None) -> Answer:
    """The owners of a node's objects, or of the first that the environment applied.

    Raises ClusterWithdrawn, ClusterBusy, and Unavailable when the cluster does not answer.
    """
    rows = [row for row in owned_objects([environment["_id"]]) if row["state"] == "applied"]
    rows = [row for row in rows if node_id is None or row["node_id"] == node_id]
    if not rows:
        return Answer((), (), 0, True)
    require_cluster(environment["team_id"], environment["cluster_id"])
    client = client_for_team(environment["cluster_id"], environment["team_id"])
    runs = run_store.by_ids({row["run_id"] for row in rows if row["run_id"] is not None})
    found: list[Owned] = []
    left: list[Left] = []
    yields, applied = yield_store.rows_of(environment["_id"]), AppliedObjects()
    complete, left_out, until = True, max(0, len(rows) - OBJECTS_MOST), time.monotonic() + TOTAL_S
    with asking(environment["cluster_id"], environment["team_id"]):
        for row in rows[:OBJECTS_MOST]:
            live = _live(client, environment, row, until - time.monotonic())
            if live is None:
                left_out += 1
                continue
            fields, is_all = _owners_of(live, row, runs)
            found += fields[:FIELDS_MOST]
            complete = complete and is_all and len(fields) <= FIELDS_MOST
            ref = ref_from_json(row["ref"])
            of_object = [one for one in yields if ref_from_json(one["ref"]) == ref]
            if of_object:
                left += _left(environment, row, live, of_object, applied.manifest_of(environment, row, ref, client))
    return Answer(tuple(found), tuple(left), left_out, complete)


def _left(
    environment: Environment, row: InventoryRow, live: Manifest, yields: Sequence[Yield], applied: Applied | None
) -> list[Left]:
    """The fields of the object that are left to others, in the order in which that was decided."""
    if applied is None:
        return []
    ref, paths = ref_from_json(row["ref"]), {one["path"]: one for one in yields}
    seen = without_values(environment["_id"], row["node_id"], ref, live)
    wanted = [read_path(path) for path in paths]
    shown = yielded_fields(wanted, applied.whole, seen, ends=False, secret=is_secret(ref))
    return [Left(paths[one.path], one) for one in shown]


def _live(client: KubeClient, environment: Environment, row: InventoryRow, left_s: float) -> Manifest | None:
    """The object; None where it is not there, is not ours, or may not be read in time."""
    ref = ref_from_json(row["ref"])
    if left_s <= 0:
        return None
    try:
        live = client.request("GET", client.path_of(ref), timeout_s=left_s, name=f"{ref.kind} {ref.name}")[1]
    except (ApiNotFound, UnknownKind, ApiForbidden):
        return None
    return live if is_ours(live, row) else None


def _owners_of(live: Manifest, row: InventoryRow, runs: Mapping[ObjectId, Run]) -> tuple[list[Owned], bool]:
    """(its fields, whether these are all)."""
    ref, owned = ref_from_json(row["ref"]), owners(live)
    run = runs.get(row["run_id"]) if row["run_id"] is not None else None
    taken = images_from(run.get("images") if run else None).values()
    images = {one.image: one for one in taken if isinstance(one, BuiltImage)}

    def of_field(path: Path, owner: Owner) -> Owned:
        value = value_at(live, path) if images and owner.is_ours else None
        built = images.get(value) if isinstance(value, str) else None
        by = run if owner.is_ours else None
        return Owned(ref, row["node_id"], path_text(path), owner, known(owner), by, built)

    found = [of_field(path, owner) for path, several in owned.by_path().items() for owner in several]
    return sorted(found, key=lambda one: (one.path, one.owner.manager)), owned.complete
