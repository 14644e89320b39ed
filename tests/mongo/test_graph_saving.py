"""Reading and saving graphs over the API: revisions, stale saves, no-op saves, bad input."""

from __future__ import annotations

import gc
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from bson import ObjectId
from django.core.handlers.base import BaseHandler
from django.test import RequestFactory
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from kubeorch.base.digests import content_digest
from tests.support.bus import heard
from tests.support.people import Person, a_user
from tests.support.searches import searched
from tests.support.steps import counted_steps
from tests.support.workflows import a_graph, a_node, a_workflow, an_edge, graph_of, save
from workflows.domain.rendering.digest import content_digest_of
from workflows.graphs.store import graph_bytes


@pytest.fixture
def anna(mongo: Any) -> Person:
    return a_user("editor")


def test_a_saved_graph_comes_back_as_it_was_sent(anna: Person):
    workflow = a_workflow(anna, a_node("web", replicas=3))

    graph = graph_of(anna, workflow)

    assert graph["rev"] == 1
    assert graph["nodes"] == [a_node("web", replicas=3)]
    assert graph["edges"] == []
    assert graph["updated_at"].endswith("Z")


def test_frames_are_saved_and_are_no_change_of_what_runs(anna: Person, mongo: Any):
    workflow = a_workflow(anna, a_node("web"))
    content = mongo.workflows.find_one({"_id": ObjectId(workflow["id"])})["content"]

    assert save(anna, workflow, 1, {**a_node("web"), "group": "front"}).body["rev"] == 2

    assert graph_of(anna, workflow)["nodes"] == [{**a_node("web"), "group": "front"}]
    assert mongo.workflows.find_one({"_id": ObjectId(workflow["id"])})["content"] == content
    refused = save(anna, workflow, 2, {**a_node("web"), "group": "a\nb"})
    assert (refused.status, refused.body["errors"][0]["field"]) == (400, "nodes.web.group")
    assert save(anna, workflow, 2, a_node("web")).body["rev"] == 3
    assert graph_of(anna, workflow)["nodes"] == [a_node("web")]


def test_a_save_gives_the_next_revision(anna: Person):
    workflow = a_workflow(anna, a_node("web"))

    saved = save(anna, workflow, 1, a_node("web", replicas=2))

    assert saved.status == 200, saved.body
    assert saved.body["rev"] == 2
    assert graph_of(anna, workflow)["nodes"][0]["parameters"]["replicas"] == 2


def test_saving_an_unchanged_graph_keeps_the_revision(anna: Person):
    workflow = a_workflow(anna, a_node("web"))

    assert save(anna, workflow, 1, a_node("web")).body["rev"] == 1


def test_a_save_repeated_after_a_lost_answer_gets_the_same_revision(anna: Person):
    workflow = a_workflow(anna, a_node("web"))
    first = save(anna, workflow, 1, a_node("web", replicas=2))

    again = save(anna, workflow, 1, a_node("web", replicas=2))

    assert (again.status, again.body["rev"]) == (200, first.body["rev"])


def test_a_graph_read_again_is_the_current_one(anna: Person, mongo: Any):
    workflow = a_workflow(anna, a_node("web", replicas=1))
    first = graph_of(anna, workflow)
    save(anna, workflow, 1, a_node("web", replicas=2))
    assert graph_of(anna, workflow)["nodes"][0]["parameters"]["replicas"] == 2
    back = save(anna, workflow, 2, a_node("web", replicas=1)).body

    again = graph_of(anna, workflow)

    assert (again["nodes"], again["edges"], again["problems"]) == (first["nodes"], first["edges"], first["problems"])
    assert (again["rev"], again["updated_at"]) == (3, back["updated_at"])


def test_a_cached_graph_is_not_shown_to_other_teams(anna: Person, mongo: Any):
    workflow = a_workflow(anna, a_node("web"))
    graph_of(anna, workflow)

    assert a_user("admin").get(f"workflows/{workflow['id']}/graph").status == 404


def test_reading_and_saving_leave_nothing_to_the_garbage_collector(anna: Person):
    workflow = a_workflow(anna, *(a_node(f"web-{number}", env={"A": "b"}) for number in range(50)))
    handler, requests = BaseHandler(), RequestFactory(headers=anna.headers)
    handler.load_middleware()
    url = f"/api/v1/workflows/{workflow['id']}/graph"

    def once(rev: int) -> None:
        nodes = [a_node(f"web-{number}", env={"A": "b"}, replicas=rev) for number in range(50)]
        body = json.dumps({"rev": rev, "nodes": nodes, "edges": []})
        for request in (requests.get(url), requests.put(url, body, content_type="application/json")):
            response = handler.get_response(request)
            assert response.status_code == 200, response.content
            response.close()

    once(1)
    gc.collect()
    gc.disable()
    try:
        once(2)
        left = gc.collect()
    finally:
        gc.enable()
    assert left < 100, "a request held its graph in a ring"


def test_a_stale_save_is_refused_with_the_current_graph_and_what_others_changed(anna: Person, mongo: Any):
    workflow = a_workflow(anna, a_node("web", replicas=1))
    bert = a_user("editor", team=anna.team_id)
    save(bert, workflow, 1, a_node("web", replicas=3), a_node("api"))

    refused = save(anna, workflow, 1, a_node("web", replicas=1), a_node("mine"))

    assert refused.status == 409
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert refused.body["code"] == "graph.stale"
    assert refused.body["current"]["rev"] == 2
    assert [node["id"] for node in refused.body["current"]["nodes"]] == ["web", "api"]
    nodes = {change["node_id"]: change for change in refused.body["changes"]["nodes"]}
    assert set(nodes) == {"web", "api"}, "what bert changed since the caller's base, not the caller's own edits"
    assert nodes["api"]["change"] == "added"
    assert [(row["from"], row["to"]) for row in nodes["web"]["changes"]] == [(1, 3)]
    assert [node["id"] for node in graph_of(anna, workflow)["nodes"]] == ["web", "api"]


def test_a_save_on_a_forgotten_revision_is_answered_with_the_difference_to_the_current_graph(anna: Person, mongo: Any):
    workflow = a_workflow(anna, a_node("web", replicas=1))
    for rev in range(1, 20):
        save(anna, workflow, rev, a_node("web", replicas=rev + 1))

    refused = save(anna, workflow, 1, a_node("web", replicas=99))

    assert refused.status == 409
    [change] = refused.body["changes"]["nodes"]
    assert [(row["from"], row["to"]) for row in change["changes"]] == [(99, 20)]


def test_a_revision_from_the_future_is_stale_too(anna: Person):
    workflow = a_workflow(anna, a_node("web"))

    assert save(anna, workflow, 7, a_node("web", replicas=2)).body["code"] == "graph.stale"


def test_of_many_savers_at_once_exactly_one_wins_each_revision(anna: Person, mongo: Any):
    workflow = a_workflow(anna, a_node("web", replicas=0))

    def try_to_save(number: int) -> Any:
        return save(anna, workflow, 1, a_node("web", replicas=number))

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(try_to_save, range(1, 11)))

    assert sorted(answer.status for answer in answers) == [200] + [409] * 9
    graph = graph_of(anna, workflow)
    assert graph["rev"] == 2
    [winner] = [number for number, answer in enumerate(answers, 1) if answer.status == 200]
    assert graph["nodes"][0]["parameters"]["replicas"] == winner


def test_a_save_is_not_stale_because_others_lock_the_workflow_all_the_time(
    anna: Person, mongo: Any, monkeypatch: pytest.MonkeyPatch
):
    """Every plan and every run locks it; nobody has drawn anything."""
    from kubeorch.mongo.transaction import run_in_transaction
    from workflows import store as workflow_store
    from workflows.graphs import store as graph_store

    workflow = a_workflow(anna, a_node("web", replicas=1))
    write = graph_store.write

    def write_after_a_lock(*given: Any, **named: Any) -> bool:
        if named.get("session") is None:  # in a transaction nobody comes between
            run_in_transaction(lambda session: workflow_store.lock(ObjectId(workflow["id"]), {}, session))
        return write(*given, **named)

    monkeypatch.setattr(graph_store, "write", write_after_a_lock)

    saved = save(anna, workflow, 1, a_node("web", replicas=2))

    assert (saved.status, saved.body.get("rev")) == (200, 2), saved.body
    assert save(anna, workflow, 2, a_node("web", replicas=3)).status == 200
    assert save(anna, workflow, 1, a_node("web", replicas=4)).body["code"] == "graph.stale"
    assert graph_of(anna, workflow)["nodes"][0]["parameters"]["replicas"] == 3


def test_every_structural_problem_is_named_at_once_and_nothing_is_saved(anna: Person):
    workflow = a_workflow(anna, a_node("web"))
    body = {
        "rev": 1,
        "nodes": [a_node("a", kind="no-such-kind"), a_node("b"), a_node("b")],
        "edges": [an_edge("b", "nowhere")],
    }

    refused = anna.put(f"workflows/{workflow['id']}/graph", body)

    assert refused.status == 400, refused.body
    assert len(refused.body["errors"]) >= 3
    assert all(row["code"] and row["detail"] for row in refused.body["errors"])
    assert graph_of(anna, workflow)["rev"] == 1


def test_a_missing_parameter_is_reported_and_the_graph_is_saved(anna: Person):
    workflow = a_workflow(anna, a_node("web"))
    node = a_node("web")
    del node["parameters"]["image"]

    saved = save(anna, workflow, 1, node)

    assert saved.status == 200, saved.body
    [problem] = [row for row in saved.body["problems"] if row["severity"] == "error"]
    assert problem["field"] == "nodes.web.parameters.image"
    assert problem["node_ids"] == ["web"]
    assert graph_of(anna, workflow)["problems"] == saved.body["problems"]


def test_validate_reports_structural_and_field_problems_without_saving(anna: Person):
    workflow = a_workflow(anna, a_node("web"))
    broken = a_graph(a_node("a", kind="no-such-kind"), a_node("b"))

    answer = anna.post(f"workflows/{workflow['id']}/validate", broken)

    assert answer.status == 200, answer.body
    assert any("no-such-kind" in row["detail"] for row in answer.body["problems"])
    assert graph_of(anna, workflow)["rev"] == 1


@pytest.mark.parametrize("rev", [None, "1", True, 0, -3, 1.5, {"$gt": 0}])
def test_an_invalid_revision_is_refused_at_its_field(anna: Person, rev: Any):
    workflow = a_workflow(anna, a_node("web"))

    refused = anna.put(f"workflows/{workflow['id']}/graph", {"rev": rev, "nodes": [], "edges": []})

    assert refused.status == 400
    assert graph_of(anna, workflow)["rev"] == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b'{"rev": 1, "nodes": NaN, "edges": []}',
        b'{"rev": 1, "nodes": {"$ne": 1}, "edges": []}',
        b'{"rev": 1, "nodes": "x", "edges": 5}',
        b'{"rev": 1, "nodes": [null], "edges": [[]]}',
        b'{"rev": 1, "nodes": [{"id": "\\u0000"}], "edges": []}',
        b'{"rev": 1, "nodes": [{"id": "\\ud800"}], "edges": []}',
        b'{"rev": 1, "nodes": [{"id": "a", "kind": "deployment", "name": "a", "position": {"x": 1e999}}], "edges": []}',
        b'{"rev": 1e400, "nodes": [], "edges": []}',
        b"\xff\xfe",
        b'{"rev": 1, "nodes": ' + b"[" * 5000 + b"]" * 5000 + b', "edges": []}',
    ],
    ids=range(13),
)
def test_malformed_graphs_are_refused_with_a_problem_document(anna: Person, body: bytes):
    workflow = a_workflow(anna, a_node("web"))

    refused = anna.call("PUT", f"workflows/{workflow['id']}/graph", body)

    assert refused.status == 400, refused.body
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert graph_of(anna, workflow)["rev"] == 1


@pytest.mark.parametrize(
    "value", ["${HOME}", "{{ 7 * 7 }}", "{% raw %}", "a: b\n- c", "!!python/object", "true", "", "🙂"]
)
def test_template_and_yaml_syntax_in_values_stays_text(anna: Person, value: str):
    workflow = a_workflow(anna, a_node("conf", kind="configmap", data={"k": value}))

    assert graph_of(anna, workflow)["nodes"][0]["parameters"] == {"data": {"k": value}}


def test_a_graph_of_five_thousand_nodes_is_saved_and_read(anna: Person):
    workflow = a_workflow(anna)
    nodes = [a_node(f"n{number}", x=number) for number in range(5000)]

    saved = save(anna, workflow, 1, *nodes)

    assert saved.status == 200, saved.body
    assert len(graph_of(anna, workflow)["nodes"]) == 5000


def test_more_than_five_thousand_nodes_are_refused(anna: Person):
    workflow = a_workflow(anna)

    refused = save(anna, workflow, 1, *[a_node(f"n{number}") for number in range(5001)])

    assert refused.status == 400, refused.body


def test_a_text_of_a_megabyte_is_refused(anna: Person):
    workflow = a_workflow(anna)

    assert save(anna, workflow, 1, a_node("web", image="x" * 1024 * 1024)).status == 400


def test_a_viewer_can_read_a_graph_and_not_save_it(anna: Person):
    workflow = a_workflow(anna, a_node("web"))
    viewer = a_user("viewer", team=anna.team_id)

    assert graph_of(viewer, workflow)["rev"] == 1
    assert save(viewer, workflow, 1).status == 403


def test_a_person_who_may_not_save_is_refused_before_the_graph_is_checked(anna: Person):
    workflow = a_workflow(anna, a_node("web"))
    body = {"rev": 1, "nodes": [a_node("web", kind="nothing")], "edges": []}
    answers = [
        person.put(f"workflows/{workflow['id']}/graph", body).status
        for person in (a_user("viewer", team=anna.team_id), a_user("admin"), anna)
    ]
    assert answers == [403, 404, 400]


def test_another_teams_workflow_is_not_found(anna: Person):
    workflow = a_workflow(anna, a_node("web"))
    stranger = a_user("admin")

    for method, path in (("GET", "graph"), ("PUT", "graph"), ("POST", "validate"), ("POST", "manifests")):
        answer = stranger.call(method, f"workflows/{workflow['id']}/{path}", {"rev": 1, "nodes": [], "edges": []})
        assert answer.status == 404, path


def test_a_save_is_published_to_those_who_have_the_workflow_open_and_to_its_team(anna: Person, mongo: Any):
    workflow = a_workflow(anna, a_node("web"))

    with heard() as bus:
        save(anna, workflow, 1, a_node("web", replicas=2))

        [event] = bus.of(f"workflow:{workflow['id']}", 1)
        [of_team] = bus.of(f"team:{anna.team_id}", 1)

    assert (event["key"], of_team["key"]) == ("workflow", f"workflow:{workflow['id']}")
    assert event["data"]["rev"] == 2
    assert event["data"]["updated_by"] == {"id": anna.user_id, "name": anna.principal.name}
    assert of_team["data"] == event["data"]


def test_each_event_of_a_workflow_is_newer_than_the_one_before(anna: Person, mongo: Any):
    with heard() as bus:
        workflow = a_workflow(anna, a_node("web"))
        save(anna, workflow, 1, a_node("web", replicas=2))
        anna.post(f"workflows/{workflow['id']}/versions", {"name": "one"})
        save(anna, workflow, 2, a_node("web", replicas=3))
        anna.post(f"workflows/{workflow['id']}/versions/1/restore")
        anna.patch(f"workflows/{workflow['id']}", {"name": "Renamed"})
        anna.post(f"workflows/{workflow['id']}/archive")
        anna.delete(f"workflows/{workflow['id']}")

        revs = [event["rev"] for event in bus.of(f"workflow:{workflow['id']}", 7)]

    assert len(revs) == 7  # made, saved twice, restored, renamed, archived, deleted
    assert revs == sorted(set(revs))


def test_a_save_that_was_refused_is_told_to_nobody(anna: Person, mongo: Any):
    workflow = a_workflow(anna, a_node("web"))
    with heard() as bus:
        assert save(anna, workflow, 9, a_node("web", replicas=2)).status == 409
        assert save(anna, workflow, 1, a_node("web")).status == 200  # unchanged
        save(anna, workflow, 1, a_node("web", replicas=3))

        [event] = bus.of(f"workflow:{workflow['id']}", 1)

    assert event["data"]["rev"] == 2


@searched(25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 3)), max_size=24), min_size=1, max_size=6))
def test_a_graph_saved_row_by_row_is_stored_as_one_saved_whole(anna: Person, mongo: Any, steps: Any):
    """Whatever was added, changed, moved or removed: only what differs is written, and the whole is what was sent."""
    workflow = a_workflow(anna)
    rev = 1
    for rows in steps:
        numbers = dict(rows)
        nodes = [a_node(f"n{number}", replicas=replicas, x=number) for number, replicas in numbers.items()]
        rev = save(anna, workflow, rev, *nodes).body["rev"]

        stored = mongo.workflows.find_one({"_id": ObjectId(workflow["id"])})
        assert stored["nodes"] == nodes
        assert stored["node_count"] == len(nodes)
        assert stored["digest"] == content_digest(graph_bytes(stored["nodes"], stored["edges"]))
        assert stored["content"] == content_digest_of(stored)
        assert stored["rev"] == rev


def test_a_save_after_another_process_saved_or_renamed_is_judged_by_what_is_stored(anna: Person, mongo: Any):
    """What a process remembers of its last save is a guess, and never decides."""
    workflow = a_workflow(anna, a_node("web", replicas=1))
    save(anna, workflow, 1, a_node("web", replicas=2))
    elsewhere = {"$set": {"name": "Renamed", "digest": "elsewhere"}, "$inc": {"rev": 1, "event_rev": 2}}
    mongo.workflows.update_one({"_id": ObjectId(workflow["id"])}, elsewhere)

    assert save(anna, workflow, 2, a_node("web", replicas=3)).body["code"] == "graph.stale"
    with heard() as bus:
        assert save(anna, workflow, 3, a_node("web", replicas=3)).body["rev"] == 4
        [event] = bus.of(f"workflow:{workflow['id']}", 1)
    assert event["data"]["name"] == "Renamed"

    mongo.workflows.update_one({"_id": ObjectId(workflow["id"])}, {"$set": {"name": "Again"}, "$inc": {"event_rev": 1}})
    assert save(anna, workflow, 4, a_node("web", replicas=4)).body["rev"] == 5
    mongo.workflows.update_one(
        {"_id": ObjectId(workflow["id"])}, {"$set": {"state": "archived"}, "$inc": {"event_rev": 1}}
    )
    assert save(anna, workflow, 5, a_node("web", replicas=5)).body["code"] == "workflow.archived"


def test_who_lost_the_right_to_save_is_refused_whatever_was_saved_before(anna: Person, mongo: Any):
    workflow = a_workflow(anna, a_node("web"))
    bert = a_user("editor", team=anna.team_id)
    assert save(bert, workflow, 1, a_node("web", replicas=2)).status == 200

    his = {"user_id": ObjectId(bert.user_id), "team_id": anna.team_id}
    assert mongo.memberships.update_one(his, {"$set": {"role": "viewer"}}).modified_count == 1
    assert save(bert, workflow, 2, a_node("web", replicas=3)).status == 403
    mongo.memberships.delete_one(his)
    assert save(bert, workflow, 2, a_node("web", replicas=3)).status == 404


def test_who_may_not_save_makes_nobody_check_a_graph(anna: Person):
    """The right is asked first: YAML of thousands of values costs nothing when a viewer sends it."""
    workflow = a_workflow(anna, a_node("web"))
    viewer = a_user("viewer", anna.team_id)
    file = "nodes:\n" + "- {id: a, kind: configmap}\n" * 3_000

    def broken(number: int) -> list[Any]:
        text = f"# Secret\na: [{number}," + "1," * 20_000 + "]"
        return [a_node("m", kind="manifest", manifest=text), {"id": "B b"}]

    def steps(request: Any, status: int) -> int:
        with counted_steps() as counted:
            assert request().status == status
        return counted.count

    requests: list[Any] = [
        lambda who, number: save(who, workflow, 1, *broken(number)),
        lambda who, number: who.post("workflows", {"name": "a", "graph": a_graph(*broken(number))}),
        lambda who, _: who.post("workflows/import", {"file": file}),
    ]
    for request in requests:
        steps(lambda request=request: request(anna, 1), 400)
        refused = steps(lambda request=request: request(viewer, 2), 403)
        read = steps(lambda request=request: request(anna, 3), 400)
        assert refused < read / 2, "the body is read, the graph is not"
