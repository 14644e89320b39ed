"""A workflow leaves as files for other tools: in every form, the same bytes each time, without a value of a Secret."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
import yaml

from tests.mongo.builds.test_ssh_keys import SSH
from tests.support.people import Answer, Person, a_user
from tests.support.workflows import a_cluster, a_node, a_secret, a_workflow, an_edge

NODES = [
    a_node("web", image="nginx:${TAG}", port=80),
    a_secret("web-env", "TOKEN"),
    a_node("front", kind="service", port=80),
]
EDGES = [an_edge("front", "web", "exposes"), an_edge("web-env", "web", "sets_env")]


@pytest.fixture
def person(mongo: Any) -> Person:
    return a_user("editor")


@pytest.fixture
def workflow(person: Person) -> dict[str, Any]:
    made = a_workflow(person, name="shop", graph={"nodes": NODES, "edges": EDGES})
    cluster = a_cluster(person.team_id, "north")
    for name, tag in (("dev", "1.27"), ("live", "1.26")):
        variables = {"TAG": {"type": "string", "value": tag}}
        given = {"name": name, "cluster": cluster, "namespace": f"shop-{name}", "variables": variables}
        answer = person.post(f"workflows/{made['id']}/environments", given)
        assert answer.status == 201, answer.body
    return made


def exported(person: Person, workflow: dict[str, Any], form: str, **query: str) -> Answer:
    more = "".join(f"&{name}={value}" for name, value in query.items())
    return person.get(f"workflows/{workflow['id']}/files?form={form}{more}")


def files(answer: Answer) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
        return {name.partition("/")[2]: archive.read(name).decode() for name in archive.namelist()}


@pytest.mark.parametrize(
    ("form", "name", "media_type"),
    [
        ("manifests", "shop-manifests.yaml", "text/yaml; charset=utf-8"),
        ("kustomize", "shop-kustomize.zip", "application/zip"),
        ("helm", "shop-chart.zip", "application/zip"),
        ("compose", "compose.yaml", "text/yaml; charset=utf-8"),
    ],
)
def test_a_workflow_is_written_in_every_form_with_the_same_bytes(
    person: Person, workflow: dict[str, Any], form: str, name: str, media_type: str
) -> None:
    answer = exported(person, workflow, form)
    assert (answer.status, answer.headers["Content-Type"]) == (200, media_type), answer.body
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert exported(person, workflow, form).body == answer.body


def test_the_values_are_those_of_the_environment_and_an_archive_has_them_all(
    person: Person, workflow: dict[str, Any]
) -> None:
    live = person.get(f"workflows/{workflow['id']}").body["environments"][1]["id"]
    images = [
        one["spec"]["template"]["spec"]["containers"][0]["image"]
        for answer in (
            exported(person, workflow, "manifests"),
            exported(person, workflow, "manifests", environment=live),
        )
        for one in yaml.safe_load_all(answer.body)
        if one["kind"] == "Deployment"
    ]
    assert images == ["nginx:1.27", "nginx:1.26"]
    compose = yaml.safe_load(exported(person, workflow, "compose", environment=live).body)
    assert compose["services"]["web"]["image"] == "nginx:1.26"
    assert {"overlays/dev/kustomization.yaml", "overlays/live/kustomization.yaml"} <= set(
        files(exported(person, workflow, "kustomize"))
    )
    base = files(exported(person, workflow, "kustomize"))["base/kustomization.yaml"]
    said = "# Secret web-env is printed without the values of TOKEN; add them\n"
    assert (base.startswith(said), exported(person, workflow, "manifests").body.decode().startswith(said)) == (
        True,
        True,
    )
    chart = files(exported(person, workflow, "helm"))
    assert yaml.safe_load(chart["values.yaml"])["secrets"] == {"web-env": {"existing": False, "values": {"TOKEN": ""}}}
    assert (yaml.safe_load(chart["values.yaml"])["TAG"], yaml.safe_load(chart["values-live.yaml"])["TAG"]) == (
        "1.27",
        "1.26",
    )


def test_objects_have_the_digest_of_an_image_that_is_watched_as_runs_do(
    person: Person, workflow: dict[str, Any]
) -> None:
    from tests.mongo.test_image_triggers import ONE, see, trigger

    dev, live = person.get(f"workflows/{workflow['id']}").body["environments"]
    made = trigger(person, live, images=["nginx:1.26"])
    see(made, ONE, "nginx:1.26")
    for environment, image in ((dev, "nginx:1.27"), (live, f"nginx:1.26@{ONE}")):
        text = exported(person, workflow, "manifests", environment=environment["id"]).body.decode()
        assert f"image: {image}\n" in text, text
    overlays = files(exported(person, workflow, "kustomize"))
    assert sum(ONE in text for text in overlays.values()) == 1


def test_an_image_is_built_in_compose_with_the_arguments_that_it_gets(person: Person) -> None:
    variables = [
        {"key": "MODE", "usage": "both", "value": "fast"},
        {"key": "NODE_ENV", "usage": "build", "value": "production"},
        {"key": "PORT", "usage": "run", "value": "80"},
        {"key": "TOKEN", "usage": "build", "secret": True, "value": "open sesame"},
        SSH,
    ]
    source = {
        "name": "app",
        "repository": "https://github.com/example/app.git",
        "builder": {"args": {"A": "1", "MODE": "x"}},
    }
    assert person.post("sources", {**source, "variables": variables}).status == 201
    nodes = [a_node("web"), a_node("image", kind="source", source="app")]
    made = a_workflow(person, name="built", graph={"nodes": nodes, "edges": [an_edge("image", "web", "builds")]})

    answer = exported(person, made, "compose")

    assert answer.status == 200, answer.body
    built = yaml.safe_load(answer.body)["services"]["web"]["build"]
    assert built["ssh"] == ["GITHUB"]
    assert built["args"] == {"A": "1", "MODE": "fast", "NODE_ENV": "production"}
    assert "open sesame" not in str(answer.body)


def test_what_cannot_be_exported_is_refused(person: Person, workflow: dict[str, Any]) -> None:
    wrong = exported(person, workflow, "terraform")
    assert (wrong.status, wrong.body["errors"][0]["field"]) == (400, "form")
    gone = exported(person, workflow, "compose", environment="0" * 24)
    assert gone.status == 404
    assert a_user("editor").get(f"workflows/{workflow['id']}/files?form=compose").status == 404
