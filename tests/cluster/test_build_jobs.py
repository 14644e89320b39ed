"""Jobs of builds against a real API server: taken over, replaced, removed, swept, and refused in words with a cure."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from bson import ObjectId

from builds.domain import build_pods as pods
from builds.engines.local.place import Trust
from tests.support.cluster_engines import ENGINES, TRIALS, Made, a_row, an_unplaced_engine, connected, fields
from tests.support.control_plane import ControlPlane
from tests.support.fault_proxy import OPEN, REFUSED, door_to
from tests.support.image_builds import ENDED
from tests.support.narrow import RBAC, an_account, grant
from tests.support.people import Person, a_user
from tests.support.wait import until
from tests.support.workers import working

pytestmark = pytest.mark.usefixtures("mongo")


@pytest.fixture
def anna(mongo: Any) -> Person:
    return a_user("admin", name="Anna")


@pytest.fixture
def engine(control_plane: ControlPlane, anna: Person) -> Made:
    return an_unplaced_engine(anna, control_plane)


def an_attempt(engine: Made, uid: str) -> str:
    [found] = [one for one in engine.plane.list("batch/v1", "Job", engine.namespace) if one["metadata"]["uid"] == uid]
    return str(found["metadata"]["annotations"][pods.ATTEMPT])


def test_the_next_attempt_takes_over_the_job_and_its_pod(engine: Made) -> None:
    first = engine.begin("b1")
    pod = engine.pod_of(first.uid)
    second = engine.begin("b1", attempt=2)
    assert (second.uid, an_attempt(engine, first.uid)) == (first.uid, "2")
    assert engine.pod_of(first.uid)["metadata"]["uid"] == pod["metadata"]["uid"]


def test_a_job_for_other_registries_is_replaced_with_its_pod(engine: Made) -> None:
    first = engine.begin("b1")
    engine.pod_of(first.uid)
    second = engine.begin("b1", attempt=2, **{"r.test": Trust(True, "")})
    assert second.uid != first.uid
    configured = engine.pod_of(second.uid)["metadata"]["annotations"][f"{pods.PREFIX}buildkitd.toml"]
    assert '[registry."r.test"]\n  http = true' in configured


def test_a_job_whose_pod_is_gone_is_replaced_before_its_controller_has_seen_it(engine: Made) -> None:
    first = engine.begin("b1")
    pod = engine.pod_of(first.uid)
    held = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": pod["metadata"]["name"]}}
    held["metadata"] |= {"namespace": engine.namespace, "finalizers": ["kubeorch.test/held"]}  # type: ignore[dict-item]
    engine.plane.apply(held)
    engine.plane.delete("v1", "Pod", pod["metadata"]["name"], engine.namespace)
    assert engine.jobs.state(first).is_lost
    assert engine.begin("b1", attempt=2).uid != first.uid
    engine.plane.apply({**held, "metadata": {**held["metadata"], "finalizers": []}})  # type: ignore[dict-item]


def test_the_sweep_removes_jobs_of_builds_that_have_ended_and_no_others(engine: Made, mongo: Any) -> None:
    from builds.running.leftovers import remove_left_jobs

    given = {"repository": "https://git.example.test/a/b.git", "image": "r.example.test/a", "engine": engine.id}
    builds = []
    for name in ("open", "ended"):
        source = engine.person.post("sources", {"name": name, **given})
        assert source.status == 201, source.body
        builds.append(engine.person.post(f"sources/{source.body['id']}/builds").body["id"])
    mongo.builds.update_one({"_id": ObjectId(builds[1])}, {"$set": {"state": "failed"}})
    unknown, odd = str(ObjectId()), "not-ours"
    for build in (*builds, unknown, odd):
        engine.begin(build)
    beside = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "beside", "namespace": engine.namespace}}
    container = {"name": "main", "image": "box"}
    spec = {"template": {"spec": {"restartPolicy": "Never", "containers": [container]}}}
    engine.plane.apply({**beside, "spec": spec})
    remove_left_jobs()
    until(lambda: engine.names() == sorted(["beside", pods.job_name(builds[0])]), what="what has ended is removed")


def test_what_ends_a_build_that_was_begun_again_ends_the_job_of_the_attempt_before(engine: Made) -> None:
    from builds.engines.choosing import engine_in
    from builds.engines.protocol import name_of

    build = str(ObjectId())
    engine.begin(build, attempt=2)
    engine_in(engine.row).cancel(name_of(build, 1))
    assert engine.names() == [pods.job_name(build)], "a later attempt has it"
    engine_in(engine.row).cancel(name_of(build, 3))
    until(lambda: engine.names() == [], what="it is removed")


def test_a_pod_that_lost_its_job_goes_with_its_build(engine: Made) -> None:
    from builds.engines.choosing import engine_in
    from builds.engines.protocol import name_of

    build = str(ObjectId())
    job = engine.begin(build)
    pod = engine.pod_of(job.uid)
    assert pod["spec"]["activeDeadlineSeconds"] == pods.DEADLINE_S, "nothing else would end it"
    engine.plane.delete("batch/v1", "Job", job.name, engine.namespace)
    until(lambda: engine.names() == [], what="the Job is gone")
    assert engine.pod_of(job.uid), "plain requests leave pods of a Job behind"
    engine_in(engine.row).clean(name_of(build, 1))
    until(lambda: not engine.plane.list("v1", "Pod", engine.namespace), what="its pod is gone")


def test_pod_security_refuses_in_its_own_words_and_with_the_cure(engine: Made, mongo: Any) -> None:
    namespace = engine.plane.namespace("strict")
    enforce(engine.plane, namespace, "baseline")
    where = {"cluster": str(engine.row["cluster"]["cluster_id"]), "namespace": namespace}
    report = engine.person.post(TRIALS, where).body
    steps = {one["name"]: one for one in report["steps"]}
    assert list(steps) == ["cluster", "namespace", "rights", "network", "pod"]
    assert "Pod Security enforces baseline there" in steps["namespace"]["detail"]
    refused = steps["pod"]
    assert (refused["state"], refused["code"]) == ("failed", "engine.pod_refused")
    assert 'violates PodSecurity "baseline' in refused["detail"]
    assert f"label the namespace {pods.ENFORCE_LABEL}=privileged" in refused["detail"]
    answer = engine.person.post(ENGINES, {"name": "strict", **where})
    assert (answer.status, answer.body["code"], fields(answer)) == (400, "engine.test_failed", ["namespace"])
    assert engine.plane.list("batch/v1", "Job", namespace) == []
    assert mongo.build_engines.count_documents({"name": "strict"}) == 0


def test_a_policy_keeps_others_out_and_what_limits_the_namespace_is_said(engine: Made) -> None:
    place = {"cluster": str(engine.row["cluster"]["cluster_id"]), "namespace": engine.namespace, "memory_mib": 262_144}
    limits = {"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "small", "namespace": engine.namespace}}
    engine.plane.apply({**limits, "spec": {"limits": [{"type": "Container", "max": {"memory": "1Gi"}}]}})
    steps = {one["name"]: one for one in engine.person.post(TRIALS, place).body["steps"]}
    assert steps["network"]["state"] == "ok", steps
    policy = engine.plane.get("networking.k8s.io/v1", "NetworkPolicy", pods.POLICY, engine.namespace)
    assert policy is not None
    assert policy["spec"] == pods.policy_manifest(engine.namespace)["spec"]
    assert "maximum memory usage per Container is 1Gi" in steps["pod"]["detail"]


def enforce(plane: ControlPlane, namespace: str, level: str) -> None:
    labels = {pods.ENFORCE_LABEL: level}
    plane.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace, "labels": labels}})


def a_role(namespace: str, **rules: list[str]) -> dict[str, Any]:
    groups = {"jobs": "batch", "networkpolicies": "networking.k8s.io"}
    return {
        "apiVersion": f"{RBAC}/v1",
        "kind": "Role",
        "metadata": {"name": "builds", "namespace": namespace},
        "rules": [
            {"apiGroups": [groups.get(name, "")], "resources": [name.replace("_", "/")], "verbs": verbs}
            for name, verbs in rules.items()
        ],
    }


def test_credentials_that_may_not_build_say_what_they_lack(control_plane: ControlPlane, anna: Person) -> None:
    namespace = control_plane.namespace("narrow")
    enforce(control_plane, namespace, "baseline")
    account = an_account(control_plane, namespace)
    cluster = connected(anna, account)
    where = {"cluster": cluster, "namespace": namespace}
    [reached, failed] = anna.post(TRIALS, where).body["steps"]
    assert (reached["state"], failed["name"], failed["code"]) == ("ok", "namespace", "engine.no_namespace")
    look = {"apiVersion": f"{RBAC}/v1", "kind": "ClusterRole", "metadata": {"name": f"look-{namespace}"}}
    rules = [{"apiGroups": [""], "resources": ["namespaces"], "verbs": ["get"]}]
    jobs = ["create", "patch", "get", "list"]
    grant(control_plane, [{**look, "rules": rules}, a_role(namespace, jobs=jobs, pods=["list"])], namespace)

    def lacking() -> dict[str, Any]:
        step = dict(anna.post(TRIALS, where).body["steps"][-1])
        return step if step["name"] == "rights" else {}

    failed = until(lacking, what="the roles hold")
    assert failed["code"] == "engine.rights_missing"
    assert "may not delete Jobs, run commands in pods (pods/exec, create)" in failed["detail"]

    whole = a_role(namespace, jobs=[*jobs, "delete"], pods=["list", "create"], pods_exec=["create", "get"])
    control_plane.apply(whole)
    found = until(
        lambda: (steps := anna.post(TRIALS, where).body["steps"])[-1]["name"] == "pod" and steps, what="the role holds"
    )
    policy = next(one for one in found if one["name"] == "network")
    assert (policy["state"], policy["code"]) == ("warning", "engine.no_policy"), "it builds all the same"
    assert "networkpolicies" in policy["detail"]


@pytest.mark.parametrize("comes_back", [False, True], ids=["gone", "upgraded"])
def test_a_cluster_that_does_not_answer_is_waited_for_and_ends_a_build_in_words(
    control_plane: ControlPlane, anna: Person, mongo: Any, monkeypatch: pytest.MonkeyPatch, comes_back: bool
) -> None:
    monkeypatch.setattr("builds.running.jobs.UNREADY_MOST_S", 0.5)
    if not comes_back:
        monkeypatch.setattr("builds.running.jobs.COMING_MOST_S", 1.0)
    with door_to(control_plane) as (door, kubeconfig):
        row: Any = a_row(anna.team_id, connected(anna, kubeconfig), "gone")
        mongo.build_engines.insert_one(row)
        given = {"name": "gone", "repository": "https://git.example.test/a/b.git", "image": "r.example.test/a"}
        source = anna.post("sources", {**given, "engine": f"service:{row['_id']}"}).body
        door.become(REFUSED)
        build = anna.post(f"sources/{source['id']}/builds").body
        with working():
            if comes_back:
                until(
                    lambda: "gone: " in anna.get(f"builds/{build['id']}").body["waiting"],
                    what="what it waits for is told",
                )
                time.sleep(1)  # longer than it may be unready
                door.become(OPEN)
            ended = until(lambda: (one := anna.get(f"builds/{build['id']}").body)["state"] in ENDED and one)
    if comes_back:  # it went on to the repository, which is not there
        assert ended["reason"]["code"].startswith("git."), ended["reason"]
        return
    assert (ended["state"], ended["reason"]["code"]) == ("failed", "engine.late")
    assert "gone: " in ended["reason"]["detail"]


@pytest.fixture(autouse=True)
def nothing_is_left(control_plane: ControlPlane) -> Iterator[None]:
    """Jobs of these tests would keep their namespaces busy."""
    yield
    for one in control_plane.list("batch/v1", "Job", query=f"labelSelector={pods.ENGINE_LABEL}"):
        control_plane.delete("batch/v1", "Job", one["metadata"]["name"], one["metadata"]["namespace"])


def test_the_pod_of_a_build_has_the_pull_secret_that_the_engine_names(engine: Made) -> None:
    engine.row["cluster"]["pull_secret"] = "our-mirror"
    job = engine.begin("pulled")
    assert engine.pod_of(job.uid)["spec"]["imagePullSecrets"] == [{"name": "our-mirror"}]
    engine.row["cluster"]["pull_secret"] = "another"
    assert engine.begin("pulled", attempt=2).uid != job.uid, "a pod cannot change it, so the Job is made anew"
