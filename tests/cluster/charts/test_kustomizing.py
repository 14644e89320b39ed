"""Kustomizations are built by the real kubectl, from the files that were brought in alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from clusters.sandbox.versions import KUBECTL_TO_BUILD
from imports.charts.kustomize import build
from imports.domain.problems import ImportInvalid
from imports.domain.sources import SourceFile
from kubeorch.base.yaml import load_all_strict
from kubeorch.programs.obtaining import obtain
from tests.support.helm import CHARTS, the_helm

ROOT = Path(__file__).resolve().parents[3]
WEB = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: nginx, envFrom: [{configMapRef: {name: conf}}]}]
"""
FILES = {
    "base/kustomization.yaml": "resources: [web.yaml]\nconfigMapGenerator:\n  - {name: conf, files: [own=app.ini]}\n",
    "base/web.yaml": WEB,
    "base/app.ini": "a = b\n",
    "overlays/prod/kustomization.yaml": "resources: [../../base]\nreplicas: [{name: web, count: 3}]\n",
    "overlays/dev/kustomization.yaml": "resources: [../../base]\npatches:\n  - path: smaller.yaml\n",
    "overlays/dev/smaller.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 0}\n",
}


def built(**changed: str) -> dict[str, dict[str, Any]]:
    """What each top folder builds, by kind. In the names of files `__` is a folder."""
    files = FILES | {path.replace("__", "/").replace("_yaml", ".yaml"): text for path, text in changed.items()}
    content = [SourceFile(path, text.encode()) for path, text in files.items()]
    parts, _ = build(content, obtain([KUBECTL_TO_BUILD])["kubectl"])
    return {part.source: {one["kind"]: one for one in load_all_strict(part.text)} for part in parts}


def refused(text: str, **more: str) -> str:
    """Why the base does not build, with other files of its own."""
    with pytest.raises(ImportInvalid) as error:
        built(base__kustomization_yaml=text, **more)
    return error.value.detail


def test_each_kustomization_that_no_other_one_uses_is_built():
    found = built()

    assert {folder: one["Deployment"]["spec"].get("replicas") for folder, one in found.items()} == {
        "overlays/dev": 0,
        "overlays/prod": 3,
    }
    assert found["overlays/prod"]["ConfigMap"]["data"] == {"own": "a = b\n"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("resources:\n  - web.yaml\n  - https://example.com/more.yaml\n", "base:3:1: https://ex"),
        ("resources: [github.com/example/base?ref=v1]", "base:1:1: github.com/example/base?ref=v1 lies"),
        ("resources: ['git@example.com:a/b']", "base:1:1: git@example.com:a/b lies elsewhere"),
        ("components: [/etc]", "base:1:1: /etc is not among the files"),
        ("resources: [../../../etc/hosts]", "base:1:1: ../../../etc/hosts is not among the files"),
        ("resources: [none.yaml]", "base:1:1: none.yaml is not among the files; bring it as well"),
        ("patches:\n  - path: http://169.254.169.254/p", "base:2:1: http://169.254.169.254/p lies"),
        ("configMapGenerator:\n  - {name: a, files: [k=http://localhost/x]}", "base:2:1: http://loc"),
        ("openapi: {path: 'https://example.com/s'}", "base:1:1: https://example.com/s lies elsewhere"),
        ("helmCharts: [{name: x, repo: 'https://example.com'}]", "base:1:1: helmCharts: it would run helm"),
        ("resource: [web.yaml]", "base:1:1: "),
        ("resources: [web.yaml\n", "base:2:1: "),
        ("resources: [web.yaml]\ngenerators: [plugin.yaml]", "base:2:1: generators: plugins are not run here"),
        ("transformers:\n  - |\n    apiVersion: builtin\n    kind: X\n", "base:1:1: transformers: plugins"),
        ("resources: [web.yaml]\nPatches: [{Path: 'http://localhost/p'}]", "base:2:1: write patches in"),
        ("patches: [{PATH: 'http://localhost/p'}]", "base:1:1: write path in place of PATH"),
        ('resources: ["\\x68ttp://localhost/p"]', "base:1:1: http://localhost/p lies elsewhere"),
        ('resources: ["HTTP://localhost/p\\n"]', "base:1:1: HTTP://localhost/p\n lies elsewhere"),
        ('patchesStrategicMerge: ["http://localhost/p\\n"]', "base:1:1: http://localhost/p\n lies elsewhere"),
    ],
)  # fmt: skip
def test_what_lies_elsewhere_or_is_wrong_is_named_at_its_line(text: str, said: str):
    plugin = "apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata: {name: x}\nfiles: ['k=http://localhost/x']\n"

    place, _, why = refused(text, base__plugin_yaml=plugin).partition(": ")
    short = place.replace("base/kustomization.yaml", "base").replace("base/plugin.yaml", "plugin")
    assert f"{short}: {why}".startswith(said)


def test_a_patch_for_nothing_is_named_with_what_it_looked_for():
    other = FILES["overlays/dev/smaller.yaml"].replace("web", "nobody")
    said = built(overlays__dev__smaller_yaml=other)

    assert list(said) == ["overlays/prod"]


@pytest.mark.parametrize("arguments", [["web", "--values", "web/values-production.yaml"], ["passwords"]])
def test_a_chart_is_converted_in_a_shell(arguments: list[str]):
    the_helm()
    paths = [one if one.startswith("--") else str(CHARTS / one) for one in arguments]
    command = [sys.executable, "manage.py", "convert", *paths, "--manifests"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)

    kinds = {one["kind"] for one in load_all_strict(done.stdout)}
    said = done.stderr.decode()
    if arguments == ["passwords"]:
        assert kinds == {"Secret", "Deployment", "Job"}
        assert "secret.yaml:2:1: lookup asks a cluster, and finds" in said
        assert "Secret passwords-secret is another one each time: data.password" in said
    else:
        assert {"Ingress", "HorizontalPodAutoscaler"} <= kinds
        assert "Helm would run Pod web-test at test. KubeOrch has no hooks. Leave out." in said
