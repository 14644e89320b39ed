"""A saved workflow for other tools: manifests or Compose as YAML, a kustomization or a Helm chart as an archive."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from bson import ObjectId

from imports.domain.exporting.compose import compose_file
from imports.domain.exporting.folders import ExportInvalid, Files, kustomize
from imports.domain.exporting.helm import helm_chart
from imports.printed import lacking
from imports.sourcing import drawn_sources
from kubeorch.base.names import label_from
from kubeorch.base.yaml_writing import dump_all
from workflows import store as workflow_store
from workflows.catalog import catalog
from workflows.domain.graphs.graph import Graph
from workflows.domain.graphs.variables import Value, values_of
from workflows.domain.images import images_digest, images_json, pins_in
from workflows.domain.rendering.pinned import with_pinned_images
from workflows.domain.rendering.render import Rendered, render_graph
from workflows.environments import questions as environment_questions
from workflows.environments import store as environment_store
from workflows.environments.store import Environment
from workflows.graphs.actions import graph_of
from workflows.images import images_now
from workflows.preview import NAMESPACE_WITHOUT_ENVIRONMENT
from workflows.runs.pinning import pinned_in

_YAML = "text/yaml; charset=utf-8"
_BASE = "base/kustomization.yaml"
_NO_TIME = (1980, 1, 1, 0, 0, 0)
"""The least that an archive can say: equal workflows give equal bytes."""
_NONE: Mapping[str, Any] = {"name": "default", "namespace": NAMESPACE_WITHOUT_ENVIRONMENT, "variables": {}}


@dataclass(frozen=True, slots=True)
class Exported:
    file_name: str
    content: bytes
    media_type: str


def export(workflow: workflow_store.Workflow, form: str, environment_id: ObjectId | None) -> Exported:
    """The workflow, which was read with its graph, in one of FORMS.

    Values are those of the environment, or of the first one; a kustomization and a chart have those of all others as
    well. Of a source it has the image that a run would take now; manifests and a kustomization have the digest of an
    image that is watched, as runs do, too. Raises EnvironmentNotFound, and InvalidInput for what
    cannot be rendered or written in that form.
    """
    places: list[Mapping[str, Any]] = [*environment_questions.of_workflows([workflow["_id"]])]
    if environment_id is not None:
        chosen = environment_store.find(environment_id, {"workflow_id": workflow["_id"]})
        places = [chosen, *(one for one in places if one["_id"] != chosen["_id"])]
    graph = graph_of(workflow)
    team_id = workflow["team_id"]
    with_images = [
        {**one, "images": images_now(team_id, graph, _values(one)), "pins": _pins(one, graph)}
        for one in places or [_NONE]
    ]
    with_images[0]["sources"] = drawn_sources(team_id, graph, _values(with_images[0]))
    return FORMS[form](graph, workflow["name"], with_images)


def _manifests(graph: Graph, name: str, places: Sequence[Mapping[str, Any]]) -> Exported:
    rendered = _rendered(graph, places[0])
    text = _remarks(graph) + dump_all([one.manifest for one in rendered])
    return Exported(f"{label_from(name)}-manifests.yaml", text.encode(), _YAML)


def _kustomize(graph: Graph, name: str, places: Sequence[Mapping[str, Any]]) -> Exported:
    rendered = {one["name"]: _rendered(graph, one) for one in places}
    files = kustomize(rendered)
    files[_BASE] = _remarks(graph) + files[_BASE]
    return _archive(f"{label_from(name)}-kustomize", files)


def _helm(graph: Graph, name: str, places: Sequence[Mapping[str, Any]]) -> Exported:
    variables = {one["name"]: _values(one) for one in places}
    chart = helm_chart(graph, catalog(), name, variables, places[0]["images"])
    _check_same_images(places)
    return _archive(f"{label_from(name)}-chart", chart)


def _check_same_images(places: Sequence[Mapping[str, Any]]) -> None:
    """Raises ExportInvalid where environments take different images: a chart has those of the first in all of them."""
    first, *others = ((one["name"], images_digest(images_json(one["images"]))) for one in places)
    if differing := [name for name, images in others if images != first[1]]:
        raise ExportInvalid(
            f"{', '.join(differing)} and {first[0]} take different images, and a chart has one set of them; build and "
            "pin the same in each environment, or export kustomize"
        )


def _remarks(graph: Graph) -> str:
    """As comments: values of Secrets that are to be added, and the order that nobody keeps."""
    return "".join(f"# {one}\n" for one in lacking(graph, catalog()))


def _compose(graph: Graph, name: str, places: Sequence[Mapping[str, Any]]) -> Exported:
    first = places[0]
    text = compose_file(graph, catalog(), name, _values(first), first["images"], first["sources"]).text
    return Exported("compose.yaml", text.encode(), _YAML)


def _rendered(graph: Graph, place: Mapping[str, Any]) -> list[Rendered]:
    items = render_graph(
        graph, catalog(), namespace=place["namespace"], variables=_values(place), images=place["images"]
    )
    return list(with_pinned_images(items, place["pins"]))


def _pins(place: Mapping[str, Any], graph: Graph) -> dict[str, str]:
    return pins_in(pinned_in(cast("Environment", place), graph)) if "_id" in place else {}


def _values(place: Mapping[str, Any]) -> dict[str, Value]:
    return values_of(place["variables"])


def _archive(folder: str, files: Files) -> Exported:
    """A ZIP archive with one folder."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(files):
            archive.writestr(zipfile.ZipInfo(f"{folder}/{path}", _NO_TIME), files[path], zipfile.ZIP_DEFLATED)
    return Exported(f"{folder}.zip", out.getvalue(), "application/zip")


FORMS: Mapping[str, Callable[[Graph, str, Sequence[Mapping[str, Any]]], Exported]] = {
    "manifests": _manifests,
    "kustomize": _kustomize,
    "helm": _helm,
    "compose": _compose,
}
