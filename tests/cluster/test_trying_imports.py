"""An import tried on a real API server: what it refuses stands at its line, and what it lacks is named."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.control_plane import ControlPlane
from tests.support.imports import SECRET, an_import, compose, files, shop
from tests.support.people import Person, a_user
from tests.support.workflows import a_cluster

MANIFESTS = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      serviceAccountName: robot
      containers:
        - name: web
          image: nginx:1.27
          livenessProbe:
            httpGet: {path: /, port: 80}
            initialDelaySeconds: 5
            successThreshold: 3
---
apiVersion: example.com/v1
kind: Widget
metadata: {name: w}
spec: {size: 1}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec:
  accessModes: [ReadWriteOnce]
  storageClassName: fast
  resources: {requests: {storage: 1Gi}}
"""


@pytest.fixture
def anna(mongo: Any) -> Person:
    return a_user("editor", name="Anna")


@pytest.fixture
def cluster(mongo: Any, control_plane: ControlPlane) -> str:
    from clusters import actions

    return str(actions.register_sandbox(control_plane.kubeconfig))


def tried(person: Person, found: dict[str, Any], cluster: str, namespace: str) -> dict[str, Any]:
    answer = person.post(f"imports/{found['id']}/trials", {"cluster": cluster, "namespace": namespace})
    assert answer.status == 200, answer.body
    assert SECRET not in str(answer.body)
    return dict(answer.body)


def of(trial: dict[str, Any], kind: str, name: str) -> dict[str, Any]:
    [one] = [one for one in trial["objects"] if (one["ref"]["kind"], one["ref"]["name"]) == (kind, name)]
    return dict(one)


def missing(trial: dict[str, Any]) -> dict[tuple[str, str], Any]:
    return {(one["ref"]["kind"], one["ref"]["name"]): one for one in trial["missing"]}


def test_a_project_is_proven_where_its_namespace_is_there_and_tried_beside_where_it_is_not(
    anna: Person, cluster: str, control_plane: ControlPlane
) -> None:
    found = an_import(anna, shop())

    there = tried(anna, found, cluster, control_plane.namespace("tried"))
    beside = tried(anna, found, cluster, "not-there-yet")

    assert there["counts"] == {"refused": 0, "conflict": 0, "at_apply": 0, "proven": found["node_count"]}
    assert there["missing"] == []
    assert beside["counts"]["at_apply"] == found["node_count"]
    assert "tried in the namespace default" in of(beside, "Deployment", "web")["reason"]
    assert "tried in the namespace default" in of(beside, "Secret", "db-env")["reason"]
    assert list(missing(beside)) == [("Namespace", "not-there-yet")]
    objects = control_plane.list("apps/v1", "Deployment")
    assert [one["metadata"]["name"] for one in objects if one["metadata"]["name"].startswith(("web", "kubeorch"))] == []


@pytest.mark.parametrize("is_there", [True, False])
def test_what_the_api_server_refuses_of_a_service_stands_at_its_key(
    anna: Person, cluster: str, control_plane: ControlPlane, is_there: bool
) -> None:
    text = "services:\n  web:\n    image: nginx:1.27\n    dns:\n      - 9.9.9.9\n      - 1.2.3\n"
    found = an_import(anna, compose(text))

    trial = tried(anna, found, cluster, control_plane.namespace("refused") if is_there else "refused-later")

    web = of(trial, "Deployment", "web")
    assert (web["verdict"], web["code"]) == ("refused", "cluster.invalid"), web
    assert web["field"] == "spec.template.spec.dnsConfig.nameservers[1]"
    assert "kubeorch-dry-run" not in web["reason"]
    assert (web["place"]["path"], web["place"]["line"]) == ("compose.yaml", 6), web
    assert trial["counts"]["refused"] == 1


def test_what_a_cluster_lacks_is_named_with_who_needs_it_and_where(
    anna: Person, cluster: str, control_plane: ControlPlane
) -> None:
    found = an_import(anna, {"type": "manifests", "files": files(**{"all.yaml": MANIFESTS})})

    trial = tried(anna, found, cluster, control_plane.namespace("lacking"))

    web = of(trial, "Deployment", "web")
    assert (web["verdict"], web["place"]["line"]) == ("refused", 16), web
    assert web["field"].endswith("livenessProbe.successThreshold")
    assert of(trial, "Widget", "w")["verdict"] == "at_apply"
    found_missing = missing(trial)
    assert set(found_missing) == {("Widget", ""), ("ServiceAccount", "robot"), ("StorageClass", "fast")}
    assert found_missing["ServiceAccount", "robot"]["place"]["line"] == 9
    assert found_missing["StorageClass", "fast"]["place"]["line"] == 28


def test_only_clusters_and_namespaces_of_the_team_are_asked(
    anna: Person, cluster: str, control_plane: ControlPlane
) -> None:
    found = an_import(anna, shop())
    other = a_user("editor", name="Other")
    place = {"cluster": cluster, "namespace": control_plane.namespace("theirs")}
    theirs = a_cluster(other.team_id)
    made = other.post(
        "workflows", {"name": "Theirs", "environment": {"name": "dev", **place}, "graph": {"nodes": [], "edges": []}}
    )
    assert made.status == 201, made.body

    def refused(**given: str) -> tuple[int, str]:
        answer = anna.post(f"imports/{found['id']}/trials", {**place, **given})
        return answer.status, answer.body["code"]

    assert refused() == (409, "environment.namespace_taken")
    assert refused(cluster=theirs) == (400, "environment.cluster")
    assert refused(namespace="kube-system") == (400, "environment.namespace")
    assert other.post(f"imports/{found['id']}/trials", place).status == 404
