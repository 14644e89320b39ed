"""Pull secrets on a real API server: shown by the plan, made by the run, renewed without one, gone with their pods."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from bson import ObjectId

from tests.support.control_plane import ControlPlane
from tests.support.people import Person, a_user
from tests.support.plans import effects, made, planned
from tests.support.runs import Bench, decoded
from tests.support.wait import until
from tests.support.workflows import a_node

HOST = "registry.example.test"
PASSWORD, NEWER = "canary-pull-password-1d", "canary-pull-password-2e"
PRIVATE = f"{HOST}/shop/web:1"


def add_registry(person: Person, **given: Any) -> dict[str, Any]:
    account = {"provider": "generic", "host": HOST, "username": "ko", "secret": PASSWORD, "test": False}
    account |= {} if "instance" in given else {"pulls": "same"}
    answer = person.post("registries", {"name": "shop", **account, **given})
    assert answer.status == 201, answer.body
    return dict(answer.body["registry"])


def name_in(bench: Bench) -> str:
    return f"kubeorch-pull-{bench.environment['id']}"


def secret_in(bench: Bench) -> Any:
    return bench.plane.get("v1", "Secret", name_in(bench), bench.namespace)


def auths(bench: Bench) -> dict[str, str]:
    """What nodes sign in with, by registry, as `user:password`."""
    found = json.loads(decoded(secret_in(bench)["data"])[".dockerconfigjson"])["auths"]
    return {host: base64.b64decode(one["auth"]).decode() for host, one in found.items()}


def named(bench: Bench, name: str) -> Any:
    spec = bench.get("apps/v1", "Deployment", name)["spec"]["template"]["spec"]
    return [one["name"] for one in spec.get("imagePullSecrets", [])]


def step_of(run: dict[str, Any], kind: str) -> str:
    [found] = [step["state"] for step in run["steps"] if step["ref"]["kind"] == kind]
    return str(found)


def renew() -> None:
    """What the job does each time."""
    from workflows.environments import inventory_store
    from workflows.runs.renewing import renew as renewed

    for row in inventory_store.pull_secrets():
        renewed(row, _Holder())  # type: ignore[arg-type]


class _Holder:
    """Of a lease that nobody else wants."""

    def check_lease(self) -> None:
        return


def test_a_plan_shows_it_without_its_values_and_the_run_makes_it_once(bench: Bench, mongo: Any) -> None:
    add_registry(bench.person)
    bench.draw(a_node("web", image=PRIVATE), a_node("cache", image="redis:7"))
    plan = made(bench)
    assert effects(plan) == {"web": "create", "cache": "create", name_in(bench): "create"}
    assert planned(plan, name_in(bench))["node_id"] == "web"
    assert PASSWORD not in json.dumps(plan)
    run = bench.applied()
    assert secret_in(bench)["type"] == "kubernetes.io/dockerconfigjson"
    assert auths(bench) == {HOST: f"ko:{PASSWORD}"}
    assert (named(bench, "web"), named(bench, "cache")) == ([name_in(bench)], [])
    again = bench.applied()
    assert {step["state"] for step in again["steps"]} == {"unchanged"}
    assert set(effects(made(bench)).values()) == {"unchanged"}
    for shown in (run, again, bench.person.get(f"runs/{run['id']}/logs").body):
        assert PASSWORD not in json.dumps(shown, default=str)
    encoded = base64.b64encode(f"ko:{PASSWORD}".encode()).decode()
    for collection in mongo.list_collection_names(filter={"name": {"$not": {"$regex": "^system\\."}}}):
        for document in mongo[collection].find():
            assert PASSWORD not in str(document), collection
            assert encoded not in str(document), collection


def test_another_password_reaches_the_cluster_without_a_run_and_replaces_no_pod(bench: Bench) -> None:
    registry = add_registry(bench.person)
    bench.draw(a_node("web", image=PRIVATE))
    bench.applied()
    before = bench.get("apps/v1", "Deployment", "web")["metadata"]["generation"]
    renew()
    version = secret_in(bench)["metadata"]["resourceVersion"]
    changed = bench.person.patch(f"registries/{registry['id']}", {"secret": NEWER, "test": False})
    assert changed.status == 200, changed.body
    renew()
    assert auths(bench) == {HOST: f"ko:{NEWER}"}
    assert secret_in(bench)["metadata"]["resourceVersion"] != version
    assert bench.get("apps/v1", "Deployment", "web")["metadata"]["generation"] == before
    assert {step["state"] for step in bench.applied()["steps"]} == {"unchanged"}, "what was renewed is known"
    assert bench.person.delete(f"registries/{registry['id']}").status == 204
    renew()
    assert auths(bench) == {}, "a password that was taken away does not stay in clusters"


def test_the_job_renews_it(bench: Bench) -> None:
    from kubeorch.jobs import queue
    from workflows.runs.renewing import JOB

    registry = add_registry(bench.person)
    bench.draw(a_node("web", image=PRIVATE))
    bench.applied()
    bench.person.patch(f"registries/{registry['id']}", {"secret": NEWER, "test": False})
    queue.enqueue(JOB, {}, key="all")
    until(lambda: auths(bench) == {HOST: f"ko:{NEWER}"}, what="the newer password in the cluster")


def test_it_goes_with_the_last_pod_that_names_it_and_a_rollback_brings_it_back(bench: Bench) -> None:
    add_registry(bench.person)
    bench.draw(a_node("web", image=PRIVATE), a_node("cache", image="redis:7"))
    first = bench.applied()
    bench.draw(a_node("cache", image="redis:7"))
    run = bench.applied()
    assert step_of(run, "Secret") == "done"
    assert bench.plane.get("v1", "Secret", name_in(bench), bench.namespace) is None
    bench.applied(kind="rollback", to_run=first["id"])
    assert auths(bench) == {HOST: f"ko:{PASSWORD}"}
    assert named(bench, "web") == [name_in(bench)]


def test_two_teams_on_one_cluster_get_their_own_and_nothing_of_the_other(
    bench: Bench, cluster: str, control_plane: ControlPlane
) -> None:
    other = Bench(a_user("admin"), cluster, control_plane, control_plane.namespace("others"))
    add_registry(bench.person)
    add_registry(other.person, secret=NEWER)
    for one in (bench, other):
        one.draw(a_node("web", image=PRIVATE))
        one.applied()
    assert auths(bench) == {HOST: f"ko:{PASSWORD}"}
    assert auths(other) == {HOST: f"ko:{NEWER}"}
    assert name_in(bench) != name_in(other)


@pytest.mark.parametrize(
    ("given", "account"),
    [
        ({"pulls": "none"}, None),
        ({"pulls": "own", "pull_username": "reader", "pull_secret": NEWER}, f"reader:{NEWER}"),
        ({"path_prefix": "shop"}, f"ko:{PASSWORD}"),
        ({"path_prefix": "other"}, None),
    ],
    ids=["left out", "an account of its own", "below the prefix", "of other images"],
)
def test_nodes_get_what_the_registry_says(bench: Bench, given: dict[str, Any], account: str | None) -> None:
    add_registry(bench.person, **given)
    bench.draw(a_node("web", image=PRIVATE))
    bench.applied()
    if account is None:
        assert bench.plane.get("v1", "Secret", name_in(bench), bench.namespace) is None
        assert named(bench, "web") == []
    else:
        assert list(auths(bench).values()) == [account]


def test_the_instances_account_goes_to_no_cluster_but_one_that_only_pulls_may(bench: Bench) -> None:
    owner = a_user("admin", is_admin=True)
    row = add_registry(owner, instance=True)
    bench.draw(a_node("web", image=PRIVATE))
    bench.applied()
    assert named(bench, "web") == []
    refused = owner.patch(f"registries/{row['id']}", {"pulls": "same", "test": False})
    assert (refused.status, refused.body["errors"][0]["field"]) == (400, "pulls")
    given = {"pulls": "own", "pull_username": "reader", "pull_secret": NEWER, "test": False}
    assert owner.patch(f"registries/{row['id']}", given).status == 200
    bench.applied()
    assert auths(bench) == {HOST: f"reader:{NEWER}"}


def test_images_of_the_embedded_registry_are_pulled_with_what_opens_one_team(
    bench: Bench, settings: Any, tmp_path: Any
) -> None:
    from builds.registries.embedded import known

    settings.DATA_DIR, settings.EMBEDDED_REGISTRY = tmp_path, True
    team, at = bench.person.team_id, known.address().name
    bench.draw(a_node("web", image=f"{at}/{team}/web:1"), a_node("stolen", image=f"{at}/{ObjectId()}/web:1"))
    bench.applied()
    login = known.login_of_team(team, "pull")
    assert auths(bench) == {f"{at}/{team}": f"{team}-pull:{login.secret}"}
    assert named(bench, "stolen") == []
