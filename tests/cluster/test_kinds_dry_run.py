"""Every kind, minimal and full, is accepted by a real API server: server-side apply, dry run, strict fields."""

from __future__ import annotations

import json
from base64 import b64encode

import pytest

from clusters.domain.objects import Manifest
from tests.support.control_plane import ControlPlane, path_of
from tests.unit.kinds.samples import (
    ORDERS,
    SAMPLES,
    a_graph,
    a_node,
    an_edge,
    manifests_of,
    object_kinds,
    sample_node,
    the_catalog,
)
from workflows.domain.graphs.graph import Graph
from workflows.domain.rendering.secrets import is_secret

PEM = b64encode(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").decode()


@pytest.fixture(scope="module")
def api(control_plane: ControlPlane) -> ControlPlane:
    control_plane.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}})
    return control_plane


def refusal(api: ControlPlane, manifest: Manifest) -> str:
    """Why the API server would not take the object; "" when it would."""
    status, body = api.call(
        "PATCH",
        f"{path_of(manifest)}?fieldManager=kubeorch&dryRun=All&fieldValidation=Strict",
        json.dumps(manifest).encode(),
        content_type="application/apply-patch+yaml",
    )
    return "" if status < 300 else f"{status}: {json.loads(body).get('message')}"


def all_refusals(api: ControlPlane, graph: Graph) -> list[str]:
    with_secrets = [
        {**one, "data": {"tls.crt": PEM, "tls.key": PEM}} if is_secret(one) else one for one in manifests_of(graph)
    ]
    return [why for one in with_secrets if (why := refusal(api, one))]


@pytest.mark.parametrize(("kind", "sample"), [(kind, sample) for kind in object_kinds() for sample in SAMPLES])
def test_the_api_server_accepts_every_object_of_a_sample(api: ControlPlane, kind: str, sample: str):
    assert all_refusals(api, a_graph(sample_node(kind, sample))) == []


def test_the_api_server_accepts_what_every_relation_writes(api: ControlPlane):
    nodes = [a_node(kind, "one", id=kind) for kind in object_kinds() if kind != "manifest"]
    for node in nodes:
        node["parameters"].pop("target_name", None)
        if node["kind"] == "hpa":
            node["parameters"]["cpu_utilization"] = 80
        if node["kind"] in ("deployment", "statefulset", "daemonset"):
            node["parameters"]["port"] = 8080
    edges = [an_edge("service", "deployment"), an_edge("hpa", "deployment")]
    drawn = {node["kind"] for node in nodes}
    for source, target in the_catalog().pairs:
        for relation in the_catalog().pairs[source, target]:
            if relation not in {*ORDERS, "exposes", "scales"} and drawn >= {source, target}:
                edges.append(an_edge(source, target, relation))
    for index, edge in enumerate(edges):
        edge["id"] = f"e{index}"
        if edge["relation"] in ("mounts", "stores"):
            edge["parameters"]["mount_path"] = f"/mounted/{index}"
        if edge["relation"] == "sets_env":
            edge["parameters"]["keys"] = [{"key": "a", "name": f"A{index}"}]

    assert all_refusals(api, a_graph(*nodes, edges=edges)) == []
