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
from kubeorch.base.errors import Conflict, Problem
from kubeorch.mongo.transaction import run_in_transaction
from kubeorch.realtime import events
from workflows import store
from workflows.domain.graphs.graph import Graph, graph_from_stored
from workflows.domain.graphs.written import WrittenGraph
from workflows.domain.rendering.compare import compare
from workflows.graphs import store as graph_store
from workflows.graphs.checking import CheckedGraph, cache, check_json_graph
from workflows.graphs.recently_used import RecentlyUsed
from workflows.representations import workflow_head_json

TRIES = 8
"""How often a save tries again because something else of the workflow, such as its name, was changed meanwhile. Then
it takes its turn behind the others, in a transaction."""


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
    # What was saved last spares a read. It is a guess: the write holds only if it is true, and where the person may.
    last = _last.get(workflow_id)
    if last is None or last.head["rev"] != rev or not principal.may("workflow.edit", last.head["team_id"]):
        last = _LastSave(_editable(principal, workflow_id))  # who may not save makes nobody check a graph
    checked = check_json_graph(raw, last.graph)
    cache(checked)
    at = now()
    scope = team_filter(principal, "workflow.edit")
    for _ in range(TRIES):
        if last.head["rev"] == rev and last.head["digest"] != checked.written.digest:
            after = write_graph(
                last.head,
                checked,
                principal=principal,
                at=at,
                scope=scope,
                before=last.graph.written if last.graph else None,
            )
            if after is not None:
                _last.put(workflow_id, _LastSave(after, checked))
                return Saved(after["rev"], checked.problems, at)
        last = _LastSave(_editable(principal, workflow_id))
        if last.head["digest"] == checked.written.digest:
            return Saved(last.head["rev"], checked.problems, last.head["updated_at"])
        if last.head["rev"] != rev:
            break
    else:
        locked = _write_locked(principal, workflow_id, rev, checked, at=at, scope=scope)
        if locked is not None:
            _last.put(workflow_id, _LastSave(locked, checked))
            return Saved(locked["rev"], checked.problems, at)
    raise _stale(principal, workflow_id, rev, checked)


def _write_locked(
    principal: Principal, workflow_id: ObjectId, rev: int, checked: CheckedGraph, *, at: datetime, scope: store.Scope
) -> dict[str, Any] | None:
    """Write over revision `rev` behind whoever changes other things of the workflow all the time; None if it is stale.

    Runs, versions and plans lock the workflow, and a lock counts as a change. Raises WorkflowNotFound.
    """

    def work(session: ClientSession) -> dict[str, Any] | None:
        head = store.lock(workflow_id, scope, session)
        if head["rev"] != rev:
            return None
        return write_graph(head, checked, principal=principal, at=at, session=session, scope=scope)

    return run_in_transaction(work)


def _editable(principal: Principal, workflow_id: ObjectId) -> store.Workflow:
    head = store.find(workflow_id, team_filter(principal), projection=store.HEAD)
    require(principal, "workflow.edit", head["team_id"])
    store.require_editable(head)
    return head


def write_graph(
    head: Mapping[str, Any],
    checked: CheckedGraph,
    *,
    principal: Principal,
    at: datetime,
    session: ClientSession | None = None,
    scope: store.Scope = MappingProxyType({}),
    before: WrittenGraph | None = None,
) -> dict[str, Any] | None:
    """Write over the workflow as it is in `head`, and publish it; the head after it, or None if it is so no more.

    `before` is the graph of `head`, where that is known: then only what changed is written.
    """
    user_id = ObjectId(principal.user_id)
    after = {
        **{name: head[name] for name in ("_id", *store.HEAD) if name in head},
        "rev": head["rev"] + 1,
        "event_rev": head["event_rev"] + 1,
        "digest": checked.written.digest,
        "updated_at": at,
    }
    change = {
        "content": checked.content.digest,
        "updated_at": at,
        "updated_by": user_id,
        **events.told(_events_of(after, principal)),
    }
    is_written = graph_store.write(head, change, checked.written, before=before, scope=scope, session=session)
    return after if is_written else None


def announce(document: Mapping[str, Any], principal: Principal, session: ClientSession) -> None:
    """Publish the workflow's new state, to those who have it open and to its team, in the transaction that made it."""
    events.publish_many(_events_of(document, principal), session=session)


def _events_of(document: Mapping[str, Any], principal: Principal) -> list[events.Event]:
    data = workflow_head_json(document, {"id": principal.user_id, "name": principal.name})
    rev = document["event_rev"]
    return [
        events.Event(f"workflow:{document['_id']}", "workflow", data, rev),
        events.Event(f"team:{document['team_id']}", f"workflow:{document['_id']}", data, rev),
    ]


def _stale(principal: Principal, workflow_id: ObjectId, rev: int, theirs: CheckedGraph) -> Conflict:
    """The answer for somebody who saved too late: what others changed since `rev` while that is known, after that
    the difference between what was sent and what is stored."""
    current = store.find(workflow_id, team_filter(principal), projection=store.GRAPH)
    if current["state"] == "archived":
        return store.WorkflowArchived(current["name"])
    base = graph_store.graph_at(workflow_id, rev)
    before = graph_of(base) if base is not None else theirs.graph
    return StaleGraph(current, compare(before, graph_of(current)))


@dataclass(frozen=True, slots=True)
class _LastSave:
    """A workflow's head, and the graph that goes with it where that is known."""

    head: Mapping[str, Any]
    graph: CheckedGraph | None = None

    @property
    def weight_bytes(self) -> int:
        return 1000 + (self.graph.weight_bytes if self.graph is not None else 0)


_last: RecentlyUsed[ObjectId, _LastSave] = RecentlyUsed(1024, 16 * 1024 * 1024)
"""Each workflow after this process's last save of it."""
