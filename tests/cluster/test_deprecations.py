"""Deprecated APIs that are in use, as a real API server tells of them in its metrics and in warnings."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.audit_proxy import AuditProxy
from tests.support.control_plane import ControlPlane
from tests.support.narrow import RBAC, a_narrow_cluster, an_account, grant
from tests.support.people import Person, a_team, a_user
from tests.support.wait import until
from tests.support.workflows import a_workflow, an_environment, owns

SAYS = {"deprecated": True, "deprecationWarning": "OldThing v1alpha1 is deprecated; use v1"}
DEFINITION = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "oldthings.tests.kubeorch.dev"},
    "spec": {
        "group": "tests.kubeorch.dev",
        "scope": "Namespaced",
        "names": {"plural": "oldthings", "kind": "OldThing", "singular": "oldthing", "listKind": "OldThingList"},
        "versions": [
            {
                "name": name,
                "served": True,
                "storage": not deprecated,
                "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}},
                **(SAYS if deprecated else {}),
            }
            for name, deprecated in (("v1", False), ("v1alpha1", True))
        ],
    },
}


@pytest.fixture
def owner(mongo: Any) -> Person:
    return a_user("admin", team=a_team("Platform"))


def notices(person: Person, cluster: str) -> dict[str, Any]:
    answer = person.get(f"clusters/{cluster}/deprecations")
    assert answer.status == 200, answer.body
    return dict(answer.body)


def connected(owner: Person, kubeconfig: str) -> str:
    answer = owner.post("clusters", {"name": "east", "kubeconfig": kubeconfig})
    assert answer.status == 201, answer.body
    return str(answer.body["id"])


def test_what_anybody_asks_for_and_what_environments_have_are_told_with_who_says_so(
    control_plane: ControlPlane, owner: Person
) -> None:
    control_plane.apply(DEFINITION)
    control_plane.call("GET", "/api/v1/namespaces/default/endpoints")
    cluster = connected(owner, control_plane.kubeconfig)
    environment = an_environment(owner, a_workflow(owner), cluster, control_plane.namespace())
    owns(environment, "OldThing", "old", "tests.kubeorch.dev/v1alpha1")

    def told() -> dict[str, Any]:
        return {row["resource"]: row for row in notices(owner, cluster)["results"]}

    until(lambda: {"endpoints", "oldthings"} <= told().keys(), what="both are told")
    endpoints, things = told()["endpoints"], told()["oldthings"]
    assert (endpoints["api_version"], endpoints["requested"], endpoints["drawn"]) == ("v1", True, False)
    assert (things["api_version"], things["drawn"]) == ("tests.kubeorch.dev/v1alpha1", True)
    assert things["said"] == "OldThing v1alpha1 is deprecated; use v1"
    found = notices(owner, cluster)
    assert (found["why_not_metrics"], found["asked"], found["kinds"]) == ("", 1, 1)
    minor = int(found["version"].split(".")[1])
    assert found["next_version"] == f"1.{minor + 1}"
    control_plane.delete("apiextensions.k8s.io/v1", "CustomResourceDefinition", "oldthings.tests.kubeorch.dev")


def test_a_look_does_not_ask_again_what_the_server_has_just_said_and_looking_through_is_no_use_of_endpoints(
    control_plane: ControlPlane, owner: Person
) -> None:
    asked: list[str] = []

    def note(method: str, path: str) -> None:
        asked.append(path)

    proxy = AuditProxy(control_plane.kubeconfig)
    proxy.fault = note
    try:
        cluster = str(a_narrow_cluster(proxy.kubeconfig, "sandbox"))
        namespace = control_plane.namespace()
        environment = an_environment(owner, a_workflow(owner), cluster, namespace)
        owns(environment, "ConfigMap", "conf", "v1")
        control_plane.apply(a_config_map("conf", namespace))
        for _ in range(3):
            assert notices(owner, cluster)["asked"] == 1
        assert len([path for path in asked if path.startswith("/api/v1/configmaps?limit=1")]) == 1
        found = owner.get(f"clusters/{cluster}/resources/ConfigMap/{namespace}/conf/relations?kinds=all")
        assert (found.status, found.body["not_looked"]) == (200, [])
        through = [path for path in asked if path.startswith(f"/api/v1/namespaces/{namespace}/")]
        assert any("/services?" in path for path in through)
        assert not any("/endpoints?" in path for path in through), "it would be told as use of a deprecated API"
    finally:
        proxy.stop()


def a_config_map(name: str, namespace: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": namespace}}


def test_where_the_metrics_may_not_be_read_it_is_said(control_plane: ControlPlane, owner: Person) -> None:
    namespace = control_plane.namespace()
    account = an_account(control_plane, namespace)
    rules = [{"apiGroups": [""], "resources": ["namespaces"], "verbs": ["get", "list"]}]
    role = {"apiVersion": f"{RBAC}/v1", "kind": "ClusterRole", "metadata": {"name": "sees-names"}, "rules": rules}
    grant(control_plane, [role], namespace)
    cluster = connected(owner, account)
    found = notices(owner, cluster)
    assert "may not read the API server's metrics" in found["why_not_metrics"]
    assert found["results"] == []
    guest = a_user("viewer", team=a_team("Guests"))
    share = {"team": "Guests", "role": "viewer", "namespaces": [namespace]}
    assert owner.post(f"clusters/{cluster}/shares", share).status == 201
    assert "told to the team that owns it" in notices(guest, cluster)["why_not_metrics"]
