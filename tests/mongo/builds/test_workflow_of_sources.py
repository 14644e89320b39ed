"""A workflow is made of what was detected: sources, the drawing, the environment and the first builds, or nothing."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from tests.support.database import filled
from tests.support.detected import TWO_APPS, a_detection
from tests.support.people import Answer, Person, a_user
from tests.support.workflows import a_cluster

SECRET = "canary-of-a-run-secret"
YAML = """\
version: 1
apps:
  - name: web
    root: web
    port: 8080
    replicas: 2
    variables: {run: {LOG_LEVEL: info}}
    resources: {memory: 256Mi}
    health: {path: /healthz}
    volumes: [{name: data, path: /data}]
  - {name: cache, builder: image, image: "redis:8.0", port: 6379}
"""


@pytest.fixture
def anna(mongo: Any) -> Person:
    return a_user("editor", name="Anna")


def apps_of(person: Person, row: Any) -> list[dict[str, Any]]:
    """The proposals as they were found, as the page sends them."""
    found = person.get(f"detections/{row['_id']}").body
    apps = []
    for one in found["proposals"]:
        given = {"proposal": one["id"], "name": one["name"], "port": one["port"], "hosts": one["hosts"]}
        built = (
            {"ready_image": one["image"]} if one["kind"] == "image" else {"root": one["root"], "builder": builder(one)}
        )
        apps.append({**given, **built})
    return apps


def builder(one: dict[str, Any]) -> dict[str, Any]:
    given = one["builder"]
    own = {"text": given["text"]} if given["type"] == "written" else {"dockerfile": given["dockerfile"]}
    return {"type": given["type"], "args": given["args"], "target": given["target"], **own}


def made_of(person: Person, row: Any, apps: list[dict[str, Any]], **more: Any) -> Answer:
    given = {"name": "Shop", "apps": apps, "idempotency_key": "once", **more}
    return person.post(f"detections/{row['_id']}/workflow", given)


def graph_of(person: Person, made: Answer) -> dict[str, Any]:
    assert made.status == 201, made.body
    return dict(person.get(f"workflows/{made.body['workflow']['id']}/graph").body)


def test_two_applications_become_two_sources_a_drawing_and_two_builds(anna: Person, mongo: Any) -> None:
    row = a_detection(anna.team_id, anna.user_id)
    apps = apps_of(anna, row)
    by_name = {one["name"]: one for one in apps}
    by_name["web"]["hosts"] = ["shop.example.com"]
    place = {"name": "prod", "cluster": a_cluster(anna.team_id), "namespace": "shop"}
    made = made_of(anna, row, apps, environment=place)
    graph = graph_of(anna, made)

    assert graph["problems"] == []
    kinds = sorted((node["kind"], node["name"]) for node in graph["nodes"])
    assert kinds == [
        *(("deployment", "api"), ("deployment", "web"), ("ingress", "web")),
        *(("service", "api"), ("service", "web"), ("source", "api"), ("source", "web")),
    ]
    places = {(node["position"]["x"], node["position"]["y"]) for node in graph["nodes"]}
    assert len(places) == len(graph["nodes"])
    at = {node["id"]: node["position"]["x"] for node in graph["nodes"]}
    assert all(at[edge["source"]] < at[edge["target"]] for edge in graph["edges"]), "edges run from left to right"
    sources = [anna.get(f"sources/{one}").body for one in made.body["sources"]]
    assert {one["name"]: (one["root"], one["builder"]["type"]) for one in sources} == {
        "web": ("web", "written"),
        "api": ("api", "dockerfile"),
    }
    assert all((one["repository"], one["ref"]) == (row["repository"], "main") for one in sources)
    assert [anna.get(f"builds/{one}").body["state"] for one in made.body["builds"]] == ["queued", "queued"]
    workflow = anna.get(f"workflows/{made.body['workflow']['id']}").body
    assert [one["namespace"] for one in workflow["environments"]] == ["shop"]
    images = anna.get(f"workflows/{workflow['id']}/images").body
    assert {one["source"]: one["last_build"]["number"] for one in images["nodes"]} == {"web": 1, "api": 1}
    assert anna.get(f"detections/{row['_id']}").body["workflows"] == [workflow["id"]]


def test_two_presses_at_once_make_one(anna: Person, mongo: Any) -> None:
    row = a_detection(anna.team_id, anna.user_id)
    apps = apps_of(anna, row)
    answers: list[Answer] = []
    threads = [threading.Thread(target=lambda: answers.append(made_of(anna, row, apps))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.status for one in answers] == [201, 201], [one.body for one in answers]
    assert answers[0].body == answers[1].body
    assert (mongo.workflows.count_documents({}), mongo.sources.count_documents({})) == (1, 2)
    other = made_of(anna, row, apps, idempotency_key="again")
    names = sorted(anna.get(f"sources/{one}").body["name"] for one in other.body["sources"])
    assert names == ["api-2", "web-2"], "names of sources that are taken get a number"


def test_what_the_repository_says_itself_is_drawn(anna: Person) -> None:
    row = a_detection(anna.team_id, anna.user_id, {**TWO_APPS, "kubeorch.yaml": YAML})
    apps = [one for one in apps_of(anna, row) if one["name"] in ("web", "cache")]
    web = next(one for one in apps if one["name"] == "web")
    web["variables"] = [{"key": "LOG_LEVEL", "usage": "run", "value": "debug"}]
    made = made_of(anna, row, apps, build=False)
    graph = graph_of(anna, made)
    assert (len(made.body["sources"]), made.body["builds"]) == (1, [])
    nodes = {(node["kind"], node["name"]): node["parameters"] for node in graph["nodes"]}
    assert nodes[("deployment", "web")]["replicas"] == 2
    assert nodes[("deployment", "web")]["env"] == {"LOG_LEVEL": "debug"}
    assert nodes[("deployment", "cache")]["image"] == "redis:8.0"
    assert nodes[("persistentvolumeclaim", "web-data")]["mount_path"] == "/data"


def test_secrets_are_kept_sealed_for_the_environment_and_for_the_build_alone(anna: Person, mongo: Any) -> None:
    row = a_detection(anna.team_id, anna.user_id)
    web = next(one for one in apps_of(anna, row) if one["name"] == "web")
    web["variables"] = [
        {"key": "DB_PASSWORD", "usage": "run", "secret": True, "value": SECRET},
        {"key": "LATER", "usage": "run", "secret": True},
        {"key": "NPM_TOKEN", "usage": "build", "secret": True, "value": SECRET},
        {"key": "MODE", "usage": "both", "value": "fast"},
    ]
    refused = made_of(anna, row, [web])
    assert (refused.status, refused.body["errors"][0]["field"]) == (400, "apps.0.variables"), refused.body
    place = {"name": "prod", "cluster": a_cluster(anna.team_id), "namespace": "shop"}
    made = made_of(anna, row, [web], environment=place)
    graph = graph_of(anna, made)
    nodes = {node["kind"]: node for node in graph["nodes"]}
    assert nodes["secret"]["parameters"]["keys"] == ["DB_PASSWORD", "LATER"]
    assert nodes["deployment"]["parameters"]["env"] == {"MODE": "fast"}
    assert [edge["relation"] for edge in graph["edges"] if edge["source"] == nodes["secret"]["id"]] == ["sets_env"]
    source = anna.get(f"sources/{made.body['sources'][0]}").body
    assert [(one["key"], one["value"]) for one in source["variables"]] == [("NPM_TOKEN", None), ("MODE", "fast")]
    workflow = f"workflows/{made.body['workflow']['id']}"
    environment = anna.get(workflow).body["environments"][0]["id"]
    kept = anna.get(f"{workflow}/secrets?environment={environment}").body["nodes"][0]["keys"]
    assert {one["key"]: one["stored"] for one in kept} == {"DB_PASSWORD": True, "LATER": False}
    everything = str([list(mongo[name].find()) for name in filled(mongo)])
    assert SECRET not in everything


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "Web"}, "apps.0.name"),
        ({"name": "3d"}, "apps.0.name"),
        ({"proposal": "none"}, "apps.0.proposal"),
        ({"root": "../x"}, "apps.0.root"),
        ({"port": None, "hosts": ["a.example.com"]}, "apps.0.port"),
        ({"hosts": ["a b"]}, "apps.0.hosts.0"),
        ({"builder": {"type": "written", "text": ""}}, "apps.0.builder.text"),
        ({"image": "UPPER/case"}, "apps.0.image"),
        ({"ready_image": "redis:8"}, "apps.0.ready_image"),
        (
            {"variables": [{"key": "A", "usage": "run", "value": "1"}, {"key": "B", "usage": "build"}]},
            "apps.0.variables.1.value",
        ),
    ],
)
def test_what_cannot_be_is_refused_at_its_field_and_nothing_stays(
    anna: Person, mongo: Any, change: dict[str, Any], field: str
) -> None:
    row = a_detection(anna.team_id, anna.user_id)
    web = next(one for one in apps_of(anna, row) if one["name"] == "web")
    refused = made_of(anna, row, [{**web, **change}])
    assert (refused.status, [one["field"] for one in refused.body["errors"]]) == (400, [field]), refused.body
    names = ("workflows", "sources", "builds", "environments")
    assert [mongo[name].count_documents({}) for name in names] == [0, 0, 0, 0]


def test_a_refusal_at_the_end_takes_back_what_was_made_before_it(anna: Person, mongo: Any) -> None:
    row = a_detection(anna.team_id, anna.user_id)
    place = {"name": "prod", "cluster": "none", "namespace": "shop"}
    refused = made_of(anna, row, apps_of(anna, row), environment=place)
    assert refused.status in (400, 404), refused.body
    assert [mongo[name].count_documents({}) for name in ("workflows", "sources", "builds")] == [0, 0, 0]
    twice = [{**one, "name": "same"} for one in apps_of(anna, row)]
    assert made_of(anna, row, twice).body["errors"][0]["field"] == "apps.1.name"
