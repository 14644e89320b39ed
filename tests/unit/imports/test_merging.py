"""Files imported again change what they say anew, and leave alone what people did in the workflow."""

from __future__ import annotations

from typing import Any

from imports.domain.merging import ABSENT, KEEP_ALL, REMOVED, Merged, merge
from kubeorch.base.records import replace
from workflows.domain.graphs.graph import Edge, Graph, Node


def node(
    name: str, kind: str = "deployment", *, id_: str = "", patch: Any = None, at: float = 0, **parameters: Any
) -> Node:
    return Node(id_ or name, kind, name, parameters, patch, at, at)


def graph(*nodes: Node, edges: tuple[Edge, ...] = ()) -> Graph:
    return Graph(nodes, edges)


def of(found: Merged, node_id: str) -> Node:
    return next(one for one in found.graph.nodes if one.id == node_id)


def test_what_the_files_have_not_changed_stays_as_people_made_it() -> None:
    base = graph(node("web", image="a:1", env={"A": "1", "B": "2"}, replicas=1))
    ours = graph(node("web", image="a:1", env={"A": "1", "B": "2", "C": "3"}, replicas=4, patch="spec: {x: 1}", at=500))
    theirs = graph(node("web", image="a:2", env={"A": "9", "B": "2"}, replicas=1))

    found = merge(ours, theirs, base)

    web = of(found, "web")
    assert web.parameters == {"image": "a:2", "env": {"A": "9", "B": "2", "C": "3"}, "replicas": 4}
    assert (web.patch, web.x, found.conflicts) == ("spec: {x: 1}", 500, ())
    assert merge(found.graph, theirs, theirs).graph == found.graph, "importing the same files again changes nothing"


def test_what_both_have_changed_is_a_conflict_and_either_side_can_be_taken() -> None:
    base = graph(node("web", image="a:1", patch="spec: {replicas: 1, paused: true}"))
    ours = graph(node("web", image="mine", patch="spec: {replicas: 2, paused: true, mine: 1}"))
    theirs = graph(node("web", image="a:2", patch="spec: {replicas: 3}"))

    found = merge(ours, theirs, base)

    assert [(f"{one.node_id} {one.path}", one.ours, one.theirs) for one in found.conflicts] == [
        ("web parameters.image", "mine", "a:2"),
        ("web patch.spec.replicas", 2, 3),
    ]
    assert of(found, "web").parameters["image"] == "a:2"
    assert of(found, "web").yaml("$patch") == {"spec": {"replicas": 3, "mine": 1}}
    kept = merge(ours, theirs, base, keep=[found.conflicts[0].id])
    assert of(kept, "web").parameters["image"] == "mine"
    assert kept.conflicts == found.conflicts, "they are told all the same"


def test_a_renamed_node_is_known_by_the_id_that_its_import_gave_it() -> None:
    base = graph(node("web", id_="n1", image="a:1"))
    ours = graph(node("frontend", id_="n1", image="a:1"))

    found = merge(ours, graph(node("web", id_="other", image="a:2")), base)

    assert [(one.id, one.name, one.parameters) for one in found.graph.nodes] == [("n1", "frontend", {"image": "a:2"})]
    assert found.ids == {"other": "n1"}


def test_without_an_earlier_import_nodes_meet_by_kind_and_name_and_every_difference_is_told() -> None:
    ours = graph(node("web", id_="x", image="mine", replicas=3), node("web", "service", id_="web"))
    theirs = graph(node("web", image="a:1", port=80), node("db", "statefulset"))

    found = merge(ours, theirs, None)

    assert of(found, "x").parameters == {"image": "a:1", "replicas": 3, "port": 80}
    assert [one.path for one in found.conflicts] == ["parameters.image"]
    assert [one.id for one in found.graph.nodes] == ["x", "web", "db"]


def test_what_left_the_files_leaves_the_workflow_unless_somebody_worked_on_it() -> None:
    base = graph(node("web"), node("tools", image="a"), node("mine", image="a"))
    ours = graph(node("web"), node("tools", image="a", at=90), node("mine", image="b"), node("own"))

    found = merge(ours, graph(node("web")), base)
    kept = merge(ours, graph(node("web")), base, keep=[one.id for one in found.conflicts])

    assert [one.id for one in found.graph.nodes] == ["web", "own"]
    assert [(one.path, one.ours, one.theirs) for one in found.conflicts] == [(REMOVED, "mine", ABSENT)]
    assert [one.id for one in kept.graph.nodes] == ["web", "mine", "own"]


def test_what_people_took_out_stays_out_while_the_files_say_the_same_of_it() -> None:
    base = graph(node("web"), node("tools", image="a"), edges=(Edge("e", "web", "tools", "after"),))
    ours = graph(node("web"))
    assert merge(ours, base, base).graph == ours
    changed = graph(node("web"), node("tools", image="b"))
    found = merge(ours, changed, base)
    assert [one.id for one in found.graph.nodes] == ["web", "tools"]
    assert [(one.node_id, one.path) for one in found.conflicts] == [("tools", REMOVED)]
    assert merge(ours, changed, base, keep=[found.conflicts[0].id]).graph == ours


def test_lines_follow_their_ends_and_keep_what_people_drew() -> None:
    def line(id_: str, source: str, target: str, **parameters: Any) -> Edge:
        return Edge(id_, source, target, "after", parameters)

    base = graph(node("a"), node("b"), node("c"), edges=(line("e1", "a", "b"), line("e2", "b", "c")))
    ours = graph(node("a"), node("b"), node("c"), node("own"), edges=(line("e1", "a", "b"), line("mine", "own", "a")))
    theirs = graph(
        node("a"), node("b"), node("c"), edges=(line("e9", "a", "c"), line("e2", "b", "c"), line("mine", "c", "a"))
    )

    found = merge(ours, theirs, base)

    assert [(one.id, one.source, one.target) for one in found.graph.edges] == [
        ("mine", "own", "a"),
        ("e9", "a", "c"),
        ("mine-2", "c", "a"),
    ], "e1 left the files, e2 was taken out by hand, mine is somebody's own"


def test_new_nodes_come_below_what_is_drawn() -> None:
    found = merge(graph(node("a", at=400)), graph(node("b", at=10), node("c", at=60)), None)
    assert [(one.id, one.x, one.y) for one in found.graph.nodes] == [
        ("a", 400, 400),
        ("b", 400, 520),
        ("c", 450, 570),
    ]


def test_a_new_node_stands_beside_what_it_is_connected_with_where_nothing_stands() -> None:
    """An Ingress left of its Service, a claim's pod right of it; two that are connected with one another come below."""
    service, claim = replace(node("web", "service"), x=300, y=0), replace(node("data", "claim"), x=0, y=100)
    ours = graph(service, claim, replace(node("old"), x=0, y=0))
    ingress, job, lone, pair = (
        node("way", "ingress"),
        node("seed", "job"),
        node("new"),
        node("new", "service", id_="two"),
    )
    edges = (
        Edge("e1", "way", "web", "routes", {}),
        Edge("e2", "data", "seed", "stores", {}),
        Edge("e3", "two", "new", "exposes", {}),
    )
    found = merge(ours, graph(service, claim, ingress, job, lone, pair, edges=edges), None)
    places = {one.id: (one.x, one.y) for one in found.graph.nodes}
    assert places["way"] == (0, -100), "nearest free row: at 0 the old one stands, at 100 the claim"
    assert places["seed"] == (300, 100)
    assert min(places["new"][1], places["two"][1]) > 200


def test_an_id_that_is_taken_by_another_node_is_given_anew() -> None:
    ours = graph(node("db", "service", id_="web"))
    theirs = graph(node("web"), node("db", "service", id_="s"), edges=(Edge("e", "s", "web", "routes"),))
    found = merge(ours, theirs, None)
    assert [(one.id, one.kind) for one in found.graph.nodes] == [("web", "service"), ("web-2", "deployment")]
    assert [(one.source, one.target) for one in found.graph.edges] == [("web", "web-2")]
    assert found.ids == {"web": "web-2", "s": "web"}


def test_keys_with_dots_have_conflicts_of_their_own_and_all_can_be_kept_at_once() -> None:
    def sides(one: str) -> Graph:
        return graph(node("web", m={"x.y": one, "x": {"y": one}}))

    found = merge(sides("mine"), sides("new"), sides("old"))

    assert len({one.id for one in found.conflicts}) == 2
    assert merge(sides("mine"), sides("new"), sides("old"), keep=[KEEP_ALL]).graph == sides("mine")


def test_objects_as_yaml_of_one_name_and_different_kinds_keep_apart() -> None:
    """Charts name every object alike."""
    kinds = (
        "monitoring.coreos.com/v1, kind: ServiceMonitor",
        "cert-manager.io/v1, kind: Certificate",
        "v1, kind: Role",
    )
    same = graph(
        *(
            node("shop", "manifest", id_=f"n{number}", manifest=f"{{apiVersion: {kind}}}")
            for number, kind in enumerate(kinds)
        )
    )

    found = merge(same, same, same)

    assert (found.graph, found.conflicts) == (same, ())
    assert merge(same, graph(*same.nodes[1:]), same).graph == graph(*same.nodes[1:])


def test_frames_stay_as_people_left_them_and_new_nodes_reach_for_none_that_is_drawn() -> None:
    framed = {name: replace(node(name, image="a:1"), group="front") for name in ("web", "api", "new")}
    base = graph(framed["web"], framed["api"])
    ours = graph(replace(framed["web"], group="shop"), framed["api"])
    other = replace(node("db", kind="statefulset", image="a:1"), group="back")

    found = merge(ours, graph(*framed.values(), other), base)

    assert {one.name: one.group for one in found.graph.nodes} == {
        "web": "shop",
        "api": "front",
        "new": "",
        "db": "back",
    }
