"""What a conversion takes and gives: a source, and a graph that can be saved or a refusal with its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from imports.building import BuildRow
from imports.domain.convert.build_values import BuildSource, Origin
from imports.domain.convert.decisions import Decision
from imports.domain.convert.ledgers import ServiceRow
from imports.domain.convert.variables import VariableRow
from imports.domain.ledger import Ledger
from imports.domain.sources import Place, SourceFile
from imports.intake import ContentType
from kubeorch.base.errors import InvalidInput, Problem
from workflows.domain.graphs.graph import graph_to_dict
from workflows.graphs.checking import check_graph

Values = Mapping[str, Mapping[str, bytes]]


@dataclass(frozen=True, slots=True)
class Source:
    """What is converted. `compose_files`, `env_files` and `profiles` are for Compose alone; see `store.Import`."""

    type: ContentType
    files: Sequence[SourceFile] = field(repr=False)
    compose_files: Sequence[str]
    env_files: Sequence[str]
    profiles: Sequence[str]
    environment: Mapping[str, str] = field(repr=False)
    answers: Mapping[str, str] = field(repr=False)
    name: str
    origin: Origin | None = None
    """The repository that the files are from, where that is known."""


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
    builds: tuple[BuildRow, ...] = ()
    sources: tuple[BuildSource, ...] = field(default=(), repr=False)
    """What is drawn as nodes and becomes sources of the team with the workflow."""
    decisions: tuple[Decision, ...] = ()
    variables: tuple[VariableRow, ...] = ()
    compose_files: tuple[str, ...] = ()
    secret_values: Values = field(default_factory=dict, repr=False)
    to_generate: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def applied(self) -> Converted:
        """As it is told once it was applied."""
        asked = {place for decision in self.decisions for place in decision.places}
        return replace(self, ledger=self.ledger.settled(asked))


@dataclass(frozen=True, slots=True)
class Refused:
    """What cannot be converted, where it stands, and the code of the reason."""

    code: str
    detail: str
    place: Place | None = None


Outcome = Converted | Refused


def checked(
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
