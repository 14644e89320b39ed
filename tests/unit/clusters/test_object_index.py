"""What the informers observed, by what is asked about it."""

from __future__ import annotations

from typing import Any

import pytest

from clusters.domain.objects import Ref
from clusters.domain.observed import ClaimStatus, ObservedObject, WarningEvent
from clusters.domain.projection import project
from clusters.watching.contract import NodeKey
from clusters.watching.object_index import REMEMBERED, ObjectIndex

LABELS = {"kubeorch.dev/environment": "env", "kubeorch.dev/node": "web"}
WEB = NodeKey("env", "web")


VERSIONS = {"StorageClass": "storage.k8s.io/v1", "EndpointSlice": "discovery.k8s.io/v1"}


def an_object(kind: str, name: str = "web", *, uid: str = "u1", **rest: Any) -> ObservedObject:
    labels = rest.pop("labels", LABELS)
    metadata = {"name": name, "uid": uid, "namespace": rest.pop("namespace", "shop"), "labels": labels}
    return project(VERSIONS.get(kind, "v1"), kind, {"metadata": metadata, **rest})


def a_class(mode: str, uid: str = "c1") -> ObservedObject:
    return an_object("StorageClass", "fast", uid=uid, namespace="", labels={}, volumeBindingMode=mode)


def test_a_storage_class_that_was_deleted_is_forgotten() -> None:
    index = ObjectIndex()
    waiting = a_class("WaitForFirstConsumer")
    index.change(None, waiting)
    assert index.storage.waits_for_consumer("fast")
    index.change(waiting, None)
    assert not index.storage.waits_for_consumer("fast")


def test_a_storage_class_that_was_made_again_counts_as_it_is_now() -> None:
    index = ObjectIndex()
    waiting, at_once = a_class("WaitForFirstConsumer"), a_class("Immediate", "c2")
    index.change(None, waiting)
    index.change(waiting, at_once)
    assert not index.storage.waits_for_consumer("fast")


def test_a_change_of_a_storage_class_concerns_the_nodes_whose_claims_use_it() -> None:
    index = ObjectIndex()
    claim = an_object("PersistentVolumeClaim", spec={"storageClassName": "fast"})
    other = {**LABELS, "kubeorch.dev/node": "other"}
    index.change(None, claim)
    index.change(None, an_object("PersistentVolumeClaim", uid="u2", labels=other, spec={"storageClassName": "slow"}))
    assert index.change(None, a_class("Immediate")) == [WEB]


def test_a_change_concerns_the_node_that_the_labels_name_and_the_one_they_named() -> None:
    index = ObjectIndex()
    before = an_object("ConfigMap")
    after = an_object("ConfigMap", labels={**LABELS, "kubeorch.dev/node": "other"})
    assert index.change(None, before) == [WEB]
    assert set(index.change(before, after)) == {WEB, NodeKey("env", "other")}
    assert index.objects_of(WEB, "shop") == []
    assert index.objects_of(NodeKey("env", "other"), "shop") == [after]
    assert index.nodes() == [NodeKey("env", "other")]


def test_objects_without_our_labels_concern_no_node() -> None:
    index = ObjectIndex()
    assert index.change(None, a_class("Immediate")) == []
    assert index.nodes() == []


def test_objects_in_another_namespace_do_not_count() -> None:
    index = ObjectIndex()
    index.change(None, an_object("ConfigMap", namespace="elsewhere"))
    assert index.objects_of(WEB, "shop") == []


def test_endpoints_are_counted_over_all_slices_of_a_service_and_unknown_without_any() -> None:
    index = ObjectIndex()
    service = an_object("Service")
    slices = [
        an_object(
            "EndpointSlice",
            f"web-{number}",
            uid=f"s{number}",
            labels={**LABELS, "kubernetes.io/service-name": "web"},
            endpoints=[{"conditions": {"ready": ready}} for ready in conditions],
        )
        for number, conditions in enumerate(([True, False], [True]))
    ]
    assert index.endpoints_of(service) is None
    for one in slices:
        index.change(None, one)
    assert index.endpoints_of(service) == (2, 3)
    for one in slices:
        index.change(one, None)
    assert index.endpoints_of(service) is None


def test_a_deleted_object_is_known_as_such_until_it_is_back() -> None:
    index = ObjectIndex()
    config = an_object("ConfigMap")
    assert not index.was_deleted(config.ref)
    index.change(None, config)
    index.change(config, None)
    assert index.was_deleted(config.ref)
    index.change(None, an_object("ConfigMap", uid="u2"))
    assert not index.was_deleted(config.ref)


def test_warning_events_concern_the_node_of_their_object_and_go_with_it() -> None:
    index = ObjectIndex()
    pod = an_object("Pod", uid="p1")
    event = WarningEvent("p1", "Unhealthy", "Readiness probe failed", 1, "2026-01-01T00:00:00Z")
    assert index.warn(event) is None, "events may arrive before what they are about"
    index.change(None, pod)
    assert index.warn(event._replace(times=2)) == WEB
    assert [row.times for row in index.warnings_about("p1")] == [2]
    index.change(pod, None)
    assert index.warnings_about("p1") == []


def test_warning_events_about_unknown_objects_are_bounded() -> None:
    index = ObjectIndex()
    for number in range(REMEMBERED + 10):
        index.warn(WarningEvent(f"u{number}", "BackOff", "", 1, ""))
    assert index.warnings_about("u0") == []
    assert index.warnings_about(f"u{REMEMBERED}") != []


def made_by(owner: ObservedObject, kind: str, uid: str, **rest: Any) -> ObservedObject:
    reference = {"kind": owner.kind, "name": owner.name, "uid": owner.uid, "controller": True}
    metadata = {"name": uid, "uid": uid, "namespace": "shop", "ownerReferences": [reference]}
    return project("apps/v1" if kind == "ReplicaSet" else "v1", kind, {"metadata": metadata, **rest})


def test_what_controllers_make_without_our_labels_belongs_to_the_node_of_what_made_it() -> None:
    index = ObjectIndex()
    root = an_object("Deployment", uid="d1")
    replica_set = made_by(root, "ReplicaSet", "r1")
    pod = made_by(replica_set, "Pod", "p1")
    assert index.change(None, pod) == [], "nobody knows yet whose it is"
    assert index.change(None, replica_set) == []
    assert index.change(None, root) == [WEB]
    assert index.objects_of(WEB, "shop") == [root, replica_set, pod]
    newer = made_by(replica_set, "Pod", "p1", status={"phase": "Running"})
    assert index.change(pod, newer) == [WEB]
    event = WarningEvent("p1", "Unhealthy", "", 1, "")
    assert index.warn(event) == WEB
    assert index.change(newer, None) == [WEB]
    assert index.objects_of(WEB, "shop") == [root, replica_set]


def test_an_object_that_two_watches_see_is_not_lost_when_one_of_them_loses_it() -> None:
    """Its labels change: it leaves one watch and enters the other, in any order."""
    root = an_object("Deployment", uid="d1")
    loose = made_by(root, "Pod", "p1")
    reference = {"kind": "Deployment", "name": "web", "uid": "d1", "controller": True}
    metadata = {"name": "p1", "uid": "p1", "namespace": "shop", "labels": LABELS, "ownerReferences": [reference]}
    labelled = project("v1", "Pod", {"metadata": metadata})
    for before, after in ((loose, labelled), (labelled, loose)):
        index = ObjectIndex()
        index.change(None, root)
        index.change(None, before)
        index.change(None, after)
        index.change(before, None)
        assert index.objects_of(WEB, "shop") == [root, after]


def test_an_object_is_one_whatever_version_shows_it() -> None:
    index = ObjectIndex()
    seen = project(
        "autoscaling/v2",
        "HorizontalPodAutoscaler",
        {"metadata": {"name": "web", "uid": "u", "namespace": "shop", "labels": LABELS}},
    )
    index.change(None, seen)
    older = Ref("autoscaling/v1", "HorizontalPodAutoscaler", "shop", "web")
    assert index.holder_of(older) == WEB
    index.change(seen, None)
    assert index.was_deleted(older)


def test_namespaces_where_pods_without_our_labels_are_made_of_ours() -> None:
    index = ObjectIndex()
    template = {"metadata": {"labels": LABELS}}
    typed = {"api": "apps/v1", "kind": "Deployment", "spec": {"template": template}}
    bare = {"api": "apps/v1", "kind": "Deployment", "spec": {"template": {"metadata": {"labels": {"app": "x"}}}}}
    custom = {"api": "db.example/v1", "kind": "Database", "spec": {}}
    for number, found in enumerate((typed, bare, custom)):
        metadata = {"name": f"o{number}", "uid": f"o{number}", "namespace": f"ns{number}", "labels": LABELS}
        index.change(None, project(found["api"], found["kind"], {"metadata": metadata, "spec": found["spec"]}))
    metadata = {"name": "zone", "uid": "zone", "labels": LABELS}
    index.change(None, project("db.example/v1", "Zone", {"metadata": metadata}))
    assert index.makers() == {("env", "ns1"), ("env", "ns2")}, "one outside namespaces has no place to look at"


def a_workload(replicas: int, *, uid: str = "d1", **labels: str) -> ObservedObject:
    template = {"metadata": {"labels": labels}}
    metadata = {"name": uid, "uid": uid, "namespace": "shop", "labels": LABELS}
    spec = {"replicas": replicas, "template": template}
    return project("apps/v1", "Deployment", {"metadata": metadata, "spec": spec})


def test_a_service_knows_how_many_pods_its_workloads_want_and_hears_of_changes() -> None:
    index = ObjectIndex()
    other = {**LABELS, "kubeorch.dev/node": "svc"}
    service = an_object("Service", "svc", uid="s1", labels=other, spec={"selector": {"app": "web"}})
    index.change(None, service)
    assert index.backends_of(service) is None
    asleep, awake = a_workload(0, app="web", tier="a"), a_workload(3, app="web", tier="a")
    assert set(index.change(None, asleep)) == {WEB, NodeKey("env", "svc")}
    index.change(None, a_workload(5, uid="d2", app="other"))
    assert index.backends_of(service) == (0, 0)
    assert NodeKey("env", "svc") in index.change(asleep, awake)
    assert index.backends_of(service) == (3, 0)


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({}, "names no StorageClass, and the cluster has no default"),
        ({"storageClassName": ""}, "no PersistentVolume fits"),
        ({"storageClassName": "nope"}, "StorageClass nope does not exist"),
        ({"storageClassName": "local"}, "nothing makes one"),
        ({"storageClassName": "fast"}, ""),
    ],
)
def test_why_a_claim_gets_no_volume(spec: dict[str, str], words: str) -> None:
    index = ObjectIndex()
    for name, provisioner in (("fast", "csi.example.com"), ("local", "kubernetes.io/no-provisioner")):
        found = an_object("StorageClass", name, uid=name, namespace="", labels={}, provisioner=provisioner)
        index.change(None, found)
    claim = an_object("PersistentVolumeClaim", spec=spec, status={"phase": "Pending"})
    assert isinstance(claim.status, ClaimStatus)
    why = index.storage.why_no_volume(claim.status)
    assert words in why
    assert bool(why) == bool(words)


def a_job(ended: str = "", *, ttl: int | None = 0, uid: str = "j1", **metadata: Any) -> ObservedObject:
    found = {"name": "migrate", "uid": uid, "namespace": "shop", "labels": LABELS, **metadata}
    row = {"type": ended, "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"}
    status = {"startTime": "2026-01-01T00:00:00Z", "conditions": [row] if ended else []}
    spec = {} if ttl is None else {"ttlSecondsAfterFinished": ttl}
    return project("batch/v1", "Job", {"metadata": found, "spec": spec, "status": status})


def test_how_a_job_ended_is_known_after_its_time_to_live_has_removed_it() -> None:
    index = ObjectIndex()
    running, done = a_job(), a_job("Complete")
    index.change(None, running)
    assert index.ended_of(WEB) == ()
    index.change(running, done)
    index.change(done, None)
    [end] = index.ended_of(WEB)
    assert (end.uid, end.succeeded, end.at) == ("j1", True, "2026-01-01T00:00:00Z")
    index.change(None, a_job("Failed", uid="j2"))
    [end] = index.ended_of(WEB)
    assert (end.uid, end.succeeded) == ("j2", False)


def test_a_job_that_is_seen_only_while_it_is_removed_has_ended_too() -> None:
    index = ObjectIndex()
    index.change(None, a_job("Complete", deletionTimestamp="2026-01-01T00:00:01Z"))
    assert [end.succeeded for end in index.ended_of(WEB)] == [True]


def test_a_job_that_stays_until_somebody_removes_it_is_not_remembered() -> None:
    index = ObjectIndex()
    index.change(None, a_job("Complete", ttl=None))
    assert index.ended_of(WEB) == ()


def test_a_change_of_a_config_map_concerns_the_nodes_whose_pods_read_it() -> None:
    index = ObjectIndex()
    container = {"name": "main", "envFrom": [{"configMapRef": {"name": "conf"}}]}
    metadata = {"name": "web", "uid": "d1", "namespace": "shop", "labels": LABELS}
    template = {"template": {"spec": {"containers": [container]}}}
    index.change(None, project("apps/v1", "Deployment", {"metadata": metadata, "spec": template}))
    other = {**LABELS, "kubeorch.dev/node": "conf"}
    config = an_object("ConfigMap", "conf", uid="c1", labels=other)
    assert set(index.change(None, config)) == {WEB, NodeKey("env", "conf")}
