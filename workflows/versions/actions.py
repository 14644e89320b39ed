"""Versions: frozen by a run, saved by hand, compared, restored.

A run uses the newest version of the same content where there is one, so the same graph run twice has one version. A
person who saves a version always gets a new one, even of unchanged content: its name and tag are new, and those of
older versions are never overwritten.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bson import ObjectId
from django.conf import settings
from pymongo.client_session import ClientSession

from kubeorch.accounts.principal import Principal
from kubeorch.accounts.scope import require, team_filter
from kubeorch.base.clock import now
from kubeorch.base.errors import Conflict, InvalidInput
from kubeorch.mongo.transaction import run_in_transaction
from workflows import store
from workflows.catalog import catalog
from workflows.domain.graphs.graph import graph_to_dict
from workflows.domain.rendering.compare import compare
from workflows.domain.rendering.digest import content_hash
from workflows.environments import questions as environment_questions
from workflows.graphs.actions import graph_of, write_graph
from workflows.graphs.checking import check_graph
from workflows.store import Workflow
from workflows.versions import store as version_store
from workflows.versions.store import Version


class TooManyVersions(Conflict):
    """The workflow has as many versions as are kept, and people or environments use all of them."""

    code = "version.too_many"

    def __init__(self, most: int) -> None:
        super().__init__(
            f"the workflow has {most:,} versions that people saved, the most that are kept; clone it to go on, or have "
            "an administrator raise KUBEORCH_MAX_VERSIONS"
        )


def freeze_version(
    workflow: Workflow,
    *,
    principal: Principal,
    session: ClientSession,
    run_id: ObjectId | None = None,
) -> Version:
    """The version of the current graph, for a run: an existing one of the same content, else a new one.

    It comes back with `number`, `nodes` and `edges`. `workflow` is locked in this transaction (`store.lock`): numbers
    then have neither gaps nor duplicates, however many freeze at once. The caller has checked that `principal` may.
    Raises WorkflowArchived.
    """
    store.require_editable(workflow)
    at = now()
    hash_ = content_hash(graph_of(workflow))
    return known_version(workflow, hash_, session=session) or _insert(
        workflow, hash_, principal=principal, at=at, session=session, automatic=True, run_id=run_id
    )


def known_version(workflow: Workflow, hash_: str = "", *, session: ClientSession | None = None) -> Version | None:
    """The newest version of the current graph, drawn as it is now; None where there is none. Nothing is written."""
    hash_ = hash_ or content_hash(graph_of(workflow))
    known = version_store.newest_with(workflow["_id"], hash_, session=session)
    return None if known is None else {**known, "nodes": workflow["nodes"], "edges": workflow["edges"]}


def save_version(principal: Principal, workflow_id: ObjectId, *, name: str, tag: str, description: str) -> Version:
    """A new version of the saved graph with a name. Raises WorkflowNotFound or Forbidden."""

    def work(session: ClientSession) -> Version:
        workflow = store.find(workflow_id, team_filter(principal), projection=store.GRAPH, session=session)
        require(principal, "workflow.edit", workflow["team_id"])
        store.require_editable(workflow)
        return _insert(
            workflow,
            content_hash(graph_of(workflow)),
            principal=principal,
            at=now(),
            session=session,
            name=name,
            tag=tag,
            description=description,
        )

    return run_in_transaction(work)


def restore_version(principal: Principal, workflow_id: ObjectId, number: int) -> tuple[Version, int]:
    """Put the graph of version `number` back: a new version with `restored_from`, and the next rev.

    A graph that is in no version yet becomes one first, so restoring never loses a save.
    Raises WorkflowNotFound, VersionNotFound, Forbidden or WorkflowArchived.
    """

    def work(session: ClientSession) -> tuple[Version, int]:
        found = store.find(workflow_id, team_filter(principal), projection=store.HEAD, session=session)
        require(principal, "workflow.edit", found["team_id"])
        head = store.lock(workflow_id, {}, session)
        store.require_editable(head)
        old = version_store.find(workflow_id, number, session=session)
        if head["nodes"]:
            freeze_version(head, principal=principal, session=session)
        at = now()
        checked = check_graph({"nodes": old["nodes"], "edges": old["edges"]})
        after = write_graph(head, checked, principal=principal, at=at, session=session)
        if after is None:  # the transaction read this very revision, so only a conflict can be behind it
            raise store.WorkflowNotFound
        rows = graph_to_dict(checked.graph)
        restored: Workflow = {**head, "nodes": rows["nodes"], "edges": rows["edges"]}
        version = _insert(
            restored, old["content_hash"], principal=principal, at=at, session=session, restored_from=old["number"]
        )
        return version, after["rev"]

    return run_in_transaction(work)


def label_version(principal: Principal, workflow_id: ObjectId, number: int, change: Mapping[str, str]) -> Version:
    """Change name, tag or description of a version. Raises WorkflowNotFound, VersionNotFound or Forbidden."""
    head = store.find(workflow_id, team_filter(principal), projection=store.HEAD)
    require(principal, "workflow.edit", head["team_id"])
    store.require_editable(head)
    return version_store.label(workflow_id, number, change)


def compare_versions(workflow: Workflow, old: str, new: str) -> dict[str, Any]:
    """Field-level difference of two versions by number, or `current` for the saved graph.

    `workflow` carries its graph. Raises InvalidInput or VersionNotFound.
    """
    before, after = _side(workflow, old, "from"), _side(workflow, new, "to")
    return {"from": before["number"], "to": after["number"], **compare(graph_of(before), graph_of(after), catalog())}


def _side(workflow: Workflow, which: str, field: str) -> Mapping[str, Any]:
    if which == "current":
        return {"number": "current", "nodes": workflow["nodes"], "edges": workflow["edges"]}
    if not (which.isascii() and which.isdigit() and len(which) <= 9):
        raise InvalidInput("give a version number, or “current”", code="version.number", field=field)
    return version_store.find(workflow["_id"], int(which))


def _make_room(workflow: Workflow, session: ClientSession) -> None:
    """Remove the oldest versions that runs have made and nothing uses, beyond what is kept. Raises TooManyVersions."""
    most: int = settings.MAX_VERSIONS
    beyond = version_store.count(workflow["_id"], session) + 1 - most
    if beyond <= 0:
        return
    environments = environment_questions.of_workflows([workflow["_id"]], session=session)
    deployed = {one["deployed"]["version"] for one in environments if one["deployed"]}
    in_runs = store.versions_in_runs(workflow["_id"], [one["_id"] for one in environments], session)
    in_use = {*deployed, *in_runs}
    if version_store.forget_oldest(workflow["_id"], beyond, in_use=in_use, session=session) < beyond:
        raise TooManyVersions(most)


def _insert(
    workflow: Workflow,
    content: str,
    *,
    principal: Principal,
    at: datetime,
    session: ClientSession,
    automatic: bool = False,
    run_id: ObjectId | None = None,
    restored_from: int | None = None,
    name: str = "",
    tag: str = "",
    description: str = "",
) -> Version:
    _make_room(workflow, session)
    return version_store.insert(
        {
            "workflow_id": workflow["_id"],
            "team_id": workflow["team_id"],
            "number": store.next_version(workflow["_id"], session),
            "content_hash": content,
            "nodes": workflow["nodes"],
            "edges": workflow["edges"],
            "node_count": len(workflow["nodes"]),
            "name": name,
            "tag": tag,
            "description": description,
            "automatic": automatic,
            "run_id": run_id,
            "restored_from": restored_from,
            "created_at": at,
            "created_by": ObjectId(principal.user_id),
        },
        session,
    )
