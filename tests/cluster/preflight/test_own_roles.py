"""An environment that was given roles of its own: it does what it is drawn for, and the API server refuses the rest."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from bson import ObjectId

from tests.support.control_plane import ControlPlane
from tests.support.narrow import a_narrow_cluster, an_account, grant, single_rights
from tests.support.people import Person, a_user
from tests.support.plans import ask, effects, looked_at, made
from tests.support.runs import Bench
from tests.support.wait import until
from tests.support.workflows import a_cluster, a_config_map, a_node, an_edge

RBAC = "rbac.authorization.k8s.io/v1"


@pytest.fixture
def bench(person: Person, control_plane: ControlPlane) -> Bench:
    from clusters import actions

    cluster = str(actions.register_sandbox(control_plane.kubeconfig))
    return Bench(person, cluster, control_plane, control_plane.namespace("own"))


def press(bench: Bench) -> Any:
    return bench.person.post(f"environments/{bench.environment['id']}/roles", {})


def preflight(bench: Bench) -> dict[str, Any]:
    answer = bench.person.post(f"environments/{bench.environment['id']}/preflight", {})
    assert answer.status == 200, answer.body
    return dict(answer.body)


def own_role(bench: Bench, kind: str = "Role") -> Any:
    return bench.get(RBAC, kind, f"kubeorch-environment-{bench.environment['id']}")


def test_one_press_has_an_environment_planned_and_run_by_the_smallest_roles(bench: Bench) -> None:
    bench.draw(a_node("web", replicas=1, port=80), a_node("way", kind="service", port=80),
               edges=(an_edge("way", "web", "exposes"),))  # fmt: skip
    before = preflight(bench)
    assert (before["allowed"], before["narrowed"]) == (True, False)

    answer = press(bench)

    assert (answer.status, answer.body["allowed"], answer.body["narrowed"]) == (200, True, True), answer.body
    wanted = list(yaml.safe_load_all(before["role"]))
    assert {one[1:] for one in single_rights([own_role(bench)])} == {one[1:] for one in single_rights(wanted)}
    plan = made(bench)
    assert [one["error"] for one in plan["objects"]] == [None, None]
    run = bench.applied(plan=plan["id"])
    assert run["as_planned"]["different"] == 0
    assert looked_at(bench, made(bench))["still_true"]

    # What nobody has given is refused by the API server, in the plan and in the run, and named by the preflight.
    bench.draw(a_node("web", replicas=2, port=80), a_config_map("settings"))
    answer = ask(bench)
    assert (answer.status, answer.body["code"]) == (403, "cluster.forbidden"), answer.body
    assert f"kubeorch:environment:{bench.environment['id']}" in answer.body["detail"]
    assert {row["node_id"] for row in preflight(bench)["missing"]} == {"settings"}
    failed = bench.until(bench.start(), "failed")
    assert bench.get("v1", "ConfigMap", "settings") is None, failed
    # Pressed again, it has what is drawn by now.
    assert press(bench).body["allowed"]
    bench.applied()
    assert effects(made(bench)) == {"web": "unchanged", "settings": "unchanged"}

    # And back: nothing of it is left.
    assert bench.person.delete(f"environments/{bench.environment['id']}/roles").status == 204
    assert (own_role(bench), own_role(bench, "RoleBinding")) == (None, None)
    assert (preflight(bench)["narrowed"], preflight(bench)["allowed"]) == (False, True)
    bench.draw(a_config_map("settings", a="2"), a_config_map("more"))
    bench.applied()


@pytest.mark.parametrize("goes", ["environment", "workflow"])
def test_roles_of_an_environment_go_with_it(bench: Bench, goes: str) -> None:
    bench.draw(a_config_map("settings"))
    assert press(bench).status == 200
    environment = bench.environment["id"]
    assert own_role(bench) is not None
    path = f"environments/{environment}" if goes == "environment" else f"workflows/{bench.workflow['id']}"

    assert bench.person.delete(path).status == 204

    kinds = ("Role", "RoleBinding")
    until(lambda: not any(own_role(bench, kind) for kind in kinds), timeout_s=30, what="the roles are gone")


def test_in_another_cluster_it_keeps_its_own_name_and_no_role_stays_in_the_one_it_left(
    bench: Bench, control_plane: ControlPlane, mongo: Any
) -> None:
    bench.draw(a_config_map("settings"))
    assert press(bench).status == 200
    path = f"environments/{bench.environment['id']}"
    strangers = a_user("admin")
    theirs = a_cluster(strangers.team_id, shared=True)

    refused = bench.person.patch(path, {"cluster": theirs})

    assert (refused.status, refused.body["code"]) == (409, "environment.keeps_its_name"), refused.body
    first = mongo.environments.find_one({"_id": ObjectId(bench.environment["id"])})["cluster_id"]
    answer = bench.person.patch(path, {"cluster": a_cluster(bench.person.team_id)})
    assert answer.status == 200, answer.body
    said = ask(bench).body
    assert said["code"] == "environment.no_roles_here", "the credentials of the cluster are more than anybody gave it"
    until(lambda: own_role(bench) is None, timeout_s=30, what="the role is gone")
    new = control_plane.namespace("back")
    assert bench.person.patch(path, {"cluster": str(first), "namespace": new}).status == 200
    assert ask(bench).body["code"] == "environment.no_roles_here"
    assert preflight(bench)["narrowed"] is True
    bench.namespace = new
    assert press(bench).body["allowed"] is True
    assert effects(made(bench)) == {"settings": "create"}


def test_a_place_without_roles_is_said_to_be_one_until_all_roles_are_made(bench: Bench) -> None:
    bench.draw(a_config_map("settings"))
    assert press(bench).status == 200
    plan = made(bench)
    path = f"environments/{bench.environment['id']}"
    assert bench.person.patch(path, {"namespace": f"{bench.namespace}-not-there"}).status == 200
    assert not looked_at(bench, plan)["still_true"]

    failed = press(bench)

    assert (failed.status, failed.body["code"]) == (409, "environment.no_namespace"), failed.body
    assert ask(bench).body["code"] == "environment.no_roles_here"


def test_in_another_namespace_it_keeps_its_own_name_and_is_told_to_give_it_roles_there(
    bench: Bench, control_plane: ControlPlane
) -> None:
    bench.draw(a_config_map("settings"))
    assert press(bench).status == 200
    new = control_plane.namespace("moved")

    assert bench.person.patch(f"environments/{bench.environment['id']}", {"namespace": new}).status == 200

    for answer in (ask(bench), bench.ask()):
        said = answer.body
        if answer.status == 202:
            said = bench.until(answer.body, "failed")["error"]
        assert said["code"] == "environment.no_roles_here", said
        assert f"which has no roles in the namespace {new} yet" in said["detail"]
    kinds = ("Role", "RoleBinding")
    until(lambda: not any(own_role(bench, kind) for kind in kinds), timeout_s=30, what="the old roles are gone")
    assert preflight(bench)["narrowed"] is True, "nobody asked for more rights"
    assert press(bench).body["allowed"] is True
    bench.namespace = new
    assert effects(made(bench)) == {"settings": "create"}
    bench.applied()


def test_credentials_that_may_give_no_roles_say_so_and_nothing_changes(
    person: Person, control_plane: ControlPlane
) -> None:
    namespace = control_plane.namespace("own")
    cluster = a_narrow_cluster(an_account(control_plane, namespace), f"own-{namespace}")
    bench = Bench(person, cluster, control_plane, namespace)
    bench.draw(a_config_map("settings"))
    grant(control_plane, list(yaml.safe_load_all(preflight(bench)["role"])), namespace)

    answer = press(bench)

    assert (answer.status, answer.body["code"]) == (409, "environment.cannot_narrow"), answer.body
    assert "impersonate" in answer.body["detail"]
    assert preflight(bench)["narrowed"] is False


def test_who_may_not_lift_a_protection_may_not_give_an_environment_rights(bench: Bench, mongo: Any) -> None:
    bench.draw(a_config_map("settings"))
    editor = a_user("editor", bench.person.team_id)
    for call in (editor.post, lambda path, _: editor.delete(path)):
        assert call(f"environments/{bench.environment['id']}/roles", {}).status == 403
    assert own_role(bench) is None
    assert mongo.environments.find_one({"_id": ObjectId(bench.environment["id"])}).get("narrowed") is None
