"""Who owns which field of what an environment applied, asked of its cluster now, with the run for fields of ours."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from bson import ObjectId

from clusters.connections import asking, client_for
from clusters.domain.objects import Ref, ref_from_json
from clusters.domain.ownership.known import Known, known
from clusters.domain.ownership.owners import Owner, owners
from clusters.domain.ownership.paths import path_text
from clusters.kube.client import KubeClient
from clusters.kube.errors import ApiForbidden, ApiNotFound, UnknownKind
from workflows.drift.applied import is_ours
from workflows.drift.looking import OBJECTS_MOST, TOTAL_S
from workflows.environments.inventory_store import InventoryRow, owned_objects
from workflows.environments.store import Environment
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


@dataclass(frozen=True, slots=True)
class Answer:
    fields: tuple[Owned, ...]
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
        return Answer((), 0, True)
    require_cluster(environment["team_id"], environment["cluster_id"])
    client = client_for(environment["cluster_id"])
    runs = run_store.by_ids({row["run_id"] for row in rows if row["run_id"] is not None})
    found: list[Owned] = []
    complete, left_out, until = True, max(0, len(rows) - OBJECTS_MOST), time.monotonic() + TOTAL_S
    with asking(environment["cluster_id"], environment["team_id"]):
        for row in rows[:OBJECTS_MOST]:
            of_object = _owners_of(client, environment, row, runs, until - time.monotonic())
            if of_object is None:
                left_out += 1
                continue
            found += of_object[0][:FIELDS_MOST]
            complete = complete and of_object[1] and len(of_object[0]) <= FIELDS_MOST
    return Answer(tuple(found), left_out, complete)


def _owners_of(
    client: KubeClient, environment: Environment, row: InventoryRow, runs: Mapping[ObjectId, Run], left_s: float
) -> tuple[list[Owned], bool] | None:
    """(its fields, whether these are all); None where it is not there, or may not be read in time."""
    ref = ref_from_json(row["ref"])
    if left_s <= 0:
        return None
    try:
        live = client.request("GET", client.path_of(ref), timeout_s=left_s, name=f"{ref.kind} {ref.name}")[1]
    except (ApiNotFound, UnknownKind, ApiForbidden):
        return None
    if not is_ours(live, environment["_id"], row["uid"]):
        return None
    owned = owners(live)
    run = runs.get(row["run_id"]) if row["run_id"] is not None else None
    found = [
        Owned(ref, row["node_id"], path_text(path), owner, known(owner), run if owner.is_ours else None)
        for path, several in owned.by_path().items()
        for owner in several
    ]
    return sorted(found, key=lambda one: (one.path, one.owner.manager)), owned.complete
