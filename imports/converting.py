"""Files and answers become a graph that can be saved, or a refusal with its place; nothing is stored here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from imports.building import build_rows
from imports.charts.choosing import chosen, chosen_one
from imports.charts.remarks import remarks
from imports.charts.rendered import release_namespace, rendered_of
from imports.domain.compose.load import Project, load
from imports.domain.convert.conversion import convert
from imports.domain.convert.decisions import chosen_profiles
from imports.domain.groups import chart_groups
from imports.domain.layout import layout
from imports.domain.manifests.listing import read_listing
from imports.domain.manifests.read import Reading, read, read_written
from imports.domain.problems import ImportInvalid
from imports.domain.sources import Files
from imports.intake import ContentType, compose_files, manifest_files
from imports.outcomes import Outcome, Refused, Source, checked
from workflows.catalog import catalog


def convert_source(source: Source) -> Outcome:
    """Equal input gives an equal result. Raises AnswerInvalid for an answer that its decision does not take."""
    try:
        return CONVERTERS[source.type](source)
    except ImportInvalid as error:
        return Refused(error.code, error.detail, error.place)


def project_of(source: Source) -> tuple[Project, Files]:
    """What Compose resolves of the files, and the files. Raises ImportInvalid."""
    tree = Files(source.files)
    project = load(
        tree,
        _merged(source),
        folder_name=source.name,
        env_files=list(source.env_files) or None,
        environment=source.environment,
        profiles={*source.profiles, *chosen_profiles(source.answers)},
    )
    return project, tree


def _merged(source: Source) -> list[str]:
    return list(source.compose_files) or compose_files(source.files)


def _compose(source: Source) -> Outcome:
    project, tree = project_of(source)
    found = convert(project, tree, source.answers, source.origin)
    return checked(
        found.graph(catalog()),
        {node.id: node.place for node in found.draft.nodes.values() if node.place is not None},
        name=project.name,
        ledger=found.ledger,
        services=found.services,
        builds=build_rows(project, found),
        sources=found.sources,
        decisions=found.decisions,
        variables=found.variables,
        compose_files=tuple(_merged(source)),
        secret_values=found.secret_values,
        to_generate=found.to_generate,
    )


def _manifests(source: Source) -> Outcome:
    return _read(source, read(manifest_files(source.files), catalog()))


def _rendered(source: Source) -> Outcome:
    """What a chart or a kustomization rendered. Nothing is rendered here."""
    kept = rendered_of(source.files)
    found = chosen(kept.parts, source.answers) if source.type == "chart" else chosen_one(kept.parts, source.answers)
    namespace, is_chart = release_namespace(source.files), source.type == "chart"
    outcome = _read(source, read(found.files, catalog(), namespace=namespace, by_prefix=is_chart))
    if isinstance(outcome, Refused):
        return outcome
    return replace(outcome, decisions=found.decisions, problems=(*outcome.problems, *remarks(kept, outcome.ledger)))


def _read(source: Source, found: Reading) -> Outcome:
    draft, ledger = found.draft, found.ledger()
    edges = ((edge.source, edge.target) for edge in draft.edges)
    groups = chart_groups(draft) if source.type == "chart" else {}
    return checked(
        draft.graph(layout(list(found.api_kinds.items()), edges, groups), groups),
        {node.id: node.place for node in draft.nodes.values() if node.place is not None},
        name=source.name,
        warnings=found.warnings(ledger),
        ledger=ledger,
        secret_values=found.secrets,
    )


def _namespace(source: Source) -> Outcome:
    [file] = source.files
    return _read(source, read_written(read_listing(file), catalog(), at_home=True))


CONVERTERS: Mapping[ContentType, Callable[[Source], Outcome]] = {
    "compose": _compose,
    "manifests": _manifests,
    "namespace": _namespace,
    "chart": _rendered,
    "kustomize": _rendered,
}
"""How files of a type are converted. A converter may raise ImportInvalid."""
