"""A workflow in files for other tools: they build from them exactly what the workflow renders."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from imports.domain.exporting.folders import ExportInvalid, one_file_each
from imports.domain.exporting.helm import helm_chart
from kubeorch.base.yaml import load_all_strict
from tests.unit.kinds.samples import a_graph, a_node, an_edge, the_catalog
from workflows.domain.graphs.graph import Graph
from workflows.domain.rendering.render import Rendered, render_graph

VARIABLES: dict[str, dict[str, Any]] = {
    "staging": {"TAG": "1.0", "REPLICAS": 1, "DEBUG": True, "HOST": "a.example.com"},
    "production": {"TAG": "2.0", "REPLICAS": 12000000, "DEBUG": False, "HOST": "b.example.com"},
}


def the_graph() -> Graph:
    return a_graph(
        a_node("deployment", "web", id="web", image="nginx:${TAG}", port=8080, env={"A": "$${X} {{ y }} 100% ${TAG}"}),
        a_node("job", "load", id="load", parallelism="${REPLICAS}", suspend="${DEBUG}", args=["{{ .x }}", "${DEBUG}"]),
        a_node("service", "web", id="service"),
        a_node("configmap", "conf", id="conf", data={"n": "${REPLICAS}", "text": "tag: ${TAG}\nb: '\"'\n"}),
        a_node("ingress", "entry", id="entry", host="${HOST}"),
        edges=[an_edge("service", "web"), an_edge("conf", "web"), an_edge("entry", "service")],
    )  # fmt: skip


def rendered(name: str) -> list[Rendered]:
    return render_graph(the_graph(), the_catalog(), namespace=name, variables=VARIABLES[name])


def by_key(manifests: list[Any]) -> dict[str, Any]:
    return {f"{one['kind']}/{one['metadata']['name']}": one for one in manifests}


def test_each_object_is_a_file_of_its_own():
    files = one_file_each(rendered("staging"))

    assert sorted(files) == [
        *("configmap-conf.yaml", "deployment-web.yaml", "ingress-entry.yaml", "job-load.yaml", "service-web.yaml"),
    ]
    assert [load_all_strict(text)[0] for text in files.values()] == [one.manifest for one in rendered("staging")]


TEXT = r'("(?:[^"\\]|\\.)*")'
ACTION = re.compile(
    r'\{\{ (?:"(\{\{)"|\.Release\.(Namespace) \| quote|(int64 )?\.Values\.(\w+)'
    rf"|printf {TEXT} (.*?) \| quote) \}}\}}"
)


def filled(text: str, values: dict[str, Any], namespace: str) -> str:
    """What Helm makes of the actions that an export uses."""

    def one(found: re.Match[str]) -> str:
        if found[1]:
            return "{{"
        if found[2]:
            return json.dumps(namespace)
        if found[4]:
            return json.dumps(values[found[4]])
        names = re.findall(r"\.Values\.(\w+)", found[6])
        texts = tuple(
            str(values[name]).lower() if isinstance(values[name], bool) else str(values[name]) for name in names
        )
        return json.dumps(json.loads(found[5]) % texts)

    return ACTION.sub(one, text)


@pytest.mark.parametrize("name", VARIABLES)
def test_a_chart_has_values_only_where_variables_stand(name: str):
    files = helm_chart(the_graph(), the_catalog(), "shop", VARIABLES)
    texts = [filled(text, VARIABLES[name], name) for path, text in files.items() if path.startswith("templates/")]

    assert by_key([load_all_strict(text)[0] for text in texts]) == by_key([one.manifest for one in rendered(name)])
    assert load_all_strict(files[f"values-{name}.yaml"]) == [VARIABLES[name]]


def test_a_variable_that_decides_the_form_of_an_object_is_refused():
    graph = a_graph(a_node("deployment", "web", id="web", host_network="${ON}"))

    with pytest.raises(ExportInvalid, match="a variable decides the form of Deployment web"):
        helm_chart(graph, the_catalog(), "shop", {"one": {"ON": False}})


def test_equal_workflows_give_equal_bytes():
    assert helm_chart(the_graph(), the_catalog(), "shop", VARIABLES) == helm_chart(
        the_graph(), the_catalog(), "shop", VARIABLES
    )


@pytest.mark.parametrize(
    ("other", "why"),
    [({"TAG": "1", "MORE": 1}, "MORE is a variable of one or two alone"), ({"TAG": 1}, "TAG has one type in one and")],
)
def test_environments_of_a_chart_have_the_same_variables(other: dict[str, Any], why: str):
    graph = a_graph(a_node("configmap", "conf", id="conf", data={"a": "${TAG}"}))

    with pytest.raises(ExportInvalid, match=why):
        helm_chart(graph, the_catalog(), "shop", {"one": {"TAG": "1"}, "two": other})


def test_environments_whose_names_are_alike_keep_a_file_each():
    values = {"Prod": {"TAG": "1"}, "prod": {"TAG": "2"}}
    files = helm_chart(a_graph(a_node("configmap", "c", id="c", data={"a": "${TAG}"})), the_catalog(), "shop", values)

    assert [path for path in files if path.startswith("values-")] == ["values-prod.yaml", "values-prod-2.yaml"]
