"""Saving graphs: parsed once at the edge, written only where something changed, never over somebody's work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession

from kubeorch.accounts.principal import Principal
from kubeorch.accounts.scope import require, team_filter
from kubeorch.base.clock import now
from kubeorch.base.digests import content_digest
from kubeorch.base.errors import Conflict, Problem
from kubeorch.mongo.transaction import run_in_transaction
from kubeorch.realtime import events
from workflows import store
from workflows.domain.graphs.graph import Graph, graph_from_stored
from workflows.domain.rendering.compare import compare
from workflows.graphs.checking import CheckedGraph, cache, check_graph
from workflows.representations import workflow_head_json


class StaleGraph(Conflict):
    """Somebody has saved since the caller read; carries the graph as it is now and what changed."""

    code = "graph.stale"

    def __init__(self, current: store.Workflow, changes: Any) -> None:
        super().__init__(
            "somebody else has saved the workflow meanwhile; merge their changes and save again",
            extra={
                "current": {"rev": current["rev"], "nodes": current["nodes"], "edges": current["edges"]},
                "changes": changes,
            },
        )


@dataclass(frozen=True, slots=True)
class Saved:
    rev: int
    problems: tuple[Problem, ...]
    updated_at: datetime


def graph_of(document: Mapping[str, Any]) -> Graph:
    """The graph of a stored workflow or version."""
    return graph_from_stored(document)


def save_graph(principal: Principal, workflow_id: ObjectId, rev: int, raw: Mapping[str, Any]) -> Saved:
    """Save the graph over revision `rev`; a graph that is stored already is not written again.

    So a save that is repeated because its answer was lost gets the revision that the first one made.
    Raises WorkflowNotFound, Forbidden, WorkflowArchived, InvalidInput, or StaleGraph when `rev` is
    not the current revision.
    """
    _editable(principal, workflow_id)  # who may not save makes nobody check a graph
    checked = check_graph(raw)
    digest = content_digest(checked.blob)
    cache(digest, checked)
    at = now()
    # Most saves succeed: one write checks everything at once, and only a refused one is looked into.
    over = {"_id": workflow_id, "rev": rev}
    scope = {**team_filter(principal, "workflow.edit"), "digest": {"$ne": digest}}
    saved = run_in_transaction(
        lambda session: write_graph(over, checked, principal=principal, at=at, session=session, scope=scope)
    )
    if saved is not None:
        return Saved(saved, checked.problems, at)
    head = _editable(principal, workflow_id)
    if head["digest"] == digest:
        return Saved(head["rev"], checked.problems, head["updated_at"])
    raise _stale(principal, workflow_id, rev, checked)


def _editable(principal: Principal, workflow_id: ObjectId) -> store.Workflow:
    head = store.find(workflow_id, team_filter(principal), projection=store.HEAD)
    require(principal, "workflow.edit", head["team_id"])
    if head["state"] == "archived":
        raise store.WorkflowArchived(head["name"])
    return head


def write_graph(
    head: Mapping[str, Any],
    checked: CheckedGraph,
    *,
    principal: Principal,
    at: datetime,
    session: ClientSession,
    scope: Mapping[str, Any] = MappingProxyType({}),
) -> int | None:
    """Write over revision `head["rev"]` and publish it; the new rev, or None if the workflow is not in `scope`."""
    user_id = ObjectId(principal.user_id)
    after = store.save_graph(
        head, checked.nodes, checked.edges, checked.blob, user_id=user_id, at=at, session=session, scope=scope
    )
    if after is None:
        return None
    announce(after, principal, session)
    return after["rev"]


def announce(document: Mapping[str, Any], principal: Principal, session: ClientSession) -> None:
    """Publish the workflow's new state, to those who have it open and to its team, in the transaction that made it."""
    data = workflow_head_json(document, {"id": principal.user_id, "name": principal.name})
    rev = document["event_rev"]
    events.publish_many(
        [
            events.Event(f"workflow:{document['_id']}", "workflow", data, rev),
            events.Event(f"team:{document['team_id']}", f"workflow:{document['_id']}", data, rev),
        ],
        session=session,
    )


def _stale(principal: Principal, workflow_id: ObjectId, rev: int, theirs: CheckedGraph) -> Conflict:
    """The answer for somebody who saved too late: what others changed since `rev` while that is known, after that
    the difference between what was sent and what is stored."""
    current = store.find(workflow_id, team_filter(principal), projection=store.GRAPH)
    if current["state"] == "archived":
        return store.WorkflowArchived(current["name"])
    base = store.graph_at(workflow_id, rev)
    before = graph_of(base) if base is not None else theirs.graph
    return StaleGraph(current, compare(before, graph_of(current)))
