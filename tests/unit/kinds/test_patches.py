"""A patch says less of a list than all of it: an entry by its name, and the order of the entries."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.kinds.samples import a_graph, a_node, manifests_of, problems_of
from workflows.domain.kinds.patches import merge_patch

POD = {"containers": [{"name": "web", "image": "a:1", "env": [{"name": "A", "value": "1"}]}, {"name": "log"}]}


@pytest.mark.parametrize(
    ("patch", "expected"),
    [
        ({"containers[log]": {"tty": True}}, [POD["containers"][0], {"name": "log", "tty": True}]),
        ({"containers[log]": None}, [POD["containers"][0]]),
        ({"containers[new]": {"image": "b:1"}}, [*POD["containers"], {"name": "new", "image": "b:1"}]),
        ({"containers[none]": None}, POD["containers"]),
        ({"$setElementOrder/containers": [{"name": "log"}]}, [{"name": "log"}, POD["containers"][0]]),
        ({"containers": [{"name": "all"}]}, [{"name": "all"}]),
    ],
)
def test_an_entry_of_a_list_is_found_by_its_name(patch: dict[str, Any], expected: list[Any]):
    assert merge_patch(POD, patch) == {"containers": expected}


def test_a_list_that_is_missing_is_made_and_one_that_becomes_empty_goes():
    assert merge_patch({}, {"env[A]": {"value": "1"}}) == {"env": [{"name": "A", "value": "1"}]}
    assert merge_patch({"env": [{"name": "A"}]}, {"env[A]": None}) == {}
    assert merge_patch({}, {"env[A]": None}) == {}


def test_a_key_that_an_object_has_itself_is_that_key():
    assert merge_patch({"a[b]": 1}, {"a[b]": 2}) == {"a[b]": 2}
    assert merge_patch({"a": "text"}, {"a[b]": 2}) == {"a": "text", "a[b]": 2}


def test_entries_are_ordered_by_some_of_their_fields_and_others_follow():
    mounts = [{"name": "x", "mountPath": "/x"}, {"name": "z", "mountPath": "/z"}, {"name": "y", "mountPath": "/y"}]
    ordered = merge_patch({"m": mounts}, {"$setElementOrder/m": [{"mountPath": "/y"}, {"name": "x"}]})

    assert [one["name"] for one in ordered["m"]] == ["y", "x", "z"]


def test_a_patch_reaches_one_variable_and_leaves_the_form_its_others():
    patch = (
        'spec: {template: {spec: {"containers[one]": {"env[B]": {value: "2"}, "$setElementOrder/env": [{name: B}]}}}}'
    )
    graph = a_graph(a_node("deployment", "one", patch=patch, env={"A": "1"}, image="a:1"))

    [container] = manifests_of(graph)[0]["spec"]["template"]["spec"]["containers"]
    assert problems_of(graph) == []
    assert container["env"] == [{"name": "B", "value": "2"}, {"name": "A", "value": "1"}]


def test_a_workload_that_chooses_its_labels_is_found_by_them_alone():
    nodes = [
        a_node("deployment", "web", id="web", selector={"app": "shop"}, pod_labels={"app": "shop", "tier": "front"}),
        a_node("service", "web", id="service"),
    ]
    edge = {"id": "e", "source": "service", "target": "web", "relation": "exposes", "parameters": {}}
    found = {one["kind"]: one["spec"] for one in manifests_of(a_graph(*nodes, edges=[edge]))}

    assert found["Deployment"]["selector"] == {"matchLabels": {"app": "shop"}}
    assert found["Deployment"]["template"]["metadata"] == {"labels": {"app": "shop", "tier": "front"}}
    assert found["Service"]["selector"] == {"app": "shop"}


def test_a_selector_that_the_pods_do_not_have_is_refused():
    graph = a_graph(a_node("deployment", "web", selector={"app": "shop"}, pod_labels={"tier": "front"}))

    assert [one.code for one in problems_of(graph)] == ["selector.not_on_pods"]
