"""A field that an environment leaves to others is applied no more, and can be taken back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from bson import ObjectId

from clusters.domain.objects import Ref
from clusters.domain.ownership.owners import owners
from clusters.domain.ownership.paths import read_path
from tests.cluster.runs.test_replacing import a_job
from tests.support.plans import effects, fields_of, looked_at, made, planned
from tests.support.runs import Bench
from tests.support.wait import until
from tests.support.workflows import a_config_map, a_node

URL = {
    "Deployment": "apis/apps/v1/namespaces/{}/deployments/web",
    "CronJob": "apis/batch/v1/namespaces/{}/cronjobs/backup",
    "ConfigMap": "api/v1/namespaces/{}/configmaps/conf",
    "Job": "apis/batch/v1/namespaces/{}/jobs/once",
}
LEFT = {
    "Deployment": ("apps/v1", "web", "spec.replicas", {"spec": {"replicas": 4}}),
    "CronJob": ("batch/v1", "backup", "spec.schedule", {"spec": {"schedule": "0 5 * * *"}}),
    "ConfigMap": ("v1", "conf", "data.color", {"data": {"color": "red"}}),
}


def leave(bench: Bench, ref: Ref, path: str) -> None:
    from kubeorch.base.clock import now
    from kubeorch.mongo.transaction import run_in_transaction
    from workflows.environments import yield_store

    row: Any = {
        "_id": ObjectId(),
        "environment_id": ObjectId(bench.environment["id"]),
        "team_id": bench.person.team_id,
        "node_id": "web",
        "ref": ref.as_json(),
        "path": path,
        "at": now(),
        "by": ObjectId(),
        "by_name": "Anna",
    }
    run_in_transaction(lambda session: yield_store.add(row, session))


def is_ours(bench: Bench, path: str) -> bool:
    live = bench.get("apps/v1", "Deployment", "web")
    return any(owner.is_ours for owner in owners(live).who(read_path(path)))


def test_a_field_left_to_others_is_theirs_after_the_next_run_and_ours_again_once_it_is_taken(bench: Bench) -> None:
    from kubeorch.mongo.transaction import run_in_transaction
    from workflows.environments import yield_store

    bench.draw(a_node("web", replicas=2))
    bench.applied()
    status, _ = bench.plane.call(
        "PATCH",
        f"/apis/apps/v1/namespaces/{bench.namespace}/deployments/web?fieldManager=kubectl-edit",
        b'{"spec":{"replicas":4,"minReadySeconds":3}}',
        content_type="application/merge-patch+json",
    )
    assert status == 200
    web = Ref("apps/v1", "Deployment", bench.namespace, "web")
    assert bench.until(bench.start(), "failed")["error"]["code"] == "cluster.field_conflict"
    leave(bench, web, "spec.replicas")
    bench.applied()
    assert bench.get("apps/v1", "Deployment", "web")["spec"]["replicas"] == 4
    assert not is_ours(bench, "spec.replicas")
    assert is_ours(bench, "spec.template.spec.containers[name=web].image")
    environment = ObjectId(bench.environment["id"])
    assert run_in_transaction(lambda session: yield_store.remove(environment, web, "spec.replicas", session))
    bench.applied(take_over=True)
    assert bench.get("apps/v1", "Deployment", "web")["spec"]["replicas"] == 2
    assert is_ours(bench, "spec.replicas")


def patch(bench: Bench, kind: str, body: dict[str, Any]) -> None:
    url = f"/{URL[kind].format(bench.namespace)}?fieldManager=kubectl-patch"
    status, said = bench.plane.call(
        "PATCH", url, json.dumps(body).encode(), content_type="application/merge-patch+json"
    )
    assert status == 200, said


def values(bench: Bench) -> tuple[Any, ...]:
    """What these objects have where fields are left to others; None for an object that is not there."""
    web, backup, conf = (bench.get(api, kind, name) for kind, (api, name, _, _) in LEFT.items())
    return (
        web and web["spec"]["replicas"],
        backup and backup["spec"]["schedule"],
        conf and conf["data"]["color"],
    )


def yields(bench: Bench) -> list[str]:
    rows = bench.person.get(f"environments/{bench.environment['id']}/yields").body["results"]
    return sorted(f"{row['ref']['kind']} {row['path']}" for row in rows)


DRAWN, THEIRS = (2, "0 3 * * *", "blue"), (4, "0 5 * * *", "red")


@pytest.fixture
def left(bench: Bench) -> Bench:
    """Three objects of which one field each is left to kubectl."""
    bench.draw(
        a_node("web", replicas=2),
        a_node("backup", kind="cronjob", image="busybox:1.37", schedule="0 3 * * *"),
        a_config_map("conf", color="blue", size="s"),
    )
    bench.applied()
    for kind, (api, name, path, body) in LEFT.items():
        patch(bench, kind, body)
        leave(bench, Ref(api, kind, bench.namespace, name), path)
    bench.applied()
    assert values(bench) == THEIRS
    return bench


def test_an_object_that_is_gone_is_planned_and_made_whole_and_nothing_of_it_is_left_to_others(left: Bench) -> None:
    plan = made(left)
    assert set(effects(plan).values()) == {"unchanged"}
    [row] = planned(plan, "backup")["yielded"]
    assert row == {
        "path": "spec.schedule",
        "workflow": "0 3 * * *",
        "live": "0 5 * * *",
        "manager": "kubectl-patch",
        "name": "kubectl patch",
        "ends": False,
    }
    owners = left.person.get(f"environments/{left.environment['id']}/owners?node=backup").body
    [shown] = owners["yielded"]
    assert {name: shown[name] for name in row} == row
    assert left.person.delete(f"environments/{left.environment['id']}/yields/{shown['id']}").status == 204
    leave(left, Ref("batch/v1", "CronJob", left.namespace, "backup"), "spec.schedule")
    for kind in LEFT:
        left.plane.call("DELETE", f"/{URL[kind].format(left.namespace)}")
    until(lambda: values(left) == (None, None, None), what="they are gone")
    assert looked_at(left, plan)["still_true"] is False
    plan = made(left)
    assert effects(plan) == {"web": "create", "backup": "create", "conf": "create"}
    [row] = planned(plan, "backup")["yielded"]
    assert (row["workflow"], row["live"], row["manager"], row["ends"]) == ("0 3 * * *", None, "", True)
    assert fields_of(planned(plan, "backup"))["spec.schedule"] == (None, "0 3 * * *")
    run = left.until(left.start(plan=plan["id"]), "verifying")
    assert run["as_planned"] == {"equal": 3, "different": 0, "not_foreseen": 0}, run["steps"]
    assert values(left) == DRAWN
    assert yields(left) == []
    left.see_all_healthy()
    assert left.applied()["counts"]["unchanged"] == 3


def test_after_an_undeploy_everything_is_made_whole(left: Bench) -> None:
    left.until(left.start(kind="destroy"), "succeeded")
    assert values(left) == (None, None, None)
    left.applied()
    assert (values(left), yields(left)) == (DRAWN, [])


def test_a_rollback_and_putting_back_make_what_is_gone_whole(left: Bench) -> None:
    left.plane.call("DELETE", f"/{URL['CronJob'].format(left.namespace)}")
    until(lambda: values(left)[1] is None, what="it is gone")
    backup = {"api_version": "batch/v1", "kind": "CronJob", "namespace": left.namespace, "name": "backup"}
    answer = left.person.post(f"environments/{left.environment['id']}/drift/revert", {"refs": [backup]})
    assert answer.status == 202, answer.body
    left.until(answer.body, "verifying")
    assert values(left) == (4, "0 3 * * *", "red")
    assert yields(left) == ["ConfigMap data.color", "Deployment spec.replicas"]
    left.see_all_healthy()
    left.draw(a_node("web", replicas=3), a_config_map("conf", color="green", size="l"))
    left.applied()
    assert values(left) == (4, None, "red"), "what is left to others stays so where the object is there"
    left.plane.call("DELETE", f"/{URL['ConfigMap'].format(left.namespace)}")
    until(lambda: values(left)[2] is None, what="it is gone")
    left.applied(kind="rollback")
    assert values(left) == (4, "0 3 * * *", "blue")
    assert yields(left) == ["Deployment spec.replicas"]


def test_an_object_of_the_same_name_that_somebody_else_made_has_nothing_left_to_others(left: Bench) -> None:
    conf = left.get("v1", "ConfigMap", "conf")
    left.plane.call("DELETE", f"/{URL['ConfigMap'].format(left.namespace)}")
    metadata = {name: conf["metadata"][name] for name in ("name", "labels", "annotations") if name in conf["metadata"]}
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"color": "pink"}}
    url = f"/{URL['ConfigMap'].format(left.namespace).rsplit('/', 1)[0]}?fieldManager=kubectl-create"
    status, said = left.plane.call("POST", url, json.dumps(body).encode())
    assert status == 201, said
    plan = made(left)
    assert effects(plan)["conf"] == "conflict", "who made it has the field, and a person decides anew"
    assert planned(plan, "conf")["yielded"][0]["ends"] is True
    left.applied(take_over=True)
    assert values(left)[2] == "blue"
    assert yields(left) == ["CronJob spec.schedule", "Deployment spec.replicas"]


def test_what_cannot_change_in_place_is_made_anew_whole(bench: Bench) -> None:
    bench.draw(a_job(bench, "1.36"))
    bench.applied()
    patch(bench, "Job", {"spec": {"backoffLimit": 5}})
    leave(bench, Ref("batch/v1", "Job", bench.namespace, "once"), "spec.backoffLimit")
    bench.applied()
    assert bench.get("batch/v1", "Job", "once")["spec"]["backoffLimit"] == 5
    bench.draw(a_job(bench, "1.37"))
    plan = made(bench)
    assert effects(plan) == {"once": "recreate"}
    assert (planned(plan, "once")["yielded"][0]["ends"], fields_of(planned(plan, "once"))["spec.backoffLimit"]) == (
        True,
        (5, 2),
    )
    run = bench.until(bench.start(plan=plan["id"]), "verifying")
    assert run["as_planned"]["equal"] == 1, run["steps"]
    assert bench.get("batch/v1", "Job", "once")["spec"]["backoffLimit"] == 2
    assert yields(bench) == []


def test_what_is_left_of_an_object_ends_and_is_taken_back_whichever_version_names_it(bench: Bench) -> None:
    from kubeorch.mongo.transaction import run_in_transaction
    from workflows.environments import yield_store

    environment_id = ObjectId(bench.environment["id"])
    old, new = (Ref(f"autoscaling/{one}", "HorizontalPodAutoscaler", bench.namespace, "web") for one in ("v2", "v1"))
    other = Ref("autoscaling.example.com/v1", "HorizontalPodAutoscaler", bench.namespace, "web")
    for ref in (old, other):
        leave(bench, ref, "spec.maxReplicas")
    assert run_in_transaction(lambda session: yield_store.remove(environment_id, new, "spec.maxReplicas", session))
    assert list(yield_store.paths_of(environment_id)) == [other.identity]
    leave(bench, old, "spec.maxReplicas")
    yield_store.end_of(environment_id, [new])
    assert list(yield_store.paths_of(environment_id)) == [other.identity]
