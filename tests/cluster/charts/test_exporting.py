"""What is exported is built by the real helm and kubectl into exactly what the workflow renders."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from random import Random
from typing import Any

import pytest

from clusters.sandbox.versions import KUBECTL_TO_BUILD
from imports.domain.exporting.folders import Files, kustomize
from imports.domain.exporting.helm import helm_chart
from kubeorch.base.yaml import load_all_strict
from kubeorch.programs.obtaining import obtain
from tests.support.helm import the_helm
from tests.support.seeds import SEED
from tests.unit.imports.exporting.test_exporting import VARIABLES, by_key, the_graph
from tests.unit.kinds.samples import a_graph, a_node, an_edge, object_kinds, sample_node, the_catalog
from workflows.domain.graphs.graph import Graph
from workflows.domain.rendering.render import Rendered, render_graph
from workflows.domain.rendering.restarts import CONFIG_ANNOTATION

Manifest = dict[str, Any]
PIECES = (
    *("${TAG}", "$${TAG}", "${REPLICAS}", "${DEBUG}", "{{", "}}", "{{ .Values.TAG }}", "%s", "%d%%", '"', "'", "\\"),
    *(
        "\n",
        "\t",
        " ",
        ": ",
        "# ",
        "- ",
        "é",
        "\u200b",
        "\ue000{",
        "`",
        "$",
        "kubeorch",
        "null",
        "1.10",
        "yes",
        "{ ",
        "}",
        "|",
        ">",
    ),
)


def written(folder: Path, files: Files) -> Path:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return folder


def built(*command: object) -> dict[str, Manifest]:
    done = subprocess.run([str(one) for one in command], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return by_key([without_digest(one) for one in load_all_strict(done.stdout, max_bytes=10_000_000) if one])


def without_digest(manifest: Manifest) -> Manifest:
    """A chart says by a digest of all values that configuration has changed."""
    metadata = ((manifest.get("spec") or {}).get("template") or {}).get("metadata") or {}
    if metadata.get("annotations", {}).pop(CONFIG_ANNOTATION, None) and not metadata["annotations"]:
        del metadata["annotations"]
    return manifest


def wanted(rendered: list[Rendered]) -> dict[str, Manifest]:
    return by_key([without_digest(one.manifest) for one in rendered])


def check_chart(folder: Path, graph: Graph, environments: dict[str, dict[str, Any]]) -> None:
    chart = written(folder, helm_chart(graph, the_catalog(), "shop", environments))
    given = {f"{name}.{key}": f"{key}: 'x'" for name, key in asked_in(chart)}
    secrets = values_of_secrets(chart, given)
    for name, variables in environments.items():
        rendered = render_graph(graph, the_catalog(), namespace=name, variables=variables)
        values = ["-f", f"{chart}/values-{name}.yaml", "-f", secrets]
        found = built(the_helm(), "template", "shop", chart, *values, "--namespace", name)
        filled = {
            f"{one['metadata']['name']}.{key}": value
            for one in found.values()
            if one["kind"] == "Secret"
            for key, value in one.pop("stringData", {}).items()
        }
        assert (found, filled) == (wanted(rendered), given)


def asked_in(chart: Path) -> list[tuple[str, str]]:
    """(name, key) of the values of Secrets that a chart asks for."""
    [values] = load_all_strict((chart / "values.yaml").read_bytes())
    return [(name, key) for name, one in values.get("secrets", {}).items() for key in one["values"]]


def values_of_secrets(chart: Path, given: dict[str, Any]) -> Path:
    """A file of values outside of the chart."""
    found: dict[str, Any] = {}
    for name, key in asked_in(chart):
        found.setdefault(name, {"values": {}})["values"][key] = given[f"{name}.{key}"]
    path = chart.parent / "secrets.yaml"
    path.write_text(json.dumps({"secrets": found}))
    return path


def test_helm_refuses_a_chart_without_the_values_of_its_secrets_and_takes_a_secret_that_is_there(tmp_path: Path):
    graph = a_graph(
        a_node("secret", "db-env", id="s", keys=["POSTGRES_PASSWORD", "a.b"]),
        a_node("deployment", "db", id="db", image="postgres"),
        a_node("job", "load", id="load", image="x:${TAG}", backoff_limit=0),
        a_node("configmap", "c", id="c", data={"a": "${TAG}"}),
        edges=[an_edge("s", "db"), an_edge("c", "db"), an_edge("load", "db", "after_health")],
    )
    chart = written(tmp_path / "chart", helm_chart(graph, the_catalog(), "shop", {"one": {"TAG": "1"}}))
    own = {"db-env.POSTGRES_PASSWORD": "0815", "db-env.a.b": "x"}

    def template(*more: object) -> subprocess.CompletedProcess[bytes]:
        command = (the_helm(), "template", "shop", chart, *more)
        return subprocess.run([str(one) for one in command], capture_output=True, check=False)

    refused = template()
    assert b"secrets.db-env.values.POSTGRES_PASSWORD has no value; give it in a file of values" in refused.stderr
    number = template("-f", values_of_secrets(chart, {**own, "db-env.POSTGRES_PASSWORD": 12345678}))
    assert b"secrets.db-env.values.POSTGRES_PASSWORD is a number; put it in quotes" in number.stderr
    first = by_key(load_all_strict(template("-f", values_of_secrets(chart, own)).stdout))
    assert first["Secret/db-env"]["stringData"] == {"POSTGRES_PASSWORD": "0815", "a.b": "x"}
    other = by_key(load_all_strict(template("-f", values_of_secrets(chart, {**own, "db-env.a.b": "y"})).stdout))
    assert first["Deployment/db"] == other["Deployment/db"], "no digest of a secret stands on what others may read"
    without = by_key(load_all_strict(template("--set", "secrets.db-env.existing=true").stdout))
    assert without.keys() == {"Deployment/db", "Job/load", "ConfigMap/c"}
    linted = subprocess.run([str(the_helm()), "lint", "--strict", str(chart)], capture_output=True, check=False)
    assert linted.returncode == 0, linted.stdout
    said = (chart / "templates" / "NOTES.txt").read_text()
    assert "- Job load once Deployment db is healthy; it is tried only once (backoffLimit 0)" in said
    assert said.splitlines()[1] in (chart / "README.md").read_text()


def test_helm_builds_of_each_file_of_values_what_its_environment_renders(tmp_path: Path):
    check_chart(tmp_path, the_graph(), VARIABLES)


def test_helm_builds_of_every_kind_what_the_workflow_renders(tmp_path: Path):
    samples = [{**sample_node(kind, "full"), "id": kind, "name": f"of-{kind}"} for kind in object_kinds()]
    check_chart(tmp_path, a_graph(*samples), {"store": {}})


@pytest.mark.parametrize("number", range(2))
def test_helm_builds_any_text_as_it_is(tmp_path: Path, number: int):
    random = Random(SEED * 100 + number)
    texts = {f"k{at}": "".join(random.choices(PIECES, k=random.randint(0, 9))) for at in range(150)}
    env = {f"E{at}": "".join(random.choices(PIECES, k=3)) for at in range(20)}
    nodes = [
        a_node("configmap", "conf", id="conf", data=texts),
        a_node("deployment", "web", id="web", image="nginx", env=env, args=list(texts.values())[:20]),
    ]
    values: dict[str, dict[str, Any]] = {
        "one": {"TAG": "a'b\"{{ c }}\n", "REPLICAS": 9007199254740991, "DEBUG": True},
        "two": {"TAG": "$${x} %s", "REPLICAS": -1, "DEBUG": False},
    }
    check_chart(tmp_path, a_graph(*nodes), values)


def test_a_text_that_looks_like_what_the_exporter_writes_stays_a_text(tmp_path: Path):
    graph = a_graph(a_node("configmap", "conf", id="conf", data={"a": "x", "b": "${TAG}"}))
    for _ in range(3):  # each round brings in what the round before would have used
        files = helm_chart(graph, the_catalog(), "shop", {"one": {"TAG": "1"}})
        marks = list(map(str, range(10)))
        data = {"a": "".join(files.values()), "b": "${TAG}", "c": "kubeorch-release-namespace kubeorchreference0x"}
        graph = a_graph(a_node("configmap", "conf", id="conf", data={**data, **dict(zip(marks, marks, strict=True))}))
    check_chart(tmp_path, graph, {"one": {"TAG": "1"}})


def test_kubectl_builds_of_each_overlay_what_its_environment_renders(tmp_path: Path):
    kubectl = obtain([KUBECTL_TO_BUILD])["kubectl"]
    rendered = {
        name: render_graph(the_graph(), the_catalog(), namespace=name, variables=values)
        for name, values in VARIABLES.items()
    }
    folder = written(tmp_path, kustomize(rendered))
    for name in VARIABLES:
        assert built(kubectl, "kustomize", folder / "overlays" / name) == wanted(rendered[name])
