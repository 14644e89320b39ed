"""What the informers observed, by what is asked about it."""

from __future__ import annotations

from typing import Any

from clusters.domain.observed import ObservedObject, WarningEvent
from clusters.domain.projection import project
from clusters.watching.contract import NodeKey
from clusters.watching.object_index import REMEMBERED, ObjectIndex

LABELS = {"kubeorch.dev/environment": "env", "kubeorch.dev/node": "web"}
WEB = NodeKey("env", "web")


def an_object(kind: str, name: str = "web", *, uid: str = "u1", api_version: str = "v1", **rest: Any) -> ObservedObject:
    labels = rest.pop("labels", LABELS)
    metadata = {"name": name, "uid": uid, "namespace": rest.pop("namespace", "shop"), "labels": labels}
    return project(api_version, kind, {"metadata": metadata, **rest})


def a_class(mode: str, uid: str = "c1") -> ObservedObject:
    return an_object("StorageClass", "fast", uid=uid, namespace="", labels={}, volumeBindingMode=mode)


def test_a_storage_class_that_was_deleted_is_forgotten() -> None:
    index = ObjectIndex()
    waiting = a_class("WaitForFirstConsumer")
    index.change(None, waiting)
    assert index.waits_for_consumer("fast")
    index.change(waiting, None)
    assert not index.waits_for_consumer("fast")


def test_a_storage_class_that_was_made_again_counts_as_it_is_now() -> None:
    index = ObjectIndex()
    waiting, at_once = a_class("WaitForFirstConsumer"), a_class("Immediate", "c2")
    index.change(None, waiting)
    index.change(waiting, at_once)
    assert not index.waits_for_consumer("fast")


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
