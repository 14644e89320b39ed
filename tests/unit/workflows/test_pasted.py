"""What is dropped or pasted on a canvas is read as an import reads it."""

from __future__ import annotations

from typing import Any

import pytest

from kubeorch.base.errors import InvalidInput
from kubeorch.base.yaml import load_strict
from tests.unit.kinds.samples import the_catalog
from workflows.domain.graphs.file import parse_workflow_file
from workflows.domain.graphs.graph import graph_to_dict
from workflows.domain.graphs.pasted import Note, read_pasted
from workflows.domain.graphs.read_graph import parse_graph


def pasted(text: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]], tuple[Note, ...]]:
    """Nodes and edges as a save accepts them, and the notes."""
    found = read_pasted(text, the_catalog())
    graph = graph_to_dict(parse_graph(found.graph, the_catalog()))
    return graph["nodes"], graph["edges"], found.notes


FILE = """
workflow: 1
name: shop
environment: {{name: prod, namespace: shop}}
nodes:
- {{id: a, kind: configmap, name: a, parameters: &p {parameters}}}
- {{id: w, kind: deployment, name: w, parameters: {{image: nginx}}}}
edges:
- {{id: e, source: a, target: w, relation: mounts, parameters: {{default_mode: 0400}}}}
"""


@pytest.mark.parametrize(
    "parameters",
    [
        "{data: {a: 1.10, b: 007, c: yes, d: no, e: 1:30, f: 0x1F, g: 1e3, h: True, i: 2024-01-01}}",
        "{data: {a: 9007199254740993}}",
        "{data: {<<: {a: x}, b: y}}",
        "{data: {a: &one x, b: *one}}",
        "{data: {a: 'null', b: ~}}",
        "{}",
    ],
)
def test_a_workflow_file_is_read_as_an_import_reads_it(parameters: str):
    file = FILE.format(parameters=parameters)
    _, raw = parse_workflow_file(file, the_catalog())
    imported = graph_to_dict(parse_graph(raw, the_catalog()))
    assert pasted(file) == (imported["nodes"], imported["edges"], ())


def test_the_mode_of_files_keeps_its_octal_digits():
    _, [edge], _ = pasted(FILE.format(parameters="{}"))
    assert edge["parameters"]["default_mode"] == "0400"


@pytest.mark.parametrize("parameters", ["{data: {a: 1, a: 2}}", "{data: {a: *nowhere}}", "{data: {a: !!int 1}}"])
def test_what_an_import_refuses_is_refused_with_the_same_words(parameters: str):
    file = FILE.format(parameters=parameters)
    with pytest.raises(InvalidInput) as imported:
        parse_workflow_file(file, the_catalog())
    with pytest.raises(InvalidInput) as dropped:
        pasted(file)
    assert (dropped.value.code, dropped.value.detail) == (imported.value.code, imported.value.detail)


def test_a_file_that_sets_variables_of_its_environment_says_which():
    file = "name: a\nnodes: []\nenvironment: {variables: {TAG: {type: string, value: 1.10}}}"
    _, _, [note] = pasted(file)
    assert "TAG" in note.detail


OBJECTS = """\
# settings of the shop
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings   # used by web
data:
  mode: "0400"
--- # the program
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
---
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: "shop:reader"}
...
---
{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings", "namespace": "other"}}
"""


def test_each_object_becomes_a_node_with_its_own_text():
    nodes, edges, notes = pasted(OBJECTS)
    assert (edges, notes) == ([], ())
    assert [(one["id"], one["kind"], one["name"]) for one in nodes] == [
        ("configmap-settings", "manifest", "settings"),
        ("deployment-web", "manifest", "web"),
        ("clusterrole-shop-reader", "manifest", "shop:reader"),
        ("configmap-settings-2", "manifest", "settings"),
    ]
    texts = [one["parameters"]["manifest"] for one in nodes]
    assert texts[0] == OBJECTS.split("---", maxsplit=1)[0]
    assert texts[1].startswith("# the program\napiVersion: apps/v1\n")
    assert [load_strict(text)["kind"] for text in texts] == ["ConfigMap", "Deployment", "ClusterRole", "ConfigMap"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("start", ["", "%YAML 1.1\n---\n", "---\n", "\n\n", "# a\n---\n"])
def test_the_text_of_an_object_is_what_it_was_read_from(start: str, end: str):
    block = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  a: |\n    --- x\n    y\n"
    nodes, _, _ = pasted((start + block + "---\n" + block.replace("name: a", "name: b")).replace("\n", end))
    assert [load_strict(one["parameters"]["manifest"]) for one in nodes] == [
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"a": "--- x\ny\n"}}
        for name in "ab"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Pod, metadata: {name: a}}]}",
        "{apiVersion: v1, kind: PodList, items: [{metadata: {name: a}}]}",
        "{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: PodList, items: [{metadata: {name: a}}]}]}",
    ],
)
def test_objects_in_a_list_become_nodes(text: str):
    [node], _, _ = pasted(text)
    assert load_strict(node["parameters"]["manifest"]) == {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}}


def test_an_empty_list_is_an_empty_drawing():
    assert pasted("{apiVersion: v1, kind: List, items: []}") == ([], [], ())


SECRET = """
apiVersion: v1
kind: Secret
metadata:
  name: db
  labels: {team: a}
  annotations: {kubectl.kubernetes.io/last-applied-configuration: '{"data": {"password": "aHVudGVyMg=="}}', note: x}
  uid: 8a0c
type: kubernetes.io/basic-auth
data: {password: aHVudGVyMg==}
stringData: {username: hunter2}
"""


IN_A_LIST = "apiVersion: v1\nkind: List\nitems:\n-" + SECRET.replace("\n", "\n  ")


@pytest.mark.parametrize("text", [SECRET, IN_A_LIST])
def test_a_secret_is_drawn_without_its_values(text: str):
    [node], _, [note] = pasted(text)
    assert (node["kind"], node["name"]) == ("secret", "db")
    assert node["parameters"] == {
        "keys": ["password", "username"],
        "type": "kubernetes.io/basic-auth",
        "labels": {"team": "a"},
        "annotations": {"note": "x"},
    }
    assert note.node_ids == (node["id"],)
    assert "hunter2" not in str(note)
    assert "aHVudGVyMg" not in str(note)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("# nothing\n---\n", "empty"),
        ("hello", "neither a workflow file"),
        ("- a\n- b", "neither a workflow file"),
        ("services: {web: {image: nginx}}", "neither a workflow file"),
        ("apiVersion: v1\nkind: Pod\n---\na: 1", "document 2: neither"),
        ("apiVersion: v1\nkind: List\nitems: 7", "must be a list"),
        ("apiVersion: v1\nkind: Pod\nmetadata: {name: {{ .Values.name }}}", "helm template"),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_the_cure(text: str, words: str):
    with pytest.raises(InvalidInput) as refused:
        pasted(text)
    assert words in refused.value.detail


@pytest.mark.parametrize("levels", [3, 50])
def test_lists_in_lists_end(levels: int):
    text = '{"apiVersion": "v1", "kind": "List", "items": [' * levels + "]}" * levels
    if levels < 4:
        assert pasted(text) == ([], [], ())
    else:
        with pytest.raises(InvalidInput):
            pasted(text)


@pytest.mark.parametrize("document", ["---\n1\n", "---\n\n", "--- # nothing\n"])
def test_a_text_of_very_many_documents_is_read_only_up_to_the_limit(document: str):
    endless = document * 5_001 + "--- {"  # what follows is not read, or its fault would be told
    with pytest.raises(InvalidInput, match=r"more than 5,000 documents, counting empty ones; paste them in parts"):
        read_pasted(endless, the_catalog())


def test_as_many_documents_as_a_graph_may_have_nodes_are_read():
    objects = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n" + "---\n" * 4_999
    assert len(pasted(objects)[0]) == 1
