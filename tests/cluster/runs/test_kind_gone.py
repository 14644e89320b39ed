"""The kind of an owned object goes away: its objects are gone with it, and runs and destroys end."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml
from bson import ObjectId

from clusters.connections import forget_client
from tests.support.control_plane import ControlPlane
from tests.support.runs import Bench, states
from tests.support.wait import until
from tests.support.workflows import a_config_map, a_manifest

CRDS = "apiextensions.k8s.io/v1"
SCHEMA = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}


class Definition:
    """A definition of the kind Thing in a group of its own."""

    def __init__(self, plane: ControlPlane) -> None:
        self.plane = plane
        self.group = f"g{ObjectId()}.example.com"
        self.name = f"things.{self.group}"
        self.serve("v1")

    def serve(self, *versions: str) -> None:
        """Serve these versions alone; v1 is the stored one."""
        rows = [
            {"name": one, "served": one in versions, "storage": one == "v1", "schema": SCHEMA}
            for one in ("v1", "v1beta1")
        ]
        names = {"kind": "Thing", "listKind": "ThingList", "plural": "things", "singular": "thing"}
        spec = {"group": self.group, "scope": "Namespaced", "names": names, "versions": rows}
        self.plane.apply(
            {"apiVersion": CRDS, "kind": "CustomResourceDefinition", "metadata": {"name": self.name}, "spec": spec}
        )
        for version in ("v1", "v1beta1"):
            until(lambda version=version: self.is_served(version) == (version in versions))  # type: ignore[misc]

    def remove(self) -> None:
        self.plane.delete(CRDS, "CustomResourceDefinition", self.name)
        until(lambda: not self.is_served("v1"), what="the kind is gone")

    def is_served(self, version: str) -> bool:
        return self.plane.call("GET", f"/apis/{self.group}/{version}/things")[0] == 200

    def a_thing(self, name: str, version: str = "v1") -> dict[str, Any]:
        return a_manifest(name, apiVersion=f"{self.group}/{version}", kind="Thing", spec={"size": 1})


@pytest.fixture
def thing(control_plane: ControlPlane) -> Iterator[Definition]:
    made = Definition(control_plane)
    yield made
    made.remove()


@pytest.fixture(params=["known kind", "forgotten kind"])
def forget(request: pytest.FixtureRequest, cluster: str) -> Callable[[], None]:
    """What the worker remembers of the cluster's kinds must not matter."""
    return (lambda: forget_client(ObjectId(cluster))) if request.param == "forgotten kind" else (lambda: None)


def test_a_run_forgets_an_owned_object_whose_kind_is_gone(
    bench: Bench, thing: Definition, forget: Callable[[], None]
) -> None:
    bench.draw(a_config_map("conf"), a_config_map("old"), thing.a_thing("one"))
    bench.applied()
    thing.remove()
    forget()
    bench.draw(a_config_map("conf"))
    run = bench.applied()
    assert states(run) == {"conf": "unchanged", "old": "done", "one": "done"}
    assert bench.owned() == ["ConfigMap/conf"]
    assert bench.applied()


def test_a_destroy_ends_when_the_kind_of_an_owned_object_is_gone(
    bench: Bench, thing: Definition, forget: Callable[[], None]
) -> None:
    bench.draw(a_config_map("conf"), thing.a_thing("one"))
    bench.applied()
    thing.remove()
    forget()
    run = bench.until(bench.start(kind="destroy"), "succeeded")
    assert set(states(run).values()) == {"done"}
    assert bench.owned() == []


def test_an_object_is_not_gone_when_only_the_version_that_it_was_applied_in_is(
    bench: Bench, thing: Definition, forget: Callable[[], None]
) -> None:
    thing.serve("v1", "v1beta1")
    bench.draw(a_config_map("conf"), thing.a_thing("one", "v1beta1"))
    bench.applied()
    thing.serve("v1")
    forget()
    path = f"/apis/{thing.group}/v1/namespaces/{bench.namespace}/things/one"
    assert bench.plane.call("GET", path)[0] == 200
    bench.draw(a_config_map("conf"))
    bench.applied()
    assert bench.plane.call("GET", path)[0] == 404, "it was deleted in the version that is left"
    assert bench.owned() == ["ConfigMap/conf"]


def test_a_definition_that_goes_in_the_same_run_as_its_object_takes_neither_run_nor_destroy_with_it(
    bench: Bench, thing: Definition, forget: Callable[[], None]
) -> None:
    """The object is held by a finalizer when its run begins, and then its kind is taken away."""
    held = a_manifest(
        "one", apiVersion=f"{thing.group}/v1", kind="Thing", metadata={"finalizers": ["example.com/hold"]}
    )
    bench.draw(a_config_map("conf"), held)
    bench.applied()
    bench.draw(a_config_map("conf"))
    run = bench.start()
    path = f"/apis/{thing.group}/v1/namespaces/{bench.namespace}/things/one"
    until(lambda: b"deletionTimestamp" in bench.plane.call("GET", path)[1], what="the deletion waits")
    thing.plane.delete(CRDS, "CustomResourceDefinition", thing.name)
    bench.plane.call("PATCH", path, b'{"metadata":{"finalizers":null}}', content_type="application/merge-patch+json")
    forget()
    bench.until(run, "verifying", "succeeded")
    assert bench.owned() == ["ConfigMap/conf"]


def test_a_kind_that_one_may_not_delete_stays_a_failure(
    bench: Bench, thing: Definition, control_plane: ControlPlane
) -> None:
    from clusters import actions

    bench.draw(a_config_map("conf"), thing.a_thing("one"))
    bench.applied()
    actions.register_sandbox(that_deletes_config_maps_alone(control_plane, bench.namespace))
    bench.draw(a_config_map("conf"))
    run = bench.until(bench.start(), "failed")
    assert run["error"]["code"] == "cluster.forbidden"
    assert bench.owned() == ["ConfigMap/conf", "Thing/one"]


def that_deletes_config_maps_alone(plane: ControlPlane, namespace: str) -> str:
    """A kubeconfig with all rights on the namespace's ConfigMaps; it may only look at everything else there."""
    rbac = "rbac.authorization.k8s.io/v1"
    metadata = {"name": "limited", "namespace": namespace}
    plane.apply({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata})
    rules = [
        {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["*"]},
        {"apiGroups": ["*"], "resources": ["*"], "verbs": ["get", "list", "watch"]},
    ]
    plane.call(
        "POST",
        f"/apis/{rbac}/namespaces/{namespace}/roles",
        json.dumps({"apiVersion": rbac, "kind": "Role", "metadata": metadata, "rules": rules}).encode(),
    )
    plane.call(
        "POST",
        f"/apis/{rbac}/namespaces/{namespace}/rolebindings",
        json.dumps(
            {
                "apiVersion": rbac,
                "kind": "RoleBinding",
                "metadata": metadata,
                "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "limited"},
                "subjects": [{"kind": "ServiceAccount", "name": "limited", "namespace": namespace}],
            }
        ).encode(),
    )
    status, body = plane.call(
        "POST", f"/api/v1/namespaces/{namespace}/serviceaccounts/limited/token", b'{"spec":{"expirationSeconds":3600}}'
    )
    assert status == 201, body
    kubeconfig = yaml.safe_load(plane.kubeconfig)
    kubeconfig["users"][0]["user"] = {"token": json.loads(body)["status"]["token"]}
    return json.dumps(kubeconfig)
