"""A proposal begins as a drawing that the catalog takes, and that renders."""

from __future__ import annotations

from typing import Any

import pytest

from builds.domain.detection.seeds import app_of, drawing, seed
from tests.unit.builds.detection.samples import SAMPLES, found_in
from tests.unit.kinds.samples import the_catalog
from workflows.domain.graphs.check import check
from workflows.domain.graphs.read_graph import parse_graph
from workflows.domain.images import BuiltImage
from workflows.domain.rendering.render import render_graph

PROPOSALS = [(name, one.name, one) for name, files in SAMPLES.items() for one in found_in(files).proposals]


BUILT = BuiltImage("shop", "reg.test/shop@sha256:0", "sha256:0", "reg.test/shop:1", "b1", 1, "c")


def rendered(raw: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The objects of the drawing by their kinds, once its source is built."""
    graph = parse_graph(raw, the_catalog())
    assert [problem.detail for problem in check(graph, the_catalog()) if problem.severity == "error"] == []
    images = {node["id"]: BUILT for node in raw["nodes"] if node["kind"] == "source"}
    objects = render_graph(graph, the_catalog(), namespace="shop", images=images)
    return {one.manifest["kind"]: one.manifest for one in objects}


@pytest.mark.parametrize(("sample", "name", "proposal"), PROPOSALS, ids=[f"{one[0]}-{one[1]}" for one in PROPOSALS])
def test_every_proposal_begins_as_a_drawing_without_errors(sample: str, name: str, proposal: Any) -> None:
    raw = seed(proposal, "shop", host="shop.example.com")
    has_source = [node["parameters"] for node in raw["nodes"] if node["kind"] == "source"]
    assert has_source == ([] if proposal.builder == "image" else [{"source": "shop"}])
    objects = rendered(raw)
    container = objects["Deployment"]["spec"]["template"]["spec"]["containers"][0]
    if proposal.port is None:
        assert "Service" not in objects
        return
    assert container["ports"][0]["containerPort"] == proposal.port
    assert container["image"] == (proposal.image or BUILT.image)
    assert objects["Service"]["spec"]["ports"][0]["targetPort"] == proposal.port
    rule = objects["Ingress"]["spec"]["rules"][0]
    assert rule["host"] == "shop.example.com"
    assert rule["http"]["paths"][0]["backend"]["service"]["name"] == proposal.name


def test_what_the_repository_says_is_in_the_drawing() -> None:
    web = found_in(SAMPLES["kubeorch-yaml"]).proposals[0]
    objects = rendered(seed(web, "shop"))
    container = objects["Deployment"]["spec"]["template"]["spec"]["containers"][0]
    assert {one["name"]: one["value"] for one in container["env"]} == {"LOG_LEVEL": "info", "WORKERS": "2"}
    assert container["resources"] == {"requests": {"cpu": "250m", "memory": "512Mi"}, "limits": {"memory": "512Mi"}}
    assert container["readinessProbe"]["httpGet"]["path"] == "/healthz"
    assert container["startupProbe"]["failureThreshold"] * container["startupProbe"]["periodSeconds"] == 120
    assert container["volumeMounts"][0]["mountPath"] == "/data"
    assert objects["Ingress"]["spec"]["rules"][0]["host"] == "shop.example.com"


def test_a_ready_image_needs_no_source() -> None:
    cache = found_in(SAMPLES["kubeorch-yaml"]).proposals[1]
    objects = rendered(seed(cache, "unused"))
    assert objects["Deployment"]["spec"]["template"]["spec"]["containers"][0]["image"] == "redis:8.0"
    assert "Ingress" not in objects


def test_names_that_begin_alike_stay_apart_over_all_applications() -> None:
    volumes = "[{name: application-data-uploads, path: /a}, {name: application-data-uploads-thumbs, path: /b}]"
    long = "a" * 60
    apps = "".join(
        f"  - {{name: {long}{end}, root: web, port: 80, variables: {{run: {{DB_PASSWORD: x, MODE: y}}}}, "
        f"volumes: {volumes}}}\n"
        for end in "xy"
    )
    files = {"kubeorch.yaml": f"version: 1\napps:\n{apps}", "web/index.html": "<h1>x</h1>"}
    found = found_in(files).proposals
    raw = drawing([app_of(one, one.name) for one in found])
    names = [(node["kind"], node["name"]) for node in raw["nodes"]]
    assert len(set(names)) == len(names) == 12
    graph = parse_graph(raw, the_catalog())
    assert [one.detail for one in check(graph, the_catalog()) if one.severity == "error"] == []
    workloads = [node["parameters"] for node in raw["nodes"] if node["kind"] == "deployment"]
    assert [one["env"] for one in workloads] == [{"MODE": "y"}] * 2, "a secret of a file is not drawn"
