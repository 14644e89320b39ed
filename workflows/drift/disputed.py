"""What is known of the fields of others before a run of the drawing is started, without its cluster: such a run would
fail half-way at them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from bson import ObjectId

from clusters.domain.objects import Identity, Manifest, Ref, ref_from_json
from clusters.domain.ownership.paths import read_path
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.scope import team_filter
from kubeorch.base.errors import Conflict
from workflows import store as workflow_store
from workflows.domain.rendering.adopting import ABSENT, value_at
from workflows.drift import store as drift_store
from workflows.drift.values import digest_of
from workflows.environments import inventory_store
from workflows.environments import store as environment_store
from workflows.graphs.actions import graph_of
from workflows.runs import co_managed
from workflows.runs import store as run_store
from workflows.runs.drawn import checked, images_in
from workflows.statuses.node_status import version_number

NAMED = 100


class Disputed(NamedTuple):
    """A field that the run would set to another value than the one somebody else has set."""

    ref: Ref
    node_id: str
    path: str
    manager: str
    name: str
    """That manager as people call it."""

    def as_json(self) -> dict[str, Any]:
        return {**self._asdict(), "ref": self.ref.as_json()}


class FieldsOfOthers(Conflict):
    """The run would stop at the first of them, with other objects already changed."""

    code = "run.fields_of_others"

    def __init__(self, found: Sequence[Disputed]) -> None:
        first = found[0]
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        super().__init__(
            f"{first.path} of {first.ref.kind} {first.ref.name} is managed by {first.name} as well, and the graph has "
            f"another value{more}; nothing was changed. Make a plan and choose what becomes of it, or start the run "
            "with take_over",
            extra={"fields": [one.as_json() for one in found[:NAMED]]},
        )


def require_undisputed(principal: Principal, workflow_id: ObjectId, given: Mapping[str, Any]) -> None:
    """Raise FieldsOfOthers where a run of the saved graph is known to meet fields of others.

    `given` are the members of the request. It is a courtesy: the cluster decides when the run applies. Raises
    WorkflowNotFound, EnvironmentNotFound, EnvironmentNotChosen and GraphInvalid.
    """
    scope = team_filter(principal)
    key = given.get("idempotency_key")
    if key and run_store.with_key(workflow_id, key, scope, None) is not None:
        return  # it was started already
    workflow_store.find(workflow_id, scope, projection={"_id": 1})
    environment = environment_store.find_named(workflow_id, given.get("environment"))
    known = list(_known(environment["_id"]))
    if not known:
        return
    workflow = workflow_store.find(workflow_id, scope, projection=workflow_store.GRAPH)
    graph = graph_of(workflow)
    items = checked(environment, graph, images_in(environment, graph)).items
    drawn = {item.ref.identity: item.manifest for item in items}
    if found := [one for one, digests in known if _is_disputed(drawn, one, digests)]:
        raise FieldsOfOthers(found)


class _Digests(NamedTuple):
    """Of the value that the field has: as it is in the cluster, or as it was applied."""

    live: str | None
    applied: str | None


def _known(environment_id: ObjectId) -> Iterator[tuple[Disputed, _Digests]]:
    """The fields that others had when they were seen last, with what stood there."""
    for ref, row in drift_store.of_node(environment_id, None).items():
        fields = [one for one in row["fields"] if one["manager"]]
        if fields and not _is_outlived(environment_id, ref, row):
            for one in fields:
                of = Disputed(ref, row["node_id"], one["path"], one["manager"], one["name"])
                yield of, _Digests(one["digest"], None)
    for owned in inventory_store.disputable(environment_id):
        ref, node_id = ref_from_json(owned["ref"]), owned["node_id"]
        for adopted in owned.get("adopted") or ():
            if adopted["hash"] == owned["hash"]:
                yield Disputed(ref, node_id, adopted["path"], "", "somebody else"), _Digests(adopted["digest"], None)
        for shared in owned.get("shared") or ():
            of = Disputed(ref, node_id, shared["path"], shared["manager"], shared["name"])
            yield of, _Digests(None, shared["digest"])


def _is_outlived(environment_id: ObjectId, ref: Ref, row: drift_store.DriftRow) -> bool:
    """Whether the object was applied after it was looked at: what differed then was taken over, or chosen to stay."""
    owned = inventory_store.row_of(environment_id, ref)
    if owned is None or owned["uid"] != row["uid"]:
        return True
    return version_number(owned.get("resource_version")) > row["resource_version"] > 0


def _is_disputed(drawn: Mapping[Identity, Manifest], one: Disputed, digests: _Digests) -> bool:
    manifest = drawn.get(one.ref.identity)
    value = ABSENT if manifest is None else value_at(manifest, read_path(one.path))
    if value is ABSENT:
        return False  # what is not drawn any more is given up
    if digests.live is not None:
        return digest_of(value) != digests.live
    return co_managed.digest_of(value) != digests.applied
