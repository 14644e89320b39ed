"""The smallest role: with it everything works, and without any single right of it something is refused."""

from __future__ import annotations

import random
from typing import Any

import pytest
import yaml
from bson import ObjectId

from tests.support.control_plane import ControlPlane
from tests.support.narrow import a_narrow_cluster, an_account, grant, single_rights, without
from tests.support.people import Person
from tests.support.runs import Bench
from tests.support.seeds import SEED
from tests.support.wait import until
from tests.support.watching import watching
from tests.support.workflows import a_config_map, a_manifest, a_node, an_edge
from tests.unit.kinds.samples import object_kinds, sample_node

Right = tuple[str, str, str, str, str]
PATCH = {"content_type": "application/apply-patch+yaml"}


def every_kind(*kinds: str) -> list[dict[str, Any]]:
    """A node of each kind of the catalog, or of these."""
    return [
        {**sample_node(kind, "minimal"), "id": f"n-{kind}", "name": f"n-{kind}", "position": {"x": 0, "y": 0}}
        for kind in kinds or object_kinds()
        if kind not in ("manifest", "secret")
    ]


def refused(plane: ControlPlane, client: Any, right: Right) -> bool:
    """Whether the very request that needs this right is answered 403 to the account."""
    namespace, group, resource, name, verb = right
    base = f"/apis/{group}/{versions(plane)[group]}" if group else "/api/v1"
    path = f"{base}/namespaces/{namespace}/{resource}" if namespace else f"{base}/{resource}"
    one = f"{path}/{name or 'nobody-has-this-name'}"
    asked = {
        "get": ("GET", one, None),
        "list": ("GET", f"{path}?limit=1", None),
        "watch": ("GET", f"{path}?watch=1&timeoutSeconds=1", None),
        "create": ("POST", f"{path}?dryRun=All", b"{}"),
        "patch": ("PATCH", f"{one}?dryRun=All&fieldManager=x", b"{}"),
        "delete": ("DELETE", f"{one}?dryRun=All", None),
    }
    method, address, body = asked[verb]
    headers = {"Content-Type": "application/apply-patch+yaml"} if method == "PATCH" else {}
    status, _, _ = client.exchange(method, address, body=body, headers=headers)
    return bool(status == 403)


_versions: dict[str, str] = {}


def versions(plane: ControlPlane) -> dict[str, str]:
    if not _versions:
        import json

        _, body = plane.call("GET", "/apis")
        for group in json.loads(body)["groups"]:
            _versions[group["name"]] = group["preferredVersion"]["version"]
    return _versions


class Narrow:
    """A workflow in an environment of an account that may do nothing yet."""

    def __init__(self, person: Person, plane: ControlPlane, name: str) -> None:
        from clusters.connections import client_for

        self.plane = plane
        self.namespace = plane.namespace("narrow")
        self.cluster = a_narrow_cluster(an_account(plane, self.namespace), f"{name}-{self.namespace}")
        self.bench = Bench(person, self.cluster, plane, self.namespace)
        self.client = client_for(ObjectId(self.cluster))

    def preflight(self, **given: Any) -> dict[str, Any]:
        answer = self.bench.person.post(f"environments/{self.bench.environment['id']}/preflight", given)
        assert answer.status == 200, answer.body
        return dict(answer.body)

    def missing(self) -> set[Right]:
        return {
            (row["namespace"], row["group"], row["resource"], row["name"], row["verb"])
            for row in self.preflight()["missing"]
        }

    def until_missing(self, expected: set[Right]) -> None:
        until(lambda: self.missing() == expected, what=f"just {expected} is missing")


def drifted(bench: Bench, query: str) -> dict[str, list[str]]:
    """The fields that others changed, by node."""
    answer = bench.person.get(f"environments/{bench.environment['id']}/drift{query}")
    assert answer.status == 200, answer.body
    rows = [row for row in answer.body["results"] if row["fields"]]
    return {row["node_id"]: [field["path"] for field in row["fields"]] for row in rows}


@pytest.fixture
def narrow(person: Person, control_plane: ControlPlane) -> Narrow:
    return Narrow(person, control_plane, "narrow")


def check_minimal(narrow: Narrow, rights: list[Right]) -> None:
    """Each right is asked for, allowed with the role, and refused by the API server without it."""
    roles = list(yaml.safe_load_all(narrow.preflight()["role"]))
    everything = single_rights(roles)
    assert len(everything) == len(set(everything))
    assert narrow.missing() == set(everything)
    grant(narrow.plane, roles, narrow.namespace)
    narrow.until_missing(set())
    assert narrow.preflight()["allowed"]
    for right in rights or everything:
        assert not refused(narrow.plane, narrow.client, right), right
        for role in without(roles, right):
            narrow.plane.apply(role)
        narrow.until_missing({right})
        assert refused(narrow.plane, narrow.client, right), right
    for role in roles:
        narrow.plane.apply(role)
    narrow.until_missing(set())


def test_the_role_of_a_small_workflow_is_minimal_right_by_right(narrow: Narrow) -> None:
    narrow.bench.draw(
        a_node("web", replicas=1, port=80),
        a_node("way", kind="service", port=80),
        edges=(an_edge("way", "web", "exposes"),),
    )
    check_minimal(narrow, [])


@pytest.mark.parametrize("number", range(3))
def test_the_role_of_any_kinds_is_minimal(narrow: Narrow, number: int) -> None:
    """All kinds in one workflow, and some at random; in each a few rights at random are taken away."""
    rng = random.Random(f"{SEED}/{number}")
    kinds = sorted(object_kinds())
    chosen = kinds if number == 0 else rng.sample(kinds, rng.randint(2, 6))
    quota = a_manifest("quota", apiVersion="v1", kind="ResourceQuota", spec={})
    narrow.bench.draw(*every_kind(*chosen), quota)
    roles = list(yaml.safe_load_all(narrow.preflight()["role"]))
    check_minimal(narrow, rng.sample(single_rights(roles), 4))


def test_with_the_smallest_role_a_workflow_is_planned_run_watched_and_its_drift_seen(narrow: Narrow) -> None:
    bench = narrow.bench
    bench.draw(
        a_config_map("settings", mode="fast"),
        a_node("web", replicas=1, port=80),
        a_node("way", kind="service", port=80),
        edges=(an_edge("way", "web", "exposes"),),
    )
    first = narrow.preflight()
    assert {row["node_id"] for row in first["missing"]} == {"settings", "web", "way"}
    grant(narrow.plane, list(yaml.safe_load_all(first["role"])), narrow.namespace)
    narrow.until_missing(set())
    plan = bench.person.post(f"workflows/{bench.workflow['id']}/plans", {"environment": bench.environment["id"]}).body
    assert [one["error"] for one in plan["objects"]] == [None] * 3, plan
    environment = {"_id": ObjectId(bench.environment["id"])}
    with watching(ObjectId(narrow.cluster)) as live:
        run = bench.start(plan=plan["id"])
        bench.until(run, "succeeded")
        for node in ("settings", "web", "way"):
            live.until(environment, node, health="healthy", stale_since=None)
        path = f"/apis/apps/v1/namespaces/{narrow.namespace}/deployments/web?fieldManager=kubectl"
        narrow.plane.call("PATCH", path, b'{"spec":{"replicas":2}}', content_type="application/merge-patch+json")
        for query in ("", "?fresh=1"):
            until(lambda query=query: drifted(bench, query) == {"web": ["spec.replicas"]}, what=f"drift is seen{query}")
    bench.draw(a_node("web", replicas=3, port=80))
    assert narrow.preflight()["allowed"], "what is deleted needs no further right"
    again = bench.until(bench.start(take_over=True), "verifying", "succeeded")
    assert again["counts"]["deleted"] == 2


def test_a_role_that_gives_what_one_has_not_needs_the_right_to_escalate(narrow: Narrow) -> None:
    rbac = "rbac.authorization.k8s.io"
    rule = {"apiGroups": [""], "resources": ["nodes"], "verbs": ["get"]}
    role = a_manifest("reader", apiVersion=f"{rbac}/v1", kind="Role", metadata={"name": "reader"}, rules=[rule])
    binding = a_manifest(
        "binding",
        apiVersion=f"{rbac}/v1",
        kind="RoleBinding",
        metadata={"name": "binding"},
        roleRef={"apiGroup": rbac, "kind": "Role", "name": "reader"},
        subjects=[{"kind": "ServiceAccount", "name": "default", "namespace": narrow.namespace}],
    )
    narrow.bench.draw(role, binding)
    found = narrow.preflight()
    special = {(row["verb"], row["resource"], row["name"], row["node_id"]) for row in found["missing"] if row["name"]}
    assert special == {("escalate", "roles", "reader", "reader"), ("bind", "roles", "reader", "binding")}
    roles = list(yaml.safe_load_all(found["role"]))
    for right in [one for one in single_rights(roles) if one[3]]:
        grant(narrow.plane, without(roles, right), narrow.namespace)
        narrow.until_missing({right})
        plan = narrow.bench.person.post(
            f"workflows/{narrow.bench.workflow['id']}/plans", {"environment": narrow.bench.environment["id"]}
        ).body
        errors = {one["ref"]["kind"]: one["error"] for one in plan["objects"] if one["error"]}
        assert set(errors) == {"Role" if right[4] == "escalate" else "RoleBinding"}, errors
    grant(narrow.plane, roles, narrow.namespace)
    narrow.until_missing(set())
    narrow.bench.until(narrow.bench.start(), "verifying", "succeeded")


def test_a_version_may_be_asked_about_and_a_kind_that_is_not_served_is_named(narrow: Narrow) -> None:
    narrow.bench.draw(a_manifest("odd", apiVersion="example.com/v1", kind="Widget", spec={}))
    found = narrow.preflight()
    assert not found["allowed"]
    assert [(row["node_id"], row["ref"]["kind"]) for row in found["unserved"]] == [("odd", "Widget")]
    answer = narrow.bench.person.post(f"environments/{narrow.bench.environment['id']}/preflight", {"version": 7})
    assert answer.status == 404
