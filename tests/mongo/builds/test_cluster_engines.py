"""Engines in connected clusters: whose they are, where they may be, and what they hold."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

import pytest
from bson import ObjectId

from tests.support.cluster_engines import ENGINES, TRIALS, a_row, fields
from tests.support.people import Person, a_user
from tests.support.workflows import a_cluster, a_workflow, an_environment


@pytest.fixture
def anna(mongo: Any) -> Person:
    return a_user("admin", name="Anna")


def an_engine(mongo: Any, team: ObjectId | None, cluster: str, name: str = "east") -> str:
    row = a_row(team, cluster, name)
    mongo.build_engines.insert_one(row)
    return str(row["_id"])


def test_a_cluster_builds_for_those_who_own_it_alone(mongo: Any, anna: Person) -> None:
    own, other = a_cluster(anna.team_id), a_cluster(a_user("admin").team_id)
    shared = a_cluster(a_user("admin").team_id, shared=True)
    for path in (ENGINES, TRIALS):
        given = {"name": "new"} if path == ENGINES else {}
        assert anna.post(path, {"cluster": other, **given}).body["code"] == "cluster.not_found"
        assert anna.post(path, {"cluster": shared, **given}).status == 403, "it may be used, and not for that"
        assert a_user("editor", team=anna.team_id).post(path, {"cluster": own, **given}).status == 403
        assert anna.post(path, {"cluster": own, "instance": True, **given}).status == 403
        sandbox = a_user("admin", is_admin=True).post(
            path, {"cluster": a_cluster(None, shared=True, is_sandbox=True), **given}
        )
        assert (sandbox.status, fields(sandbox)) == (400, ["cluster"])
        mongo.clusters.delete_many({"is_sandbox": True})
    assert mongo.build_engines.count_documents({}) == 0


@pytest.mark.parametrize("kept", ["kube-system", "theirs", "shop"])
def test_builds_are_not_where_others_would_enter_their_pods(mongo: Any, anna: Person, kept: str) -> None:
    cluster = a_cluster(anna.team_id)
    share = {"id": ObjectId(), "team_id": ObjectId(), "user_id": None, "name": "Guests", "namespaces": ["theirs"]}
    mongo.clusters.update_one({}, {"$set": {"shares": [{**share, "role": "editor", "unenforced": ""}]}})
    an_environment(anna, a_workflow(anna), cluster, "shop")
    refused = anna.post(TRIALS, {"cluster": cluster, "namespace": kept})
    assert (refused.status, refused.body["code"], fields(refused)) == (400, "engine.invalid", ["namespace"])
    assert "choose another one" in refused.body["detail"]


def test_a_cluster_that_does_not_answer_is_told_and_nothing_is_stored(mongo: Any, anna: Person) -> None:
    cluster = a_cluster(anna.team_id)
    tried = anna.post(TRIALS, {"cluster": cluster})
    assert (tried.status, tried.body["ok"]) == (200, False)
    [step] = tried.body["steps"]
    assert (step["name"], step["state"], step["code"]) == ("cluster", "failed", "cluster.not_connected")
    refused = anna.post(ENGINES, {"name": "new", "cluster": cluster})
    assert (refused.status, refused.body["code"], fields(refused)) == (
        400,
        "engine.test_failed",
        ["cluster"],
    )
    assert mongo.build_engines.count_documents({}) == 0


def test_a_cluster_in_which_images_are_built_is_not_disconnected(mongo: Any, anna: Person) -> None:
    cluster = a_cluster(anna.team_id)
    first, second = an_engine(mongo, anna.team_id, cluster), an_engine(mongo, None, cluster, "for-all")
    refused = anna.delete(f"clusters/{cluster}")
    assert (refused.status, refused.body["code"]) == (409, "cluster.builds")
    assert "built in this cluster by east, for-all" in refused.body["detail"]
    assert anna.delete(f"build-engines/{first}").status == 204
    assert anna.delete(f"clusters/{cluster}").status == 409
    assert a_user("admin", is_admin=True).delete(f"build-engines/{second}").status == 204
    assert anna.delete(f"clusters/{cluster}").status == 204


def test_a_cluster_that_is_removed_gets_no_engine_at_the_same_moment(mongo: Any, anna: Person) -> None:
    """Whoever comes second learns of the first."""
    from builds.engines.cluster.actions import hold_place
    from builds.engines.services.actions import insert
    from clusters import actions
    from clusters.store import NoSuchCluster
    from workflows.environments.placement import uses_of_cluster

    cluster = a_cluster(anna.team_id)
    row: Any = a_row(anna.team_id, cluster)
    with ThreadPoolExecutor(1) as pool:
        added = []

        def engines(cluster_id: Any, session: Any) -> list[str]:
            if not added:
                added.append(pool.submit(insert, row, lambda inner: hold_place(row["cluster"], row["_id"], inner)))
                wait(added, timeout=2)  # it may end now only if nothing keeps it from it
            return []

        actions.delete_cluster(anna.principal, cluster, uses_of=uses_of_cluster, engines_in=engines)
        with pytest.raises(NoSuchCluster):
            added[0].result()
    assert mongo.build_engines.count_documents({}) == 0


def test_an_engine_says_where_it_is_and_what_a_build_may_use(mongo: Any, anna: Person) -> None:
    cluster = a_cluster(anna.team_id, "berlin")
    path = f"build-engines/{an_engine(mongo, anna.team_id, cluster)}"
    shown = anna.get(path).body
    assert shown["ready"] is True
    assert shown["version"] == "buildkit 0.34.2 on linux/arm64/v8"
    assert "20 GiB of disk" in " ".join(shown["facts"])
    assert shown["service"]["cluster"] == {
        "id": cluster,
        "name": "berlin",
        "namespace": "kubeorch-builds",
        "mode": "rootless",
        "memory_mib": 4096,
        "disk_mib": 20_480,
        "pull_secret": "",
    }
    changed = anna.patch(path, {"memory_mib": 8192, "rev": 1})
    assert (changed.status, changed.body["service"]["cluster"]["memory_mib"]) == (200, 8192)
    assert changed.body["service"]["cluster"]["disk_mib"] == 20_480
    named = anna.patch(path, {"pull_secret": "our-mirror.example"})
    assert (named.status, named.body["service"]["cluster"]["pull_secret"]) == (200, "our-mirror.example")
    assert anna.patch(path, {"pull_secret": ""}).body["service"]["cluster"]["pull_secret"] == ""
    refused = anna.patch(path, {"address": "build.example.com:1234"})
    assert (refused.status, fields(refused)) == (400, ["address"])


def test_its_pods_come_to_nodes_of_the_architecture_that_it_was_tried_on(mongo: Any, anna: Person) -> None:
    from builds.engines.cluster.jobs import place_of
    from builds.engines.services.nature import nature_in

    row: Any = a_row(anna.team_id, a_cluster(anna.team_id))
    assert place_of(row["cluster"], nature_in(row).architecture).architecture == "arm64"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"namespace": "Builds"}, "namespace"),
        ({"namespace": "-x"}, "namespace"),
        ({"mode": "root"}, "mode"),
        ({"memory_mib": 100}, "memory_mib"),
        ({"disk_mib": 10**9}, "disk_mib"),
        ({"pull_secret": "Not_A_Name"}, "pull_secret"),
        ({"pull_secret": "x" * 254}, "pull_secret"),
        ({"address": "a:1"}, "address"),
    ],
)
def test_what_is_no_place_names_its_field(mongo: Any, anna: Person, given: dict[str, Any], field: str) -> None:
    refused = anna.post(TRIALS, {"cluster": a_cluster(anna.team_id), **given})
    assert (refused.status, fields(refused)) == (400, [field])


def test_an_engine_of_a_team_is_given_no_account_of_the_instance(mongo: Any, anna: Person) -> None:
    from builds.domain.engines import LOCAL, engine_of_service
    from builds.domain.images import image_of
    from builds.running.entering import InstanceAccount, check_account, entry_of, without_account

    given = {"provider": "generic", "host": "reg.example.test", "username": "all", "secret": "x", "test": False}
    owner, cluster = a_user("admin", is_admin=True), a_cluster(anna.team_id)
    made = owner.post("registries", {**given, "name": "all", "instance": True})
    assert made.status == 201, made.body
    own, shared = (engine_of_service(an_engine(mongo, team, cluster, name=str(team))) for team in (anna.team_id, None))
    image, team = image_of("reg.example.test/shop"), anna.team_id
    for engine in ("", LOCAL, shared):
        assert entry_of(team, image, engine)["reg.example.test"].username == "all"
        check_account(team, image, engine)
    assert entry_of(team, image, own) == {}
    assert entry_of(team, image_of("ghcr.io/a/b"), own, [image]) == {}
    assert without_account(team, [image_of("ghcr.io/a/b"), image], own) == ["reg.example.test"]
    with pytest.raises(InstanceAccount) as refused:
        check_account(team, image, own)
    assert "add the registry for your team" in refused.value.detail
    check_account(team, image_of("elsewhere.example.test/shop"), own)

    made = anna.post("registries", {**given, "name": "ours", "username": "ours"})
    assert made.status == 201, made.body
    check_account(team, image, own)
    assert entry_of(team, image, own)["reg.example.test"].username == "ours"
