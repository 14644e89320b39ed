"""Objects read into a graph and rendered again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from clusters.domain.labels import PREFIX, is_ours
from imports.domain.manifests.defaults import without_defaults
from imports.domain.manifests.read import Reading, read
from imports.domain.sources import SourceFile
from kubeorch.base.yaml_writing import dump_all
from tests.unit.kinds.samples import the_catalog
from workflows.domain.graphs.check import check
from workflows.domain.graphs.graph import Graph
from workflows.domain.graphs.read_graph import parse_graph
from workflows.domain.rendering.render import render_graph

Manifest = dict[str, Any]


def reading_of(*manifests: Manifest, namespace: str | None = None) -> Reading:
    text = dump_all(list(manifests)).encode()
    return read([SourceFile("app.yaml", text)], the_catalog(), namespace=namespace)


def graph_of(reading: Reading) -> Graph:
    """The graph, which has no error."""
    graph = parse_graph(reading.draft.graph({}), the_catalog())
    errors = [problem for problem in check(graph, the_catalog()) if problem.severity == "error"]
    assert errors == [], errors
    return graph


def rendered(reading: Reading) -> dict[tuple[str, str], Manifest]:
    """The objects that the graph renders, by kind and name."""
    found = render_graph(graph_of(reading), the_catalog(), namespace=reading.namespace or "default")
    return {(one.ref.kind, one.ref.name): one.manifest for one in found}


def meant(manifest: Manifest, *, of: Sequence[Manifest] = ()) -> Manifest:
    """An object without defaults, values of Secrets, its namespace, and what KubeOrch writes on each object."""
    out = without_defaults(manifest)
    metadata = out["metadata"]
    metadata.pop("namespace", None)
    labels = {key: value for key, value in metadata.pop("labels", {}).items() if not is_ours(key)}
    out["metadata"] = {**metadata, **({"labels": labels} if labels else {})}
    out = _without_prefix(out)
    targets = [one["spec"]["scaleTargetRef"] for one in of if one["kind"] == "HorizontalPodAutoscaler"]
    if (out["kind"], metadata["name"]) in {(target["kind"], target["name"]) for target in targets}:
        out["spec"].pop("replicas", None)
    if out["kind"] == "Secret":
        out = {key: value for key, value in out.items() if key not in ("data", "stringData") and value != "Opaque"}
    return out


def _without_prefix(value: Any) -> Any:
    """Without labels and annotations that only KubeOrch writes, and maps that are empty then."""
    if not isinstance(value, dict):
        return value
    out = {}
    for key, item in value.items():
        if key in ("labels", "annotations") and isinstance(item, dict):
            item = {name: one for name, one in item.items() if not name.startswith(PREFIX)}
            if not item:
                continue
        inner = _without_prefix(item)
        if key != "metadata" or inner:
            out[key] = inner
    return out
