"""Saving and judging graphs: parse once at the edge, write only what changed, never over somebody's work."""

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
from kubeorch.base.errors import Conflict, InvalidInput, Problem
from kubeorch.mongo.client import Document
from kubeorch.mongo.transaction import run_in_transaction
from kubeorch.realtime import events
from workflows import store
from workflows.domain.graphs.graph import Graph, graph_from_stored
from workflows.domain.rendering.compare import compare
from workflows.graphs.judging import Judged, judge, remember
from workflows.representations import workflow_head_json


class StaleGraph(Conflict):
    """Somebody saved since the caller read; carries what stands now and what changed."""

    code = "graph.stale"

    def __init__(self, current: Document, changes: Any) -> None:
        super().__init__(
            "the workflow was saved by somebody else meanwhile; take over their changes and save again",
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
    """Save the graph over revision `rev`; a graph that already stands is not written again.

    So a save repeated after a lost answer gets the revision the first one made.
    Raises WorkflowNotFound, Forbidden, WorkflowArchived, InvalidInput, or StaleGraph when `rev` is
    not the current revision.
    """
    try:
        judged = judge(raw)
    except InvalidInput:
        _editable(principal, workflow_id)  # who may not save is told that, and nothing of the graph
        raise
    digest = store.digest_of(judged.blob)
    remember(digest, judged)
    at = now()
    # Most saves go through: one write asks all at once, and only a refused one is looked into.
    over = {"_id": workflow_id, "rev": rev}
    scope = {**team_filter(principal, "workflow.edit"), "digest": {"$ne": digest}}
    saved = run_in_transaction(
        lambda session: write_graph(over, judged, principal=principal, at=at, session=session, scope=scope)
    )
    if saved is not None:
        return Saved(saved, judged.problems, at)
    head = _editable(principal, workflow_id)
    if head["digest"] == digest:
        return Saved(head["rev"], judged.problems, head["updated_at"])
    raise _stale(principal, workflow_id, rev, judged)


def _editable(principal: Principal, workflow_id: ObjectId) -> Document:
    head = store.find(workflow_id, team_filter(principal), projection=store.HEAD)
    require(principal, "workflow.edit", head["team_id"])
    if head["state"] == "archived":
        raise store.WorkflowArchived(head["name"])
    return head


def write_graph(
    head: Document,
    judged: Judged,
    *,
    principal: Principal,
    at: datetime,
    session: ClientSession,
    scope: Mapping[str, Any] = MappingProxyType({}),
) -> int | None:
    """Write over revision `head["rev"]` and say so on the bus; the new rev, or None if `scope` does not hold it."""
    user_id = ObjectId(principal.user_id)
    after = store.save_graph(
        head, judged.nodes, judged.edges, judged.blob, by=user_id, at=at, session=session, scope=scope
    )
    if after is None:
        return None
    announce(after, principal, session)
    rev: int = after["rev"]
    return rev


def announce(document: Mapping[str, Any], principal: Principal, session: ClientSession) -> None:
    """Publish the workflow's new state in the transaction that made it."""
    data = workflow_head_json(document, {"id": principal.user_id, "name": principal.name})
    events.publish(f"workflow:{document['_id']}", "workflow", data, rev=document["event_rev"], session=session)


def _stale(principal: Principal, workflow_id: ObjectId, rev: int, theirs: Judged) -> Conflict:
    """What to tell a late writer: what others changed since `rev` if it is still known, else the
    difference between what was sent and what stands."""
    current = store.find(workflow_id, team_filter(principal), projection=store.GRAPH)
    if current["state"] == "archived":
        return store.WorkflowArchived(current["name"])
    base = store.graph_at(workflow_id, rev)
    before = graph_of(base) if base is not None else theirs.graph
    return StaleGraph(current, compare(before, graph_of(current)))
