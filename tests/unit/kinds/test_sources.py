"""A source gives containers the image that was built of it, and becomes no object itself."""

from __future__ import annotations

from typing import Any

import pytest

from kubeorch.base.errors import InvalidInput
from tests.unit.kinds.samples import (
    a_graph,
    a_node,
    an_edge,
    an_image,
    codes_of,
    manifests_of,
    only,
    problems_of,
    the_catalog,
)
from workflows.domain.graphs.built_images import wanted_images
from workflows.domain.graphs.graph import Graph
from workflows.domain.graphs.resolve import resolve
from workflows.domain.images import Images, NotBuilt, Wanted, images_from, images_json
from workflows.domain.rendering.render import preview_graph, render_graph

PODS = ("deployment", "statefulset", "daemonset", "job", "cronjob")


def built(target: dict[str, Any], source: dict[str, Any] | None = None, **edge: Any) -> Graph:
    source = source or a_node("source", "code", id="code")
    return a_graph(source, target, edges=[an_edge(source["id"], target["id"], "builds", **edge)])


def containers_of(graph: Graph, **options: Any) -> dict[str, str]:
    """The image of each container, by its name."""
    spec = next(one["spec"] for one in manifests_of(graph, **options) if one["kind"] != "Service")
    pod = (spec["jobTemplate"]["spec"] if "jobTemplate" in spec else spec)["template"]["spec"]
    return {one["name"]: one["image"] for one in [*pod.get("initContainers", ()), *pod["containers"]]}


@pytest.mark.parametrize("kind", PODS)
@pytest.mark.parametrize("own", [None, "nginx:1.27"])
def test_the_main_container_runs_the_digest_whatever_image_the_workload_has_itself(kind: str, own: str | None):
    graph = built(a_node(kind, "web", image=own))

    assert problems_of(graph) == []
    assert containers_of(graph) == {"web": an_image().image}


def test_a_source_becomes_no_object():
    assert manifests_of(a_graph(a_node("source", "code"))) == []


def test_a_connection_names_the_containers_that_run_the_image():
    web = a_node(
        "deployment",
        "web",
        init_containers=[{"name": "migrate"}],
        sidecars=[{"name": "proxy", "image": "envoy:1"}],
    )
    graph = built(web, containers=["web", "migrate"])

    assert problems_of(graph) == []
    assert containers_of(graph) == {"web": an_image().image, "migrate": an_image().image, "proxy": "envoy:1"}


def test_several_sources_stand_in_one_workload():
    web = a_node("deployment", "web", id="web", image=None, sidecars=[{"name": "proxy"}])
    nodes = [a_node("source", "a", id="a", source="web"), a_node("source", "b", id="b", source="proxy"), web]
    graph = a_graph(*nodes, edges=[an_edge("a", "web"), an_edge("b", "web", "builds", containers=["proxy"])])

    assert problems_of(graph) == []
    assert containers_of(graph) == {"web": an_image("web").image, "proxy": an_image("proxy").image}


def test_one_source_feeds_several_workloads():
    nodes = [a_node("source", "code", id="code"), *(a_node("deployment", name, id=name) for name in ("web", "worker"))]
    graph = a_graph(*nodes, edges=[an_edge("code", "web"), an_edge("code", "worker")])

    assert {one["spec"]["template"]["spec"]["containers"][0]["image"] for one in manifests_of(graph)} == {
        an_image().image
    }


def test_the_image_follows_a_renamed_container():
    graph = built(a_node("deployment", "web", container_name="app"))

    assert containers_of(graph) == {"app": an_image().image}


def test_a_container_has_one_source_at_most():
    nodes = [a_node("source", name, id=name) for name in ("a", "b")]
    edges = [an_edge("a", "web"), an_edge("b", "web", "builds", containers=["web"])]
    [problem] = problems_of(a_graph(*nodes, a_node("deployment", "web", id="web"), edges=edges))

    assert problem.code == "image.two_sources"
    assert problem.detail.startswith("two sources build the image of web;")


def test_a_connection_to_a_container_that_is_not_there_is_named():
    [problem] = problems_of(built(a_node("deployment", "web"), containers=["other"]))

    assert (problem.code, problem.node_ids) == ("image.unknown_container", ("deployment-web",))
    assert "no container called other" in problem.detail


@pytest.mark.parametrize(
    ("parameters", "named"),
    [
        ({"image": None, "sidecars": [{"name": "proxy"}]}, "web"),
        ({"sidecars": [{"name": "proxy"}, {"name": "log"}]}, "log"),
        ({"sidecars": [{"name": "proxy"}], "init_containers": [{"name": "first"}]}, "first"),
    ],
)
def test_a_container_without_an_image_is_named_while_another_one_has_a_source(parameters: dict[str, Any], named: str):
    [problem] = problems_of(built(a_node("deployment", "web", **parameters), containers=["proxy"]))

    assert problem.code == "image.missing"
    assert problem.detail.startswith(f"the container {named} has no image;")


def test_without_a_source_an_image_is_required_as_ever():
    graph = a_graph(a_node("deployment", "web", image=None, sidecars=[{"name": "proxy"}]))

    assert codes_of(graph) == ["parameter.required", "parameter.required"]


def test_a_source_that_feeds_nothing_is_warned_about_and_needs_no_build():
    graph = a_graph(a_node("source", "code"))

    assert codes_of(graph, "warning") == ["source.feeds_nothing"]
    assert codes_of(built(a_node("deployment", "web")), "warning") == []
    assert render_graph(graph, the_catalog(), namespace="shop") == []


@pytest.mark.parametrize("relation", ["after", "after_health", "after_completion", "mounts"])
def test_nothing_waits_for_a_source(relation: str):
    nodes = [a_node("source", "code", id="code"), a_node("job", "web", id="web")]
    for edge in (an_edge("code", "web", relation), an_edge("web", "code", relation)):
        with pytest.raises(InvalidInput) as caught:
            a_graph(*nodes, edges=[edge])
        assert [one.code for one in caught.value.problems] == ["graph.wrong_pair"]


def test_a_source_has_no_namespace_labels_or_annotations_and_feeds_every_namespace():
    kind = the_catalog().kinds["source"]

    assert {one.name for one in kind.parameters} == {"source", "pin"}
    assert problems_of(built(a_node("deployment", "web", namespace="other"))) == []


def test_two_sources_may_have_one_name():
    assert codes_of(a_graph(a_node("source", "web", id="a"), a_node("source", "web", id="b"))) == []


@pytest.mark.parametrize("pin", ["0", "latest", "12.5", "sha256:abc", "1234567890", "##1"])
def test_a_pin_is_a_number_or_a_digest(pin: str):
    assert codes_of(a_graph(a_node("source", "code", pin=pin))) == ["parameter.format"]


def test_pins_and_names_may_come_from_variables():
    graph = built(a_node("deployment", "web"), a_node("source", "code", source="${NAME}", pin="${PIN}"))
    resolved, _ = resolve(graph, the_catalog(), {"NAME": "shop", "PIN": 12})

    assert wanted_images(resolved, the_catalog()) == {"source-code": Wanted("shop", "12")}


def test_a_number_may_be_written_with_its_sign():
    graph = built(a_node("deployment", "web"), a_node("source", "code", pin="#12"))

    assert codes_of(graph) == []
    assert list(wanted_images(graph, the_catalog()).values()) == [Wanted("web", "12")]


def test_what_is_not_built_refuses_a_run_and_says_the_cure():
    graph = built(a_node("deployment", "web"))
    why = NotBuilt("source.not_built", "nothing was built of web yet; build it first")

    with pytest.raises(InvalidInput) as caught:
        manifests_of(graph, images={"code": why})

    [problem] = caught.value.problems
    assert (problem.code, problem.detail, problem.node_ids) == (why.code, why.detail, ("code",))
    assert problem.field == "nodes.code.parameters.source"


@pytest.mark.parametrize(("pin", "shown"), [(None, "<build of web>"), ("12", "<build #12 of web>")])
def test_where_builds_are_not_known_a_preview_says_so_in_the_place_of_the_image(pin: str | None, shown: str):
    graph = built(a_node("deployment", "web"), a_node("source", "code", id="code", pin=pin))

    [one], [problem] = preview_graph(graph, the_catalog(), namespace="shop")

    assert one.manifest["spec"]["template"]["spec"]["containers"][0]["image"] == shown
    assert problem.code == "source.image_unknown"
    assert problem.detail.startswith("the image of web is not known here")


def test_images_are_kept_as_they_were():
    images: Images = {"code": an_image(), "other": NotBuilt("source.unknown", "…")}

    assert images_from(images_json(images)) == {"code": an_image()}


def test_a_service_still_finds_the_pods():
    service = a_node("service", "front", id="front")
    nodes = [a_node("source", "code", id="code"), a_node("deployment", "web", id="web", image=None, port=9000), service]
    graph = a_graph(*nodes, edges=[an_edge("code", "web"), an_edge("front", "web")])

    assert only(graph, "Service")["spec"]["ports"][0]["targetPort"] == 9000
