"""What belongs to a protected environment changes by no click, whether or not it carries the environment's label."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from bson import ObjectId

from clusters.domain.objects import Manifest, Ref
from tests.cluster.resources.test_changes import changed, put
from tests.support.control_plane import ControlPlane
from tests.support.people import Answer, Person
from tests.support.wait import until
from tests.support.workflows import a_node, a_workflow
from workflows.domain.rendering.claims import claims_made
from workflows.environments.inventory_store import Intended, record_intended

GROUP = "guarded.example.org"
DATABASES = {"plural": "databases", "kind": "Database", "listKind": "DatabaseList", "singular": "database"}


class Fence:
    """A protected environment in a namespace of its own, and what its inventory has."""

    def __init__(self, anna: Person, cluster: str, plane: ControlPlane, mongo: Any) -> None:
        self.anna, self.cluster, self.plane, self._mongo = anna, cluster, plane, mongo
        self.namespace = plane.namespace("fence")
        place = {"name": "prod", "cluster": cluster.removeprefix("clusters/"), "namespace": self.namespace}
        workflow = a_workflow(anna, a_node("db"), name="shop", environment=place)
        self.environment = ObjectId(workflow["environments"][0]["id"])
        self.protect(True)

    def protect(self, protected: bool) -> None:
        self._mongo.environments.update_one({"_id": self.environment}, {"$set": {"protected": protected}})

    def own(self, manifest: Manifest) -> str:
        """Make an object that a run has applied, without its label; its uid."""
        self.plane.apply(manifest)
        metadata = manifest["metadata"]
        ref = Ref(manifest["apiVersion"], manifest["kind"], metadata.get("namespace", ""), metadata["name"])
        live = self.plane.get(ref.api_version, ref.kind, ref.name, ref.namespace or None) or {}
        environment = self._mongo.environments.find_one({"_id": self.environment})
        run = {"_id": ObjectId(), "environment_id": self.environment, "number": 1, "fence": 1}
        run.update(team_id=environment["team_id"], cluster_id=environment["cluster_id"])
        record_intended(run, [Intended(ref, "db", 0, None, (), claims_made(manifest))], {})
        applied = {"uid": live["metadata"]["uid"], "state": "applied"}
        self._mongo.inventory.update_one({"environment_id": self.environment, "ref": ref.as_json()}, {"$set": applied})
        return str(live["metadata"]["uid"])

    def delete(self, kind: str, name: str, namespace: str = "-") -> Answer:
        """What somebody is told who deletes it."""
        path = f"{self.cluster}/resources/{kind}/{namespace}/{name}"
        uid = self.anna.get(path).body["uid"]
        return self.anna.post(f"{path}/actions/delete", {"uid": uid})

    def refuses(self, kind: str, name: str, namespace: str = "-") -> str:
        """Why nothing can be done to it; it is the same for each action, and for the deletion itself."""
        refused = self.delete(kind, name, namespace)
        assert (refused.status, refused.body["code"]) == (409, "object.protected"), refused.body
        rows = self.anna.get(f"{self.cluster}/resources/{kind}/{namespace}/{name}/actions").body["results"]
        changing = [row for row in rows if row["action"] != "shell"]  # which the sandbox has none of
        assert {row["reason"] for row in changing} == {refused.body["detail"]}
        return str(refused.body["detail"])


@pytest.fixture
def fence(anna: Person, cluster: str, control_plane: ControlPlane, mongo: Any) -> Fence:
    return Fence(anna, cluster, control_plane, mongo)


def a_set(namespace: str) -> Manifest:
    pod = {"containers": [{"name": "db", "image": "postgres:17"}]}
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": "db", "namespace": namespace},
        "spec": {
            "serviceName": "db",
            "replicas": 1,
            "selector": {"matchLabels": {"app": "db"}},
            "template": {"metadata": {"labels": {"app": "db"}}, "spec": pod},
            "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": claim}],
        },
    }


def a_volume(name: str, claim: Manifest) -> Manifest:
    about = claim["metadata"]
    ref = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "namespace": about["namespace"], "name": about["name"]}
    spec = {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "hostPath": {"path": "/data"}}
    spec.update(claimRef={**ref, "uid": about["uid"]}, storageClassName="", persistentVolumeReclaimPolicy="Retain")
    return {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": name}, "spec": spec}


def test_the_claims_of_a_set_its_volumes_and_pods_are_left_alone(fence: Fence, control_plane: ControlPlane) -> None:
    namespace = fence.namespace
    fence.own(a_set(namespace))

    def live(kind: str, name: str) -> Manifest | None:
        return control_plane.get("v1", kind, name, namespace)

    until(lambda: live("PersistentVolumeClaim", "data-db-0"), what="the set has its claim", timeout_s=60)
    claim = live("PersistentVolumeClaim", "data-db-0") or {}
    assert "kubeorch.dev/environment" not in claim["metadata"].get("labels", {})
    assert "“prod” of shop" in fence.refuses("PersistentVolumeClaim", "data-db-0", namespace)
    path = f"{fence.cluster}/resources/PersistentVolumeClaim/{namespace}/data-db-0"
    base = fence.anna.get(f"{path}/yaml").body["yaml"]
    edited = changed(base, lambda m: m["metadata"].setdefault("annotations", {}).update(a="b"))
    assert put(fence.anna, path, base, edited).body["code"] == "object.protected"
    assert "prod" in fence.refuses("StatefulSet.apps", "db", namespace)

    volume = f"of-{namespace}"
    control_plane.apply(a_volume(volume, claim))
    assert "prod" in fence.refuses("PersistentVolume", volume)
    until(lambda: live("Pod", "db-0"), what="the set has its pod", timeout_s=60)
    assert "prod" in fence.refuses("Pod", "db-0", namespace)

    # What merely looks like one of the set's claims is nobody's.
    other = {**claim, "metadata": {"name": "data-db-1", "namespace": namespace, "labels": {"app": "other"}}}
    other.pop("status", None)
    control_plane.apply(other)
    assert fence.delete("PersistentVolumeClaim", "data-db-1", namespace).status == 200
    fence.protect(False)
    assert fence.delete("PersistentVolumeClaim", "data-db-0", namespace).status == 200
    assert fence.delete("PersistentVolume", volume).status == 200


def test_an_object_that_lost_its_label_and_what_it_controls_far_below_are_left_alone(
    fence: Fence, control_plane: ControlPlane
) -> None:
    namespace = fence.namespace

    def conf(name: str, owner: str = "", uid: str = "") -> Manifest:
        row = {"apiVersion": "v1", "kind": "ConfigMap", "name": owner, "uid": uid, "controller": True}
        metadata = {"name": name, "namespace": namespace, **({"ownerReferences": [row]} if owner else {})}
        return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"a": "b"}}

    def uid_of(name: str) -> str:
        return str((control_plane.get("v1", "ConfigMap", name, namespace) or {})["metadata"]["uid"])

    fence.own(conf("top"))
    control_plane.apply(conf("middle", "top", uid_of("top")))
    control_plane.apply(conf("bottom", "middle", uid_of("middle")))
    for name in ("top", "middle", "bottom"):
        assert "prod" in fence.refuses("ConfigMap", name, namespace)
    # One that has the name of what is gone is another object.
    control_plane.delete("v1", "ConfigMap", "top", namespace)
    until(lambda: control_plane.get("v1", "ConfigMap", "top", namespace) is None, what="it is gone")
    control_plane.apply(conf("top"))
    assert fence.delete("ConfigMap", "top", namespace).status == 200


@pytest.fixture
def databases(control_plane: ControlPlane) -> Iterator[str]:
    """The definition of a kind, by the words of addresses."""
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    version = {"name": "v1", "served": True, "storage": True, "schema": schema}
    name = f"databases.{GROUP}"
    control_plane.apply(
        {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": name},
            "spec": {"group": GROUP, "names": DATABASES, "scope": "Namespaced", "versions": [version]},
        }
    )
    until(lambda: control_plane.call("GET", f"/apis/{GROUP}/v1/databases")[0] == 200, what="the kind is served")
    yield name
    control_plane.delete("apiextensions.k8s.io/v1", "CustomResourceDefinition", name)


def test_what_goes_with_a_kind_and_a_namespace_is_told_and_nothing_protected_goes(
    fence: Fence, databases: str, control_plane: ControlPlane
) -> None:
    def database(name: str, namespace: str) -> Manifest:
        return {"apiVersion": f"{GROUP}/v1", "kind": "Database", "metadata": {"name": name, "namespace": namespace}}

    other, kind = control_plane.namespace("other"), "CustomResourceDefinition.apiextensions.k8s.io"
    for number in range(7):
        control_plane.apply(database(f"of-others-{number}", other))
    fence.own(database("orders", fence.namespace))

    def going(kind: str, name: str) -> list[tuple[str, str, int, list[str]]]:
        found = fence.anna.get(f"{fence.cluster}/resources/{kind}/-/{name}/relations?kinds=all").body
        return [(row["kind"], row["namespace"], row["count"], row["names"]) for row in found["going"]]

    names = [f"of-others-{number}" for number in range(5)]
    assert going(kind, databases) == [
        (f"Database.{GROUP}", other, 7, names),
        (f"Database.{GROUP}", fence.namespace, 1, ["orders"]),
    ]
    assert (f"Database.{GROUP}", other, 7, names) in going("Namespace", other)
    assert "would go with it" in fence.refuses(kind, databases)
    # A namespace in which a protected environment of another namespace has something.
    fence.own({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "far", "namespace": other}})
    assert "“prod” of shop has would go with it" in fence.refuses("Namespace", other)
    fence.protect(False)
    assert fence.delete(kind, databases).status == 200
