"""A run of a plan that is tried again, and what a run may bring along: no more than the plan that was looked at."""

from __future__ import annotations

from typing import Any

import pytest
from bson import ObjectId

from tests.cluster.plans.test_approvals import approve, protect
from tests.cluster.runs.test_secrets import set_ahead
from tests.support.control_plane import ControlPlane
from tests.support.people import Person, a_user
from tests.support.plans import effects, looked_at, made, planned
from tests.support.runs import Bench, decoded, states
from tests.support.wait import until
from tests.support.workflows import a_config_map, a_node, a_secret, an_edge

MERGE = "application/merge-patch+json"


@pytest.fixture
def second(bench: Bench) -> Person:
    return a_user("operator", bench.person.team_id, name="Olga")


def stopped_halfway(bench: Bench, *first: dict[str, Any], **options: Any) -> dict[str, Any]:
    """A run of a plan that made `first`, was refused at the Deployment `web`, and never came to `late`."""
    bench.draw(a_config_map("late", mode="a"))
    bench.applied()
    bench.draw(*first, a_node("web"), a_config_map("late", mode="b"), edges=(an_edge("late", "web", "after"),))
    plan = made(bench)
    bench.plane.apply(
        {
            "apiVersion": "v1",
            "kind": "ResourceQuota",
            "metadata": {"name": "none", "namespace": bench.namespace},
            "spec": {"hard": {"count/deployments.apps": "0"}},
        }
    )
    until(lambda: bench.get("v1", "ResourceQuota", "none").get("status", {}).get("hard"))
    from workflows.plans import jobs, starting

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(starting, "moved", lambda *_, **__: [])  # as if the quota came while the run was on its way
        patched.setattr(jobs, "moved_in", lambda *_, **__: [])
        run = bench.until(bench.start(plan=plan["id"], **options), "failed")
    bench.plane.delete("v1", "ResourceQuota", "none", bench.namespace)
    return run


def retry(bench: Bench, run: dict[str, Any], **given: Any) -> Any:
    return bench.person.post(f"runs/{run['id']}/retry", given)


def change_late(bench: Bench) -> None:
    path = f"/api/v1/namespaces/{bench.namespace}/configmaps/late?fieldManager=kubectl"
    bench.plane.call("PATCH", path, b'{"data":{"mode":"by hand"}}', content_type=MERGE)


def test_what_a_run_has_done_does_not_keep_it_from_going_on(bench: Bench) -> None:
    run = stopped_halfway(
        bench, a_config_map("conf", a="1"), a_secret("keys", "token"), secrets={"keys": {"token": "1"}}
    )
    assert states(run) == {"conf": "done", "keys": "done", "web": "failed", "late": "skipped"}

    assert retry(bench, run).status == 202

    after = bench.until(run, "verifying")
    assert set(states(after).values()) == {"done"}
    assert bench.get("v1", "ConfigMap", "late")["data"] == {"mode": "b"}


@pytest.fixture
def cut_off(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A run of a plan whose writes went out, and whose answers never came."""
    from kubeorch.base.errors import Conflict
    from workflows.runs import steps

    bench.draw(a_config_map("conf", a="1"))
    bench.applied()
    bench.draw(
        a_config_map("conf", a="2"),
        a_config_map("new", a="1"),
        a_secret("keys", "token"),
        a_node("web"),
        edges=(an_edge("web", "new", "after"), an_edge("web", "conf", "after")),
    )
    plan = made(bench)
    assert effects(plan) == {"conf": "update", "new": "create", "keys": "create", "web": "create"}

    def lost(point: str) -> None:
        if point == "run.after_patch":
            raise Conflict("the answer was lost")

    with monkeypatch.context() as patched:
        patched.setattr(steps, "hit", lost)
        return bench.until(bench.start(plan=plan["id"], secrets={"keys": {"token": "1"}}), "failed")


def test_writes_of_which_no_answer_came_do_not_keep_a_run_from_going_on(bench: Bench, cut_off: dict[str, Any]) -> None:
    assert states(cut_off) == {"conf": "failed", "new": "failed", "keys": "failed", "web": "skipped"}
    assert bench.get("v1", "ConfigMap", "new")["data"] == {"a": "1"}

    answer = retry(bench, cut_off, secrets={"keys": {"token": "1"}})

    assert answer.status == 202, answer.body
    after = bench.until(cut_off, "verifying")
    assert set(states(after).values()) <= {"done", "unchanged"}
    assert bench.get("v1", "ConfigMap", "conf")["data"] == {"a": "2"}


def test_nor_does_a_deletion_of_which_no_answer_came(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    from kubeorch.base.errors import Conflict
    from workflows.runs import deleting

    through = deleting._delete_object

    def lost(*given: Any) -> None:
        through(*given)
        raise Conflict("the answer was lost")

    bench.draw(a_config_map("conf", a="1"), a_config_map("old", a="1"))
    bench.applied()
    bench.draw(a_config_map("conf", a="1"))
    plan = made(bench)
    with monkeypatch.context() as patched:
        patched.setattr(deleting, "_delete_object", lost)
        run = bench.until(bench.start(plan=plan["id"], confirm_deletions=1), "failed")
    assert (states(run)["old"], bench.get("v1", "ConfigMap", "old")) == ("failed", None)

    answer = retry(bench, run)

    assert answer.status == 202, answer.body
    assert states(bench.until(run, "verifying", "succeeded"))["old"] == "done"


def test_nor_does_the_namespace_that_it_has_made(
    person: Person, cluster: str, control_plane: ControlPlane, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workflows.runs import applying
    from workflows.runs.overdue import RunOverdue

    through = applying.ensure_namespace

    def lost(*given: Any) -> bool:
        through(*given)
        raise RunOverdue

    bare = Bench(person, cluster, control_plane, f"bare-{ObjectId()}")
    bare.draw(a_config_map("conf", a="1"))
    plan = made(bare)
    with monkeypatch.context() as patched:
        patched.setattr(applying, "ensure_namespace", lost)
        run = bare.until(bare.start(plan=plan["id"]), "failed")
    assert control_plane.get("v1", "Namespace", bare.namespace, "") is not None

    answer = retry(bare, run)

    assert answer.status == 202, answer.body
    bare.until(run, "verifying", "succeeded")
    assert bare.get("v1", "ConfigMap", "conf")["data"] == {"a": "1"}


def test_what_somebody_changed_of_it_since_keeps_it(bench: Bench, cut_off: dict[str, Any]) -> None:
    path = f"/api/v1/namespaces/{bench.namespace}/configmaps/new?fieldManager=kubectl"
    bench.plane.call("PATCH", path, b'{"data":{"a":"by hand"}}', content_type=MERGE)

    answer = retry(bench, cut_off, secrets={"keys": {"token": "1"}})

    assert (answer.status, answer.body["code"]) == (409, "plan.moved"), answer.body
    assert [one["ref"]["name"] for one in answer.body["moved"]] == ["new"]


def test_a_run_does_not_go_on_where_what_is_left_of_its_plan_has_moved(bench: Bench) -> None:
    run = stopped_halfway(bench, a_config_map("conf", a="1"))
    change_late(bench)

    answer = retry(bench, run)

    assert (answer.status, answer.body["code"]) == (409, "plan.moved"), answer.body
    assert [one["ref"]["name"] for one in answer.body["moved"]] == ["late"]
    assert bench.get("v1", "ConfigMap", "late")["data"] == {"mode": "by hand"}


def test_the_worker_looks_again_before_a_run_goes_on(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    from workflows.plans import retrying

    run = stopped_halfway(bench, a_config_map("conf", a="1"))
    judged = retrying.moved

    def then_it_moves(*given: Any, **more: Any) -> Any:
        found = judged(*given, **more)
        change_late(bench)
        return found

    with monkeypatch.context() as patched:
        patched.setattr(retrying, "moved", then_it_moves)
        assert retry(bench, run).status == 202
        ended = bench.until(run, "failed")
    assert ended["error"]["code"] == "plan.moved"
    assert bench.get("v1", "ConfigMap", "late")["data"] == {"mode": "by hand"}


def test_values_that_a_run_brought_and_kept_do_not_keep_it_from_going_on(bench: Bench) -> None:
    run = stopped_halfway(bench, a_secret("keys", "token"), secrets={"keys": {"token": "1"}}, keep_secrets=True)
    assert retry(bench, run).status == 202
    bench.until(run, "verifying")
    assert decoded(bench.get("v1", "Secret", "keys")["data"]) == {"token": "1"}


def test_a_run_takes_another_value_only_for_a_key_of_which_its_plan_knew_none(bench: Bench) -> None:
    bench.draw(a_secret("keys", "token"))
    bench.applied(secrets={"keys": {"token": "first"}})
    unchanged = made(bench)
    assert effects(unchanged) == {"keys": "unchanged"}
    answer = bench.ask(plan=unchanged["id"], secrets={"keys": {"token": "slipped in"}})
    assert (answer.status, answer.body["code"]) == (400, "plan.secrets_given"), answer.body

    bench.draw(a_secret("keys", "token", "more"))
    plan = made(bench)
    both = bench.ask(plan=plan["id"], secrets={"keys": {"token": "slipped in", "more": "2"}})
    assert (both.status, both.body["code"]) == (400, "plan.secrets_given")
    assert [one["field"] for one in both.body["errors"]] == ["secrets.keys.token"]
    bench.until(bench.start(plan=plan["id"], secrets={"keys": {"more": "2"}}), "verifying")
    assert decoded(bench.get("v1", "Secret", "keys")["data"]) == {"token": "first", "more": "2"}


def test_a_value_that_is_set_beside_one_that_a_plan_leaves_to_its_run_moves_the_plan(bench: Bench) -> None:
    bench.draw(a_secret("keys", "token", "more"))
    set_ahead(bench, token="first")
    plan = made(bench)
    assert planned(plan, "keys")["proof"] == "at_apply"
    set_ahead(bench, token="second")

    assert [one["what"] for one in looked_at(bench, plan)["moved"]] == ["a value was set for it since"]
    answer = bench.ask(plan=plan["id"], secrets={"keys": {"more": "2"}})
    assert (answer.status, answer.body["code"]) == (409, "plan.moved")


def test_a_value_that_is_set_for_a_secret_in_a_namespace_that_its_plan_makes_moves_the_plan(
    person: Person, cluster: str, control_plane: ControlPlane
) -> None:
    bench = Bench(person, cluster, control_plane, "made-by-a-plan")
    bench.draw(a_secret("keys", "token"))
    set_ahead(bench, token="first")
    plan = made(bench)
    assert planned(plan, "keys")["reason"] == "the namespace made-by-a-plan is made by this plan"
    assert looked_at(bench, plan)["still_true"] is True
    set_ahead(bench, token="second")
    assert [one["what"] for one in looked_at(bench, plan)["moved"]] == ["a value was set for it since"]


def test_values_are_set_ahead_of_a_plan_for_a_protected_environment(bench: Bench, second: Person) -> None:
    protect(bench)
    bench.draw(a_secret("keys", "token"))
    plan = made(bench)
    error = planned(plan, "keys")["error"]
    assert error["code"] == "secret.value_missing"
    assert "set one for the environment, and make a new plan" in error["detail"]
    said = approve(second, plan)
    assert (said.status, said.body["code"]) == (409, "approval.would_fail"), said.body

    set_ahead(bench, token="approved")
    assert looked_at(bench, plan)["still_true"] is False
    plan = made(bench)
    assert planned(plan, "keys")["error"] is None
    assert approve(second, plan).status == 200
    answer = bench.ask(plan=plan["id"], secrets={"keys": {"token": "slipped in"}})
    assert (answer.status, answer.body["code"]) == (400, "plan.secrets_given"), answer.body
    bench.until(bench.start(plan=plan["id"]), "verifying")
    assert decoded(bench.get("v1", "Secret", "keys")["data"]) == {"token": "approved"}
