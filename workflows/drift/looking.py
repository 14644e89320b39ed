"""What others changed of what an environment applied last, asked of its cluster now.

The applied objects are rendered again from the version that was deployed; values of Secrets are no part of that.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from clusters.connections import asking, client_for
from clusters.domain.labels import ENVIRONMENT_LABEL
from clusters.domain.objects import Manifest, Ref, ref_from_json
from clusters.domain.ownership.drift import Drifted, drift
from clusters.domain.reading import mapping, text
from clusters.kube.apply import is_secret
from clusters.kube.client import KubeClient
from clusters.kube.errors import ApiForbidden, ApiNotFound, UnknownKind
from workflows.domain.rendering.render import Rendered
from workflows.environments.inventory_store import owned_objects
from workflows.environments.store import Environment
from workflows.graphs.actions import graph_of
from workflows.runs.drawn import rendered_in
from workflows.runs.permission import cluster_scope, require_cluster
from workflows.versions import store as version_store

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


@dataclass(frozen=True, slots=True)
class Answer:
    version: int | None
    """The version that was applied last; None where nothing is applied."""
    objects: tuple[Looked, ...]
    left_out: int
    """How many objects were not looked at, beyond OBJECTS_MOST."""


def look(environment: Environment, node_id: str | None = None) -> Answer:
    """The drift of a node's objects, or of the first that the environment applied.

    Raises InvalidInput when the deployed version cannot be rendered any more, ClusterWithdrawn, ClusterBusy, and
    Unavailable when the cluster does not answer.
    """
    deployed = environment["deployed"]
    if deployed is None:
        return Answer(None, (), 0)
    require_cluster(environment["team_id"], environment["cluster_id"])
    client = client_for(environment["cluster_id"])
    graph = graph_of(version_store.find(environment["workflow_id"], deployed["version"]))
    uids = {ref_from_json(row["ref"]).identity: row["uid"] for row in owned_objects([environment["_id"]])}
    until = time.monotonic() + TOTAL_S
    with asking(environment["cluster_id"], environment["team_id"]):
        rendered = rendered_in(environment, environment["workflow_id"], graph, cluster_scope(client))
        owned = [one for one in rendered if one.ref.identity in uids and (node_id is None or one.node_id == node_id)]
        environment_id = str(environment["_id"])
        found = tuple(
            _look_at(client, one, environment_id, uids[one.ref.identity], until - time.monotonic())
            for one in owned[:OBJECTS_MOST]
        )
    return Answer(deployed["version"], found, max(0, len(owned) - OBJECTS_MOST))


def _look_at(client: KubeClient, one: Rendered, environment_id: str, uid: str | None, left_s: float) -> Looked:
    ref = one.ref
    if left_s <= 0:
        return Looked(ref, one.node_id, "unknown", f"the cluster did not answer within {TOTAL_S:.0f} s")
    try:
        _, live = client.request("GET", client.path_of(ref), timeout_s=left_s, name=f"{ref.kind} {ref.name}")
    except ApiNotFound:
        return Looked(ref, one.node_id, "missing")
    except UnknownKind:
        return Looked(ref, one.node_id, "unknown", f"the cluster has no kind {ref.kind} ({ref.api_version})")
    except ApiForbidden as error:
        return Looked(ref, one.node_id, "unknown", str(error))
    if not _is_ours(live, environment_id, uid):
        return Looked(ref, one.node_id, "unknown", "an object of this name is there that belongs to somebody else")
    fields = tuple(drift(_without_values(ref, one.manifest), _without_values(ref, live)))
    return Looked(ref, one.node_id, "drifted" if fields else "same", "", fields)


def _is_ours(live: Mapping[str, object], environment_id: str, uid: str | None) -> bool:
    metadata = mapping(live.get("metadata"))
    return mapping(metadata.get("labels")).get(ENVIRONMENT_LABEL) == environment_id or text(metadata.get("uid")) == uid


def _without_values(ref: Ref, manifest: Manifest) -> Manifest:
    if not is_secret(ref):
        return manifest
    return {name: value for name, value in manifest.items() if name not in ("data", "stringData")}
