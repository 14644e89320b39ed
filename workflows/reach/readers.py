"""Who reads a key of a ConfigMap or Secret, in all workflows of a team that run in its namespace."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bson import ObjectId

from kubeorch.base.errors import InvalidInput
from workflows import store
from workflows.catalog import catalog
from workflows.domain.forecast.readers import Reader, readers_of
from workflows.domain.graphs.graph import Graph
from workflows.domain.graphs.variables import values_of
from workflows.domain.rendering.render import Rendered, preview_graph
from workflows.environments import questions as environment_questions
from workflows.environments import store as environment_store
from workflows.environments.store import Environment
from workflows.graphs.actions import graph_of
from workflows.store import Workflow
from workflows.versions import store as version_store
from workflows.versions.store import VersionNotFound

ENVIRONMENTS_MOST = 50
"""Environments of the namespace that are looked at."""
_SOURCES = frozenset({("v1", "ConfigMap"), ("v1", "Secret")})


class NothingToRead(InvalidInput):
    """Only ConfigMaps and Secrets have keys that containers read."""

    code = "reach.no_source"

    def __init__(self, node_id: str) -> None:
        super().__init__(
            f"the node {node_id[:64]} is neither a ConfigMap nor a Secret of this workflow; choose one that is",
            field="node",
        )


@dataclass(frozen=True, slots=True)
class Reading:
    """One reader, with where it is drawn."""

    workflow_id: ObjectId
    environment_id: ObjectId
    reader: Reader


@dataclass(frozen=True, slots=True)
class Reach:
    readings: tuple[Reading, ...]
    names: dict[ObjectId, str]
    """Of the workflows, by id."""
    left_out: int
    """Environments of the namespace beyond ENVIRONMENTS_MOST, or whose version is no longer kept."""


def reach_of(workflow: Workflow, node_id: str, key: str | None, environment: str | None = None) -> Reach:
    """All that read a key (None: any) of what a node draws: as this workflow is drawn, and as others are deployed.

    `workflow` has its graph; no cluster is asked. Raises EnvironmentNotFound, EnvironmentNotChosen and NothingToRead.
    """
    here = environment_store.find_named(workflow["_id"], environment)
    own = _objects(here, graph_of(workflow))
    source = next((one for one in own if one.node_id == node_id and _is_source(one)), None)
    if source is None:
        raise NothingToRead(node_id)
    reads = {one.node_id: one.digested for one in own}
    found = [Reading(workflow["_id"], here["_id"], one) for one in readers_of(source.ref, key, own, reads=reads)]
    together = environment_questions.together(here["team_id"], here["cluster_id"], source.ref.namespace)
    others = [one for one in together if one["_id"] != here["_id"] and one["deployed"] is not None]
    left_out = max(0, len(others) - ENVIRONMENTS_MOST)
    for other in others[:ENVIRONMENTS_MOST]:
        objects = _deployed(other)
        if objects is None:
            left_out += 1
            continue
        # What another workflow reads is in no digest of its pods: those follow what it draws itself.
        rows = readers_of(source.ref, key, [source, *_pods_of(objects, source)])
        found += [Reading(other["workflow_id"], other["_id"], one) for one in rows]
    names = store.names_of({one.workflow_id for one in found})
    return Reach(tuple(found), names, left_out)


def _pods_of(objects: Iterable[Rendered], source: Rendered) -> list[Rendered]:
    return [one for one in objects if one.ref.identity != source.ref.identity]


def _deployed(environment: Environment) -> list[Rendered] | None:
    """What the environment's deployed version draws; None when it is no longer kept."""
    deployed = environment["deployed"]
    if deployed is None:
        return []
    try:
        version = version_store.find(environment["workflow_id"], deployed["version"])
    except VersionNotFound:
        return None
    return _objects(environment, graph_of(version))


def _objects(environment: Environment, graph: Graph) -> list[Rendered]:
    """Nodes that cannot be rendered are left out: they cannot be applied either."""
    return preview_graph(
        graph,
        catalog(),
        namespace=environment["namespace"],
        variables=values_of(environment["variables"]),
        environment_id=str(environment["_id"]),
    )[0]


def _is_source(one: Rendered) -> bool:
    return (one.ref.api_version, one.ref.kind) in _SOURCES
