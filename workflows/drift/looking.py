"""What others changed of what an environment applied last, asked of its cluster now."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Literal

from clusters.connections import asking, client_for_team
from clusters.domain.objects import Manifest, Ref, ref_from_json
from clusters.domain.ownership.added import NOTHING_ADDED, Added, added_by_others
from clusters.domain.ownership.drift import Drifted
from clusters.domain.ownership.owners import owners
from clusters.kube.client import KubeClient
from clusters.kube.errors import ApiForbidden, ApiNotFound, UnknownKind
from kubeorch.base.errors import InvalidInput
from workflows.drift.applied import AppliedObjects, differences, is_ours, without_adopted
from workflows.environments.inventory_store import InventoryRow, owned_objects
from workflows.environments.store import Environment
from workflows.runs.permission import require_cluster

OBJECTS_MOST = 20
"""Objects that one question looks at."""
TOTAL_S = 8.0
"""For all of them; a person waits."""

State = Literal["same", "drifted", "missing", "unknown"]


@dataclass(frozen=True, slots=True)
class Looked:
    """One object that was applied, and how it differs now."""

    ref: Ref
    node_id: str
    state: State
    reason: str = ""
    """Why it is unknown."""
    fields: tuple[Drifted, ...] = ()
    """At least one where it has drifted."""
    added: Added = NOTHING_ADDED
    """What others added to it."""
    live: Manifest | None = None
    """As it is now; None where it is not there, or somebody else's."""


@dataclass(frozen=True, slots=True)
class Answer:
    version: int | None
    """The version that was applied last; None where nothing is applied."""
    objects: tuple[Looked, ...]
    left_out: int
    """How many objects were not looked at, beyond OBJECTS_MOST."""


def look(environment: Environment, node_id: str | None = None, ref: Ref | None = None) -> Answer:
    """The drift of one object, of a node's objects, or of the first that the environment applied.

    Raises ReleaseGone, ClusterWithdrawn, ClusterBusy, and Unavailable when the cluster does not answer.
    """
    deployed = environment["deployed"]
    rows = [row for row in owned_objects([environment["_id"]]) if row["state"] == "applied" and "made_by" not in row]
    rows = [row for row in rows if node_id is None or row["node_id"] == node_id]
    rows = [row for row in rows if ref is None or ref_from_json(row["ref"]) == ref]
    version = deployed["version"] if deployed else None
    if not rows:
        return Answer(version, (), 0)
    require_cluster(environment["team_id"], environment["cluster_id"])
    client = client_for_team(environment["cluster_id"], environment["team_id"])
    until, applied = time.monotonic() + TOTAL_S, AppliedObjects()
    with asking(environment["cluster_id"], environment["team_id"]):
        found = tuple(_look_at(client, environment, row, applied, until) for row in rows[:OBJECTS_MOST])
    return Answer(version, found, max(0, len(rows) - OBJECTS_MOST))


def _look_at(
    client: KubeClient, environment: Environment, row: InventoryRow, applied: AppliedObjects, until: float
) -> Looked:
    ref, node_id, left_s = ref_from_json(row["ref"]), row["node_id"], until - time.monotonic()
    if left_s <= 0:
        return Looked(ref, node_id, "unknown", f"the cluster did not answer within {TOTAL_S:.0f} s")
    try:
        live = client.request("GET", client.path_of(ref), timeout_s=left_s, name=f"{ref.kind} {ref.name}")[1]
        manifest = applied.manifest_of(environment, row, ref, client)
    except ApiNotFound:
        return Looked(ref, node_id, "missing")
    except UnknownKind:
        return Looked(ref, node_id, "unknown", f"the cluster has no kind {ref.kind} ({ref.api_version})")
    except (ApiForbidden, InvalidInput) as error:
        return Looked(ref, node_id, "unknown", error.detail)
    if not is_ours(live, row):
        return Looked(ref, node_id, "unknown", "an object of this name is there that belongs to somebody else")
    if manifest is None:
        return Looked(ref, node_id, "unknown", "what was applied of it is not known any more", live=live)
    fields = without_adopted(row, differences(environment["_id"], node_id, ref, manifest.left_out, live))
    added = added_by_others(manifest.whole, owners(live))
    return Looked(ref, node_id, "drifted" if fields else "same", "", fields, added, live)
