"""Files and answers become a graph that can be saved, or a refusal with its place; nothing is stored here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from imports.domain.compose.load import load
from imports.domain.convert.conversion import convert
from imports.domain.convert.decisions import Decision, chosen_profiles
from imports.domain.convert.ledgers import ServiceRow
from imports.domain.convert.variables import VariableRow
from imports.domain.layout import layout
from imports.domain.ledger import Ledger, Outcome
from imports.domain.manifests.read import read
from imports.domain.problems import ImportInvalid
from imports.domain.sources import Files, Place, SourceFile
from imports.intake import SourceType, compose_files, manifest_files
from kubeorch.base.errors import InvalidInput, Problem
from workflows.catalog import catalog
from workflows.domain.graphs.graph import graph_to_dict
from workflows.graphs.checking import check_graph

Values = Mapping[str, Mapping[str, bytes]]


@dataclass(frozen=True, slots=True)
class Source:
    """What is converted. `compose_files`, `env_files` and `profiles` are for Compose alone; see `store.Import`."""

    type: SourceType
    files: Sequence[SourceFile] = field(repr=False)
    compose_files: Sequence[str]
    env_files: Sequence[str]
    profiles: Sequence[str]
    environment: Mapping[str, str] = field(repr=False)
    answers: Mapping[str, str] = field(repr=False)
    name: str


@dataclass(frozen=True, slots=True)
class Converted:
    """A graph that may be saved. `secret_values` and `to_generate` are not in it; see `Conversion`."""

    name: str
    graph: dict[str, Any]
    problems: tuple[Problem, ...]
    places: Mapping[str, Place]
    """Of nodes."""
    ledger: Ledger
    services: tuple[ServiceRow, ...] = ()
    decisions: tuple[Decision, ...] = ()
    variables: tuple[VariableRow, ...] = ()
    compose_files: tuple[str, ...] = ()
    secret_values: Values = field(default_factory=dict, repr=False)
    to_generate: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refused:
    """What cannot be converted, where it stands, and the code of the reason."""

    code: str
    detail: str
    place: Place | None = None


def convert_source(source: Source) -> Converted | Refused:
    """Equal input gives an equal result. Raises AnswerInvalid for an answer that its decision does not take."""
    try:
        return _compose(source) if source.type == "compose" else _manifests(source)
    except ImportInvalid as error:
        return Refused(error.code, error.detail, error.place)


def _compose(source: Source) -> Converted | Refused:
    tree = Files(source.files)
    files = list(source.compose_files) or compose_files(source.files)
    project = load(
        tree,
        files,
        folder_name=source.name,
        env_files=list(source.env_files) or None,
        environment=source.environment,
        profiles={*source.profiles, *chosen_profiles(source.answers)},
    )
    found = convert(project, tree, source.answers)
    return _checked(
        found.graph(catalog()),
        {node.id: node.place for node in found.draft.nodes.values() if node.place is not None},
        name=project.name,
        ledger=found.ledger,
        services=found.services,
        decisions=found.decisions,
        variables=found.variables,
        compose_files=tuple(files),
        secret_values=found.secret_values,
        to_generate=found.to_generate,
    )


def _manifests(source: Source) -> Converted | Refused:
    found = read(manifest_files(source.files), catalog())
    draft, ledger = found.draft, found.ledger()
    open_ = {one.became[0].node_id: one for one in ledger.entries if one.outcome is Outcome.DECISION and one.became}
    warnings = tuple(
        Problem("import.plain_secret", one.why, node_ids=(id_,), severity="warning") for id_, one in open_.items()
    )
    positions = layout(list(found.api_kinds.items()), ((edge.source, edge.target) for edge in draft.edges))
    return _checked(
        draft.graph(positions),
        {node.id: node.place for node in draft.nodes.values() if node.place is not None},
        name=source.name,
        warnings=warnings,
        ledger=ledger,
        secret_values=found.secrets,
    )


def _checked(
    raw: dict[str, Any], places: Mapping[str, Place], warnings: tuple[Problem, ...] = (), **more: Any
) -> Converted | Refused:
    """The graph as a save would take it. One that a save would refuse is refused here, at the place of its node."""
    try:
        checked = check_graph(raw)
    except InvalidInput as error:
        first = next((problem for problem in error.problems if problem.node_ids), None)
        place = places.get(first.node_ids[0]) if first is not None else None
        detail = first.detail if first is not None else error.detail
        return Refused(error.code, f"{place}: {detail}" if place else detail, place)
    return Converted(graph=graph_to_dict(checked.graph), problems=(*checked.problems, *warnings), places=places, **more)
