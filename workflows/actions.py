"""Workflows: created, described, copied, exported to a file and imported from one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession

from kubeorch.accounts.principal import Principal
from kubeorch.accounts.scope import choose_team, require, team_filter
from kubeorch.base.clock import now
from kubeorch.base.errors import InvalidInput
from kubeorch.mongo.transaction import run_in_transaction
from workflows import store
from workflows.catalog import catalog
from workflows.domain.graphs.file import parse_workflow_file, workflow_file
from workflows.domain.graphs.graph import graph_to_dict
from workflows.environments import questions as environment_questions
from workflows.environments.actions import new_environment
from workflows.graphs import store as graph_store
from workflows.graphs.actions import announce, graph_of
from workflows.graphs.checking import check_graph
from workflows.limits import WORKFLOWS, check_room
from workflows.names import clean_description, clean_name, clean_tags
from workflows.store import Workflow

EMPTY: dict[str, list[Any]] = {"nodes": [], "edges": []}


def create_workflow(
    principal: Principal,
    *,
    name: str,
    description: str = "",
    tags: Sequence[str] = (),
    team: object = None,
    graph: Mapping[str, Any] | None = None,
    environment: Mapping[str, Any] | None = None,
) -> Workflow:
    """A new workflow, with its graph and first environment where they are given; all of it or nothing.

    Raises InvalidInput with every problem of the graph, Forbidden, NotFound or Conflict.
    """
    team_id = choose_team(principal, "workflow.edit", team)
    if environment is not None:
        require(principal, "environment.edit", team_id)
    workflow, blob = _new_workflow(
        principal, team_id, name=name, description=description, tags=tags, graph=EMPTY if graph is None else graph
    )
    return run_in_transaction(lambda session: _insert(principal, workflow, blob, environment, session))


def describe_workflow(principal: Principal, workflow_id: ObjectId, given: Mapping[str, Any]) -> Workflow:
    """Change name, description or tags. Raises WorkflowNotFound, Forbidden, InvalidInput or WorkflowArchived."""
    change: dict[str, Any] = {}
    if "name" in given:
        change["name"] = clean_name(given["name"])
    if "description" in given:
        change["description"] = clean_description(given["description"])
    if "tags" in given:
        change["tags"] = clean_tags(given["tags"])

    def work(session: ClientSession) -> Workflow:
        before = store.find(workflow_id, team_filter(principal), session=session)
        require(principal, "workflow.edit", before["team_id"])
        store.require_editable(before)
        was: Mapping[str, Any] = before
        new = {key: value for key, value in change.items() if was[key] != value}
        if not new:
            return before
        after = store.patch(
            workflow_id, {**new, "updated_at": now(), "updated_by": ObjectId(principal.user_id)}, session=session
        )
        if after is None:
            raise store.WorkflowNotFound
        announce(after, principal, session)
        return after

    return run_in_transaction(work)


def clone_workflow(principal: Principal, workflow_id: ObjectId, *, name: str) -> Workflow:
    """A new workflow with the graph, description and tags of another one.

    Environments, stored secret values and versions are not copied: the copy owns nothing.
    """
    source = store.find(workflow_id, team_filter(principal), projection=store.GRAPH | {"description": 1, "tags": 1})
    require(principal, "workflow.edit", source["team_id"])
    workflow, blob = _new_workflow(
        principal,
        source["team_id"],
        name=name,
        description=source["description"],
        tags=source["tags"],
        graph={"nodes": source["nodes"], "edges": source["edges"]},
    )
    return run_in_transaction(lambda session: _insert(principal, workflow, blob, None, session))


def export_workflow(workflow: Workflow) -> str:
    """The workflow file (YAML) of a workflow that was read with its graph. It has no secret values."""
    environments = environment_questions.of_workflows([workflow["_id"]])
    first = environments[0] if environments else None
    meta: dict[str, Any] = {
        "name": workflow["name"],
        "description": workflow["description"],
        "tags": workflow["tags"],
    }
    if first is not None:
        meta["environment"] = {
            "name": first["name"],
            "namespace": first["namespace"],
            "variables": first["variables"],
        }
    return workflow_file(graph_of(workflow), meta)


def import_workflow(
    principal: Principal,
    *,
    file: str,
    name: str | None = None,
    team: object = None,
    environment: Mapping[str, Any] | None = None,
) -> Workflow:
    """A new workflow from a workflow file; `name` takes precedence over the name in the file.

    The environment in the file names no cluster, so an environment is added only when `environment` is given; its
    namespace and variables come from the file where it has none itself.
    """
    team_id = choose_team(principal, "workflow.edit", team)  # who may not make one makes nobody read a file
    meta, raw = parse_workflow_file(file, catalog())
    inside = meta.get("environment")
    if environment is not None and isinstance(inside, Mapping):
        environment = {**{key: inside[key] for key in ("namespace", "variables") if key in inside}, **environment}
    if environment is not None and "namespace" not in environment:
        raise InvalidInput("choose a namespace", code="environment.namespace", field="environment.namespace")
    return create_workflow(
        principal,
        name=name or meta["name"],
        description=meta.get("description") or "",
        tags=meta.get("tags") or (),
        team=str(team_id),
        graph=raw,
        environment=environment,
    )


def _new_workflow(
    principal: Principal,
    team_id: ObjectId,
    *,
    name: str,
    description: str,
    tags: Sequence[str],
    graph: Mapping[str, Any],
) -> tuple[Workflow, bytes]:
    """A workflow that is not stored yet, and its graph as bytes. Raises InvalidInput with every problem."""
    at, user_id = now(), ObjectId(principal.user_id)
    name, description, tags = clean_name(name), clean_description(description), clean_tags(tags)
    checked = check_graph(graph)
    rows = graph_to_dict(checked.graph)
    workflow: Workflow = {
        "_id": ObjectId(),
        "team_id": team_id,
        "name": name,
        "description": description,
        "tags": tags,
        "state": "active",
        "nodes": rows["nodes"],
        "edges": rows["edges"],
        "node_count": len(checked.graph.nodes),
        "digest": checked.written.digest,
        "content": checked.content.digest,
        "rev": 1,
        "event_rev": 1,
        "version": 0,
        "last_run": None,
        "environments": [],
        "created_at": at,
        "created_by": user_id,
        "updated_at": at,
        "updated_by": user_id,
    }
    return workflow, checked.written.blob


def _insert(
    principal: Principal,
    workflow: Workflow,
    blob: bytes,
    environment: Mapping[str, Any] | None,
    session: ClientSession,
) -> Workflow:
    check_room(WORKFLOWS, store.count_in(workflow["team_id"], session))
    graph_store.insert(workflow, blob, session)
    if environment is not None:
        require(principal, "environment.edit", workflow["team_id"])
        new_environment(principal, workflow, environment, session)
    made = store.find(workflow["_id"], {}, session=session)
    announce(made, principal, session)
    return made
