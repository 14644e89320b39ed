"""Images of sources, as runs and previews take them: newest, pinned, of the team alone; and why there are none."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from bson import ObjectId

from tests.support.built import COMMIT, REPOSITORY, a_build, a_source, digest_of, image_of
from tests.support.people import Person, a_user
from tests.support.workflows import a_cluster, a_workflow, an_environment

CODE = {"id": "code", "kind": "source", "name": "code", "position": {"x": 0, "y": 0}, "patch": None}
WEB = {"id": "web", "kind": "deployment", "name": "web", "position": {"x": 0, "y": 0}, "patch": None}
FEEDS = {"id": "feeds", "source": "code", "target": "web", "relation": "builds", "parameters": {}}


def nodes(**source: Any) -> list[dict[str, Any]]:
    return [{**CODE, "parameters": {"source": "web", **source}}, {**WEB, "parameters": {"port": 8080}}]


@pytest.fixture
def anna(mongo: Any) -> Person:
    return a_user("editor", name="Anna")


def drawn(person: Person, **source: Any) -> dict[str, Any]:
    """A workflow whose one Deployment gets the image of a source, with an environment."""
    workflow = a_workflow(person)
    graph = {"rev": workflow["rev"], "nodes": nodes(**source), "edges": [FEEDS]}
    saved = person.put(f"workflows/{workflow['id']}/graph", graph)
    assert saved.status == 200, saved.body
    an_environment(person, workflow, a_cluster(person.team_id))
    return workflow


def start(person: Person, workflow: dict[str, Any]) -> Any:
    return person.post(f"workflows/{workflow['id']}/runs", {})


def why(person: Person, workflow: dict[str, Any]) -> tuple[str, str, list[str]]:
    """The one problem that refuses a run."""
    answer = start(person, workflow)
    assert (answer.status, answer.body["code"]) == (400, "run.graph_invalid"), answer.body
    [problem] = answer.body["errors"]
    return problem["code"], problem["detail"], problem["node_ids"]


def test_a_run_takes_the_newest_build_that_succeeded_and_keeps_which(anna: Person):
    source = a_source(anna.team_id)
    a_build(source)
    second = a_build(source)
    a_build(source, "failed")
    a_build(source, "building")

    started = start(anna, drawn(anna))

    assert started.status == 202, started.body
    assert started.body["images"] == [
        {
            "node_id": "code",
            "source": "web",
            "image": image_of(2),
            "digest": digest_of(2),
            "tag": f"{REPOSITORY}:main-2",
            "build_id": str(second["_id"]),
            "number": 2,
            "commit": COMMIT,
        }
    ]


@pytest.mark.parametrize("pin", ["1", "#1", digest_of(1)])
def test_a_pinned_build_is_taken_whatever_is_newer(anna: Person, pin: str):
    source = a_source(anna.team_id)
    a_build(source)
    a_build(source)

    assert start(anna, drawn(anna, pin=pin)).body["images"][0]["image"] == image_of(1)


def test_a_build_of_another_ref_is_taken_only_where_it_is_pinned(anna: Person):
    source = a_source(anna.team_id)
    a_build(source)
    a_build(source, ref="try-it", of_source=False)

    assert start(anna, drawn(anna)).body["images"][0]["number"] == 1
    assert start(anna, drawn(anna, pin="2")).body["images"][0]["number"] == 2


@pytest.mark.parametrize(
    ("states", "said"),
    [
        ([], "nothing was built of web yet; build it first"),
        (["failed"], "no build of web has succeeded yet: build #1 failed; look at its log, and build it again"),
        (["failed", "queued"], "no build of web has succeeded yet: build #2 is running; wait for it"),
    ],
)
def test_without_a_build_that_succeeded_a_run_is_refused_with_the_cure(anna: Person, states: list[str], said: str):
    source = a_source(anna.team_id)
    for state in states:
        a_build(source, state)

    assert why(anna, drawn(anna)) == ("source.not_built", said, ["code"])


def test_a_source_of_another_team_is_no_source(anna: Person):
    a_build(a_source(ObjectId()))

    code, detail, _ = why(anna, drawn(anna))

    assert code == "source.unknown"
    assert detail == "the team has no source called web; add it, or choose another one"


@pytest.mark.parametrize("pin", ["2", "3", digest_of(3)])
def test_a_pin_that_names_no_build_that_succeeded_is_refused(anna: Person, pin: str):
    source = a_source(anna.team_id)
    a_build(source)
    a_build(source, "failed")

    code, detail, node_ids = why(anna, drawn(anna, pin=pin))

    assert (code, node_ids) == ("source.pin", ["code"])
    assert detail.endswith("does not exist, or did not succeed; pin another one, or clear Pinned build")


def test_a_run_that_is_tried_again_keeps_its_images(anna: Person):
    from workflows.runs import claiming
    from workflows.runs.ending import fail_run
    from workflows.runs.states import Who

    source = a_source(anna.team_id)
    a_build(source)
    run = start(anna, drawn(anna)).body
    claimed = claiming.claim_run(ObjectId(run["id"]), 0, job_fence=1)
    assert claimed is not None
    fail_run(claimed, Who.HOLDER, {"code": "x", "detail": "x", "node_id": None}, fence=claimed["fence"])
    a_build(source)

    again = anna.post(f"runs/{run['id']}/retry", {})

    assert again.status == 202, again.body
    assert again.body["images"] == run["images"]


def test_a_preview_shows_the_image_that_a_run_would_take(anna: Person):
    workflow = drawn(anna)
    shown = anna.post(f"workflows/{workflow['id']}/manifests", {}).body
    assert "image: <build of web>" in shown["manifests"][0]["yaml"]
    assert [one["code"] for one in shown["problems"]] == ["source.unknown"]

    a_build(a_source(anna.team_id))
    shown = anna.post(f"workflows/{workflow['id']}/manifests", {}).body

    assert f"image: {image_of(1)}" in shown["manifests"][0]["yaml"]
    assert shown["problems"] == []


def images(person: Person, workflow: dict[str, Any], query: str = "") -> Any:
    return person.get(f"workflows/{workflow['id']}/images{query}")


def test_the_page_is_told_what_a_run_would_take_and_how_the_last_build_does(anna: Person):
    source = a_source(anna.team_id)
    a_source(anna.team_id, "api")
    a_source(ObjectId(), "others")
    a_build(source)
    last = a_build(source, "building")

    shown = images(anna, drawn(anna)).body

    assert shown["sources"] == ["api", "web"]
    [one] = shown["nodes"]
    assert (one["node_id"], one["source"], one["pin"], one["problem"]) == ("code", "web", "", None)
    assert (one["image"]["image"], one["image"]["number"]) == (image_of(1), 1)
    assert (one["last_build"]["build_id"], one["last_build"]["state"]) == (str(last["_id"]), "building")


def test_the_page_is_told_why_there_is_no_image(anna: Person):
    [one] = images(anna, drawn(anna)).body["nodes"]

    assert (one["image"], one["last_build"], one["problem"]["code"]) == (None, None, "source.unknown")


def test_names_and_pins_are_told_with_the_variables_of_an_environment(anna: Person):
    source = a_source(anna.team_id)
    a_build(source)
    a_build(source)
    workflow = drawn(anna, pin="${BUILD}")
    environment = anna.get(f"workflows/{workflow['id']}/environments").body["results"][0]
    variables = {"BUILD": {"type": "string", "value": "1"}}
    assert anna.patch(f"environments/{environment['id']}", {"variables": variables}).status == 200

    [one] = images(anna, workflow, f"?environment={environment['id']}").body["nodes"]

    assert (one["pin"], one["image"]["number"]) == ("1", 1)


def test_an_environment_of_another_workflow_says_nothing(anna: Person):
    other = anna.get(f"workflows/{drawn(anna)['id']}/environments").body["results"][0]

    assert images(anna, drawn(anna), f"?environment={other['id']}").status == 404


def test_a_saved_graph_has_no_problem_for_what_is_not_built_yet(anna: Person):
    workflow = drawn(anna)

    assert anna.get(f"workflows/{workflow['id']}/graph").body["problems"] == []


def test_a_workflow_file_names_the_source_and_no_image(anna: Person):
    a_build(a_source(anna.team_id))
    workflow = drawn(anna, pin="1")

    text = anna.get(f"workflows/{workflow['id']}/export").body.decode()

    assert "source: web" in text
    assert "@sha256:" not in text


@pytest.mark.parametrize("form", ["manifests", "kustomize", "helm", "compose"])
def test_an_export_for_other_tools_has_the_digest_or_says_what_is_missing(anna: Person, form: str):
    workflow = drawn(anna)
    path = f"workflows/{workflow['id']}/files?form={form}"
    refused = anna.get(path)
    assert refused.status == 400
    assert [one["code"] for one in refused.body["errors"]] == ["source.unknown"]

    a_build(a_source(anna.team_id))
    content = anna.get(path).body
    if form in ("kustomize", "helm"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            content = b"".join(archive.read(name) for name in archive.namelist())

    if form == "compose":  # which builds it by itself, and could give a digest no name
        assert b"    image: registry.example.com/shop/web" in content
        assert b"    build:\n      context: https://git.example.com/shop/web.git#main\n" in content
    else:
        assert image_of(1).encode() in content
    assert b"<build" not in content


def test_a_chart_is_refused_where_environments_take_different_images(anna: Person):
    source = a_source(anna.team_id)
    a_build(source)
    a_build(source)
    workflow = drawn(anna, pin="${PIN}")
    [first] = anna.get(f"workflows/{workflow['id']}").body["environments"]
    second = an_environment(anna, workflow, a_cluster(anna.team_id), name="staging")
    assert (
        anna.patch(f"environments/{second['id']}", {"variables": {"PIN": {"type": "string", "value": "1"}}}).status
        == 200
    )
    path = f"workflows/{workflow['id']}/files?form=helm"
    changed = anna.patch(f"environments/{first['id']}", {"variables": {"PIN": {"type": "string", "value": "2"}}})
    assert changed.status == 200, changed.body

    refused = anna.get(path)

    assert refused.status == 400, refused.body
    for said in (first["name"], second["name"], "different images", "kustomize"):
        assert said in refused.body["detail"]
    assert anna.get(f"workflows/{workflow['id']}/files?form=kustomize").status == 200

    assert (
        anna.patch(f"environments/{first['id']}", {"variables": {"PIN": {"type": "string", "value": "1"}}}).status
        == 200
    )
    assert anna.get(path).status == 200


def test_all_sources_of_the_team_are_offered(anna: Person):
    for number in range(101):
        a_source(anna.team_id, f"s{number:03d}")
    a_source(ObjectId(), "of-others")

    names = anna.get(f"workflows/{drawn(anna)['id']}/images").body["sources"]

    assert names == [f"s{number:03d}" for number in range(101)]


def test_quarantine_is_of_a_version_with_its_images(anna: Person, mongo: Any):
    from kubeorch.base.clock import now
    from kubeorch.mongo.transaction import run_in_transaction
    from workflows.environments import quarantine_store, store

    workflow = drawn(anna)
    [shown] = anna.get(f"workflows/{workflow['id']}").body["environments"]
    environment_id = ObjectId(shown["id"])

    def held() -> list[tuple[int, str]]:
        rows = store.find(environment_id, {}).get("quarantined", ())
        return [(one["version"], one.get("images", "")) for one in rows]

    def fails(**images: str) -> None:
        one: Any = {"version": 3, "content": "c", "reason": "", "at": now(), "run": {"id": ObjectId(), "number": 1}}
        environment = store.find(environment_id, {})
        run_in_transaction(lambda session: quarantine_store.quarantine(environment, {**one, **images}, session))

    def works(version: int, images: str) -> None:
        run_in_transaction(
            lambda session: quarantine_store.release_proven(environment_id, version, "c", images, session)
        )

    for images in ({"images": "old"}, {"images": "new"}, {}, {"images": "old"}):
        fails(**images)
    assert held() == [(3, "new"), (3, ""), (3, "old")]
    works(3, "new")
    assert held() == [(3, ""), (3, "old")]
    works(4, "")  # of the same content
    assert held() == [(3, "old")]
    works(3, "never failed")
    assert held() == [(3, "old")]


def test_quarantine_holds_the_images_that_failed_and_not_those_built_since(mongo: Any):
    from workflows.environments.quarantine_store import quarantined_as

    environment: Any = {"quarantined": [{"version": 3, "content": "c", "images": "old", "reason": ""}]}

    assert quarantined_as(environment, 3, "c", "old") is not None
    assert quarantined_as(environment, 3, "c", "new") is None
    assert quarantined_as({"quarantined": [{"version": 3}]}, 3, "") is not None  # type: ignore[typeddict-item]


def test_what_an_environment_runs_is_told_beside_what_a_run_would_take(anna: Person, mongo: Any):
    source = a_source(anna.team_id)
    a_build(source)
    workflow = drawn(anna)
    run = start(anna, workflow).body
    [environment] = anna.get(f"workflows/{workflow['id']}").body["environments"]
    path = f"workflows/{workflow['id']}/images?environment={environment['id']}"
    assert anna.get(path).body["nodes"][0]["deployed"] is None
    mongo.environments.update_one(
        {"_id": ObjectId(environment["id"])}, {"$set": {"deployed": {"run_id": ObjectId(run["id"])}}}
    )
    a_build(source)

    [node] = anna.get(path).body["nodes"]

    assert (node["deployed"]["number"], node["image"]["number"]) == (1, 2)
    [without] = anna.get(f"workflows/{workflow['id']}/images").body["nodes"]
    assert (without["deployed"], without["image"]["number"]) == (None, 2)
