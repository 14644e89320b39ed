"""No value given to a Secret, in whichever place and spelling, is in what a drawing stores."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clusters.domain.objects import Manifest
from kubeorch.base.errors import InvalidInput
from tests.support.searches import searched
from tests.unit.kinds.samples import a_node, an_edge, the_catalog
from workflows.domain.graphs.graph import graph_to_dict
from workflows.domain.graphs.read_graph import parse_graph
from workflows.domain.planning.classify import both_hidden, field_changes, hidden
from workflows.domain.planning.paths import Reading

VALUE = "correct-horse-battery"
SECRET = "apiVersion: v1\nkind: Secret\n"
DATA = f"data: {{pw: {VALUE}}}\n"


def stored(*nodes: dict[str, Any], edges: tuple[dict[str, Any], ...] = ()) -> str:
    """What would be stored, as JSON; "" when the graph is refused, without the value in any message."""
    try:
        graph = parse_graph({"nodes": list(nodes), "edges": list(edges)}, the_catalog())
    except InvalidInput as error:
        said = json.dumps([error.detail, *(one.as_json() for one in error.problems)])
    else:
        return json.dumps(graph_to_dict(graph))
    assert VALUE not in said
    return ""


def is_refused(*nodes: dict[str, Any], edges: tuple[dict[str, Any], ...] = ()) -> bool:
    return stored(*nodes, edges=edges) == ""


IN_A_SECRET_NODE: dict[str, dict[str, Any]] = {
    "unknown parameter data": {"data": {"pw": VALUE}},
    "unknown parameter stringData": {"stringData": {"pw": VALUE}},
    "unknown parameter values": {"values": {"pw": VALUE}},
    "unknown parameter as text": {"values": VALUE},
    "keys as a mapping": {"keys": {"pw": VALUE}},
    "keys with values": {"keys": [{"name": "pw", "value": VALUE}]},
    "keys nested": {"keys": [["pw", VALUE]]},
    "keys as text": {"keys": VALUE},
    "value as type": {"type": VALUE},
    "type as a mapping": {"type": {"pw": VALUE}},
    "immutable": {"immutable": VALUE},
    "labels nested": {"labels": {"a": {"pw": VALUE}}},
    "labels as text": {"labels": VALUE},
    "namespace as a list": {"namespace": [VALUE]},
    "the copy of kubectl": {"annotations": {"kubectl.kubernetes.io/last-applied-configuration": VALUE}},
}


@pytest.mark.parametrize("place", IN_A_SECRET_NODE)
def test_a_secret_node_has_only_declared_parameters_of_declared_types(place: str):
    assert is_refused(a_node("secret", "s", **{"keys": ["pw"], **IN_A_SECRET_NODE[place]}))


PATCHES = {
    "data": DATA,
    "stringData": f"stringData: {{pw: {VALUE}}}",
    "binaryData": f"binaryData: {{pw: {VALUE}}}",
    "another case": f"Data: {{pw: {VALUE}}}",
    "JSON patch": f"- {{op: add, path: /data/pw, value: {VALUE}}}",
    "JSON patch in JSON": json.dumps([{"op": "add", "path": "/data/pw", "value": VALUE}]),
    "nested": f"spec: {{template: {{data: {{pw: {VALUE}}}}}}}",
    "nested in a list": f"x: [{{data: {{pw: {VALUE}}}}}]",
    "unknown field": f"pw: {VALUE}",
    "does not parse": f"data: {{pw: {VALUE}",
    "text": VALUE,
    "two documents": f"metadata: {{}}\n---\ndata: {{pw: {VALUE}}}",
    "anchors": f"x: &d {{pw: {VALUE}}}\ndata: *d",
    "merge key": f"x: &d {{data: {{pw: {VALUE}}}}}\n<<: *d",
    "kind": f"kind: {VALUE}",
    "type": f"type: {VALUE}",
    "managed fields": f"metadata: {{managedFields: [{{a: {VALUE}}}]}}",
}


@pytest.mark.parametrize("place", PATCHES)
def test_the_patch_of_a_secret_sets_no_values(place: str):
    assert is_refused(a_node("secret", "s", keys=["pw"], patch=PATCHES[place]))
    assert is_refused(a_node("manifest", "s", manifest=SECRET, patch=PATCHES[place]))


MANIFESTS = {
    "data": SECRET + DATA,
    "stringData": SECRET + f"stringData: {{pw: {VALUE}}}",
    "binaryData": SECRET + f"binaryData: {{pw: {VALUE}}}",
    "kind first in lower case": f"apiVersion: v1\nkind: secret\n{DATA}",
    "kind in capitals": f"apiVersion: v1\nkind: SECRET\n{DATA}",
    "spaces in the kind": f"apiVersion: v1\nkind: ' Secret '\n{DATA}",
    "key of kind": f"apiVersion: v1\nKind: Secret\n{DATA}",
    "key of data": SECRET + f"Data: {{pw: {VALUE}}}",
    "SecretList": f"apiVersion: v1\nkind: SecretList\nitems: [{{data: {{pw: {VALUE}}}}}]",
    "secretlist": f"apiVersion: v1\nkind: secretlist\nitems: [{{data: {{pw: {VALUE}}}}}]",
    "SecretList of texts": f"apiVersion: v1\nkind: SecretList\nitems: {VALUE}",
    "List": f"apiVersion: v1\nkind: List\nitems: [{{apiVersion: v1, kind: Secret, foo: {VALUE}}}]",
    "a list": f"- {{apiVersion: v1, kind: Secret, stringData: {{pw: {VALUE}}}}}",
    "unknown field": SECRET + f"password: {VALUE}",
    "nested elsewhere": SECRET + f"spec: {{data: {{pw: {VALUE}}}}}",
    "annotation": SECRET + f"metadata: {{annotations: {{pw: {VALUE}}}}}",
    "label": SECRET + f"metadata: {{labels: {{pw: {VALUE}}}}}",
    "metadata as text": SECRET + f"metadata: {VALUE}",
    "managed fields": SECRET + f"metadata: {{managedFields: [{{a: {VALUE}}}]}}",
    "type": SECRET + f"type: {VALUE}",
    "immutable": SECRET + f"immutable: {VALUE}",
    "no API version": f"kind: Secret\n{DATA}",
    "another API group": f"apiVersion: example.com/v1\nkind: Secret\n{DATA}",
    "kind as a list": f"apiVersion: v1\nkind: [Secret]\n{DATA}",
    "in another object": f"apiVersion: x.io/v1\nkind: Copy\nspec: {{of: {{kind: Secret, data: {{p: {VALUE}}}}}}}",
    "in another object with metadata": (
        f"apiVersion: x.io/v1\nkind: Copies\nspec: {{t: {{kind: Secret, metadata: {{name: a}}, pw: {VALUE}}}}}"
    ),
    "by a variable": f"apiVersion: v1\nkind: ${{KIND}}\n{DATA}",
    "partly by a variable": f"apiVersion: v1\nkind: Sec${{REST}}\nfoo: {VALUE}",
    "two documents": f"a: 1\n---\n{SECRET}{DATA}",
    "JSON": json.dumps({"apiVersion": "v1", "kind": "Secret", "data": {"pw": VALUE}}),
    "JSON escapes": '{"apiVersion": "v1", "kind": "\\u0053ecret", "data": {"pw": "' + VALUE + '"}}',
    "alias": f"x: &k Secret\nkind: *k\n{DATA}",
    "merge key": f"x: &k {{kind: Secret}}\n<<: *k\n{DATA}",
}
BROKEN = {
    "plain": SECRET,
    "tag": "apiVersion: v1\nkind: !!str Secret\n",
    "anchor": "apiVersion: v1\nkind: &k Secret\n",
    "alias": "x: &k Secret\nkind: *k\n",
    "key by an escape": 'apiVersion: v1\n"k\\x69nd": Secret\n',
    "kind by an escape": 'apiVersion: v1\nkind: "\\x53ecret"\n',
    "kind by a long escape": 'apiVersion: v1\nkind: "\\U00000053ecret"\n',
    "JSON escape": '"kind": "\\u0053ecret"\n',
    "line ended by a backslash": 'kind: "Sec\\\n  ret"\n',
    "folded block": "apiVersion: v1\nkind: >-\n  Secret\n",
    "literal block": "apiVersion: v1\nkind: |-\n  Secret\n",
    "comment": "apiVersion: v1\nkind: # what it is\n  Secret\n",
    "long comment": "apiVersion: v1\nkind: # " + "x" * 400 + "\n  Secret\n",
    "quotes": "apiVersion: v1\n'kind': 'Secret'\n",
    "explicit key": "? kind\n: Secret\n",
    "lower case": "apiVersion: v1\nkind: secret\n",
    "SecretList": "apiVersion: v1\nkind: SecretList\n",
    "flow": "{apiVersion: v1, kind: Secret, ",
    "variable": "apiVersion: v1\nkind: ${KIND}\n",
    "partly by a variable": "apiVersion: v1\nkind: Sec${REST}\n",
    "variable in a block": "apiVersion: v1\nkind: >-\n  ${KIND}\n",
    "variable behind an anchor": "x: &k ${KIND}\nkind: *k\n",
    "variable behind a long comment": "kind: # " + "x" * 400 + "\n  ${KIND}\n",
}


@pytest.mark.parametrize("place", MANIFESTS)
def test_the_yaml_of_a_secret_holds_no_values(place: str):
    text = MANIFESTS[place]
    assert is_refused(a_node("manifest", "s", manifest=text))
    assert is_refused(a_node("manifest", "s", manifest="kind: x", other=text)), "in an undeclared parameter"
    assert is_refused(a_node("deployment", "s", other=text)), "in an undeclared parameter of another kind"


@pytest.mark.parametrize("spelling", BROKEN)
@pytest.mark.parametrize("end", [f"data:\n  pw: {VALUE}\n bad", f"foo: {VALUE}\n]", f"pw: {VALUE}\npw: {VALUE}\n"])
def test_yaml_that_cannot_be_read_and_names_a_secret_is_refused_whole(spelling: str, end: str):
    assert is_refused(a_node("manifest", "s", manifest=BROKEN[spelling] + end))
    assert is_refused(a_node("configmap", "s", patch=BROKEN[spelling] + end))


@pytest.mark.parametrize("kind", sorted(set(the_catalog().kinds) - {"secret"}))
@pytest.mark.parametrize("word", ["Secret", "secret", "SecretList", "'Secret '", "${KIND}"])
def test_no_other_kind_is_patched_to_a_secret(kind: str, word: str):
    node = a_node(kind, "s", patch=f"kind: {word}\ndata: {{pw: {VALUE}}}")
    if kind == "manifest":
        node["parameters"]["manifest"] = "apiVersion: v1\nkind: ConfigMap"
    assert is_refused(node)
    assert is_refused({**node, "patch": f"[{{op: add, path: /kind, value: {word.strip()}}}, {{value: {VALUE}}}]"}) or (
        word == "${KIND}"
    )


@pytest.mark.parametrize(
    "parameters", [{"values": {"pw": VALUE}}, {"keys": [{"key": "pw", "name": "PW", "value": VALUE}]}, {"keys": VALUE}]
)
def test_a_connection_of_a_secret_has_only_declared_parameters(parameters: dict[str, Any]):
    nodes = a_node("secret", "s", id="s", keys=["pw"]), a_node("deployment", "d", id="d")
    edge = {**an_edge("s", "d", "sets_env"), "parameters": parameters}
    assert is_refused(*nodes, edges=(edge,))


@pytest.mark.parametrize(
    "node",
    [
        a_node("secret", "s", keys=["a"], type="kubernetes.io/tls", labels={"team": "shop"}, annotations={"a": "b"}),
        a_node("secret", "s", keys=["not a key!"]),
        a_node("secret", "s", type="${TYPE}", keys=["a"]),
        a_node("secret", "s", keys=["a"], patch="metadata: {finalizers: null}"),
        a_node("manifest", "s", manifest=SECRET + "type: kubernetes.io/service-account-token\nmetadata: {annotations: "
               "{kubernetes.io/service-account.name: builder}}"),
        a_node("manifest", "g", manifest="apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nspec: {listeners: "
               "[{tls: {certificateRefs: [{kind: Secret, name: tls, namespace: a}]}}]}"),
        a_node("manifest", "c", manifest="apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n"
               "spec: {properties: {kind: {default: Secret, type: string}, data: {type: string}}}"),
        a_node("manifest", "e", manifest="apiVersion: external-secrets.io/v1\nkind: ExternalSecret\n"
               "spec: {target: {name: a}, data: [{secretKey: a, remoteRef: {key: b}}]}"),
        a_node("manifest", "a", manifest="apiVersion: sm.example.org/v1\nkind: Secret\nspec: {provider: {region: a}}"),
        a_node("manifest", "d", manifest="kind: Deployment\nspec:\n  volumes:\n  - secret:\n      secretName: a\n bad"),
        a_node("manifest", "d", manifest="kind: Deployment\nspec: {image: 'a:${TAG}', env: [{secretKeyRef: {\n"),
        a_node("deployment", "d", patch="spec: {template: {spec: {volumes: [{name: a, secret: {secretName: b}}]}}}"),
    ],
)  # fmt: skip
def test_what_names_a_secret_and_holds_no_values_is_accepted(node: dict[str, Any]):
    assert not is_refused(node)


canaries = st.sampled_from([VALUE, base64.b64encode(VALUE.encode()).decode()])
keys = st.sampled_from(
    ["data", "stringData", "binaryData", "Data", "values", "pw", "spec", "metadata", "annotations", "items", "x"]
)


@st.composite
def holding(draw: st.DrawFn) -> tuple[Any, str]:
    """A value nested somewhere, and the canary in it."""
    canary = draw(canaries)
    value: Any = canary
    for key in draw(st.lists(keys, min_size=1, max_size=4)):
        value = [value] if draw(st.booleans()) and draw(st.booleans()) else {key: value}
    return value, canary


spellings = st.sampled_from(["Secret", "secret", "SECRET", "SecretList", " Secret", "${KIND}", "Sec${X}"])


@searched(400)
@given(holding(), spellings, st.sampled_from(["kind", "Kind", "KIND"]), st.sampled_from(range(7)), st.booleans())
def test_no_value_given_to_a_secret_in_any_place_of_a_graph_is_stored(
    held: tuple[Any, str], spelling: str, key: str, place: int, cut: bool
):
    value, canary = held
    inside = value if isinstance(value, dict) else {"x": value}
    whole = {"apiVersion": "v1", key: spelling, **inside}
    text = json.dumps(whole)
    if cut:
        text = text[:-1]
    node = [
        lambda: {**a_node("secret", "s", keys=["a"]), "parameters": {"keys": ["a"], **_without_annotations(inside)}},
        lambda: a_node("secret", "s", keys=["a"], patch=json.dumps(_without_annotations(inside))),
        lambda: a_node("manifest", "s", manifest=whole),
        lambda: a_node("manifest", "s", manifest=text),
        lambda: a_node("configmap", "s", patch=text),
        lambda: a_node("manifest", "s", manifest=SECRET, **{f"other_{key}": value}),
        lambda: a_node("manifest", "s", manifest={"apiVersion": "v1", "kind": "List", "items": [whole]}),
    ][place]()
    assert canary not in stored(node)


def _without_annotations(value: dict[str, Any]) -> dict[str, Any]:
    """Annotations of a Secret node are declared; people may write there what they like."""
    if "annotations" in value or "annotations" in (value.get("metadata") or {}):
        return {"x": value}
    return value


@pytest.mark.parametrize(
    ("part", "key"),
    [("annotations", "kapp.k14s.io/original"), ("annotations", "example.com/note"), ("labels", "example.com/token")],
)
@pytest.mark.parametrize("text", ["hunter2-hunter2", "aHVudGVyMi1odW50ZXIy", '{"data":{"a":"aHVudGVyMi1odW50ZXIy"}}'])
def test_what_repeats_the_values_of_a_secret_is_hidden_with_them(part: str, key: str, text: str) -> None:
    live: Manifest = {
        "kind": "Secret",
        "metadata": {"name": "a", "labels": {"app": "web"}, part: {key: text, "kept": "yes"}},
        "data": {"password": "aHVudGVyMi1odW50ZXIy"},
    }
    digests = hidden(live, lambda name, value: f"digest of {name} {len(value)}")
    for shown in (digests, *both_hidden(digests, digests)):
        assert shown is not None
        assert text not in str(shown)
        assert shown["metadata"][part]["kept"] == "yes"
    changed = hidden({**live, "metadata": {"name": "a"}}, lambda name, value: "digest")
    fields, _ = field_changes(Reading(digests), Reading(changed), secret=True)
    assert "digest of" not in str(fields)
