"""A plan rests on the schemas of custom kinds, too: with another one a dry run may say something else, while no object
has changed."""

from __future__ import annotations

import json
from typing import Any

from tests.support.plans import effects, looked_at, made, planned
from tests.support.requests import counted_requests
from tests.support.runs import Bench
from tests.support.wait import until
from tests.support.workflows import a_config_map, a_manifest

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
INTEGER = {"type": "integer"}


class Gadgets:
    """A kind whose schema its owner changes."""

    def __init__(self, bench: Bench) -> None:
        self.bench, self.group = bench, f"{bench.namespace}.example.com"
        self.have(size=INTEGER)

    def one(self, name: str, **spec: Any) -> dict[str, Any]:
        return a_manifest(name, apiVersion=f"{self.group}/v1", kind="Gadget", spec=spec)

    def have(self, description: str = "", **fields: Any) -> None:
        """From now on a Gadget's spec has these fields; the API server says so, and judges by it."""
        before = self._digest()
        spec = {"type": "object", "properties": fields, "description": description}
        names = {"kind": "Gadget", "plural": "gadgets", "singular": "gadget"}
        schema = {"openAPIV3Schema": {"type": "object", "properties": {"spec": spec}}}
        version = {"name": "v1", "served": True, "storage": True, "schema": schema}
        body = {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": f"gadgets.{self.group}"},
            "spec": {"group": self.group, "scope": "Namespaced", "names": names, "versions": [version]},
        }
        path = f"{DEFINITIONS}/gadgets.{self.group}?fieldManager=admin&force=true"
        sent = json.dumps(body).encode()
        status, said = self.bench.plane.call("PATCH", path, sent, content_type="application/apply-patch+yaml")
        assert status in (200, 201), said
        until(lambda: self._digest() not in (before, None), what="the API server tells of the schema")

    def _digest(self) -> Any:
        paths = json.loads(self.bench.plane.call("GET", "/openapi/v3")[1])["paths"]
        return paths.get(f"apis/{self.group}/v1", {}).get("serverRelativeURL")


def test_a_plan_is_not_true_any_more_once_the_schema_of_its_kind_refuses_it(bench: Bench) -> None:
    gadgets = Gadgets(bench)
    bench.draw(gadgets.one("old", size=1))
    bench.applied()
    bench.draw(gadgets.one("old", size=5), gadgets.one("new", size=5), gadgets.one("small", size=2), a_config_map("c"))
    plan = made(bench)
    assert effects(plan) == {"old": "update", "new": "create", "small": "create", "c": "create"}
    gadgets.have("in words alone", size=INTEGER)
    assert looked_at(bench, plan)["moved"] == []

    gadgets.have(size={**INTEGER, "maximum": 3})

    moved = looked_at(bench, plan)["moved"]
    assert {one["ref"]["name"]: one["what"] for one in moved} == dict.fromkeys(
        ("old", "new"), "it would be refused now"
    )
    answer = bench.ask(plan=plan["id"])
    assert (answer.status, answer.body["code"]) == (409, "plan.moved"), answer.body
    assert planned(made(bench), "old")["error"]["code"] == "cluster.invalid"


def test_a_field_that_the_schema_fills_in_by_now_moves_the_plan(bench: Bench) -> None:
    gadgets = Gadgets(bench)
    bench.draw(gadgets.one("new", size=5))
    plan = made(bench)

    gadgets.have(size=INTEGER, colour={"type": "string", "default": "green"})

    [moved] = looked_at(bench, plan)["moved"]
    assert (moved["ref"]["name"], "fills in" in moved["what"]) == ("new", True)


def test_schemas_are_asked_for_once_and_only_where_kinds_are_custom(bench: Bench) -> None:
    gadgets = Gadgets(bench)
    for drawn, times in ((a_config_map("c"),), 0), ((a_config_map("c"), *(gadgets.one(n) for n in "ab")), 1):
        bench.draw(*drawn)
        with counted_requests() as requests:
            made(bench)
        assert sum("/openapi/" in str(one) for one in requests.seen) == times
