"""Folders of kustomize: each environment has its own, and a patch changes one object."""

from __future__ import annotations

import re
from typing import Any

from imports.domain.exporting.folders import kustomize
from imports.domain.exporting.helm import helm_chart
from kubeorch.base.yaml import load_strict
from tests.unit.kinds.samples import a_graph, a_node, the_catalog
from workflows.domain.graphs.graph import Graph
from workflows.domain.rendering.render import render_graph


def overlays(graph: Graph, values: dict[str, str]) -> dict[str, Any]:
    """The kustomization of each folder in `overlays`, where the variable V has these values."""
    catalog = the_catalog()
    files = kustomize(
        {name: render_graph(graph, catalog, namespace="shop", variables={"V": value}) for name, value in values.items()}
    )
    return {path.split("/")[1]: load_strict(text) for path, text in files.items() if path.startswith("overlays/")}


def test_environments_whose_names_are_alike_keep_a_folder_each():
    graph = a_graph(a_node("configmap", "c", id="c", data={"a": "${V}"}))
    found = overlays(graph, {"dev": "1", "Prod": "2", "prod": "1", "prod-2": "3"})
    assert [name for name, one in found.items() if "patches" in one] == ["prod", "prod-2-2"]
    assert [*found] == ["dev", "prod", "prod-2", "prod-2-2"]


def test_a_patch_matches_the_object_that_it_is_for_and_no_other():
    yaml = "apiVersion: example.com/v1\nkind: ConfigMap\nmetadata: {name: app.conf}\n"
    graph = a_graph(
        a_node("configmap", "app.conf", id="a", data={"k": "${V}"}),
        a_node("configmap", "app-conf", id="b", data={"k": "fixed"}),
        a_node("manifest", "other", id="c", yaml=yaml),
    )
    [patch] = overlays(graph, {"dev": "1", "prod": "2"})["prod"]["patches"]
    target = patch["target"]
    assert re.fullmatch(target["name"], "app.conf")
    assert not re.fullmatch(target["name"], "app-conf")
    assert re.fullmatch(target["group"], "")
    assert not re.fullmatch(target["group"], "example.com")


def test_keys_of_a_secret_are_texts_in_a_chart():
    keys = ["on", "012", "1e3", "true", "null", "ok", "y"]
    files = helm_chart(a_graph(a_node("secret", "s", id="s", keys=keys)), the_catalog(), "shop", {"dev": {}})
    [text] = [text for path, text in files.items() if path.startswith("templates/secret")]
    written = re.findall(r"^  (\S+): \{\{ include", text, re.MULTILINE)
    assert [load_strict(f"{one}: 1\nk: {one}", as_kubectl=True) for one in written] == [
        {key: 1, "k": key} for key in sorted(keys)
    ]
