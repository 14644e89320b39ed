"""A plan that brings an image of ours which is in no registry any more says so, as a return to an earlier run may."""

from __future__ import annotations

from typing import Any

from builds.running import image_store
from kubeorch.base.clock import now
from tests.support.built import a_build, a_source, digest_of, image_of
from tests.support.plans import made
from tests.support.runs import Bench
from tests.support.workflows import a_node


def said(plan: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one["ref"]["name"], one["code"]) for one in plan["lacking"]]


def test_an_image_that_was_removed_is_named_where_the_plan_brings_it(bench: Bench) -> None:
    source = a_source(bench.person.team_id)
    a_build(source)
    bench.draw(a_node("web", image=image_of(1)), a_node("other", image="nginx:1.27"))
    assert said(made(bench)) == []

    place = image_of(1).partition("@")[0]
    image_store.note_removal(source["_id"], [(place, digest_of(1))], now(), "Anna")
    plan = made(bench)
    assert said(plan) == [("web", "image.removed")]
    assert image_of(1) in plan["lacking"][0]["detail"]

    a_build(source, digest=digest_of(1))
    assert said(made(bench)) == [], "it was built again, and is there"


def test_what_was_removed_is_named_on_the_way_back_to_the_run_that_had_it_and_not_of_what_stays(bench: Bench) -> None:
    source = a_source(bench.person.team_id)
    a_build(source)
    bench.draw(a_node("web", image=image_of(1)), a_node("other", image="nginx:1.27"))
    first = bench.applied()
    image_store.note_removal(source["_id"], [(image_of(1).partition("@")[0], digest_of(1))], now(), "Anna")
    assert said(made(bench)) == [], "nothing of it changes"
    bench.draw(a_node("web", image="nginx:1.27"), a_node("other", image="nginx:1.27"))
    bench.applied()
    assert said(made(bench, kind="rollback", to_run=first["id"])) == [("web", "image.removed")]
