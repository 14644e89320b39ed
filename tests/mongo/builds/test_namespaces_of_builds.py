"""Where images are built in a cluster nobody else is let in: not by a share, and not by an environment."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

import pytest
from bson import ObjectId

from tests.support.cluster_engines import a_row
from tests.support.people import Person, a_user
from tests.support.workflows import a_cluster, a_workflow, an_environment

BUILDS = "kubeorch-builds"
REFUSED = (409, "cluster.namespace_builds")


@pytest.fixture
def anna(mongo: Any) -> Person:
    return a_user("admin", name="Anna")


@pytest.fixture
def cluster(anna: Person) -> str:
    return a_cluster(anna.team_id)


def added(team: ObjectId | None, cluster: str) -> str:
    """The id of an engine that was added."""
    from builds.engines.cluster.actions import hold_place
    from builds.engines.services.actions import insert

    row: Any = a_row(team, cluster)
    return str(insert(row, lambda session: hold_place(row["cluster"], row["_id"], session))["_id"])


def share(anna: Person, cluster: str, *namespaces: str) -> Any:
    guests = str(a_user("editor").team_id)
    return anna.post(f"clusters/{cluster}/shares", {"team": guests, "role": "editor", "namespaces": list(namespaces)})


def told(answer: Any) -> tuple[int, str]:
    assert BUILDS in answer.body["detail"]
    assert "remove the engine first" in answer.body["detail"]
    return answer.status, answer.body["code"]


def test_a_namespace_of_builds_is_shared_with_nobody_until_its_engine_is_removed(anna: Person, cluster: str) -> None:
    engine = added(anna.team_id, cluster)
    assert share(anna, cluster, "first").status == 201
    assert told(share(anna, cluster, "theirs", BUILDS)) == REFUSED
    given = share(anna, cluster, "theirs")
    assert given.status == 201, given.body
    path = f"clusters/{cluster}/shares/{given.body['results'][-1]['id']}"
    assert told(anna.patch(path, {"namespaces": [BUILDS]})) == REFUSED
    changed = anna.patch(path, {"namespaces": ["more", "theirs"]}).body["results"]
    assert [one["namespaces"] for one in changed] == [["first"], ["more", "theirs"]]
    path = f"clusters/{cluster}/shares/{changed[-1]['id']}"
    assert anna.delete(f"build-engines/{engine}").status == 204
    assert anna.patch(path, {"namespaces": [BUILDS]}).status == 200


def test_an_engine_that_came_after_somebody_looked_is_seen_all_the_same(anna: Person, cluster: str) -> None:
    from clusters import store
    from clusters.building import NamespaceBuilds
    from clusters.sharing.actions import edit_share, share_cluster

    [given] = share(anna, cluster, "theirs").body["results"]
    seen = store.find(cluster)
    added(anna.team_id, cluster)
    new = {"team": str(a_user("editor").team_id), "role": "viewer", "namespaces": [BUILDS]}
    with pytest.raises(NamespaceBuilds):
        share_cluster(anna.principal, seen, new)
    with pytest.raises(NamespaceBuilds):
        edit_share(anna.principal, seen, given["id"], {"namespaces": [BUILDS]})
    assert [one["namespaces"] for one in store.find(cluster)["shares"]] == [["theirs"]]


def test_no_environment_is_where_images_are_built(anna: Person, cluster: str) -> None:
    engine, workflow = added(None, cluster), a_workflow(anna)
    path = f"workflows/{workflow['id']}/environments"
    assert told(anna.post(path, {"name": "prod", "cluster": cluster, "namespace": BUILDS})) == REFUSED
    beside = an_environment(anna, workflow, cluster, "shop")
    assert told(anna.patch(f"environments/{beside['id']}", {"namespace": BUILDS})) == REFUSED
    elsewhere = an_environment(anna, workflow, a_cluster(anna.team_id), BUILDS, "elsewhere")
    assert told(anna.patch(f"environments/{elsewhere['id']}", {"cluster": cluster})) == REFUSED
    assert a_user("admin", is_admin=True).delete(f"build-engines/{engine}").status == 204
    assert anna.patch(f"environments/{beside['id']}", {"namespace": BUILDS}).status == 200


def test_an_environment_and_an_engine_at_the_same_moment_are_not_both_there(
    mongo: Any, anna: Person, cluster: str
) -> None:
    from builds.domain.engines import EngineInvalid
    from kubeorch.mongo.transaction import run_in_transaction
    from workflows import store
    from workflows.environments.actions import new_environment

    workflow: Any = store.find(ObjectId(a_workflow(anna)["id"]), {})
    given = {"name": "prod", "cluster": cluster, "namespace": BUILDS}
    with ThreadPoolExecutor(1) as pool:
        adding: list[Future[str]] = []

        def work(session: Any) -> None:
            new_environment(anna.principal, workflow, given, session)
            if not adding:
                adding.append(pool.submit(added, anna.team_id, cluster))
                wait(adding, timeout=2)  # it may end now only if nothing keeps it from it

        run_in_transaction(work)
        with pytest.raises(EngineInvalid, match="an environment is in this namespace"):
            adding[0].result()
    assert mongo.build_engines.count_documents({}) == 0
    assert mongo.clusters.count_documents({"building.0": {"$exists": True}}) == 0


def test_a_trial_of_one_that_was_stored_before_notes_where_it_is_or_says_who_is_there(
    mongo: Any, anna: Person, cluster: str
) -> None:
    row = a_row(anna.team_id, cluster)
    mongo.build_engines.insert_one(row)
    path = f"build-engines/{row['_id']}/test"
    [step] = anna.post(path).body["report"]["steps"]
    assert (step["name"], step["code"]) == ("cluster", "cluster.not_connected")
    assert told(share(anna, cluster, BUILDS)) == REFUSED
    guests = {"id": ObjectId(), "team_id": ObjectId(), "user_id": None, "name": "Guests", "namespaces": [BUILDS]}
    mongo.clusters.update_one({}, {"$set": {"shares": [guests]}, "$unset": {"building": 1}})
    [step] = anna.post(path).body["report"]["steps"]
    assert (step["name"], step["state"], step["code"]) == ("namespace", "failed", "engine.invalid")
    assert "shared with Guests" in step["detail"]
