"""The deletion budget of an environment, and what a rename means."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clusters.domain.objects import Ref
from workflows.domain.rendering.budget import DEFAULT, Budget, Deletions, budget_of, renames


@dataclass(frozen=True)
class One:
    node_id: str
    ref: Ref


def one(node_id: str, name: str, kind: str = "Deployment", api_version: str = "apps/v1") -> One:
    return One(node_id, Ref(api_version, kind, "shop", name))


@pytest.mark.parametrize(
    ("owned", "budget"), [(0, 10), (1, 10), (50, 10), (54, 10), (55, 11), (100, 20), (104, 20), (5000, 1000)]
)
def test_ten_objects_or_a_fifth_of_what_is_owned_may_go_whichever_is_more(owned: int, budget: int) -> None:
    assert DEFAULT.of(owned) == budget


@given(st.integers(0, 10_000), st.integers(0, 100), st.integers(0, 10_000), st.integers(0, 10_000))
def test_a_run_is_above_the_budget_only_where_it_deletes_more_than_either_bound(
    objects: int, percent: int, owned: int, count: int
) -> None:
    above = Deletions(count, Budget(objects, percent).of(owned)).above
    assert above == (count > objects and count * 100 > owned * percent - owned * percent % 100)


def test_an_environment_may_have_a_budget_of_its_own() -> None:
    assert budget_of({}) == budget_of({"deletion_budget": None}) == Budget(10, 20)
    assert budget_of({"deletion_budget": {"objects": 0, "percent": 0}}).of(1000) == 0


def test_a_renamed_node_makes_a_new_object_and_leaves_the_old_one() -> None:
    [found] = renames([one("n1", "shop"), one("n2", "api")], [one("n1", "web"), one("n2", "api")])
    assert (found.before.name, found.after.name) == ("web", "shop")
    assert found.meaning == "web was renamed to shop: a new Deployment is made, the old one is deleted"


def test_the_old_object_of_a_rename_may_stay() -> None:
    old = one("n1", "db", "StatefulSet")
    [found] = renames([one("n1", "data", "StatefulSet")], [old], {old.ref})
    assert found.meaning == "db was renamed to data: a new StatefulSet is made, the old one stays"


def test_what_only_looks_like_a_rename_is_none() -> None:
    assert renames([one("n1", "shop")], [one("n2", "web")]) == []
    assert renames([one("n1", "shop", "Service", "v1")], [one("n1", "web")]) == []
    assert renames([one("n1", "web")], [one("n1", "web", api_version="apps/v1beta2")]) == []
    assert renames([one("n1", "a"), one("n1", "b")], [one("n1", "c")]) == []
    assert renames([one("", "shop")], [one("", "web")]) == []
