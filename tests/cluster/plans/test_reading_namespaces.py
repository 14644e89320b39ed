"""A live namespace as the source of an import: read by the job, converted, applied, and taken over as it is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from bson import ObjectId

from tests.cluster.plans.test_adopting_namespaces import (
    a_namespace_of_tools,
    a_workload,
    an_object,
    applied_by_client,
    created,
    standing,
)
from tests.support.control_plane import ControlPlane
from tests.support.narrow import RBAC, a_narrow_cluster, an_account, grant
from tests.support.people import Person, a_team, a_user
from tests.support.plans import effects, made
from tests.support.runs import Bench
from tests.support.wait import until
from tests.support.workflows import a_node


class Live(Bench):
    """A namespace that is no environment's yet."""

    def __init__(self, person: Person, cluster: str, control_plane: ControlPlane, namespace: str) -> None:
        self.person, self.plane, self.namespace, self.cluster = person, control_plane, namespace, cluster

    def read(self, **more: Any) -> dict[str, Any]:
        """The import of the namespace once it has been read."""
        source = {"type": "namespace", "cluster": self.cluster, "namespace": self.namespace, **more}
        answer = self.person.post("imports", {"source": source})
        assert answer.status == 201, answer.body
        path = f"imports/{answer.body['id']}"
        until(lambda: self.person.get(path).body["state"] != "fetching", what="the namespace has been read")
        return dict(self.person.get(path).body)

    def apply(self, found: dict[str, Any]) -> None:
        """Make the workflow, with the environment that the objects are in."""
        place = {"name": "live", "cluster": self.cluster, "namespace": self.namespace}
        answer = self.person.post(f"imports/{found['id']}/apply", {"name": self.namespace, "environment": place})
        assert answer.status == 201, answer.body
        self.workflow = self.person.get(f"workflows/{answer.body['workflow']['id']}").body
        [self.environment] = self.workflow["environments"]


@pytest.fixture
def live(person: Person, cluster: str, control_plane: ControlPlane) -> Live:
    return Live(person, cluster, control_plane, control_plane.namespace("live"))


def test_a_namespace_made_by_tools_is_read_drawn_and_taken_over_as_it_is(live: Live) -> None:
    a_namespace_of_tools(live)
    created(live, an_object("Secret", "sh.helm.release.v1.shop", type="helm.sh/release.v1", data={"release": "eA=="}))
    until(lambda: len(live.plane.list("v1", "Pod", live.namespace)) == 4, what="each workload has its pods")
    before = standing(live)
    found = live.read()
    assert (found["state"], found["problem"], found["name"]) == ("ready", None, live.namespace), found["problem"]
    facts = found["source"]["namespace"]
    assert {one["kind"]: one["count"] for one in facts["kinds"]} == {
        "Deployment": 2, "StatefulSet": 1, "Service": 1, "ConfigMap": 1, "Secret": 1, "ServiceAccount": 1,
        "Role": 1, "RoleBinding": 2,
    }  # fmt: skip
    others = {one["kind"]: one["count"] for one in facts["made_by_others"]}
    assert others.items() >= {"Pod": 4, "ReplicaSet": 2, "Secret": 1, "Endpoints": 1}.items()
    assert {"Event", "Lease"} <= {one["kind"] for one in facts["not_read"]}
    place = {"cluster": live.cluster, "namespace": live.namespace}
    tried = live.person.post(f"imports/{found['id']}/trials", place).body
    assert (tried["counts"]["adopt"], {one["reason"] for one in tried["objects"]}) == (10, {""}), tried["objects"]
    assert found["counts"]["dropped"] == 0
    names = {node["name"] for node in found["graph"]["nodes"]}
    assert names == {"web", "keys", "api", "db", "conf", "robot", "reader", "said", "unsaid"}
    needs = [one["detail"] for one in found["graph"]["problems"] if one["code"] == "import.not_brought"]
    assert needs == ["StatefulSet db needs the Service db, which is not among the objects; bring it too, or see to it "
                     "that the cluster has it"]  # fmt: skip
    assert "aGlkZGVu" not in json.dumps(found)
    assert "hidden" not in json.dumps(found)
    live.apply(found)
    plan = made(live, adopt=True)
    assert {one["error"] and one["error"]["code"] for one in plan["objects"]} == {None}
    live.applied(plan=plan["id"])
    assert standing(live) == before
    assert set(effects(made(live)).values()) == {"unchanged"}


def test_a_label_selector_brings_a_part_and_a_wrong_one_is_said(live: Live) -> None:
    for name in ("web", "api"):
        manifest = an_object("ConfigMap", name, data={"a": "1"})
        created(live, {**manifest, "metadata": {"name": name, "labels": {"part": name}}})
    found = live.read(selector="part=web")
    assert [node["name"] for node in found["graph"]["nodes"]] == ["web"]
    nothing = live.read(selector="part=none")
    assert (nothing["state"], nothing["problem"]["code"]) == ("refused", "import.namespace_empty")
    wrong = live.read(selector="part in (")
    assert wrong["problem"]["code"] == "import.selector"


def test_what_credentials_may_not_list_is_named(live: Live) -> None:
    from kubeorch.mongo.client import db

    applied_by_client(live, a_workload("Deployment", "web"))
    rules = [{"apiGroups": ["apps"], "resources": ["deployments", "replicasets"], "verbs": ["get", "list"]}]
    metadata = {"name": "reads", "namespace": live.namespace}
    role = {"apiVersion": f"{RBAC}/v1", "kind": "Role", "metadata": metadata, "rules": rules}
    account = an_account(live.plane, live.namespace)
    grant(live.plane, [role], live.namespace)
    db().clusters.delete_one({"_id": ObjectId(live.cluster)})  # there is one sandbox at most
    live.cluster = a_narrow_cluster(account, "narrow")
    found = live.read()
    assert found["state"] == "ready", found["problem"]
    assert [node["name"] for node in found["graph"]["nodes"]] == ["web"]
    assert {"Secret", "Service", "ConfigMap"} <= {one["kind"] for one in found["source"]["namespace"]["not_read"]}


def test_a_namespace_of_another_team_and_a_cluster_of_another_owner_are_not_read(live: Live) -> None:
    from kubeorch.mongo.client import db

    created(live, an_object("ConfigMap", "conf", data={"a": "1"}))
    Bench(a_user("admin"), live.cluster, live.plane, live.namespace)
    refused = live.read()
    assert (refused["state"], refused["problem"]["code"]) == ("refused", "import.namespace_of_others")
    live.namespace = live.plane.namespace("live")
    db().clusters.update_one({"_id": ObjectId(live.cluster)}, {"$set": {"team_id": a_team(), "shared": True}})
    refused = live.read()
    assert (refused["state"], refused["problem"]["code"]) == ("refused", "cluster.of_others")


def test_a_namespace_in_which_another_team_has_objects_is_not_read(live: Live, control_plane: ControlPlane) -> None:
    other = Bench(a_user("admin"), live.cluster, live.plane, control_plane.namespace("other"))
    other.draw(a_node("conf", kind="configmap", data={"a": "1"}, namespace=live.namespace))
    other.applied()
    refused = live.read()
    assert (refused["state"], refused["problem"]["code"]) == ("refused", "import.namespace_of_others")


def test_what_has_the_label_of_another_environment_is_left_out(live: Live, control_plane: ControlPlane) -> None:
    other = Bench(a_user("admin"), live.cluster, live.plane, control_plane.namespace("other"))
    removed = Bench(live.person, live.cluster, live.plane, control_plane.namespace("removed"))
    assert live.person.delete(f"environments/{removed.environment['id']}").status == 204
    labels = {
        "theirs": other.environment["id"],
        "unknown": "0" * 24,
        "left": removed.environment["id"],
        "odd": "nonsense",
    }
    for name, environment_id in labels.items():
        metadata = {"name": name, "labels": {"kubeorch.dev/environment": environment_id}}
        created(live, {**an_object("ConfigMap", name, data={"a": "1"}), "metadata": metadata})
    created(live, an_object("ConfigMap", "free", data={"a": "1"}))
    found = live.read()
    drawn = {node["name"] for node in found["graph"]["nodes"]}
    assert drawn == {"free", "left", "odd"}, "the label of nobody is no claim"
    assert {"ConfigMap theirs", "ConfigMap unknown"} <= {
        one["kind"] for one in found["source"]["namespace"]["not_read"]
    }


def test_a_namespace_that_is_not_there_is_said(live: Live) -> None:
    live.namespace = "nowhere-to-be-found"
    refused = live.read()
    assert (refused["problem"]["code"], refused["source"]["namespace"]["kinds"]) == ("import.no_namespace", [])
