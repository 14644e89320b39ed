"""Sample nodes of every kind: `tests/golden/kinds/<kind>/{minimal,full}.node.yaml`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from clusters.domain.objects import Manifest
from kubeorch.base.errors import Problem
from kubeorch.base.yaml import load_strict
from workflows.domain.graphs.built_images import wanted_images
from workflows.domain.graphs.check import check
from workflows.domain.graphs.graph import Graph
from workflows.domain.graphs.read_graph import parse_graph
from workflows.domain.images import BuiltImage, Images
from workflows.domain.kinds.catalog import Catalog, make_catalog
from workflows.domain.kinds.folder import TemplateFolder
from workflows.domain.rendering.render import render_graph

ROOT = Path(__file__).resolve().parents[3]
GOLDEN = ROOT / "tests" / "golden" / "kinds"
SAMPLES = ("minimal", "full")


@cache
def the_catalog() -> Catalog:
    return make_catalog(TemplateFolder(ROOT / "k8s_templates"))


def object_kinds() -> list[str]:
    """The kinds whose nodes become objects."""
    return [kind.id for kind in the_catalog().kinds.values() if kind.renders]


def sample_node(kind: str, sample: str) -> dict[str, Any]:
    """A node as it is sent: named after the sample, its parameters over those of the shared file."""
    source = load_strict((GOLDEN / kind / f"{sample}.node.yaml").read_bytes())
    parameters: dict[str, Any] = {}
    if "include" in source:
        parameters = load_strict((GOLDEN / source["include"]).read_bytes())
        for name in source.get("without", ()):
            del parameters[name]
    return {
        "id": sample,
        "kind": kind,
        "name": sample,
        "parameters": parameters | source["parameters"],
        "patch": source.get("patch"),
    }


def a_graph(*nodes: dict[str, Any], edges: list[dict[str, Any]] | None = None) -> Graph:
    return parse_graph({"nodes": list(nodes), "edges": edges or []}, the_catalog())


GATEWAY: dict[str, Any] = {"gateway_class": "nginx", "listeners": [{"name": "http", "port": 80}]}
"""What a Gateway cannot do without."""


def a_node(
    kind: str,
    name: str = "one",
    *,
    id: str | None = None,  # noqa: A002
    patch: Any = None,
    **parameters: Any,
) -> dict[str, Any]:
    """A node as it is sent; a kind that needs an image gets one."""
    known = {one.name for one in the_catalog().kinds[kind].parameters}
    if "image" in known:
        parameters.setdefault("image", "nginx:1.27")
    if "schedule" in known:
        parameters.setdefault("schedule", "@daily")
    if kind == "source":
        parameters.setdefault("source", "web")
    if kind == "gateway":
        parameters |= {**GATEWAY, **parameters}
    return {"id": id or f"{kind}-{name}"[:40], "kind": kind, "name": name, "parameters": parameters, "patch": patch}


ORDERS = frozenset(("after", "after_completion", "after_health"))
"""Relations that write nothing into objects."""


def an_edge(source: str, target: str, relation: str | None = None, **parameters: Any) -> dict[str, Any]:
    id_ = f"{source}-{relation or 'to'}-{target}".replace("_", "-")[:40].strip("-")
    return {"id": id_, "source": source, "target": target, "relation": relation, "parameters": parameters}


def an_image(source: str = "web", number: int = 12, digit: str = "c") -> BuiltImage:
    repository, digest = f"registry.example.com/shop/{source}", f"sha256:{digit * 64}"
    return BuiltImage(
        source, f"{repository}@{digest}", digest, f"{repository}:main-{number}", "b" * 24, number, "abcdef0" * 5
    )


def images_for(graph: Graph) -> Images:
    """An image for each node that gives one."""
    return {node_id: an_image(one.source) for node_id, one in wanted_images(graph, the_catalog()).items()}


def manifests_of(graph: Graph, *, images: Images | None = None, **variables: Any) -> list[Manifest]:
    """All objects of the graph, in namespace `shop` of environment `env1`; whatever it builds is built."""
    images = images_for(graph) if images is None else images
    rendered = render_graph(
        graph, the_catalog(), namespace="shop", variables=variables, environment_id="env1", images=images
    )
    return [one.manifest for one in rendered]


def only(graph: Graph, kind: str, name: str | None = None) -> Manifest:
    """The one object of a Kubernetes kind (and name)."""
    found = [
        one for one in manifests_of(graph) if one["kind"] == kind and (name is None or one["metadata"]["name"] == name)
    ]
    assert len(found) == 1, [(one["kind"], one["metadata"]["name"]) for one in found]
    return found[0]


def problems_of(graph: Graph, severity: str = "error") -> list[Problem]:
    return [one for one in check(graph, the_catalog()) if one.severity == severity]


def codes_of(graph: Graph, severity: str = "error") -> list[str]:
    return sorted(one.code for one in problems_of(graph, severity))
