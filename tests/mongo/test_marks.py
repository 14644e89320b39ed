"""What a person notes of a cluster for themselves: sets of namespaces, favourites, notes and labels of their own."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.people import Person, a_team, a_user
from tests.support.workflows import a_cluster


@pytest.fixture
def anna(mongo: Any) -> Person:
    return a_user("viewer", team=a_team("Shop"))


@pytest.fixture
def cluster(anna: Person) -> str:
    return f"clusters/{a_cluster(anna.team_id)}"


def sets_of(person: Person, cluster: str) -> dict[str, list[str]]:
    answer = person.get(f"{cluster}/namespace-sets")
    assert answer.status == 200, answer.body
    return {row["name"]: row["namespaces"] for row in answer.body["results"]}


def test_a_set_of_namespaces_is_kept_by_its_name_for_the_person_alone(anna: Person, cluster: str) -> None:
    path = f"{cluster}/namespace-sets"
    anna.put(path, {"name": "payments", "namespaces": ["pay-b", "pay-a", "pay-b"]})
    made = anna.put(path, {"name": "all of the shop", "namespaces": ["shop"]})
    assert sets_of(anna, cluster) == {"all of the shop": ["shop"], "payments": ["pay-a", "pay-b"]}
    assert anna.put(path, {"name": "payments", "namespaces": ["pay"]}).status == 200
    assert sets_of(anna, cluster)["payments"] == ["pay"]

    colleague = a_user("admin", team=anna.team_id)
    assert sets_of(colleague, cluster) == {}
    assert colleague.delete(f"{path}/{made.body['id']}").body["code"] == "namespace_set.not_found"
    assert anna.delete(f"{path}/{made.body['id']}").status == 204
    assert list(sets_of(anna, cluster)) == ["payments"]


def test_what_is_no_namespace_and_more_than_enough_sets_are_refused(
    anna: Person, cluster: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from clusters.resources import marking

    path = f"{cluster}/namespace-sets"
    refused = anna.put(path, {"name": "a", "namespaces": ["shop", "Not a name"]})
    assert (refused.status, refused.body["code"]) == (400, "namespace_set.name")
    assert refused.body["errors"][0]["field"] == "namespaces"
    assert anna.put(path, {"name": "a", "namespaces": []}).status == 400
    assert anna.put(path, {"name": "a", "namespaces": [f"n{number}" for number in range(101)]}).status == 400
    monkeypatch.setattr(marking, "SETS_MOST", 2)
    for name in ("a", "b", "a"):
        assert anna.put(path, {"name": name, "namespaces": ["shop"]}).status == 200
    full = anna.put(path, {"name": "c", "namespaces": ["shop"]})
    assert (full.status, full.body["code"]) == (409, "mark.too_many")


def test_an_object_is_marked_by_name_and_listed_until_nothing_is_noted_of_it(anna: Person, cluster: str) -> None:
    web, node = f"{cluster}/marks/Deployment.apps/shop/web", f"{cluster}/marks/Node/-/one"
    assert anna.get(web).body["updated_at"] is None
    noted = anna.put(web, {"favourite": True, "note": "ask Ada before you scale it", "labels": ["mine", "a", "mine"]})
    assert (noted.status, noted.body["labels"]) == (200, ["a", "mine"])
    assert anna.put(node, {"note": "the loud one"}).status == 200
    listed = anna.get(f"{cluster}/marks").body["results"]
    assert [(row["kind"], row["namespace"], row["name"]) for row in listed] == [
        ("Node", "", "one"),
        ("Deployment.apps", "shop", "web"),
    ]
    assert [row["name"] for row in anna.get(f"{cluster}/marks?kind=Deployment.apps").body["results"]] == ["web"]
    pages = anna.get(f"{cluster}/marks?limit=1").body
    assert [row["name"] for row in anna.get(f"{cluster}/marks?cursor={pages['next']}").body["results"]] == ["web"]
    assert a_user("admin", team=anna.team_id).get(f"{cluster}/marks").body["results"] == []
    assert anna.put(web, {}).body["updated_at"] is None
    assert [row["name"] for row in anna.get(f"{cluster}/marks").body["results"]] == ["one"]
    assert anna.put(web, {"labels": ["x" * 41]}).status == 400


def test_who_loses_sight_of_a_namespace_no_longer_sees_what_they_noted_of_it(anna: Person, mongo: Any) -> None:
    owner = a_user("admin", team=a_team("Platform"))
    cluster = f"clusters/{a_cluster(owner.team_id)}"
    share = {"person": anna.email, "role": "viewer", "namespaces": ["shop", "test"]}
    given = owner.post(f"{cluster}/shares", share)
    assert given.status == 201, given.body
    for path in ("Pod/shop/web", "Pod/test/web", "Namespace/-/test"):
        assert anna.put(f"{cluster}/marks/{path}", {"favourite": True}).status == 200
    assert anna.put(f"{cluster}/marks/Pod/other/web", {"favourite": True}).status == 404
    assert anna.put(f"{cluster}/marks/Node/-/one", {"favourite": True}).status == 403
    assert len(anna.get(f"{cluster}/marks").body["results"]) == 3
    less = {"role": "viewer", "namespaces": ["shop"]}
    assert owner.patch(f"{cluster}/shares/{given.body['results'][0]['id']}", less).status == 200
    assert [row["namespace"] for row in anna.get(f"{cluster}/marks").body["results"]] == ["shop"]
    assert anna.get(f"{cluster}/marks/Pod/test/web").status == 404


def test_marks_go_with_their_cluster(anna: Person, cluster: str, mongo: Any) -> None:
    admin = a_user("admin", team=anna.team_id)
    anna.put(f"{cluster}/namespace-sets", {"name": "a", "namespaces": ["shop"]})
    anna.put(f"{cluster}/marks/Pod/shop/web", {"favourite": True})
    assert admin.delete(cluster).status == 204
    assert (mongo.namespace_sets.count_documents({}), mongo.resource_marks.count_documents({})) == (0, 0)
