"""What a run leaves although it is not drawn any more: data, what serves others, and what these need to live."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.plans import effects, made
from tests.support.runs import Bench
from tests.support.wait import until
from tests.support.workflows import a_config_map, a_manifest, a_secret


def a_definition(group: str, kind: str = "Gadget") -> dict[str, Any]:
    plural = f"{kind.lower()}s"
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    return a_manifest(
        f"{plural}.{group}",
        apiVersion="apiextensions.k8s.io/v1",
        kind="CustomResourceDefinition",
        spec={
            "group": group,
            "scope": "Namespaced",
            "names": {"kind": kind, "plural": plural, "singular": kind.lower(), "listKind": f"{kind}List"},
            "versions": [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}],
        },
    ) | {"id": "crd"}


def kept(run: dict[str, Any]) -> dict[str, str]:
    return {row["ref"]["name"]: row["reason"] for row in run["kept"]}


def they_apply(bench: Bench, api_version: str, kind: str, name: str, **more: Any) -> dict[str, Any]:
    """Somebody else makes an object in the namespace, as kubectl does."""
    metadata = {"name": name, "namespace": bench.namespace, **more.pop("metadata", {})}
    bench.plane.apply({"apiVersion": api_version, "kind": kind, "metadata": metadata, **more})
    return dict(bench.get(api_version, kind, name))


def test_a_definition_stays_with_the_objects_that_others_made_of_it(bench: Bench) -> None:
    bench.draw(a_definition("keep.example.com"))
    bench.applied()
    until(lambda: bench.get("keep.example.com/v1", "Gadget", "none") is None, what="the kind is served")
    theirs = they_apply(bench, "keep.example.com/v1", "Gadget", "theirs", spec={"a": 1})
    bench.draw(a_config_map("conf"))

    assert "would be deleted with it" in kept(bench.applied())["gadgets.keep.example.com"]
    still_kept = kept(bench.applied(delete_volumes=True))
    assert still_kept["gadgets.keep.example.com"] == "1 object of its kind, made by others, would be deleted with it"
    destroyed = bench.until(bench.start(kind="destroy"), "succeeded")
    assert destroyed["counts"]["kept"] == 1
    assert bench.get("keep.example.com/v1", "Gadget", "theirs")["metadata"]["uid"] == theirs["metadata"]["uid"]

    bench.plane.delete("keep.example.com/v1", "Gadget", "theirs", bench.namespace)
    bench.until(bench.start(kind="destroy", delete_volumes=True), "succeeded")
    assert (
        bench.plane.get("apiextensions.k8s.io/v1", "CustomResourceDefinition", "gadgets.keep.example.com", "") is None
    )


def test_a_volume_stays_under_its_kept_claim_and_goes_after_it_when_that_is_asked_for(bench: Bench) -> None:
    name = f"pv-{bench.namespace}"
    volume = a_manifest(
        name,
        apiVersion="v1",
        kind="PersistentVolume",
        spec={
            "capacity": {"storage": "1Gi"},
            "accessModes": ["ReadWriteOnce"],
            "persistentVolumeReclaimPolicy": "Retain",
            "storageClassName": "manual",
            "hostPath": {"path": "/tmp/x"},
        },
    )
    claim = a_manifest(
        "data",
        apiVersion="v1",
        kind="PersistentVolumeClaim",
        spec={
            "storageClassName": "manual",
            "volumeName": name,
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "1Gi"}},
        },
    )
    bench.draw(volume, claim)
    bench.applied()
    until(lambda: bench.get("v1", "PersistentVolumeClaim", "data")["status"].get("phase") == "Bound")
    bench.draw(a_config_map("conf"))

    assert set(kept(bench.applied())) == {name, "data"}
    live = bench.plane.get("v1", "PersistentVolume", name, "")
    assert "deletionTimestamp" not in live["metadata"]

    bench.draw(claim)
    assert kept(bench.applied(delete_volumes=True))[name] == "it is bound to the claim data, which stays"
    bench.draw(a_config_map("conf"))
    bench.applied(delete_volumes=True)
    assert bench.plane.get("v1", "PersistentVolume", name, "") is None
    assert bench.owned() == ["ConfigMap/conf"]


SET_SPEC = {
    "serviceName": "db-headless",
    "selector": {"matchLabels": {"app": "db"}},
    "template": {
        "metadata": {"labels": {"app": "db"}},
        "spec": {"containers": [{"name": "db", "image": "x", "envFrom": [{"configMapRef": {"name": "settings"}}]}]},
    },
    "volumeClaimTemplates": [
        {
            "metadata": {"name": "data"},
            "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
        }
    ],
}


def a_set(**spec: Any) -> list[dict[str, Any]]:
    headless = {"clusterIP": "None", "selector": {"app": "db"}, "ports": [{"port": 80}]}
    return [
        a_manifest("db", apiVersion="apps/v1", kind="StatefulSet", spec={**SET_SPEC, **spec}),
        a_manifest("db-headless", apiVersion="v1", kind="Service", spec=headless),
        a_config_map("settings"),
        a_config_map("other"),
    ]


def test_a_kept_set_keeps_the_headless_service_and_the_settings_it_lives_by(bench: Bench) -> None:
    bench.draw(*a_set())
    bench.applied()
    bench.draw(a_config_map("conf"))

    run = bench.applied()

    needed = "StatefulSet db stays and needs it"
    assert kept(run) == {"db": "its claims hold data", "db-headless": needed, "settings": needed}
    assert bench.get("v1", "ConfigMap", "other") is None
    shown = bench.person.get(f"environments/{bench.environment['id']}/inventory").body["results"]
    assert {row["ref"]["name"]: row["is_kept_on_destroy"] for row in shown}["db"] is False
    until(lambda: bench.get("v1", "PersistentVolumeClaim", "data-db-0"), what="the set has made its claim")
    bench.until(bench.start(kind="destroy"), "succeeded")
    assert bench.owned() == ["PersistentVolumeClaim/data-db-0"]


@pytest.mark.parametrize("by_hand", [False, True])
def test_destroying_keeps_a_set_whose_claims_would_go_with_it(bench: Bench, by_hand: bool) -> None:
    policy = {"persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Delete", "whenScaled": "Retain"}}
    bench.draw(*a_set(**({} if by_hand else policy)))
    bench.applied()
    until(lambda: bench.get("v1", "PersistentVolumeClaim", "data-db-0"), what="the set has made its claim")
    if by_hand:
        bench.plane.call(
            "PATCH",
            f"/apis/apps/v1/namespaces/{bench.namespace}/statefulsets/db?fieldManager=them",
            b'{"spec":{"persistentVolumeClaimRetentionPolicy":{"whenDeleted":"Delete"}}}',
            content_type="application/merge-patch+json",
        )

    run = bench.until(bench.start(kind="destroy"), "succeeded")

    assert "whenDeleted" in kept(run)["db"]
    assert set(kept(run)) == {"db", "db-headless", "settings"}
    assert "deletionTimestamp" not in bench.get("v1", "PersistentVolumeClaim", "data-db-0")["metadata"]
    bench.until(bench.start(kind="destroy", delete_volumes=True), "succeeded")
    assert bench.owned() == []


def test_a_custom_object_stays_while_claims_belong_to_it(bench: Bench) -> None:
    bench.draw(a_definition("db.example.com", "Store"))
    bench.applied()
    store = a_manifest("main", apiVersion="db.example.com/v1", kind="Store", spec={"size": 1})
    bench.draw(a_definition("db.example.com", "Store"), store, a_secret("unused"))
    bench.draw(a_definition("db.example.com", "Store"), store)
    bench.until(bench.start(), "verifying", "succeeded")
    bench.see_all_healthy()
    live = until(lambda: bench.get("db.example.com/v1", "Store", "main"))
    owner = {"apiVersion": "db.example.com/v1", "kind": "Store", "name": "main", "uid": live["metadata"]["uid"]}
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    they_apply(bench, "v1", "PersistentVolumeClaim", "data-main", spec=claim, metadata={"ownerReferences": [owner]})
    bench.draw(a_definition("db.example.com", "Store"))

    assert kept(bench.applied()) == {"main": "it holds data"}

    bench.plane.delete("v1", "PersistentVolumeClaim", "data-main", bench.namespace)
    until(lambda: bench.get("v1", "PersistentVolumeClaim", "data-main") is None)
    bench.applied()
    assert bench.get("db.example.com/v1", "Store", "main") is None


def test_classes_and_roles_stay_and_bindings_go(bench: Bench) -> None:
    name = f"x-{bench.namespace}"
    rbac = "rbac.authorization.k8s.io"
    role_ref = {"apiGroup": rbac, "kind": "ClusterRole", "name": name}
    subjects = [{"kind": "ServiceAccount", "name": "default", "namespace": bench.namespace}]
    bench.draw(
        a_manifest(name, apiVersion="scheduling.k8s.io/v1", kind="PriorityClass", value=5) | {"id": "class"},
        a_manifest(name, apiVersion=f"{rbac}/v1", kind="ClusterRole", rules=[]) | {"id": "role"},
        a_manifest(name, apiVersion=f"{rbac}/v1", kind="ClusterRoleBinding", roleRef=role_ref, subjects=subjects)
        | {"id": "binding"},
    )
    bench.applied()
    bench.draw(a_config_map("conf"))

    run = bench.applied()

    assert {row["ref"]["kind"] for row in run["kept"]} == {"PriorityClass", "ClusterRole"}
    assert bench.plane.get(f"{rbac}/v1", "ClusterRoleBinding", name, "") is None
    bench.applied(delete_volumes=True)
    assert bench.owned() == ["ConfigMap/conf"]


def test_a_namespace_with_things_of_others_stays_even_when_it_was_asked_for(bench: Bench) -> None:
    name = f"{bench.namespace}-more"
    bench.draw(a_manifest(name, apiVersion="v1", kind="Namespace"))
    bench.applied()
    theirs = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "theirs", "namespace": name}}
    bench.plane.apply(theirs)

    run = bench.until(bench.start(kind="destroy", delete_volumes=True), "succeeded")

    assert kept(run)[name] == "1 object in it (ConfigMap), made by others, would be deleted with it"
    assert bench.plane.get("v1", "ConfigMap", "theirs", name) is not None


def test_what_was_kept_and_is_gone_by_now_leaves_the_inventory_with_the_next_run(bench: Bench) -> None:
    name, api = f"{bench.namespace}-kept", "scheduling.k8s.io/v1"
    bench.draw(a_manifest(name, apiVersion=api, kind="PriorityClass", value=1), a_config_map("conf"))
    bench.applied()
    bench.draw(a_config_map("conf"))
    assert set(kept(bench.applied())) == {name}
    bench.plane.delete(api, "PriorityClass", name, "")

    plan = made(bench)

    assert effects(plan) == {"conf": "unchanged"}
    run = bench.applied(plan=plan["id"])
    assert (kept(run), run["as_planned"]["different"]) == ({}, 0)
    assert bench.owned() == ["ConfigMap/conf"]
