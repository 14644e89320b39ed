"""Workflows: made, described, copied, written to a file and read from one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession

from kubeorch.accounts.principal import Principal
from kubeorch.accounts.scope import choose_team, require, team_filter
from kubeorch.base.clock import now
from kubeorch.base.errors import InvalidInput
from kubeorch.mongo.client import Document
from kubeorch.mongo.transaction import run_in_transaction
from workflows import store
from workflows.domain.graphs.file import parse_workflow_file, workflow_file
from workflows.environments import store as environment_store
from workflows.environments.actions import new_environment
from workflows.graphs.actions import announce, graph_of
from workflows.graphs.checking import CheckedGraph, check_graph
from workflows.names import clean_description, clean_name, clean_tags

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
) -> Document:
    """A new draft, with its graph and first environment when given, all or nothing.

    Raises InvalidInput with every problem of the graph, Forbidden, NotFound or Conflict.
    """
    team_id = choose_team(principal, "workflow.edit", team)
    head = _head(principal, team_id, name=name, description=description, tags=tags)
    checked = check_graph(EMPTY if graph is None else graph)
    return run_in_transaction(lambda session: _insert(principal, head, checked, environment, session))


def describe_workflow(principal: Principal, workflow_id: ObjectId, given: Mapping[str, Any]) -> Document:
    """Change name, description or tags. Raises WorkflowNotFound, Forbidden, InvalidInput or WorkflowArchived."""
    change: dict[str, Any] = {}
    if "name" in given:
        change["name"] = clean_name(given["name"])
    if "description" in given:
        change["description"] = clean_description(given["description"])
    if "tags" in given:
        change["tags"] = clean_tags(given["tags"])

    def work(session: ClientSession) -> Document:
        before = store.find(workflow_id, team_filter(principal), session=session)
        require(principal, "workflow.edit", before["team_id"])
        if before["state"] == "archived":
            raise store.WorkflowArchived(before["name"])
        new = {key: value for key, value in change.items() if before[key] != value}
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


def clone_workflow(principal: Principal, workflow_id: ObjectId, *, name: str) -> Document:
    """A new draft with the graph, description and tags of another one.

    Neither environments nor kept secret values nor versions come along: the copy owns nothing.
    """
    source = store.find(workflow_id, team_filter(principal), projection={"environments": 0})
    require(principal, "workflow.edit", source["team_id"])
    head = _head(principal, source["team_id"], name=name, description=source["description"], tags=source["tags"])
    checked = check_graph({"nodes": source["nodes"], "edges": source["edges"]})
    return run_in_transaction(lambda session: _insert(principal, head, checked, None, session))


def export_workflow(workflow: Document) -> str:
    """The workflow file (YAML) of a workflow loaded with its graph; no secret value is in it."""
    environments = environment_store.of_workflows([workflow["_id"]])
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
) -> Document:
    """A new workflow from a workflow file; `name` goes before the name inside.

    The environment in the file says no cluster, so one is made only from `environment`, which
    takes namespace and variables from the file where it gives none itself.
    """
    meta, raw = parse_workflow_file(file)
    inside = meta.get("environment")
    if environment is not None and isinstance(inside, Mapping):
        environment = {**{key: inside[key] for key in ("namespace", "variables") if key in inside}, **environment}
    if environment is not None and "namespace" not in environment:
        raise InvalidInput("say the namespace", code="environment.namespace", field="environment.namespace")
    return create_workflow(
        principal,
        name=name or meta["name"],
        description=meta.get("description") or "",
        tags=meta.get("tags") or (),
        team=team,
        graph=raw,
        environment=environment,
    )


def _head(principal: Principal, team_id: ObjectId, *, name: str, description: str, tags: Sequence[str]) -> Document:
    at, by = now(), ObjectId(principal.user_id)
    return {
        "team_id": team_id,
        "name": clean_name(name),
        "description": clean_description(description),
        "state": "draft",
        "tags": clean_tags(tags),
        "version": 0,
        "created_at": at,
        "created_by": by,
        "updated_at": at,
        "updated_by": by,
        "last_run": None,
        "environments": [],
    }


def _insert(
    principal: Principal,
    head: Document,
    checked: CheckedGraph,
    environment: Mapping[str, Any] | None,
    session: ClientSession,
) -> Document:
    workflow = {"_id": ObjectId(), **head, "nodes": checked.nodes, "edges": checked.edges}
    store.insert(workflow, blob=checked.blob, session=session)
    if environment is not None:
        require(principal, "environment.edit", workflow["team_id"])
        new_environment(principal, workflow, environment, session)
    made = store.find(workflow["_id"], {}, session=session)
    announce(made, principal, session)
    return made
