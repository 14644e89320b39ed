"""Paths of fields: their text, and back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clusters.domain.ownership.paths import Path, PathInvalid, children, item_element, key_element, path_text, read_path
from tests.support.searches import searched

CONTAINERS = ("f:spec", "f:template", "f:spec", "f:containers")
WEB = (*CONTAINERS, 'k:{"name":"web"}')


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ((), ""),
        (("f:spec", "f:replicas"), "spec.replicas"),
        ((*WEB, "f:image"), "spec.template.spec.containers[name=web].image"),
        (
            (*WEB, "f:ports", 'k:{"containerPort":80,"protocol":"TCP"}'),
            "spec.template.spec.containers[name=web].ports[containerPort=80,protocol=TCP]",
        ),
        ((*WEB, "f:args", "i:0"), "spec.template.spec.containers[name=web].args[0]"),
        (("f:metadata", "f:finalizers", 'v:"example.com/held"'), "metadata.finalizers[=example.com/held]"),
        (("f:metadata", "f:labels", "f:app.kubernetes.io/name"), "metadata.labels[app.kubernetes.io/name]"),
        (("f:data", "f:a=b"), 'data["a=b"]'),
        (("f:data", "f:"), 'data[""]'),
        (("f:data", "f:0"), "data.0"),
        (("f:data", "f:app.properties", "f:x"), "data[app.properties].x"),
        (("f:list", 'k:{"id":"80"}'), 'list[id="80"]'),
        (("f:list", 'k:{"id":80}'), "list[id=80]"),
        (("f:list", 'k:{"on":"true"}'), 'list[on="true"]'),
        (("f:set", "v:true"), "set[=true]"),
        (("f:set", "v:1.5"), "set[=1.5]"),
    ],
)
def test_a_path_and_its_text_are_the_same(path: Path, text: str) -> None:
    assert path_text(path) == text
    assert read_path(text) == path


SCALARS = st.one_of(st.text(), st.integers(), st.booleans(), st.floats(allow_nan=False, allow_infinity=False))
ELEMENTS = st.one_of(
    st.one_of(st.text(), st.sampled_from(["a.b/c", "0", "a]b", 'a"b', "a=b", "[0]"])).map(lambda name: f"f:{name}"),
    st.dictionaries(st.text(), SCALARS, min_size=1, max_size=3).map(key_element),
    st.one_of(st.text(), st.integers(), st.booleans()).map(
        lambda value: f"v:{json.dumps(value, separators=(',', ':'), ensure_ascii=False)}"
    ),
    st.integers(0, 9999).map(lambda index: f"i:{index}"),
)


def meaning(path: Path) -> list[Any]:
    return [one if one[:2] in ("f:", "i:") else (one[:2], json.loads(one[2:])) for one in path]


@given(st.lists(ELEMENTS, max_size=6).map(tuple))
@searched(600)
def test_every_path_is_read_back_from_its_text(path: Path) -> None:
    text = path_text(path)
    if len(text) <= 8192:
        assert meaning(read_path(text)) == meaning(path)


@given(st.text(alphabet='a0.[]"=,{}\\-e', max_size=40))
@searched(2000)
def test_a_text_is_read_or_refused_with_the_place_that_is_wrong(text: str) -> None:
    try:
        path = read_path(text)
    except PathInvalid:
        return
    assert meaning(read_path(path_text(path))) == meaning(path)


@pytest.mark.parametrize(
    "text",
    [
        "a..b",
        ".a",
        "a.",
        "a[",
        "a[]",
        "a[=]",
        "a[b=",
        "a[b=c",
        "a[b=c,d]",
        "a b",
        "a[0]b",
        'a["x]',
        r'a["\ud800"]',
        "x" * 9000,
    ],
)
def test_what_is_no_path_is_refused(text: str) -> None:
    with pytest.raises(PathInvalid):
        read_path(text)


@pytest.mark.parametrize(
    ("parent", "item", "element"),
    [
        (CONTAINERS, {"name": "web", "image": "nginx"}, 'k:{"name":"web"}'),
        ((*WEB, "f:ports"), {"containerPort": 80}, 'k:{"containerPort":80,"protocol":"TCP"}'),
        (("f:spec", "f:ports"), {"port": 80, "targetPort": 8080}, 'k:{"port":80,"protocol":"TCP"}'),
        (("f:spec", "f:ingress", "i:0", "f:ports"), {"port": 80}, "i:3"),
        ((*WEB, "f:volumeMounts"), {"name": "data", "mountPath": "/data"}, 'k:{"mountPath":"/data"}'),
        ((*WEB, "f:args"), "--verbose", "i:3"),
        (("f:metadata", "f:finalizers"), "example.com/held", 'v:"example.com/held"'),
        (CONTAINERS, {"image": "nginx"}, "i:3"),
        (("f:spec", "f:rules"), {"name": "x"}, "i:3"),
    ],
)
def test_an_item_is_named_as_kubernetes_merges_its_list(parent: Path, item: Any, element: str) -> None:
    assert item_element(parent, 3, item) == element


def test_two_items_with_one_key_are_told_apart() -> None:
    twice = [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]
    assert [element for element, _ in children(twice, (*WEB, "f:env"))] == ['k:{"name":"A"}', "i:1"]
