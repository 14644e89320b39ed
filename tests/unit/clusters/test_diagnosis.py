"""Why a node is not well, in one sentence: pods' reasons lifted to what declares them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from clusters.domain.diagnosis import NodeContext, ObservedNode, diagnose
from clusters.domain.health import ObjectContext, State, health_of
from clusters.domain.observed import ObservedObject, WarningEvent
from clusters.domain.projection import project
from clusters.domain.refusals import plainly, pull_words, refusal_words

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
AT = "2026-03-01T11:59:00Z"
LONG_AGO = "2026-03-01T10:00:00Z"


def a_deployment(desired: int = 3, ready: int = 0, **status: Any) -> ObservedObject:
    return project(
        "apps/v1",
        "Deployment",
        {
            "metadata": {"name": "web", "namespace": "shop", "uid": "deployment"},
            "spec": {"replicas": desired, "template": {"spec": {"containers": [{"image": "shop/web:1.3"}]}}},
            "status": {
                "replicas": desired,
                "updatedReplicas": desired,
                "readyReplicas": ready,
                "availableReplicas": ready,
                "conditions": [{"type": "Available", "status": "True"}],
                **status,
            },
        },
    )


def a_pod(name: str, *, owner: str = "ReplicaSet", **status: Any) -> ObservedObject:
    return project(
        "v1",
        "Pod",
        {
            "metadata": {
                "name": name,
                "namespace": "shop",
                "uid": f"uid-{name}",
                "ownerReferences": [{"kind": owner, "name": "web-1", "uid": "rs", "controller": True}],
            },
            "spec": {"containers": [{"name": "main", "image": "shop/web:1.3"}]},
            "status": {"phase": "Pending", **status},
        },
    )


def waiting(reason: str, message: str = "", **more: Any) -> dict[str, Any]:
    state = {"waiting": {"reason": reason, "message": message}}
    return {"containerStatuses": [{"name": "main", "ready": False, "state": state, **more}]}


READY = {
    "phase": "Running",
    "conditions": [{"type": "Ready", "status": "True"}],
    "containerStatuses": [{"name": "main", "ready": True, "state": {"running": {}}}],
}


def diagnosed(*objects: ObservedObject, events: tuple[WarningEvent, ...] = ()) -> ObservedNode:
    context = NodeContext(
        now=NOW,
        endpoints=lambda seen: None,
        waits_for_consumer=lambda name: False,
        warnings=lambda uid: [row for row in events if row.uid == uid],
    )
    return diagnose(objects, context)


PULL = 'Back-off pulling image "shop/web:1.3": ErrImagePull: failed to resolve reference "shop/web:1.3": not found'
CRASHED = {"lastState": {"terminated": {"exitCode": 3, "reason": "Error"}}, "restartCount": 5}
KILLED = {"lastState": {"terminated": {"exitCode": 137, "reason": "OOMKilled"}}, "restartCount": 1}


@pytest.mark.parametrize(
    ("pods", "sentence"),
    [
        (
            [waiting("ImagePullBackOff", PULL), waiting("ErrImagePull", PULL), READY],
            "Image shop/web:1.3 cannot be pulled (2 of 3 pods): not found",
        ),
        ([waiting("InvalidImageName")], "Image shop/web:1.3 cannot be pulled: the name is not valid"),
        (
            [waiting("CrashLoopBackOff", **CRASHED), READY],
            "Container main keeps crashing (1 of 2 pods): exit code 3, 5 restarts",
        ),
        (
            [waiting("CrashLoopBackOff", **KILLED)],
            "Container main was killed because its node ran out of memory (it has no memory limit): OOMKilled, "
            "exit code 137, 1 restart",
        ),
        (
            [waiting("CreateContainerConfigError", 'configmap "settings" not found')],
            "Container main cannot start: ConfigMap settings does not exist",
        ),
        (
            [waiting("CreateContainerConfigError", "couldn't find key a in Secret shop/b")],
            "Container main cannot start: Secret b has no key a",
        ),
        (
            [
                {
                    "phase": "Pending",
                    "conditions": [
                        {
                            "type": "PodScheduled",
                            "status": "False",
                            "reason": "Unschedulable",
                            "message": "0/3 nodes are available: 3 Insufficient cpu.",
                            "lastTransitionTime": AT,
                        }
                    ],
                },
                READY,
            ],
            "The pod cannot be scheduled (1 of 2 pods): 0/3 nodes are available: 3 Insufficient cpu",
        ),
        (
            [{"phase": "Failed", "reason": "Evicted", "message": "The node was low on resource: memory."}],
            "Pod p0 was evicted: The node was low on resource: memory.",
        ),
        (
            [
                {
                    "initContainerStatuses": [
                        {"name": "migrate", "state": {"terminated": {"exitCode": 1, "reason": "Error"}}}
                    ]
                }
            ],
            "Init container migrate exited with an error: exit code 1",
        ),
    ],
)
def test_a_deployment_shows_the_reasons_of_its_pods(pods: list[dict[str, Any]], sentence: str) -> None:
    found = diagnosed(a_deployment(len(pods)), *(a_pod(f"p{number}", **pod) for number, pod in enumerate(pods)))
    assert (found.health.state, found.health.reason) == (State.DEGRADED, sentence)
    assert found.evidence[0].ref.kind == "Pod"
    assert found.facts["image"] == "shop/web:1.3"


def test_a_failing_probe_is_reported_from_its_event() -> None:
    pod = a_pod("p0", phase="Running", containerStatuses=[{"name": "main", "ready": False, "state": {"running": {}}}])
    event = WarningEvent(pod.uid, "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503", 7, AT)
    found = diagnosed(a_deployment(1), pod, events=(event,))
    assert found.health.reason == "Readiness probe of container main fails: HTTP probe failed with statuscode: 503"
    assert found.evidence[0].times == 7
    old = diagnosed(a_deployment(1), pod, events=(event._replace(at=LONG_AGO),))
    assert old.health.state == State.PROGRESSING


def test_refused_pods_are_reported_from_conditions_and_events() -> None:
    message = 'pods "web-1-abc" is forbidden: exceeded quota: small, requested: pods=1, used: pods=2, limited: pods=2'
    row = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": message}
    by_condition = diagnosed(a_deployment(3, conditions=[row]))
    assert by_condition.health.state == State.DEGRADED
    assert by_condition.health.reason.startswith("Pods cannot be created: exceeded quota: small")
    event = WarningEvent("deployment", "FailedCreate", f"Error creating: {message}", 3, AT)
    by_event = diagnosed(a_deployment(3, replicas=1), events=(event,))
    assert diagnosed(a_deployment(3, 3), events=(event,)).health.state == State.HEALTHY, "it is over"
    assert by_event.health.reason.startswith("Pods cannot be created: exceeded quota: small")


def test_an_unschedulable_pod_is_degraded_only_after_a_moment() -> None:
    row = {
        "type": "PodScheduled",
        "status": "False",
        "reason": "Unschedulable",
        "message": "no node",
        "lastTransitionTime": "2026-03-01T11:59:57Z",
    }
    found = diagnosed(a_deployment(1), a_pod("p0", conditions=[row]))
    assert found.health.state == State.PROGRESSING
    assert found.health.recheck_s == pytest.approx(12, abs=0.1)


def test_a_healthy_object_stays_healthy_whatever_its_old_pods_report() -> None:
    found = diagnosed(a_deployment(1, 1), a_pod("old", phase="Failed", reason="Evicted"), a_pod("p0", **READY))
    assert found.health.state == State.HEALTHY


def test_a_rollout_past_its_deadline_fails_with_the_pods_reason() -> None:
    row = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}
    found = diagnosed(a_deployment(1, conditions=[row]), a_pod("p0", **waiting("ImagePullBackOff", PULL)))
    assert found.health.state == State.FAILED
    assert "Image shop/web:1.3 cannot be pulled: not found" in found.health.reason


def test_terminating_pods_are_not_a_reason() -> None:
    pod = project(
        "v1",
        "Pod",
        {
            "metadata": {
                "name": "p0",
                "uid": "u",
                "deletionTimestamp": AT,
                "ownerReferences": [{"kind": "ReplicaSet", "name": "w", "uid": "r", "controller": True}],
            },
            "status": waiting("CrashLoopBackOff", **CRASHED),
        },
    )
    assert diagnosed(a_deployment(1), pod).health.state == State.PROGRESSING


def test_the_worst_reason_is_shown_and_the_others_are_evidence() -> None:
    config = waiting("CreateContainerConfigError", 'secret "db" not found')
    found = diagnosed(a_deployment(2), a_pod("p0", **waiting("ImagePullBackOff", PULL)), a_pod("p1", **config))
    assert found.health.reason == "Container main cannot start (1 of 2 pods): Secret db does not exist"
    assert [row.reason for row in found.evidence] == ["CreateContainerConfigError", "ImagePullBackOff"]


def test_evidence_is_bounded_however_many_pods_fail() -> None:
    pods = [a_pod(f"p{number}", **waiting("ImagePullBackOff", PULL)) for number in range(500)]
    found = diagnosed(a_deployment(500), *pods)
    assert "(500 of 500 pods)" in found.health.reason
    assert len(found.evidence) == 12


def test_a_cron_job_reports_that_its_last_job_failed() -> None:
    cron = project(
        "batch/v1",
        "CronJob",
        {
            "metadata": {"name": "nightly", "uid": "c"},
            "spec": {"schedule": "0 3 * * *"},
            "status": {"lastScheduleTime": LONG_AGO, "lastSuccessfulTime": AT},
        },
    )

    def job(name: str, at: str, kind: str) -> ObservedObject:
        owner = {"kind": "CronJob", "name": "nightly", "uid": "c", "controller": True}
        conditions = [{"type": kind, "status": "True", "reason": "BackoffLimitExceeded"}]
        return project(
            "batch/v1",
            "Job",
            {
                "metadata": {"name": name, "uid": name, "ownerReferences": [owner]},
                "status": {"startTime": at, "conditions": conditions},
            },
        )

    failed = diagnosed(cron, job("a", LONG_AGO, "Complete"), job("b", AT, "Failed"))
    assert failed.health.state == State.DEGRADED
    assert "the last job failed" in failed.health.reason
    assert diagnosed(cron, job("a", LONG_AGO, "Failed"), job("b", AT, "Complete")).health.state == State.HEALTHY


def test_a_cron_job_that_never_succeeded_reports_that_its_last_job_failed() -> None:
    manifest = {"metadata": {"name": "nightly", "uid": "c"}, "status": {"lastScheduleTime": AT}}
    owner = {"kind": "CronJob", "name": "nightly", "uid": "c", "controller": True}
    status = {"startTime": AT, "conditions": [{"type": "Failed", "status": "True", "message": "no luck"}]}
    job = project(
        "batch/v1", "Job", {"metadata": {"name": "a", "uid": "a", "ownerReferences": [owner]}, "status": status}
    )
    found = diagnosed(project("batch/v1", "CronJob", manifest), job).health
    assert (found.state, "the last job failed" in found.reason) == (State.DEGRADED, True)


def managed(manager: str, at: str, fields: dict[str, Any], subresource: str = "") -> dict[str, Any]:
    return {"manager": manager, "time": at, "fieldsV1": fields, "subresource": subresource}


SPEC, OURS = {"f:spec": {"f:replicas": {}}}, managed("kubeorch", "2026-01-01T10:00:00Z", {"f:spec": {}})


@pytest.mark.parametrize(
    ("other", "is_drift"),
    [
        (managed("kubectl-edit", "2026-01-01T10:00:01Z", SPEC), True),
        (managed("kubectl", "2026-01-01T10:00:01Z", SPEC, "scale"), True),
        (managed("kubectl-edit", "2026-01-01T09:59:59Z", SPEC), False),
        (managed("kubectl-label", "2026-01-01T10:00:01Z", {"f:metadata": {"f:labels": {}}}), False),
        (managed("kube-controller-manager", "2026-01-01T10:00:01Z", SPEC, "scale"), False),
        (managed("someone", "2026-01-01T10:00:01Z", {"f:status": {}}, "status"), False),
        (managed("kubeorch-secrets", "2026-01-01T10:00:01Z", {"f:data": {}}), False),
        (managed("kubectl-edit", "2026-01-01T10:00:01Z", {"f:data": {"f:a": {}}}), True),
    ],
)
def test_only_fields_changed_by_others_after_us_are_drift(other: dict[str, Any], is_drift: bool) -> None:
    manifest = {"metadata": {"name": "a", "uid": "u", "managedFields": [OURS, other]}}
    found = diagnosed(project("apps/v1", "Deployment", manifest))
    assert (found.outside_edit is not None) == is_drift


def test_objects_that_were_never_ours_do_not_drift() -> None:
    manifest = {
        "metadata": {"name": "a", "uid": "u", "managedFields": [managed("kubectl", "2026-01-01T10:00:01Z", SPEC)]}
    }
    assert diagnosed(project("v1", "Service", manifest)).outside_edit is None


@pytest.mark.parametrize(
    ("image", "message", "words"),
    [
        ("r.test/a", "dial tcp: lookup registry.test: no such host", "the registry cannot be reached"),
        ("r.test/a", "unauthorized: authentication required", "access denied"),
        (
            "r.test/a",
            "pull access denied, repository does not exist or may require authorization",
            "access denied",
        ),
        ("ghcr.io/acme-ui/orders:1", 'failed to resolve "ghcr.io/acme-ui/orders:1": not found', "not found"),
        ("r.test/timeout-service:1", "r.test/timeout-service:1: manifest unknown", "not found"),
        ("r.test/forbidden-api:1", 'reference "r.test/forbidden-api:1": not found', "not found"),
        ("r.test/a:1", "HEAD https://r.test/v2/denied/a: 404: manifest unknown", "not found"),
        (
            "r.test/a:1",
            "dial tcp 10.0.0.1:443: tls: x509: certificate signed by unknown authority",
            "the registry's certificate is not trusted",
        ),
    ],
)
def test_why_an_image_cannot_be_pulled_is_read_from_the_error_alone(image: str, message: str, words: str) -> None:
    assert pull_words(message, "ErrImagePull", image) == words


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("FailedMount", "A volume cannot be mounted: no route"),
        ("FailedAttachVolume", "A volume cannot be attached: no route"),
        ("FailedCreatePodSandBox", "The pod's sandbox (its network) cannot be created: no route"),
    ],
)
def test_what_holds_up_the_first_container_is_reported_from_its_event(reason: str, words: str) -> None:
    pod = a_pod("p0", phase="Pending", **waiting("ContainerCreating"))
    event = WarningEvent(pod.uid, reason, "no route", 2, AT)
    assert diagnosed(a_deployment(1), pod, events=(event,)).health.reason == words


def test_a_missing_secret_is_named() -> None:
    assert plainly('secret "db" not found') == "Secret db does not exist"


QUOTA = "exceeded quota: small, requested: pods=1, used: pods=2, limited: pods=2"


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ('Error creating: pods "a" is forbidden: violates PodSecurity', "violates PodSecurity"),
        (f'Error creating: pods "web-1-abc" is forbidden: {QUOTA}', QUOTA),
        (f'create Pod web-0 in StatefulSet web failed error: pods "web-0" is forbidden: {QUOTA}', QUOTA),
        (
            "create Claim data-web-0 for Pod web-0 in StatefulSet web failed error: "
            f'persistentvolumeclaims "data-web-0" is forbidden: {QUOTA}',
            QUOTA,
        ),
        ('Error creating: admission webhook "a.b" denied the request: no latest tags', "no latest tags"),
        ("Error creating: Internal error occurred: timeout", "Internal error occurred: timeout"),
    ],
)
def test_a_refusal_is_told_without_what_is_wrapped_around_it(message: str, words: str) -> None:
    assert refusal_words(message) == words


def test_the_reason_comes_first_and_once() -> None:
    row = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}
    found = diagnosed(a_deployment(1, conditions=[row]), a_pod("p0", **waiting("ImagePullBackOff", PULL)))
    assert found.health.reason == (
        "Image shop/web:1.3 cannot be pulled: not found; the rollout exceeded its progress deadline; 0 of 1 pods ready"
    )


def test_a_job_that_failed_says_so_and_why() -> None:
    row = {"type": "Failed", "status": "True", "message": "Job has reached the specified backoff limit"}
    job = project(
        "batch/v1",
        "Job",
        {"metadata": {"name": "migrate", "uid": "rs"}, "status": {"startTime": AT, "conditions": [row]}},
    )
    ended = {"terminated": {"exitCode": 1, "reason": "Error"}}
    pod = a_pod("p0", owner="Job", phase="Failed", containerStatuses=[{"name": "main", "state": ended}])
    assert diagnosed(job, pod).health.reason == (
        "the job failed: Container main exited with an error: exit code 1 (Job has reached the specified backoff limit)"
    )


READERS = {
    "env": {"env": [{"name": "A", "valueFrom": {"configMapKeyRef": {"name": "conf", "key": "a"}}}]},
    "envFrom": {"envFrom": [{"configMapRef": {"name": "conf"}}]},
    "subPath": {"volumeMounts": [{"name": "v", "mountPath": "/a", "subPath": "a"}]},
    "mount": {"volumeMounts": [{"name": "v", "mountPath": "/a"}]},
}


@pytest.mark.parametrize(
    ("read", "started", "note"),
    [
        ("env", ("2026-03-01T10:00:00Z", "2026-03-01T10:00:00Z"), "its pods started before ConfigMap conf changed"),
        ("envFrom", ("2026-03-01T10:00:00Z", "2026-03-01T11:30:00Z"), "1 of 2 pods started before"),
        ("subPath", ("2026-03-01T10:00:00Z", "2026-03-01T11:30:00Z"), "1 of 2 pods started before"),
        ("env", ("2026-03-01T11:00:00Z", "2026-03-01T11:30:00Z"), ""),
        ("mount", ("2026-03-01T10:00:00Z", "2026-03-01T10:00:00Z"), ""),
    ],
)
def test_pods_that_started_before_what_they_read_changed_are_told_of(
    read: str, started: tuple[str, str], note: str
) -> None:
    template = {
        "containers": [{"name": "main", **READERS[read]}],
        "volumes": [{"name": "v", "configMap": {"name": "conf"}}],
    }
    manifest = {
        "metadata": {"name": "web", "namespace": "shop", "uid": "rs"},
        "spec": {"replicas": 2, "template": {"spec": template}},
        "status": {"replicas": 2, "fullyLabeledReplicas": 2, "readyReplicas": 2, "availableReplicas": 2},
    }
    root = project("apps/v1", "ReplicaSet", manifest)
    pods = [
        a_pod(f"p{number}", containerStatuses=[{"name": "main", "state": {"running": {"startedAt": at}}}])
        for number, at in enumerate(started)
    ]
    config = {"managedFields": [managed("kubeorch", "2026-03-01T11:00:00Z", {"f:data": {"f:a": {}}})]}
    content = project("v1", "ConfigMap", {"metadata": {"name": "conf", "uid": "c", **config}})
    context = NodeContext(
        NOW, lambda seen: None, lambda name: False, lambda uid: [], changed_at=lambda *_: content.status.changed_at
    )
    found = diagnose([root, *pods], context)
    assert found.health.state == State.HEALTHY
    assert note in found.health.reason
    assert bool(note) == (";" in found.health.reason)


@pytest.mark.parametrize(
    ("exit_code", "ran_s", "state"),
    [(3, 4, "progressing"), (3, 12, "healthy"), (0, 4, "healthy"), (3, -3600, "healthy")],
)
def test_a_container_that_crashed_is_not_green_as_soon_as_it_runs_again(exit_code: int, ran_s: int, state: str) -> None:
    """On the canvas and of the pod alone; a clock that is wrong by an hour says nothing of it."""
    started = (NOW - timedelta(seconds=ran_s)).isoformat()
    row = {"name": "main", "ready": True, "state": {"running": {"startedAt": started}}, "restartCount": 3}
    crashed = a_pod(
        "p0", **{**READY, "containerStatuses": [{**row, "lastState": {"terminated": {"exitCode": exit_code}}}]}
    )
    owned = [{"kind": "Deployment", "name": "web", "uid": "deployment", "controller": True}]
    metadata = {"name": "web-1", "namespace": "shop", "uid": "rs", "ownerReferences": owned}
    replicas = project("apps/v1", "ReplicaSet", {"metadata": metadata, "status": {"replicas": 1}})
    found = diagnosed(a_deployment(1, 1), replicas, crashed)
    of_pod = health_of(crashed, ObjectContext(NOW))
    assert (found.health.state, of_pod.state) == (state, state)
    if state == "progressing":
        assert found.health.reason == of_pod.reason == "container main crashed and runs again (3 restarts)"
        assert found.health.recheck_s == pytest.approx(6)
