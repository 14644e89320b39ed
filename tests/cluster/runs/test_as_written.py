"""A real API server gets what people wrote: labels, large numbers, text, variables in order, pasted YAML."""

from __future__ import annotations

from tests.support.runs import Bench
from tests.support.workflows import a_node, a_secret, an_edge

PASTED = """
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  namespace: {namespace}
  uid: 8a0c
  resourceVersion: "1"
  creationTimestamp: "2026-01-01T00:00:00Z"
  ownerReferences: [{{apiVersion: apps/v1, kind: ReplicaSet, name: gone, uid: 6a6d5f0e-0000-0000-0000-000000000000}}]
  managedFields: []
rules: [{{apiGroups: [""], resources: [pods], verbs: [get]}}]
"""


def test_what_people_wrote_is_what_the_cluster_has(bench: Bench) -> None:
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {labels: {app: web}}\nspec: {containers: [{name: c, image: nginx}]}"
    keys = [{"key": "password", "name": "DB_PASSWORD"}]
    edge = {**an_edge("cred", "web", "sets_env"), "parameters": {"keys": keys}}
    bench.draw(
        a_node("web-canary", kind="manifest", manifest=pod),
        a_node("web", labels={"app": "web"}, env={"URL": "db://$(DB_PASSWORD)", "VERSION": "1.10"}),
        a_node("twin", labels={"app": "web"}, fs_group=2**31 - 1),
        a_secret("cred", "password"),
        {**a_node("reader", kind="manifest", manifest=PASTED.format(namespace=bench.namespace)), "name": "shop:reader"},
        edges=(edge,),
    )
    run = bench.until(bench.start(secrets={"cred": {"password": "x"}}), "verifying", "succeeded")
    assert run["counts"]["failed"] == 0
    assert bench.get("v1", "Pod", "web-canary")["metadata"]["labels"]["app"] == "web"
    web, twin = (bench.get("apps/v1", "Deployment", name)["spec"] for name in ("web", "twin"))
    assert web["selector"]["matchLabels"] == {"app": "web"}
    assert twin["selector"]["matchLabels"] == {"app": "web", "kubeorch.dev/node": "twin"}
    assert twin["template"]["spec"]["securityContext"]["fsGroup"] == 2**31 - 1
    env = web["template"]["spec"]["containers"][0]["env"]
    assert [one["name"] for one in env] == ["DB_PASSWORD", "URL", "VERSION"]
    assert env[2]["value"] == "1.10"
    role = bench.get("rbac.authorization.k8s.io/v1", "Role", "shop:reader")
    assert "ownerReferences" not in role["metadata"]
    assert role["rules"][0]["verbs"] == ["get"]
