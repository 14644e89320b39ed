"""What a change costs, by tables: levels, pods and the reason that is given."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from clusters.domain.objects import Manifest, Ref
from workflows.domain.forecast.forecast import impact_of
from workflows.domain.forecast.impact import Impact, Neighbours

PROBE = {"httpGet": {"path": "/", "port": 80}}


def ref_of(manifest: Manifest) -> Ref:
    return Ref(manifest["apiVersion"], manifest["kind"], "shop", "web")


def a_workload(kind: str = "Deployment", replicas: int = 3, **spec: Any) -> Manifest:
    """As a cluster has it: seen by its controller, rolled out."""
    labels = {"app": "web"}
    container = {"name": "web", "image": "nginx:1", "readinessProbe": PROBE}
    template: Manifest = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    status: Manifest = {"observedGeneration": 1, "replicas": replicas, "updatedReplicas": replicas}
    if kind == "DaemonSet":
        status |= dict.fromkeys(
            ("desiredNumberScheduled", "currentNumberScheduled", "updatedNumberScheduled"), replicas
        )
    else:
        spec = {"replicas": replicas, **spec}
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": "web", "namespace": "shop", "generation": 1},
        "spec": {"selector": {"matchLabels": labels}, "template": template, **spec},
        "status": status,
    }


def an_object(api_version: str, kind: str, **content: Any) -> Manifest:
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": "web", "namespace": "shop"}, **content}


def a_policy(**spec: Any) -> Manifest:
    return an_object("networking.k8s.io/v1", "NetworkPolicy", spec={"policyTypes": ["Ingress"], **spec})


def changed(live: Manifest, path: str, value: Any) -> Manifest:
    """The object with another value; None takes the field away."""
    after = copy.deepcopy(live)
    *way, last = path.split("/")
    here: Any = after
    for step in way:
        here = here[int(step)] if step.isdecimal() else here.setdefault(step, {})
    if value is None:
        del here[last]
    else:
        here[last] = value
    return after


def of(live: Manifest, path: str, value: Any, around: Neighbours | None = None) -> Impact:
    return impact_of(ref_of(live), live, changed(live, path, value), "update", around or Neighbours())


IMAGE = "spec/template/spec/containers/0/image"
NOTE = "spec/template/metadata/annotations"


@pytest.mark.parametrize(
    ("live", "path", "value", "level", "pods"),
    [
        (a_workload(), IMAGE, "nginx:2", "restart", 3),
        (a_workload(), NOTE, {"a": "b"}, "restart", 3),
        (a_workload(), "spec/template/spec/newField", "x", "restart", 3),
        (a_workload(), "spec/replicas", 5, "in_place", None),
        (a_workload(), "spec/replicas", 1, "in_place", 2),
        (a_workload(), "spec/replicas", 0, "downtime", 3),
        (a_workload(), "spec/strategy", {"type": "Recreate"}, "in_place", None),
        (a_workload(), "spec/minReadySeconds", 5, "in_place", None),
        (a_workload(), "metadata/labels", {"a": "b"}, "in_place", None),
        (a_workload(), "metadata/annotations", {"a": "b"}, "in_place", None),
        (a_workload(), "spec/someNewField", 1, "unknown", None),
        (a_workload(), "spec/selector/matchLabels/app", "other", "downtime", 3),
        (a_workload(replicas=0), IMAGE, "nginx:2", "in_place", 0),
        (a_workload(paused=True), IMAGE, "nginx:2", "in_place", 0),
        (a_workload(strategy={"type": "Recreate"}), IMAGE, "nginx:2", "downtime", 3),
        (a_workload(strategy={"rollingUpdate": {"maxUnavailable": "100%"}}), IMAGE, "nginx:2", "downtime", 3),
        (a_workload(strategy={"rollingUpdate": {"maxUnavailable": 3}}), IMAGE, "nginx:2", "downtime", 3),
        (a_workload(strategy={"rollingUpdate": {"maxUnavailable": "99%"}}), IMAGE, "nginx:2", "restart", 3),
        (
            a_workload(replicas=1, strategy={"rollingUpdate": {"maxUnavailable": 0, "maxSurge": 0}}),
            *(IMAGE, "nginx:2", "downtime", 1),
        ),
        (a_workload(replicas=1), IMAGE, "nginx:2", "restart", 1),
        (
            changed(a_workload(replicas=1), "spec/template/spec/containers/0/readinessProbe", None),
            IMAGE,
            "n",
            "downtime",
            1,
        ),
        (
            changed(a_workload(), "spec/template/spec/containers/0/ports", [{"containerPort": 1, "hostPort": 8080}]),
            *(IMAGE, "nginx:2", "downtime", 3),
        ),
        (a_workload("StatefulSet"), IMAGE, "nginx:2", "restart", 3),
        (a_workload("StatefulSet", replicas=1), IMAGE, "nginx:2", "downtime", 1),
        (a_workload("StatefulSet"), "spec/serviceName", "other", "downtime", 3),
        (a_workload("StatefulSet"), "spec/somethingNew", 1, "downtime", 3),
        (a_workload("StatefulSet", updateStrategy={"type": "OnDelete"}), IMAGE, "nginx:2", "in_place", 0),
        (
            a_workload("StatefulSet", updateStrategy={"rollingUpdate": {"partition": 2}}),
            *(IMAGE, "nginx:2", "restart", 1),
        ),
        (
            a_workload("StatefulSet", updateStrategy={"rollingUpdate": {"partition": 3}}),
            *(IMAGE, "nginx:2", "in_place", 0),
        ),
        (
            a_workload(
                "StatefulSet",
                volumeClaimTemplates=[{"metadata": {"name": "data"}}],
                persistentVolumeClaimRetentionPolicy={"whenScaled": "Delete"},
            ),
            *("spec/replicas", 1, "data", 2),
        ),
        (a_workload("DaemonSet"), IMAGE, "nginx:2", "restart", 3),
        (a_workload("DaemonSet", replicas=1), IMAGE, "nginx:2", "downtime", 1),
        (a_workload("DaemonSet", updateStrategy={"type": "OnDelete"}), IMAGE, "nginx:2", "in_place", 0),
        (an_object("v1", "ConfigMap", data={"a": "1"}), "data/a", "2", "in_place", None),
        (an_object("v1", "ConfigMap", data={"a": "1"}, immutable=True), "data/a", "2", "recreate", None),
        (an_object("v1", "Secret", type="Opaque"), "type", "kubernetes.io/tls", "recreate", None),
        (an_object("v1", "Service", spec={"clusterIP": "10.0.0.1"}), "spec/clusterIP", "10.0.0.2", "downtime", None),
        (an_object("v1", "Service", spec={"selector": {"a": "b"}}), "spec/selector/a", "c", "in_place", None),
        (an_object("v1", "Service", spec={"selector": {"a": "b"}}), "spec/selector", {}, "downtime", None),
        (a_policy(podSelector={"matchLabels": {"a": "b"}}), "spec/podSelector", {}, "downtime", None),
        (a_policy(podSelector={"matchLabels": {"a": "b"}}), "spec/podSelector/matchLabels/a", "c", "downtime", None),
        (a_policy(podSelector={}), "spec/policyTypes", ["Ingress", "Egress"], "downtime", None),
        (a_policy(podSelector={}, ingress=[{"ports": [{"port": 80}]}]), "spec/ingress", [], "downtime", None),
        (a_policy(podSelector={}), "spec/ingress", [{"ports": [{"port": 80}]}], "in_place", None),
        (an_object("example.com/v1", "Thing", spec={}), "spec/a", 1, "unknown", None),
        (an_object("example.com/v1", "Deployment", spec={}), "spec/a", 1, "unknown", None),
        (an_object("example.com/v1", "Thing", spec={}), "metadata/annotations", {"a": "b"}, "unknown", None),
    ],
)
def test_a_change_has_the_impact_of_its_kind(
    live: Manifest, path: str, value: Any, level: str, pods: int | None
) -> None:
    impact = of(live, path, value)
    assert (impact.level.value, impact.pods) == (level, pods), impact.reason


@pytest.mark.parametrize(
    ("path", "value", "level"),
    [
        ("affinity/nodeAffinity", {"a": 1}, "in_place"),
        ("affinity/podAffinity", {"a": 1}, "recreate"),
        ("nodeSelector", {"a": "b"}, "in_place"),
        ("hostNetwork", True, "recreate"),
    ],
)
def test_a_job_that_waits_may_be_told_where_to_run(path: str, value: Any, level: str) -> None:
    waits = an_object("batch/v1", "Job", spec={"suspend": True, "template": {"spec": {"affinity": {"x": {"y": 1}}}}})
    assert of(waits, f"spec/template/spec/{path}", value).level.value == level
    runs = changed(waits, "status", {"startTime": "2026-01-01T00:00:00Z"})
    assert of(runs, f"spec/template/spec/{path}", value).level.value == "recreate"


def test_a_change_that_its_controller_has_not_seen_is_no_reason_to_say_that_no_pod_runs() -> None:
    live = a_workload(replicas=0)
    live["metadata"]["generation"] = 2
    assert of(live, IMAGE, "nginx:2").level.value == "restart"


def test_resuming_a_deployment_restarts_what_waited() -> None:
    live = a_workload(paused=True)
    live["status"]["updatedReplicas"] = 1
    impact = of(live, "spec/paused", False)
    assert (impact.level.value, impact.pods) == ("restart", 2)
    assert of(a_workload(paused=True), "spec/paused", False).level.value == "in_place"


def test_a_claim_that_one_node_can_use_makes_a_rollout_wait() -> None:
    live = a_workload()
    live["spec"]["template"]["spec"]["volumes"] = [{"name": "d", "persistentVolumeClaim": {"claimName": "disk"}}]
    claim = an_object("v1", "PersistentVolumeClaim", spec={"accessModes": ["ReadWriteOnce"]})
    assert of(live, IMAGE, "nginx:2").level.value == "restart"
    impact = of(live, IMAGE, "nginx:2", Neighbours(claims={"disk": claim}))
    assert impact.level.value == "downtime"
    assert "claim disk" in impact.reason
    shared = an_object("v1", "PersistentVolumeClaim", spec={"accessModes": ["ReadWriteMany"]})
    assert of(live, IMAGE, "nginx:2", Neighbours(claims={"disk": shared})).level.value == "restart"


def test_a_rollout_that_goes_below_a_budget_says_so() -> None:
    live = a_workload(replicas=4)
    budget = an_object(
        *("policy/v1", "PodDisruptionBudget"),
        spec={"minAvailable": "100%", "selector": {"matchLabels": {"app": "web"}}},
    )
    impact = of(live, IMAGE, "nginx:2", Neighbours(budgets=(budget,)))
    assert impact.level.value == "downtime"
    assert "PodDisruptionBudget web" in impact.reason
    loose = changed(budget, "spec/minAvailable", 3)
    assert of(live, IMAGE, "nginx:2", Neighbours(budgets=(loose,))).level.value == "restart"


@pytest.mark.parametrize(("path", "level"), [("/var/lib/mysql", "data"), ("/data", "data"), ("/tmp", "restart")])
def test_what_pods_keep_in_an_empty_dir_is_lost_with_them(path: str, level: str) -> None:
    live = a_workload()
    spec = live["spec"]["template"]["spec"]
    spec["volumes"] = [{"name": "d", "emptyDir": {}}]
    spec["containers"][0]["volumeMounts"] = [{"name": "d", "mountPath": path}]
    assert of(live, IMAGE, "nginx:2").level.value == level


CLAIM = an_object("v1", "PersistentVolumeClaim", spec={"volumeName": "pv-1", "storageClassName": "fast"})


@pytest.mark.parametrize(
    ("live", "effect", "level", "words"),
    [
        (CLAIM, "recreate", "data", "unless its reclaim policy is Retain"),
        (CLAIM, "delete", "data", "unless its reclaim policy is Retain"),
        (an_object("v1", "PersistentVolumeClaim", spec={}), "delete", "in_place", "no volume yet"),
        (a_workload(), "delete", "downtime", "its 3 pods end"),
        (a_workload(), "recreate", "downtime", "its 3 pods end"),
        (a_workload(replicas=1), "delete", "downtime", "its 1 pod ends"),
        (
            a_workload(
                "StatefulSet",
                volumeClaimTemplates=[{}],
                persistentVolumeClaimRetentionPolicy={"whenDeleted": "Delete"},
            ),
            *("recreate", "data", "claims would be deleted"),
        ),
        (a_workload("StatefulSet", volumeClaimTemplates=[{}]), "recreate", "downtime", "3 pods end"),
        (an_object("batch/v1", "Job", status={"active": 2}), "recreate", "recreate", "2 running pods end"),
        (an_object("v1", "Service", spec={}), "delete", "downtime", "its address goes"),
        (an_object("v1", "ConfigMap"), "delete", "in_place", "it goes"),
        (an_object("v1", "ConfigMap"), "recreate", "recreate", "for a moment"),
        (an_object("v1", "Namespace"), "delete", "data", "everything in it"),
        (an_object("example.com/v1", "Thing"), "delete", "unknown", "not known"),
        (an_object("example.com/v1", "Db", spec={"storage": "1Gi"}), "delete", "data", "holds data"),
        (a_workload(), "unchanged", "none", "nothing changes"),
        (a_workload(), "keep", "none", "it stays"),
        (a_workload(), "conflict", "none", "nothing is written"),
    ],
)
def test_what_goes_takes_along_what_its_kind_says(live: Manifest, effect: str, level: str, words: str) -> None:
    impact = impact_of(ref_of(live), live, None if effect == "delete" else live, effect)
    assert impact.level.value == level
    assert words in impact.reason


def test_the_reclaim_policy_decides_what_becomes_of_the_data_of_a_claim() -> None:
    volume = an_object("v1", "PersistentVolume", spec={"persistentVolumeReclaimPolicy": "Retain"})
    kept = impact_of(ref_of(CLAIM), CLAIM, None, "delete", Neighbours(volumes={"pv-1": volume}))
    assert kept.level.value == "data"
    assert "stays with the data" in kept.reason
    storage = an_object("storage.k8s.io/v1", "StorageClass", reclaimPolicy="Delete")
    lost = impact_of(ref_of(CLAIM), CLAIM, None, "delete", Neighbours(classes={"fast": storage}))
    assert "reclaim policy Delete" in lost.reason


def test_what_the_pods_read_is_named_in_place_of_its_digest() -> None:
    live = a_workload()
    live["spec"]["template"]["metadata"]["annotations"] = {"kubeorch.dev/config-digest": "1"}
    after = copy.deepcopy(live)
    after["spec"]["template"]["metadata"]["annotations"] = {"kubeorch.dev/config-digest": "2"}
    assert impact_of(ref_of(live), live, after, "update").reason == "what its pods read of a ConfigMap changes"
    after["spec"]["template"]["spec"]["containers"][0]["image"] = "nginx:2"
    after["spec"]["template"]["metadata"]["annotations"]["kubeorch.dev/secrets-digest"] = "3"
    reason = impact_of(ref_of(live), live, after, "update").reason
    assert "image changes, and what its pods read of a ConfigMap changes" in reason
    assert reason.endswith("what its pods read of a Secret changes")


def test_what_is_new_starts_its_pods_and_restarts_none() -> None:
    after = a_workload()
    impact = impact_of(ref_of(after), None, after, "create")
    assert (impact.level.value, impact.pods, impact.reason) == ("none", None, "it is new: 3 pods start")


def test_what_an_autoscaler_will_keep_is_said_beside_what_starts() -> None:
    after = changed(a_workload(), "spec/replicas", 1)
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": after["metadata"]["name"]}
    spec = {"scaleTargetRef": target, "minReplicas": 2, "maxReplicas": 6}
    scaler = an_object("autoscaling/v2", "HorizontalPodAutoscaler", spec=spec)
    scaler["metadata"].update(name="web", namespace=after["metadata"].get("namespace") or "")
    impact = impact_of(ref_of(after), None, after, "create", Neighbours(scalers=[scaler]))
    assert impact.reason == "it is new: 1 pod starts; the HorizontalPodAutoscaler web then keeps 2–6"
    scaler["spec"]["maxReplicas"] = 2
    impact = impact_of(ref_of(after), None, after, "create", Neighbours(scalers=[scaler]))
    assert impact.reason.endswith("then keeps 2")
    scaler["metadata"]["namespace"] = "elsewhere"
    impact = impact_of(ref_of(after), None, after, "create", Neighbours(scalers=[scaler]))
    assert impact.reason == "it is new: 1 pod starts"


def test_an_object_that_is_written_again_as_it_is_has_no_impact() -> None:
    live = a_workload()
    again = changed(live, "metadata/resourceVersion", "7")
    assert impact_of(ref_of(live), live, again, "update").level.value == "none"
