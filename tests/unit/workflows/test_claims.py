"""Which claims a StatefulSet makes, and what becomes of those it left behind."""

from __future__ import annotations

from typing import Any

import pytest

from clusters.domain.objects import Ref
from workflows.domain.rendering.claims import ClaimsMade, UsersOfClaims, claims_made
from workflows.domain.rendering.data import HOLDS_DATA
from workflows.domain.rendering.plan import Owned, make_plan
from workflows.domain.rendering.render import Rendered

SET = Ref("apps/v1", "StatefulSet", "shop", "db")


def a_set(*templates: str, api_version: str = "apps/v1", **labels: str) -> dict[str, Any]:
    claims = [{"metadata": {"name": name}} for name in templates]
    spec = {"selector": {"matchLabels": labels}, "volumeClaimTemplates": claims}
    return {"apiVersion": api_version, "kind": "StatefulSet", "metadata": {"name": "db"}, "spec": spec}


def a_claim(name: str, **labels: str) -> dict[str, Any]:
    return {"metadata": {"name": name, "labels": labels}}


@pytest.mark.parametrize(
    ("name", "is_made"),
    [
        ("data-db-0", True),
        ("logs-db-12", True),
        ("data-db-007", False),
        ("data-db-", False),
        ("data-db-x", False),
        ("data-db-1-0", False),
        ("data-other-0", False),
        ("data-db-٣", False),
        ("data-db", False),
    ],
)
def test_a_claim_is_made_for_a_set_by_its_name(name: str, is_made: bool) -> None:
    made = claims_made(a_set("data", "logs", app="db"))
    assert made is not None
    assert made.has_made("db", a_claim(name, app="db", more="x")) is is_made


def test_a_claim_without_the_labels_of_the_sets_selector_is_somebody_elses() -> None:
    made = claims_made(a_set("data", app="db"))
    assert made is not None
    assert not made.has_made("db", a_claim("data-db-0", app="other"))
    assert not made.has_made("db", {"metadata": {"name": "data-db-0"}})


def test_only_sets_of_kubernetes_with_templates_make_claims() -> None:
    assert claims_made(a_set()) is None
    assert claims_made(a_set("data", api_version="apps.kruise.io/v1")) is None
    assert claims_made({**a_set("data"), "kind": "Deployment"}) is None


def test_what_is_stored_of_claims_comes_back_with_dotted_labels() -> None:
    made = ClaimsMade(("data",), {"app.kubernetes.io/name": "db", "$x": "1"})
    assert ClaimsMade.of_document(made.as_document()) == made


def left_behind(name: str, made_by: Ref | None = SET) -> Owned:
    return Owned(Ref("v1", "PersistentVolumeClaim", "shop", name), "db", "u1", 0, HOLDS_DATA, made_by=made_by)


def told(
    *inventory: Owned, templates: tuple[str, ...] = ("data",), delete_volumes: bool = True
) -> list[tuple[str, str]]:
    drawn = [Rendered("db", SET, a_set(*templates, app="db"), 2)]
    plan = make_plan(drawn, inventory, delete_volumes=delete_volumes)
    return [(step.action.value, step.reason) for step in plan.steps if step.ref.kind != "StatefulSet"]


def test_a_claim_left_behind_is_its_sets_again_once_that_is_drawn() -> None:
    assert told(left_behind("data-db-0")) == []
    assert told(left_behind("data-db-0"), delete_volumes=False) == []


def test_a_claim_left_behind_under_a_template_that_is_gone_is_kept_or_deleted_as_any_other() -> None:
    assert told(left_behind("old-db-0")) == [("delete", "")]
    assert told(left_behind("old-db-0"), delete_volumes=False) == [("keep", "it holds data")]


def test_a_claim_that_a_drawn_set_uses_is_never_deleted() -> None:
    assert told(left_behind("data-db-0", made_by=None)) == [("keep", "StatefulSet db uses it")]


def test_sets_of_another_namespace_use_nothing_here() -> None:
    users = UsersOfClaims([(Ref("apps/v1", "StatefulSet", "other", "db"), a_set("data"))])
    assert users.of(Ref("v1", "PersistentVolumeClaim", "shop", "data-db-0")) is None
