"""The order of a run, and what it may delete."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clusters.domain.objects import Ref
from workflows.domain.rendering.data import HOLDS_DATA, TAKEN_OVER, Hold, hold_of_row
from workflows.domain.rendering.json_digest import manifest_hash
from workflows.domain.rendering.plan import Action, Owned, Plan, make_plan


@dataclass(frozen=True)
class Drawn:
    node_id: str
    ref: Ref
    manifest: dict[str, Any]
    wave: int


def ref(kind: str, name: str, api_version: str = "v1") -> Ref:
    return Ref(api_version, kind, "shop", name)


def drawn(kind: str, name: str, wave: int, api_version: str = "v1") -> Drawn:
    return Drawn(name, ref(kind, name, api_version), {}, wave)


def owned(kind: str, name: str, wave: int = 0, *, holds_data: bool = False, api_version: str = "v1") -> Owned:
    hold = hold_of_row(ref(kind, name, api_version), holds_data=holds_data)
    return Owned(ref(kind, name, api_version), name, f"uid-{name}", wave, hold)


def told(plan: Plan) -> list[tuple[int, str, str]]:
    return [(step.wave, step.action.value, step.ref.name) for step in plan.steps]


def test_waves_follow_the_rendered_ones_without_gaps() -> None:
    plan = make_plan([drawn("Service", "svc", 7), drawn("ConfigMap", "a", 1), drawn("ConfigMap", "b", 1)], [])
    assert told(plan) == [(0, "apply", "a"), (0, "apply", "b"), (1, "apply", "svc")]
    assert plan.waves == 2
    assert [step.index for step in plan.steps] == [0, 1, 2]


def test_objects_no_longer_rendered_are_deleted_last_in_reverse_order() -> None:
    inventory = [owned("ConfigMap", "conf", 0), owned("Deployment", "old", 1), owned("Ingress", "way", 3)]
    plan = make_plan([drawn("Deployment", "new", 1)], inventory)
    assert told(plan) == [(0, "apply", "new"), (1, "delete", "way"), (2, "delete", "old"), (3, "delete", "conf")]
    assert plan.steps[1].uid == "uid-way"


def test_only_the_inventory_is_ever_deleted() -> None:
    plan = make_plan([], [owned("Service", "mine")])
    assert told(plan) == [(0, "delete", "mine")]


@pytest.mark.parametrize(("kind", "api_version"), [("PersistentVolumeClaim", "v1"), ("StatefulSet", "apps/v1")])
def test_data_is_kept_unless_the_person_chose_to_delete_it(kind: str, api_version: str) -> None:
    inventory = [owned(kind, "data", holds_data=True, api_version=api_version)]
    assert told(make_plan([], inventory)) == [(0, "keep", "data")]
    assert told(make_plan([], inventory, delete_volumes=True)) == [(0, "delete", "data")]


def test_destroy_deletes_a_stateful_set_and_keeps_its_claims() -> None:
    inventory = [
        owned("PersistentVolumeClaim", "disk", 0, holds_data=True),
        owned("StatefulSet", "db", 1, holds_data=True, api_version="apps/v1"),
    ]
    plan = make_plan([], inventory, destroy=True)
    assert told(plan) == [(0, "delete", "db"), (0, "keep", "disk")]
    assert [step.action for step in make_plan([], inventory, destroy=True, delete_volumes=True).steps] == [
        Action.DELETE,
        Action.DELETE,
    ]


def test_a_new_api_version_of_the_same_object_deletes_nothing() -> None:
    old = owned("HorizontalPodAutoscaler", "hpa", api_version="autoscaling/v1")
    plan = make_plan([drawn("HorizontalPodAutoscaler", "hpa", 0, "autoscaling/v2")], [old])
    assert told(plan) == [(0, "apply", "hpa")]


def test_a_renamed_node_leaves_no_orphan() -> None:
    plan = make_plan([drawn("Service", "after", 0)], [owned("Service", "before")])
    assert told(plan) == [(0, "apply", "after"), (1, "delete", "before")]


def test_an_empty_run_has_no_waves() -> None:
    assert make_plan([], []) == Plan((), 0)


def test_a_plan_to_destroy_applies_nothing() -> None:
    with pytest.raises(ValueError, match="applies nothing"):
        make_plan([drawn("Service", "a", 0)], [], destroy=True)


names = st.sampled_from([f"n{n}" for n in range(12)])
kinds = st.sampled_from(["ConfigMap", "Service", "PersistentVolumeClaim", "Secret"])
objects = st.dictionaries(st.tuples(kinds, names), st.integers(0, 4), max_size=20)


@given(objects, objects, st.booleans())
def test_every_object_has_exactly_one_step(now: Any, before: Any, delete_volumes: bool) -> None:
    rendered = [drawn(kind, name, wave) for (kind, name), wave in now.items()]
    inventory = [
        owned(kind, name, wave, holds_data=kind == "PersistentVolumeClaim") for (kind, name), wave in before.items()
    ]
    plan = make_plan(rendered, inventory, delete_volumes=delete_volumes)
    assert sorted((step.ref.kind, step.ref.name) for step in plan.steps) == sorted({*now, *before})
    assert [step.index for step in plan.steps] == list(range(len(plan.steps)))
    assert [step.wave for step in plan.steps] == sorted(step.wave for step in plan.steps)
    for step in plan.steps:
        key = (step.ref.kind, step.ref.name)
        assert (step.action is Action.APPLY) == (key in now)
        assert (step.action is Action.DELETE) == (
            key not in now and (delete_volumes or step.ref.kind != "PersistentVolumeClaim")
        )


@given(st.dictionaries(st.text(max_size=5), st.integers(), max_size=6))
def test_the_hash_ignores_the_order_of_keys(data: dict[str, int]) -> None:
    assert manifest_hash(data) == manifest_hash(dict(reversed(data.items())))


def test_what_stays_keeps_what_it_needs_and_says_so() -> None:
    database = Owned(
        ref("StatefulSet", "db", "apps/v1"), "db", "uid-db", 1, HOLDS_DATA, (ref("Secret", "s"), ref("Service", "not"))
    )
    plan = make_plan([], [database, owned("Secret", "s"), owned("Secret", "other")])
    assert told(plan) == [(0, "delete", "other"), (0, "keep", "db"), (0, "keep", "s")]
    assert [step.reason for step in plan.kept] == ["it holds data", "StatefulSet db stays and needs it"]
    assert plan.kept[0].holds_data
    assert len(make_plan([], [database, owned("Secret", "s")], delete_volumes=True).deletions) == 2


def test_what_was_taken_over_is_given_back_after_all_else_with_what_it_alone_needs() -> None:
    def taken(name: str, *needs: Ref) -> Owned:
        return Owned(ref("Deployment", name, "apps/v1"), name, name, 1, TAKEN_OVER, needs, taken_over=True)

    database = Owned(ref("StatefulSet", "db", "apps/v1"), "db", "uid-db", 1, HOLDS_DATA, (ref("Secret", "both"),))
    web = taken("web", ref("Secret", "both"), ref("Secret", "its"))
    inventory = [web, database, *(owned("Secret", name) for name in ("both", "its", "other"))]
    plan = make_plan([], inventory)
    assert told(plan) == [
        (0, "delete", "other"), (0, "keep", "db"), (0, "keep", "both"), (1, "give_back", "web"), (1, "give_back", "its")
    ]  # fmt: skip
    assert plan.waves == 2
    assert [step.action.value for step in make_plan([], inventory, gives_back=False).kept] == ["keep"] * 4
    assert [step.action.value for step in make_plan([], [web], destroy=True).steps] == ["give_back"]
    assert [step.action.value for step in make_plan([], [web], delete_volumes=True).steps] == ["give_back"]
    assert [step.action.value for step in make_plan([], [web], refused={web.ref: Hold("x")}).steps] == ["keep"]


def test_what_the_cluster_speaks_against_is_kept_even_when_it_was_asked_for() -> None:
    inventory = [owned("Secret", "a"), owned("Secret", "b")]
    refused = {inventory[0].ref: Hold("others use it")}
    for destroy in (False, True):
        plan = make_plan([], inventory, destroy=destroy, delete_volumes=True, refused=refused)
        assert told(plan) == [(0, "delete", "b"), (0, "keep", "a")]
        assert [step.reason for step in plan.kept] == ["others use it"]


def test_a_volume_is_deleted_after_the_claims_that_hold_on_to_it() -> None:
    inventory = [owned("PersistentVolume", "pv", 1, holds_data=True), owned("PersistentVolumeClaim", "c", 1)]
    assert told(make_plan([], inventory, delete_volumes=True)) == [(0, "delete", "c"), (1, "delete", "pv")]
