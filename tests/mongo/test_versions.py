"""Versions: frozen, saved by hand, compared, restored, numbered."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from bson import ObjectId

from tests.support.people import Person, a_user
from tests.support.workflows import a_node, a_workflow, graph_of, save


@pytest.fixture
def anna(mongo: Any) -> Person:
    return a_user("editor", name="Anna")


def save_version(person: Person, workflow: dict[str, Any], name: str = "v", **more: str) -> dict[str, Any]:
    answer = person.post(f"workflows/{workflow['id']}/versions", {"name": name, **more})
    assert answer.status == 201, answer.body
    return dict(answer.body)


def freeze(person: Person, workflow: dict[str, Any], **more: Any) -> dict[str, Any]:
    from kubeorch.mongo.transaction import run_in_transaction
    from workflows import store
    from workflows.versions.actions import freeze_version

    workflow_id = ObjectId(workflow["id"])
    return run_in_transaction(
        lambda session: freeze_version(
            store.lock(workflow_id, {}, session), principal=person.principal, session=session, **more
        )
    )


def compare(person: Person, workflow: dict[str, Any], old: Any, new: Any) -> Any:
    return person.get(f"workflows/{workflow['id']}/versions/compare?from={old}&to={new}")


def test_a_saved_version_keeps_the_graph_under_a_name(anna: Person):
    workflow = a_workflow(anna, a_node("web", replicas=1))
    version = save_version(anna, workflow, "First", tag="v1", description="it works")
    save(anna, workflow, 1, a_node("web", replicas=5))

    kept = anna.get(f"workflows/{workflow['id']}/versions/1").body

    assert kept == version
    assert (kept["number"], kept["name"], kept["tag"], kept["description"]) == (1, "First", "v1", "it works")
    assert (kept["automatic"], kept["restored_from"], kept["run_id"]) == (False, None, None)
    assert kept["created_by"] == {"id": anna.user_id, "name": "Anna"}
    assert kept["nodes"] == [a_node("web", replicas=1)]
    assert anna.get(f"workflows/{workflow['id']}").body["version"] == 1


def test_versions_are_listed_newest_first_without_their_graphs(anna: Person):
    workflow = a_workflow(anna, a_node("web"))
    for name in ("one", "two", "three"):
        save_version(anna, workflow, name)

    page = anna.get(f"workflows/{workflow['id']}/versions?limit=2").body
    rest = anna.get(f"workflows/{workflow['id']}/versions?limit=2&cursor={page['next']}").body

    assert [row["name"] for row in page["results"] + rest["results"]] == ["three", "two", "one"]
    assert "nodes" not in page["results"][0]
    assert rest["next"] is None


def test_a_run_of_the_same_content_uses_the_same_version(anna: Person):
    workflow = a_workflow(anna, a_node("web", x=0))

    first = freeze(anna, workflow)
    save(anna, workflow, 1, a_node("web", x=500))
    moved = freeze(anna, workflow)
    save(anna, workflow, 2, a_node("web", replicas=2))
    changed = freeze(anna, workflow)

    assert (first["number"], moved["number"], changed["number"]) == (1, 1, 2)
    assert first["automatic"] is True


def test_saving_a_version_by_hand_creates_one_even_of_unchanged_content(anna: Person):
    workflow = a_workflow(anna, a_node("web"))
    freeze(anna, workflow)

    assert save_version(anna, workflow, "By hand")["number"] == 2
    assert freeze(anna, workflow)["number"] == 2, "a run takes the newest version of its content"


def test_an_archived_workflow_gets_no_new_version(anna: Person):
    from workflows.store import WorkflowArchived

    workflow = a_workflow(anna, a_node("web"))
    anna.post(f"workflows/{workflow['id']}/archive")

    with pytest.raises(WorkflowArchived):
        freeze(anna, workflow)


def test_twenty_racing_threads_leave_no_gap_and_no_duplicate_in_the_numbers(anna: Person, mongo: Any):
    workflow = a_workflow(anna, a_node("web"))

    with ThreadPoolExecutor(20) as pool:
        numbers = list(pool.map(lambda i: save_version(anna, workflow, f"v{i}")["number"], range(20)))

    assert sorted(numbers) == list(range(1, 21))
    assert sorted(row["number"] for row in mongo.versions.find()) == list(range(1, 21))
    assert anna.get(f"workflows/{workflow['id']}").body["version"] == 20


def test_twenty_threads_freezing_the_same_content_share_one_version(anna: Person, mongo: Any):
    workflow = a_workflow(anna, a_node("web"))

    with ThreadPoolExecutor(20) as pool:
        numbers = list(pool.map(lambda _: freeze(anna, workflow)["number"], range(20)))

    assert set(numbers) == {1}
    assert mongo.versions.count_documents({}) == 1


def test_moving_a_node_is_no_difference(anna: Person):
    workflow = a_workflow(anna, a_node("web", x=0))
    save_version(anna, workflow)
    save(anna, workflow, 1, a_node("web", x=999))

    answer = compare(anna, workflow, 1, "current")

    assert answer.status == 200, answer.body
    assert answer.body == {"from": 1, "to": "current", "nodes": [], "edges": []}


def test_a_changed_parameter_is_one_change_with_its_path_and_both_values(anna: Person):
    workflow = a_workflow(anna, a_node("web", replicas=1), a_node("api"))
    save_version(anna, workflow)
    save(anna, workflow, 1, a_node("web", replicas=3), a_node("api"))
    save_version(anna, workflow)

    difference = compare(anna, workflow, 1, 2).body

    [node] = difference["nodes"]
    assert (node["node_id"], node["name"], node["kind"], node["change"]) == ("web", "web", "deployment", "modified")
    assert node["changes"] == [{"path": "spec.replicas", "from": 1, "to": 3}]
    assert compare(anna, workflow, 2, 1).body["nodes"][0]["changes"][0]["to"] == 1


def test_added_and_removed_nodes_are_listed(anna: Person):
    workflow = a_workflow(anna, a_node("web"))
    save_version(anna, workflow)
    save(anna, workflow, 1, a_node("api"))

    difference = compare(anna, workflow, 1, "current").body

    assert {node["node_id"]: node["change"] for node in difference["nodes"]} == {"web": "removed", "api": "added"}


@pytest.mark.parametrize(
    ("old", "new", "status"),
    [(1, 9, 404), ("x", 1, 400), ("", 1, 400), (1, "", 400), ("-1", 1, 400), ("1e3", 1, 400), ("9" * 40, 1, 400)],
)
def test_comparing_with_an_unknown_version_is_refused(anna: Person, old: Any, new: Any, status: int):
    workflow = a_workflow(anna, a_node("web"))
    save_version(anna, workflow)

    assert compare(anna, workflow, old, new).status == status


def test_restoring_version_1_of_3_makes_version_4_with_its_graph(anna: Person):
    workflow = a_workflow(anna, a_node("web", replicas=1))
    save_version(anna, workflow)
    for rev, replicas in ((1, 2), (2, 3)):
        save(anna, workflow, rev, a_node("web", replicas=replicas))
        save_version(anna, workflow)

    restored = anna.post(f"workflows/{workflow['id']}/versions/1/restore")

    assert restored.status == 200, restored.body
    assert restored.body["rev"] == 4
    assert restored.body["version"]["number"] == 4
    assert restored.body["version"]["restored_from"] == 1
    graph = graph_of(anna, workflow)
    assert graph["rev"] == 4
    assert graph["nodes"] == anna.get(f"workflows/{workflow['id']}/versions/1").body["nodes"]
    assert compare(anna, workflow, 1, 4).body["nodes"] == []


def test_restoring_first_saves_a_graph_that_is_in_no_version(anna: Person):
    workflow = a_workflow(anna, a_node("web", replicas=1))
    save_version(anna, workflow)
    save(anna, workflow, 1, a_node("web", replicas=7))

    restored = anna.post(f"workflows/{workflow['id']}/versions/1/restore").body

    assert restored["version"]["number"] == 3
    kept = anna.get(f"workflows/{workflow['id']}/versions/2").body
    assert kept["automatic"] is True
    assert kept["nodes"][0]["parameters"]["replicas"] == 7


def test_a_version_can_be_renamed_and_its_graph_never_changes(anna: Person):
    workflow = a_workflow(anna, a_node("web"))
    before = save_version(anna, workflow, "One", tag="t")

    changed = anna.patch(f"workflows/{workflow['id']}/versions/1", {"name": "Uno", "tag": ""}).body
    refused = anna.patch(f"workflows/{workflow['id']}/versions/1", {"name": "Duo", "nodes": []})

    assert (changed["name"], changed["tag"]) == ("Uno", "")
    assert (refused.status, refused.body["errors"][0]["field"]) == (400, "nodes")
    assert anna.get(f"workflows/{workflow['id']}/versions/1").body["nodes"] == before["nodes"]


@pytest.mark.parametrize("number", ["0", "2", str(2**31), str(2**70), "x", "-1"])
def test_an_unknown_version_is_not_found(anna: Person, number: str):
    workflow = a_workflow(anna, a_node("web"))
    save_version(anna, workflow)

    assert anna.get(f"workflows/{workflow['id']}/versions/{number}").status == 404
    assert anna.patch(f"workflows/{workflow['id']}/versions/{number}", {"name": "x"}).status == 404
    assert anna.post(f"workflows/{workflow['id']}/versions/{number}/restore").status == 404


def test_a_viewer_can_read_versions_and_not_change_them(anna: Person):
    workflow = a_workflow(anna, a_node("web"))
    save_version(anna, workflow)
    viewer = a_user("viewer", team=anna.team_id)
    path = f"workflows/{workflow['id']}/versions"

    assert viewer.get(f"{path}/1").status == 200
    assert viewer.post(path, {"name": "x"}).status == 403
    assert viewer.patch(f"{path}/1", {"name": "x"}).status == 403
    assert viewer.post(f"{path}/1/restore").status == 403


def test_versions_of_another_team_are_not_found(anna: Person):
    workflow = a_workflow(anna, a_node("web"))
    save_version(anna, workflow)
    stranger = a_user("admin")
    path = f"workflows/{workflow['id']}/versions"

    for method, end in (("GET", ""), ("POST", ""), ("GET", "/1"), ("PATCH", "/1"), ("POST", "/1/restore")):
        body = {"name": "x"} if method != "GET" and end != "/1/restore" else {}
        assert stranger.call(method, path + end, body).status == 404, (method, end)
    assert compare(stranger, workflow, 1, "current").status == 404
