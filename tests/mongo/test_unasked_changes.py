"""What a run changes beside the cluster: only by who could change it otherwise, and nothing of a removal by itself."""

from __future__ import annotations

from typing import Any

import pytest
from bson import ObjectId

from tests.mongo.test_plan_rights import start, unasked, with_token  # noqa: F401  (plans of no object)
from tests.support.people import Person, a_user
from tests.support.workflows import a_cluster, a_config_map, a_workflow, an_environment, owns

REF = {"api_version": "v1", "kind": "ConfigMap", "namespace": "prod", "name": "settings"}


@pytest.fixture
def anna(mongo: Any) -> Person:
    return a_user("operator", name="Anna")


@pytest.mark.parametrize("choice", ["yield", "take", "share"])
@pytest.mark.parametrize("scope", ["run", "full"])
def test_a_token_that_may_only_run_decides_about_no_field(
    choice: str, scope: str, anna: Person, mongo: Any, monkeypatch: pytest.MonkeyPatch
):
    from workflows.plans import actions, starting

    workflow = a_workflow(anna, a_config_map("settings"))
    environment = an_environment(anna, workflow, a_cluster(anna.team_id), "prod", "prod")
    monkeypatch.setattr(starting, "moved", lambda *_, **__: [])
    monkeypatch.setattr(actions, "with_shared", lambda here, graph, images, choices: (graph, {}))
    owns(environment, "ConfigMap", "settings", "v1")
    yields = {"_id": ObjectId(), "environment_id": ObjectId(environment["id"]), "ref": REF, "path": "data.a"}
    mongo.yields.insert_one({**yields, "node_id": "settings"})
    bot = with_token(anna, scope)
    chosen = [{"ref": REF, "path": "data.b" if choice == "yield" else "data.a", "choice": choice}]
    answer = bot.post(f"workflows/{workflow['id']}/plans", {"environment": environment["id"], "choices": chosen})
    assert answer.status == 201, answer.body
    [stays] = answer.body["undo"]["cannot"]
    assert stays["ref"] == REF
    assert stays["reason"].startswith(("data.a stays", "data.b stays", "the value that data.a had"))

    run = start(bot, workflow, answer.body["id"])

    if scope == "run":
        assert (run.status, run.body["code"]) == (403, "token.scope"), run.body
        assert mongo.runs.count_documents({}) == 0
    else:
        assert run.status == 202, run.body


@pytest.mark.parametrize("elsewhere", [False, True])
def test_whether_an_environment_fits_is_asked_in_its_own_name(
    elsewhere: bool, anna: Person, monkeypatch: pytest.MonkeyPatch
):
    from kubeorch.base.errors import Unavailable
    from workflows.environments import store as environment_store
    from workflows.fits import checking

    asked: list[Any] = []

    def answering(what: str) -> Any:
        def client(*given: Any) -> Any:
            asked.append(what)
            raise Unavailable("asked")

        return client

    monkeypatch.setattr(checking, "client_of", answering("as the environment"))
    monkeypatch.setattr(checking, "client_for_team", answering("as the team"))
    workflow = a_workflow(anna, a_config_map("settings"))
    cluster = a_cluster(anna.team_id)
    here = environment_store.find(ObjectId(an_environment(anna, workflow, cluster, "prod", "prod")["id"]), {})
    other = a_cluster(anna.team_id) if elsewhere else cluster

    assert checking.fit(ObjectId(other), here, None).reason == "asked"  # type: ignore[arg-type]

    assert asked == ["as the team" if elsewhere else "as the environment"]


def test_a_pull_secret_is_renewed_only_where_a_share_still_lets_the_team_in(
    anna: Person, monkeypatch: pytest.MonkeyPatch
):
    from workflows.runs import renewing
    from workflows.runs.permission import NamespaceNotShared

    monkeypatch.setattr(renewing, "is_renewed", lambda *_: True)
    owner, guest = a_user("admin", name="Owner"), a_user("operator", name="Guest")
    cluster = a_cluster(owner.team_id)
    workflow = a_workflow(guest, a_config_map("settings"))
    answer = owner.post(
        f"clusters/{cluster}/shares", {"team": str(guest.team_id), "role": "editor", "namespaces": ["prod", "other"]}
    )
    assert answer.status in (200, 201), answer.body
    environment = an_environment(guest, workflow, cluster, "prod", "prod")
    row = {
        "environment_id": ObjectId(environment["id"]),
        "team_id": guest.team_id,
        "cluster_id": ObjectId(cluster),
        "ref": {"api_version": "v1", "kind": "Secret", "namespace": "gone", "name": "pull"},
        "pulls": {"images": []},
    }
    with pytest.raises(NamespaceNotShared):
        renewing.renew(row, None)  # type: ignore[arg-type]


def test_self_heal_leaves_alone_what_is_being_removed(anna: Person, mongo: Any):
    from workflows.drift.healing import heal

    workflow = a_workflow(anna, a_config_map("settings"))
    environment = an_environment(anna, workflow, a_cluster(anna.team_id), "prod", "prod")
    here = ObjectId(environment["id"])
    mongo.environments.update_one({"_id": here}, {"$set": {"self_heal": True, "removing": True}})
    row = {
        "_id": ObjectId(),
        "environment_id": here,
        "team_id": anna.team_id,
        "node_id": "settings",
        "ref": REF,
        "fields": [],
        "missing": True,
        "problem": None,
        "rev": 1,
    }
    mongo.drift.insert_one(row)

    assert heal(row) is None  # type: ignore[arg-type]

    assert mongo.runs.count_documents({}) == 0
    assert "removal" in mongo.drift.find_one({"_id": row["_id"]})["healing"]["reason"]


@pytest.mark.parametrize("by", ["self_heal", "schedule", "webhook", "build", "image"])
def test_no_run_that_nobody_asked_for_goes_on_with_what_is_being_removed(by: Any, anna: Person, mongo: Any):
    from kubeorch.accounts.store import principal_of_user
    from workflows.environments.refusals import BeingRemoved
    from workflows.runs.actions import start_run

    workflow = a_workflow(anna, a_config_map("settings"))
    environment = an_environment(anna, workflow, a_cluster(anna.team_id), "prod", "prod")
    here = {"_id": ObjectId(environment["id"])}
    mongo.environments.update_one(here, {"$set": {"removing": True}})
    principal = principal_of_user(anna.user_id)
    assert principal is not None

    with pytest.raises(BeingRemoved):
        start_run(principal, ObjectId(workflow["id"]), triggered_by=by)

    assert mongo.environments.find_one(here)["removing"] is True
    run = anna.post(f"workflows/{workflow['id']}/runs", {"environment": environment["id"]})
    assert run.status == 202, run.body
    assert mongo.environments.find_one(here)["removing"] is False, "a person goes on with it"


@pytest.mark.parametrize("since", ["may still", "is a viewer", "is gone"])
@pytest.mark.parametrize("choice", ["yield", "take"])
def test_a_run_that_waited_decides_only_for_somebody_who_still_may(since: str, choice: str, anna: Person, mongo: Any):
    from kubeorch.base.errors import Forbidden
    from kubeorch.mongo.transaction import run_in_transaction
    from workflows.plans.choices import MayNotChoose, carry_out, read_choices

    workflow = a_workflow(anna, a_config_map("settings"))
    environment = an_environment(anna, workflow, a_cluster(anna.team_id), "prod", "prod")
    owns(environment, "ConfigMap", "settings", "v1")
    yields = {"_id": ObjectId(), "environment_id": ObjectId(environment["id"]), "ref": REF, "path": "data.a"}
    mongo.yields.insert_one({**yields, "node_id": "settings"})
    who = {"created_by": ObjectId(anna.user_id), "created_by_name": "Anna"}
    run: Any = {"environment_id": ObjectId(environment["id"]), "team_id": anna.team_id, **who}
    chosen = read_choices([{"ref": REF, "path": "data.b" if choice == "yield" else "data.a", "choice": choice}])
    if since == "is a viewer":
        boss = a_user("admin", anna.team_id)
        answer = boss.patch(f"teams/{anna.team_id}/members/{anna.user_id}", {"role": "viewer"})
        assert answer.status == 200, answer.body
    elif since == "is gone":
        run["created_by"] = ObjectId()
    before = list(mongo.yields.find())

    def work(session: Any) -> None:
        carry_out(run, chosen, session)

    if since == "may still":
        run_in_transaction(work)
        assert list(mongo.yields.find()) != before
    else:
        with pytest.raises(MayNotChoose if since == "is gone" else Forbidden):
            run_in_transaction(work)
        assert list(mongo.yields.find()) == before
