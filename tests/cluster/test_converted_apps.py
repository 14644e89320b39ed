"""Applications converted from Compose files: the API server takes all of their objects, and they run to healthy."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from bson import ObjectId

from clusters.domain.objects import Manifest
from kubeorch.base.clock import now
from tests.support.control_plane import ApiServer, ControlPlane, path_of
from tests.support.examples import PATIENCE_S, Played, Stage, is_well
from tests.support.narrow import an_account
from tests.support.people import a_user
from tests.support.wait import until
from tests.support.watching import watching
from tests.support.workers import working
from tests.unit.imports.convert.apps import NAMES, converted, graph_of, of_text
from tests.unit.kinds.samples import the_catalog
from workflows.domain.graphs.file import workflow_file
from workflows.domain.rendering.render import render_graph

NAMESPACE = "converted"
ELSEWHERE = {
    "home-assistant": "a node with the architecture arm64",
    "ai": "a node with a GPU",
    "immich": "a node with a GPU",
}
"""What some applications ask for and the sandbox does not have."""
ANSWERS = {"minio": {"volume/minio/storage_class": ""}}
"""The sandbox has no StorageClass called fast."""
EDGE = {"tier": "edge"}
"""A label that one application asks of nodes."""


@pytest.fixture(scope="module")
def namespace(control_plane: ControlPlane) -> ControlPlane:
    control_plane.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
    return control_plane


FAILING = """
services:
  api: {image: example/api, depends_on: {migrate: {condition: service_completed_successfully}}}
  migrate: {image: "fail.kubeorch.dev/exit/migrate:1", restart: "no"}
"""
IMAGELESS = FAILING.replace("exit", "imagepull")
GATED = """
services:
  api: {image: example/api, depends_on: {migrate: {condition: service_completed_successfully}}}
  migrate: {image: example/migrate}
"""


def test_a_gate_for_a_job_sees_that_job_and_nothing_else(namespace: ControlPlane, tmp_path: Path) -> None:
    place = namespace.namespace("gated")
    graph = graph_of(of_text(GATED, {"depends/api/migrate": "gate"}))
    for one in render_graph(graph, the_catalog(), namespace=place, variables={}):
        namespace.apply(one.manifest)
    kubeconfig = tmp_path / "gate.yaml"
    kubeconfig.write_text(an_account(namespace, place, "api-waits"))
    gate = ApiServer(kubeconfig)
    jobs = f"/apis/batch/v1/namespaces/{place}/jobs"
    as_kubectl_waits = f"{jobs}?fieldSelector=metadata.name%3Dmigrate"
    assert [gate.call("GET", path)[0] for path in (f"{jobs}/migrate", as_kubectl_waits)] == [200, 200]
    refused = (jobs, f"{jobs}/other", f"/api/v1/namespaces/{place}/secrets", f"/api/v1/namespaces/{place}/pods")
    assert [gate.call("GET", path)[0] for path in refused] == [403] * 4


def refusal(api: ControlPlane, manifest: Manifest) -> str:
    """Why the API server would not take the object; "" when it would."""
    status, body = api.call(
        "PATCH",
        f"{path_of(manifest)}?fieldManager=kubeorch&dryRun=All&fieldValidation=Strict",
        json.dumps(manifest).encode(),
        content_type="application/apply-patch+yaml",
    )
    name = f"{manifest['kind']} {manifest['metadata']['name']}"
    return "" if status < 300 else f"{name}: {json.loads(body).get('message')}"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("answers", [{}, {"networks": "policies"}], ids=["defaults", "policies"])
def test_the_api_server_takes_every_object_of_a_converted_application(
    namespace: ControlPlane, name: str, answers: dict[str, str]
) -> None:
    graph = graph_of(converted(name, answers))
    objects = [one.manifest for one in render_graph(graph, the_catalog(), namespace=NAMESPACE, variables={})]
    assert [why for one in objects if (why := refusal(namespace, one))] == []


@pytest.fixture(scope="module")
def played(django_ready: str, control_plane: ControlPlane) -> dict[str, Played]:
    """The applications side by side, imported as workflow files and run over the product's API."""
    from clusters import actions
    from kubeorch.mongo.client import db
    from tests.support.database import empty

    empty(db())
    cluster = str(actions.register_sandbox(control_plane.kubeconfig))
    names = [name for name in NAMES if name not in ELSEWHERE]
    node = control_plane.list("v1", "Node")[0]["metadata"]["name"]
    label(control_plane, node, EDGE)
    with working(concurrency=8), watching(ObjectId(cluster)):
        stage = Stage(a_user("admin"), cluster, control_plane)
        cast = {name: stage.draw(name, workflow(name)) for name in names}
        cast["failing"] = stage.draw("failing", workflow_file(graph_of(of_text(FAILING)), {"name": "failing"}))
        cast["imageless"] = stage.draw("imageless", workflow_file(graph_of(of_text(IMAGELESS)), {"name": "imageless"}))
        for one in cast.values():
            one.run = stage.start(one)
        pass_grace(cast["imageless"])
        for one in cast.values():
            one.run = stage.ended(one.run)
            one.statuses = stage.statuses(one)
        stage.destroy(cast.values())
    label(control_plane, node, dict.fromkeys(EDGE))
    return cast


def pass_grace(one: Played) -> None:
    """The image of the migration was found missing longer ago than the grace of that."""
    from kubeorch.mongo.client import db

    run = {"_id": ObjectId(one.run["id"])}
    until(lambda: db().runs.find_one(run).get("hopeless_since"), timeout_s=PATIENCE_S, what="the image is missed")
    db().runs.update_one(run, {"$set": {"hopeless_since": now() - timedelta(minutes=5)}})


def label(api: ControlPlane, node: str, labels: Mapping[str, str | None]) -> None:
    body = json.dumps({"metadata": {"labels": labels}}).encode()
    status, answer = api.call("PATCH", f"/api/v1/nodes/{node}", body, content_type="application/merge-patch+json")
    assert status == 200, answer


def workflow(name: str) -> str:
    return workflow_file(graph_of(converted(name, ANSWERS.get(name))), {"name": name})


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ELSEWHERE])
def test_a_converted_application_runs_to_healthy(played: dict[str, Played], name: str) -> None:
    one = played[name]
    assert (one.run["state"], one.run["error"]) == ("succeeded", None)
    assert {node_id: row["health"] for node_id, row in one.statuses.items() if not is_well(row)} == {}
    assert one.owned == set()


def test_what_waits_for_a_migration_that_fails_never_starts_and_the_run_says_why(played: dict[str, Played]) -> None:
    run = played["failing"].run
    assert {step["node_id"]: step["state"] for step in run["steps"]}["api"] == "skipped"
    assert (run["state"], run["error"]["code"], run["error"]["node_id"]) == ("failed", "run.unhealthy", "migrate")
    assert run["error"]["detail"].startswith("Job migrate failed: the job failed")
    assert run["error"]["detail"].endswith("Deployment api, which waits for it, was not applied")


def test_a_migration_whose_image_is_not_there_is_given_up_after_its_grace(played: dict[str, Played]) -> None:
    run = played["imageless"].run
    assert {step["node_id"]: step["state"] for step in run["steps"]}["api"] == "skipped"
    assert (run["state"], run["error"]["node_id"]) == ("failed", "migrate")
    assert "Job migrate will not complete by itself: " in run["error"]["detail"]
