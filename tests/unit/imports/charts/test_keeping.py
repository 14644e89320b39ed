"""What is random in a rendering is kept, by whose it is, and no further than it reaches."""

from __future__ import annotations

import base64
from typing import Any

from imports.charts.helm import Rendering
from imports.charts.keeping import Before, kept
from imports.charts.printed import Part
from kubeorch.base.yaml import load_all_strict
from kubeorch.base.yaml_writing import dump

Manifest = dict[str, Any]


def parts(*manifests: Manifest) -> tuple[Part, ...]:
    return tuple(Part("shop/templates/all.yaml", dump(one)) for one in manifests)


def secret(name: str, **data: str) -> Manifest:
    encoded = {key: base64.b64encode(value.encode()).decode() for key, value in data.items()}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "data": encoded}


def config(name: str, text: str) -> Manifest:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"own": text}}


def carried(before: list[Manifest], now: list[Manifest], again: list[Manifest]) -> tuple[list[Manifest], list[Any]]:
    """What is kept of two renderings, after one that was random as well."""
    other = [secret(one["metadata"]["name"], password="other") if one["kind"] == "Secret" else one for one in before]
    first, random = kept(Rendering(parts(*before), parts(*other)))
    found, said = kept(Rendering(parts(*now), parts(*again)), Before(tuple(first), tuple(random)))
    return [one for part in found for one in load_all_strict(part.text)], said


def test_a_password_stays_with_its_object_when_others_come_and_go():
    before = [secret("alice", password="a-1"), secret("bob", password="b-1")]
    now = [secret("bob", password="b-2"), secret("carol", password="c-2")]
    again = [secret("bob", password="B-3"), secret("carol", password="C-3")]

    found, random = carried(before, now, again)

    assert found == [secret("bob", password="b-1"), secret("carol", password="c-2")]
    assert [(one.name, one.fields, one.anew) for one in random] == [
        ("bob", ("data.password",), ()),
        ("carol", ("data.password",), ()),
    ]


def test_what_values_change_beside_a_random_text_is_not_lost():
    before = [config("conf", "port: 80\ntoken: t-abcdef\n")]
    found, _ = carried(
        before, [config("conf", "port: 90\ntoken: t-123456\n")], [config("conf", "port: 90\ntoken: t-xyzxyz\n")]
    )
    assert found == [config("conf", "port: 90\ntoken: t-abcdef\n")]

    users, again = [config("conf", "carol: qwerty\n")], [config("conf", "carol: asdfgh\n")]
    found, random = carried([config("conf", "alice: secret\n")], users, again)
    assert found == users
    assert random[0].anew == ("data.own",)


def test_an_item_of_a_list_is_the_same_only_by_what_it_holds():
    def pod(*env: tuple[str, str]) -> Manifest:
        rows = [{"name": name, "value": value} for name, value in env]
        return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}, "spec": {"env": rows}}

    before = [pod(("ALICE", "a1"), ("BOB", "b1"))]
    found, _ = carried(before, [pod(("BOB", "b2"), ("CAROL", "c2"))], [pod(("BOB", "b3"), ("CAROL", "c3"))])
    assert found == [pod(("BOB", "b2"), ("CAROL", "c2"))]
    found, _ = carried(before, [pod(("ALICE", "a2"), ("BOB", "b2"))], [pod(("ALICE", "a3"), ("BOB", "b3"))])
    assert found == before


def test_objects_with_random_names_are_taken_over_where_there_is_one():
    def job(name: str) -> Manifest:
        return {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name}}

    first, random = kept(Rendering(parts(job("load-a")), parts(job("load-b"))))
    found, _ = kept(Rendering(parts(job("load-c")), parts(job("load-d"))), Before(tuple(first), tuple(random)))

    assert load_all_strict(found[0].text) == [job("load-a")]
