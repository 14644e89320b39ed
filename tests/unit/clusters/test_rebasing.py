"""Edits of an object, made again on the object as it is by now."""

from __future__ import annotations

import copy
import random
from typing import Any

import pytest

from clusters.domain.rebasing import Clash, edits_between, rebase
from tests.support.cpu import takes_less_than
from tests.support.seeds import SEED


def a_deployment(**spec: Any) -> dict[str, Any]:
    containers = [{"name": "web", "image": "web:1", "args": ["a", "b"]}, {"name": "side", "image": "side:1"}]
    pod = {"containers": containers, "volumes": [{"name": "tmp", "emptyDir": {}}]}
    return {"metadata": {"name": "web"}, "spec": {"replicas": 1, "template": {"spec": pod}, **spec}}


def with_change(manifest: dict[str, Any], change: Any) -> dict[str, Any]:
    found = copy.deepcopy(manifest)
    change(found)
    return found


def web(manifest: dict[str, Any]) -> dict[str, Any]:
    return manifest["spec"]["template"]["spec"]["containers"][0]  # type: ignore[no-any-return]


def test_what_others_changed_stays_and_my_edits_are_made_beside_it() -> None:
    base = a_deployment()
    mine = with_change(base, lambda m: web(m).update(image="web:2"))

    def others(manifest: dict[str, Any]) -> None:
        manifest["spec"]["replicas"] = 5
        manifest["metadata"]["annotations"] = {"seen": "yes"}
        manifest["spec"]["template"]["spec"]["containers"].insert(0, {"name": "proxy", "image": "proxy:1"})

    found = rebase(base, mine, with_change(base, others), {})
    assert found.clashes == ()
    assert found.object == with_change(mine, others)


def test_only_a_field_that_both_changed_differently_is_asked_for() -> None:
    base = a_deployment()
    mine = with_change(base, lambda m: web(m).update(image="web:2", args=["c"]))
    live = with_change(base, lambda m: web(m).update(image="web:3", args=["c"]))
    path = "spec.template.spec.containers[name=web].image"
    found = rebase(base, mine, live, {})
    assert [(one.text, one.base, one.mine, one.theirs) for one in found.clashes] == [(path, "web:1", "web:2", "web:3")]
    assert isinstance(found.clashes[0], Clash)
    assert web(rebase(base, mine, live, {path: "mine"}).object)["image"] == "web:2"
    assert web(rebase(base, mine, live, {path: "theirs"}).object)["image"] == "web:3"
    assert rebase(base, mine, live, {path: "theirs"}).clashes == ()


@pytest.mark.parametrize(
    "change",
    [
        lambda m: m["spec"]["template"]["spec"]["containers"].reverse(),
        lambda m: m["spec"]["template"]["spec"]["containers"].insert(1, {"name": "new", "image": "new:1"}),
        lambda m: m["spec"]["template"]["spec"]["containers"].pop(1),
        lambda m: m["spec"]["template"]["spec"]["volumes"][0].update(emptyDir={"medium": "Memory"}),
        lambda m: m["spec"].pop("replicas"),
        lambda m: m["metadata"].update(labels={"a": "b"}, annotations={}),
        lambda m: web(m).update(ports=[{"containerPort": 80}], env=[{"name": "B"}, {"name": "A", "value": "$(B)"}]),
    ],
)
def test_without_a_change_of_others_the_result_is_what_i_wrote(change: Any) -> None:
    base = a_deployment()
    mine = with_change(base, change)
    found = rebase(base, mine, base, {})
    assert (found.object, found.clashes) == (mine, ())


def test_numbers_that_are_equal_in_python_alone_are_edits() -> None:
    assert [one.text for one in edits_between({"a": 1, "b": 0}, {"a": True, "b": 0.0})] == ["a", "b"]


def test_random_edits_of_two_people_in_different_fields_never_clash_and_both_come_through() -> None:
    draw = random.Random(SEED)
    for _ in range(200):
        names = [f"f{number}" for number in range(12)]
        base = {"metadata": {}, "spec": {name: draw.choice([1, "a", [1], {"x": 1}]) for name in names}}
        cut = draw.randrange(12)
        mine, theirs = copy.deepcopy(base), copy.deepcopy(base)
        for manifest, own in ((mine, names[:cut]), (theirs, names[cut:])):
            for name in own:
                if draw.random() < 0.5:
                    manifest["spec"].pop(name)
                else:
                    manifest["spec"][name] = draw.choice([2, "b", [], {"y": {"z": 1}}])
        found = rebase(base, mine, theirs, {})
        wanted = {**{k: v for k, v in mine["spec"].items() if k in names[:cut]}}
        wanted |= {k: v for k, v in theirs["spec"].items() if k in names[cut:]}
        assert (found.object["spec"], found.clashes) == (wanted, ())


def test_edits_of_many_keys_and_items_take_time_in_proportion() -> None:
    """Each key is found in one step: 30,000 of them by each other would take minutes."""
    names = [f"k{number}" for number in range(30_000)]
    base = {"metadata": {"name": "many"}, "data": dict.fromkeys(names, "a")}
    edited = {**base, "data": dict.fromkeys(names, "b")}
    assert takes_less_than(8.0, lambda: rebase(base, edited, base, {}))
    assert rebase(base, edited, base, {}).object == edited

    def env(value: str, order: int) -> dict[str, Any]:
        rows = [{"name": name, "value": value} for name in names[:8_000]][::order]
        return {"metadata": {"name": "many"}, "spec": {"containers": [{"name": "web", "env": rows}]}}

    assert takes_less_than(8.0, lambda: rebase(env("a", 1), env("b", -1), env("a", 1), {}))
    assert rebase(env("a", 1), env("b", -1), env("a", 1), {}).object == env("b", -1)
