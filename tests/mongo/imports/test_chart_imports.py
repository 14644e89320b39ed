"""Charts and kustomizations as imports: rendered by a worker with the real helm and kubectl, kept, rendered anew."""

from __future__ import annotations

import base64
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest
from bson import ObjectId

from imports import store
from imports.charts.rendered import RENDERED
from kubeorch.base.yaml import load_all_strict
from kubeorch.mongo.client import db
from tests.mongo.imports.test_git_imports import choose, fetched
from tests.support.git_server import a_git_server, a_repository
from tests.support.helm import CHARTS, chart_files, the_helm
from tests.support.imports import SECRET, an_import
from tests.support.people import Person, a_user
from tests.support.wait import until
from tests.support.workers import working

the_helm()
KUSTOMIZED = {
    "base/kustomization.yaml": "resources: [web.yaml]\n",
    "base/web.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {a: b}\n",
    "overlays/dev/kustomization.yaml": "resources: [../../base]\nnamePrefix: dev-\n",
    "overlays/prod/kustomization.yaml": "resources: [../../base]\nnamePrefix: prod-\n",
}


@pytest.fixture
def anna(mongo: Any) -> Person:
    return a_user("editor", name="Anna")


def files_of(name: str) -> list[dict[str, str]]:
    return [{"path": file.path, "text": file.content.decode()} for file in chart_files(name)]


def rendered(person: Person, source: dict[str, Any]) -> dict[str, Any]:
    made = an_import(person, source)
    assert made["state"] == "fetching"
    with working():
        return fetched(person, made)


def changed(person: Person, found: dict[str, Any], **settings: Any) -> dict[str, Any]:
    answer = person.put(f"imports/{found['id']}/values", settings)
    assert answer.status == 200, answer.body
    assert answer.body["state"] == "fetching"
    with working():
        return fetched(person, found)


def node(found: dict[str, Any], kind: str) -> dict[str, Any]:
    return next(one for one in found["graph"]["nodes"] if one["kind"] == kind)


def kept(found: dict[str, Any]) -> list[dict[str, Any]]:
    """The objects as they were rendered, from what is sealed."""
    files = {file.path: file.content for file in store.open_files(store.find(ObjectId(found["id"]), {}))}
    return [one for _, text, *_ in json.loads(files[RENDERED])["parts"] for one in load_all_strict(text)]


def test_a_chart_becomes_a_graph_and_other_values_another_one(anna: Person) -> None:
    values = f"replicaCount: 3\nenv: {{TOKEN: {SECRET}}}\n"
    source = {"type": "chart", "files": files_of("web"), "values": values, "release": "shop", "namespace": "store"}
    found = rendered(anna, source)

    assert (found["state"], found["name"], found["problem"]) == ("ready", "shop", None)
    assert node(found, "deployment")["parameters"]["replicas"] == 3
    assert [one["id"] for one in found["decisions"]] == ["hooks/test"]
    assert all(not one["path"].startswith(".kubeorch") for one in found["source"]["files"])
    assert found["source"]["chart"]["namespace"] == "store"
    shown = anna.get(f"imports/{found['id']}/values").body
    assert (shown["chart"], shown["values"], shown["namespace"]) == ("web 1.2.3", values, "store")
    assert [one["path"] for one in shown["files"]] == ["values.yaml", "values-production.yaml"]

    asked = {"release": "shop", "namespace": "store", "value_files": ["values-production.yaml"]}
    more = changed(anna, found, values="replicaCount: 1", **asked)
    assert {"ingress", "hpa"} <= {one["kind"] for one in more["graph"]["nodes"]}
    assert SECRET not in str(list(db().imports.find({}, {"sealed_files": 0, "sealed_given": 0})))

    with_test = anna.put(f"imports/{found['id']}/answers", {"answers": {"hooks/test": "keep"}}).body
    assert with_test["node_count"] == more["node_count"] + 1
    applied = anna.post(f"imports/{found['id']}/apply", {"name": "Shop"})
    assert applied.status == 201, applied.body
    path = f"imports/{found['id']}/values"
    other = anna.post(path, {"values": "replicaCount: 5", **asked}).body
    assert (other["state"], other["workflow"], other["id"] == found["id"]) == ("fetching", None, False)
    with working():
        until(lambda: anna.get(f"imports/{other['id']}").body["state"] != "fetching", what="it is rendered")
    workflow = applied.body["workflow"]["id"]
    merge = anna.get(f"imports/{other['id']}/merge?workflow={workflow}").body
    assert merge["base"]["id"] == found["id"]
    assert anna.get(f"imports/{other['id']}/values").body["values"] == "replicaCount: 5"
    again = anna.put(f"imports/{found['id']}/values", {"values": ""})
    assert (again.status, again.body["code"]) == (409, "import.applied")


def test_a_password_that_a_chart_makes_stays_when_other_values_are_given(anna: Person) -> None:
    found = rendered(anna, {"type": "chart", "files": files_of("passwords")})
    before = {one["kind"]: one for one in kept(found)}
    warnings = {one["code"]: one for one in found["graph"]["problems"] if one["code"].startswith("import.")}

    more = changed(anna, found, values="replicas: 4")
    after = {one["kind"]: one for one in kept(more)}

    assert after["Secret"] == before["Secret"]
    assert node(more, "deployment")["parameters"]["replicas"] == 4
    assert "lookup asks a cluster" in warnings["import.rendering"]["detail"]
    random = [one for one in found["graph"]["problems"] if one["code"] == "import.random"]
    assert all(one["node_ids"] for one in random)
    assert any("data.password" in one["detail"] for one in random)
    assert [row["value"] for row in found["secrets"]] == ["sealed", "sealed"]


def test_what_helm_refuses_stands_at_its_line_and_other_values_cure_it(anna: Person) -> None:
    found = rendered(anna, {"type": "chart", "files": files_of("checked"), "values": "\nreplicas: none\n"})

    assert (found["state"], found["problem"]["path"], found["problem"]["line"]) == ("refused", "values", 2)
    assert found["problem"]["code"] == "import.chart_values"
    cured = changed(anna, found, values="replicas: 2")
    assert (cured["state"], node(cured, "deployment")["parameters"]["replicas"]) == ("ready", 2)


def test_an_archive_is_a_chart_and_what_it_is_asked_for_is_checked_at_once(anna: Person) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        archive.add(CHARTS / "umbrella", "umbrella")
    files = [{"path": "umbrella-1.tgz", "base64": base64.b64encode(buffer.getvalue()).decode()}]
    found = rendered(anna, {"type": "chart", "files": files})

    assert found["state"] == "ready", found["problem"]
    assert node(found, "statefulset")["name"] == "umbrella-primary"
    groups = {(one["kind"], one.get("group")) for one in found["graph"]["nodes"]}
    assert groups == {("configmap", "umbrella"), ("service", "primary"), ("statefulset", "primary")}
    for field, wrong in {"release": "A_b", "namespace": "a.b", "values": "- a", "cluster": str(ObjectId())}.items():
        refused = anna.post("imports", {"source": {"type": "chart", "files": files, field: wrong}})
        assert refused.status in (400, 404), (field, refused.body)


def test_a_kustomization_is_built_and_of_several_one_is_chosen(anna: Person) -> None:
    files = [{"path": path, "text": text} for path, text in KUSTOMIZED.items()]
    found = rendered(anna, {"type": "kustomize", "files": files})

    assert [one["name"] for one in found["graph"]["nodes"]] == ["dev-web"]
    answers = {"answers": {"kustomization": "overlays/prod"}}
    other = anna.put(f"imports/{found['id']}/answers", answers).body
    assert [one["name"] for one in other["graph"]["nodes"]] == ["prod-web"]


def test_charts_and_kustomizations_of_a_repository_are_rendered_when_they_are_chosen(
    anna: Person, tmp_path: Path
) -> None:
    chart = {f"charts/web/{file.path}": file.content.decode() for file in chart_files("web")}
    with a_git_server(tmp_path) as server:
        a_repository(server.root / "shop.git", {**KUSTOMIZED, **chart})
        made = an_import(anna, {"type": "git", "url": server.url("shop.git")})
        with working():
            found = fetched(anna, made)
            assert {(one["type"], one["path"]) for one in found["found"] if not one["why_not"]} >= {
                ("chart", "charts/web"),
                ("kustomize", "overlays/prod"),
            }
            choose(anna, found, "kustomize", "overlays/prod")
            built = fetched(anna, made)
            choose(anna, found, "chart", "charts/web")
            drawn = fetched(anna, made)

    assert [one["name"] for one in built["graph"]["nodes"]] == ["prod-web"]
    assert (drawn["state"], node(drawn, "deployment")["name"]) == ("ready", "web")
    assert drawn["source"]["chart"]["release"] == "web"
    assert len(drawn["found"]) == len(found["found"])
    assert node(changed(anna, drawn, values="replicaCount: 7"), "deployment")["parameters"]["replicas"] == 7


def test_without_helm_it_is_said_and_how_to_get_it(
    anna: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PATH", "KUBEORCH_CACHE", "KUBEORCH_SANDBOX_BIN"):
        monkeypatch.setenv(name, str(tmp_path))
    found = rendered(anna, {"type": "chart", "files": files_of("web")})

    assert (found["state"], found["problem"]["code"]) == ("refused", "import.no_program")
    assert "put Helm 3.14 or newer on its PATH, or run `make helm`" in found["problem"]["detail"]
