"""Which workflow an object in a cluster belongs to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from bson import ObjectId

from clusters import store as cluster_store
from clusters.domain.labels import ENVIRONMENT_LABEL
from clusters.uses import Belonging, Trace
from kubeorch.accounts.principal import Principal
from workflows import store as workflow_store
from workflows.environments import guarded_store, questions, store
from workflows.environments.inventory_store import row_of


def belonging_of(principal: Principal, cluster_id: ObjectId, traces: Iterable[Trace]) -> Belonging | None:
    """By what a protected environment on the cluster owns, and else by the environment that the object's label names.

    A label can be taken off, and what controllers make has none: so each trace is looked for in the inventories of
    protected environments. Those of other teams count, without their names, and those that another connection leads to
    the same cluster.
    """
    same = cluster_store.same_as(cluster_id)
    guarded = questions.protected_in({"cluster_id": {"$in": same}})
    labelled: Belonging | None = None
    for number, trace in enumerate(traces):
        if number == 0:
            labelled = _labelled(principal, same, trace)
            if not guarded:
                return labelled
        if found := _guarding(principal, guarded, trace):
            if number:
                found["owned"], found["made_by"] = False, f"{trace.ref.kind} {trace.ref.name}"
            return found
    return labelled


def _labelled(principal: Principal, cluster_ids: Collection[ObjectId], trace: Trace) -> Belonging | None:
    """None where the label names no environment on the cluster, or another team's."""
    environment_id = (trace.labels or {}).get(ENVIRONMENT_LABEL, "")
    found = store.find_if_there(ObjectId(environment_id)) if ObjectId.is_valid(environment_id) else None
    if found is None or found["cluster_id"] not in cluster_ids or principal.role_in(found["team_id"]) is None:
        return None
    return _of(found, trace)


def _guarding(principal: Principal, guarded: Sequence[ObjectId], trace: Trace) -> Belonging | None:
    """Of the protected environments the one that the trace leads to, one of the person's own teams before others."""
    environment_id = (trace.labels or {}).get(ENVIRONMENT_LABEL, "")
    owners = {one: "" for one in guarded if str(one) == environment_id} or guarded_store.owners_of(guarded, trace)
    if found := _first(principal, owners, trace):
        found["made_by"] = next(filter(None, owners.values()), "")
        return found
    inside = guarded_store.going_with(guarded, trace)
    if found := _first(principal, inside, trace):
        found["holds"] = True
    return found


def _first(principal: Principal, environment_ids: Iterable[ObjectId], trace: Trace) -> Belonging | None:
    rows = questions.find_those(environment_ids)
    ours = next((one for one in rows if principal.role_in(one["team_id"]) is not None), None)
    if ours is not None:
        return _of(ours, trace)
    if not rows:
        return None
    return Belonging(
        workflow_id="", workflow="", environment_id="", environment="", node_id="", protected=True, owned=False
    )


def _of(found: store.Environment, trace: Trace) -> Belonging:
    row = row_of(found["_id"], trace.ref)
    workflow_id = found["workflow_id"]
    return Belonging(
        workflow_id=str(workflow_id),
        workflow=workflow_store.names_of([workflow_id]).get(workflow_id, ""),
        environment_id=str(found["_id"]),
        environment=found["name"],
        node_id=row["node_id"] if row else "",
        protected=bool(found.get("protected")),
        owned=row is not None,
    )
