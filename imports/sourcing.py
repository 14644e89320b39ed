"""Sources of the team for what an import draws: which there are already, which are made, and what they are called."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bson import ObjectId

from builds.sources import store
from builds.sources.actions import create_source
from builds.sources.store import SourceRow
from imports import store as import_store
from imports.domain.convert.build_values import BuildPlace, BuildSource, stand_in
from imports.store import Import
from kubeorch.accounts.principal import Principal
from workflows.catalog import catalog
from workflows.domain.graphs.built_images import source_nodes_of, wanted_of
from workflows.domain.graphs.graph import Graph
from workflows.domain.graphs.resolve import resolve
from workflows.domain.graphs.variables import Value
from workflows.domain.images import Images, NotBuilt
from workflows.images import images_now

NAMES_TRIED = 20
"""Of one source: the name that it would have, and that with a number."""
NAME_MOST = 63


@dataclass(frozen=True, slots=True)
class Planned:
    """A source that is drawn: one that the team has, or one that is made with the workflow."""

    wanted: BuildSource
    name: str
    found: SourceRow | None
    differs: tuple[str, ...]
    """What the found one says otherwise; it stays as it is, since others may use it."""

    def as_json(self) -> dict[str, Any]:
        return {
            **self.wanted.as_json(),
            "name": self.name,
            "id": None if self.found is None else str(self.found["_id"]),
            "differs": list(self.differs),
        }


def planned_sources(team_id: ObjectId, wanted: Sequence[BuildSource]) -> list[Planned]:
    """A source of the team that is built of the same place serves; what else has the name stays, and another is taken.

    Where all names that are tried are taken, making it is refused.
    """
    known = store.named(team_id, [name for one in wanted for name in _names(one.name)]) if wanted else {}
    taken: set[str] = set()
    planned = []
    for one in wanted:
        fits = (name for name in _names(one.name) if name not in taken and _fits(one, known.get(name)))
        name = next(fits, one.name)
        taken.add(name)
        found = known.get(name) if _fits(one, known.get(name)) else None
        planned.append(Planned(one, name, found, () if found is None else tuple(_differing(one, found))))
    return planned


def named_in(graph: Mapping[str, Any], planned: Sequence[Planned]) -> dict[str, Any]:
    """The graph with the names that its sources have in the team."""
    names = {one.wanted.node_id: one.name for one in planned if one.name != one.wanted.name}
    nodes = [
        {**node, "parameters": {**node["parameters"], "source": names[node["id"]]}} if node["id"] in names else node
        for node in graph["nodes"]
    ]
    return {**graph, "nodes": nodes}


def make_sources(principal: Principal, row: Import, planned: Sequence[Planned]) -> list[SourceRow]:
    """Make those that there are not yet, as a part of the transaction around. Raises as `create_source`.

    The git connection by which the import was fetched opens the same repository for them.
    """
    asked = import_store.open_given(row).get("asked", {})
    opened = {_bare(row["facts"]["url"]): asked.get("connection")} if row["type"] == "git" else {}
    return [
        create_source(
            principal, {**_given(row["team_id"], one), "connection": opened.get(_bare(one.wanted.place.repository))}
        )
        for one in planned
        if one.found is None
    ]


def images_or_stand_ins(team_id: ObjectId, graph: Graph) -> tuple[Images, dict[str, str]]:
    """What containers would run now, with images that nobody can pull for sources that have none yet; and of these why,
    by node."""
    now = images_now(team_id, graph, None)
    nodes = {node.id: node for node in graph.nodes}
    why = {node_id: one.detail for node_id, one in now.items() if isinstance(one, NotBuilt)}
    return {**now, **{node_id: stand_in(wanted_of(nodes[node_id]).source) for node_id in why}}, why


def drawn_sources(team_id: ObjectId, graph: Graph, variables: Mapping[str, Value]) -> dict[str, BuildSource]:
    """The sources that nodes name, as they are now; of secrets the names alone. Those that the team lacks are left
    out."""
    resolved, _ = resolve(graph, catalog(), variables)
    nodes = source_nodes_of(resolved, catalog())
    rows = store.named(team_id, {one.source for one in nodes.values()}) if nodes else {}
    return {node_id: _as_drawn(node_id, rows[one.source]) for node_id, one in nodes.items() if one.source in rows}


def _as_drawn(node_id: str, row: SourceRow) -> BuildSource:
    builder = row["builder"]
    place = BuildPlace(
        row["repository"], row["ref"], row["root"], builder["dockerfile"], builder["text"], builder["target"]
    )
    building = [one for one in row["variables"] if one["usage"] in ("build", "both")]
    secrets = {one["key"]: "" for one in building if one["is_secret"]}
    plain = {one["key"]: one["value"] for one in building if not one["is_secret"]}
    keys = [one["key"] for one in row["variables"] if one["usage"] == "ssh"]
    ssh = (*(["default"] if builder.get("deploy_key") else []), *sorted(keys))
    return BuildSource(node_id, row["name"], place, builder["platform"], dict(builder["args"]) | plain, secrets, ssh)


def _names(name: str) -> Iterator[str]:
    yield name
    for number in range(2, NAMES_TRIED + 1):
        yield f"{name[: NAME_MOST - len(str(number)) - 1].rstrip('-')}-{number}"


def _fits(one: BuildSource, row: SourceRow | None) -> bool:
    """Whether nobody has the name, or who has it is built of the same place in the same way."""
    if row is None:
        return True
    place, builder = one.place, row["builder"]
    there = (_bare(row["repository"]), row["ref"], row["root"], builder["text"], builder["target"])
    wanted = (_bare(place.repository), place.ref, place.root, place.text, place.target)
    return there == wanted and (bool(place.text) or builder["dockerfile"] == place.dockerfile)


def _bare(repository: str) -> str:
    """An address as its server takes it: with or without `.git`."""
    return repository.rstrip("/").removesuffix(".git")


def _differing(one: BuildSource, row: SourceRow) -> Iterator[str]:
    if dict(row["builder"]["args"]) != dict(one.args):
        yield "args"
    if row["builder"]["platform"] != one.platform:
        yield "platform"
    if not {*one.secrets} <= {variable["key"] for variable in row["variables"] if variable["is_secret"]}:
        yield "secrets"


def _given(team_id: ObjectId, one: Planned) -> dict[str, Any]:
    wanted, place = one.wanted, one.wanted.place
    builder: dict[str, Any] = (
        {"type": "written", "text": place.text} if place.text else {"dockerfile": place.dockerfile}
    )
    return {
        "team": str(team_id),
        "name": one.name,
        "repository": place.repository,
        "ref": place.ref,
        "root": place.root,
        "builder": {**builder, "target": place.target, "platform": wanted.platform, "args": dict(wanted.args)},
        "variables": [
            {"key": key, "usage": "build", "secret": True, "value": value} for key, value in wanted.secrets.items()
        ],
    }
