"""What the API server filled in for one drawing does not outlive it: the object is as if it were made anew."""

from __future__ import annotations

from typing import Any

import pytest

from clusters.domain.ownership.owners import owners
from tests.support.runs import Bench, states
from tests.support.wait import until
from tests.support.workflows import a_config_map, a_manifest, a_node, an_edge

LABELS = {"app": "web"}


def a_workload(kind: str, pod: dict[str, Any] | None = None, image: str = "nginx:1.27", **spec: Any) -> dict[str, Any]:
    """A workload as free YAML."""
    template = {
        "metadata": {"labels": LABELS},
        "spec": {"containers": [{"name": "web", "image": image}], **(pod or {})},
    }
    extra = {"serviceName": "web"} if kind == "StatefulSet" else {}
    return a_manifest(
        "web",
        apiVersion="apps/v1",
        kind=kind,
        spec={"selector": {"matchLabels": LABELS}, "template": template, **extra, **spec},
    )


def strategy_of(live: dict[str, Any]) -> Any:
    return live["spec"].get("strategy") or live["spec"].get("updateStrategy")


def state_of(run: dict[str, Any], kind: str) -> str:
    """The state of the one step of the kind; a node may render others besides."""
    (state,) = [step["state"] for step in run["steps"] if step["ref"]["kind"] == kind]
    return str(state)


TYPED = {"Deployment": "deployment", "StatefulSet": "statefulset", "DaemonSet": "daemonset"}
STRATEGIES = [
    ("Deployment", "strategy", "Recreate"),
    ("StatefulSet", "updateStrategy", "OnDelete"),
    ("DaemonSet", "updateStrategy", "OnDelete"),
]


@pytest.mark.parametrize(("kind", "field", "other"), STRATEGIES, ids=str)
@pytest.mark.parametrize("as_yaml", [True, False], ids=["YAML", "typed"])
def test_a_strategy_goes_from_the_default_to_another_and_back(
    bench: Bench, kind: str, field: str, other: str, as_yaml: bool
) -> None:
    name = "strategy" if kind == "Deployment" else "update_strategy"
    if as_yaml:
        plain, changed = a_workload(kind), a_workload(kind, **{field: {"type": other}})
    else:
        plain = a_node("web", kind=TYPED[kind], image="nginx:1.27")
        changed = a_node("web", kind=TYPED[kind], image="nginx:1.27", **{name: other})
    bench.draw(plain)
    bench.applied()
    default = strategy_of(bench.get("apps/v1", kind, "web"))
    assert default["rollingUpdate"]
    bench.draw(changed)
    assert state_of(bench.applied(), kind) == "done"
    assert strategy_of(bench.get("apps/v1", kind, "web")) == {"type": other}
    assert state_of(bench.applied(), kind) == "unchanged"
    bench.draw(plain)
    bench.applied()
    assert strategy_of(bench.get("apps/v1", kind, "web")) == default


@pytest.mark.parametrize("kind", TYPED)
def test_an_identity_that_is_taken_away_leaves_the_pods(bench: Bench, kind: str) -> None:
    robot = a_node("robot", kind="serviceaccount")
    bench.draw(robot, a_workload(kind, {"serviceAccountName": "robot"}))
    bench.applied()
    pod = bench.get("apps/v1", kind, "web")["spec"]["template"]["spec"]
    assert (pod["serviceAccountName"], pod["serviceAccount"]) == ("robot", "robot")
    bench.draw(robot, a_workload(kind))
    bench.applied()
    pod = bench.get("apps/v1", kind, "web")["spec"]["template"]["spec"]
    assert "serviceAccountName" not in pod
    assert "serviceAccount" not in pod


def test_the_edge_of_an_identity_that_is_removed_leaves_the_pods_and_the_next_pod_starts(bench: Bench) -> None:
    edge = an_edge("robot", "web", "runs_as")
    bench.draw(a_node("robot", kind="serviceaccount"), a_node("web"), edges=(edge,))
    bench.applied()
    bench.draw(a_node("web"))
    bench.applied()
    pod = bench.get("apps/v1", "Deployment", "web")["spec"]["template"]["spec"]
    assert "serviceAccountName" not in pod
    assert "serviceAccount" not in pod
    until(lambda: bench.get("v1", "ServiceAccount", "robot") is None)
    old = {item["metadata"]["uid"] for item in bench.plane.list("v1", "Pod", bench.namespace)}
    for item in bench.plane.list("v1", "Pod", bench.namespace):
        bench.plane.delete("v1", "Pod", item["metadata"]["name"], bench.namespace)
    until(
        lambda: any(
            item["metadata"]["uid"] not in old and item["status"]["phase"] == "Running"
            for item in bench.plane.list("v1", "Pod", bench.namespace)
        ),
        what="a new pod runs without the account",
    )


def test_an_identity_that_changes_is_the_new_one_by_both_of_its_names(bench: Bench) -> None:
    accounts = [a_node(name, kind="serviceaccount") for name in ("robot", "other")]
    for name in ("robot", "other"):
        bench.draw(*accounts, a_workload("Deployment", {"serviceAccountName": name}))
        bench.applied()
        pod = bench.get("apps/v1", "Deployment", "web")["spec"]["template"]["spec"]
        assert (pod["serviceAccountName"], pod["serviceAccount"]) == (name, name)


@pytest.mark.parametrize("as_yaml", [True, False], ids=["YAML", "typed"])
def test_the_pull_policy_follows_the_tag_as_it_would_on_a_new_object(bench: Bench, as_yaml: bool) -> None:
    for image, policy in (("nginx:latest", "Always"), ("nginx:1.27", "IfNotPresent"), ("nginx", "Always")):
        bench.draw(a_workload("Deployment", image=image) if as_yaml else a_node("web", image=image))
        bench.applied()
        (container,) = bench.get("apps/v1", "Deployment", "web")["spec"]["template"]["spec"]["containers"]
        assert (container["image"], container["imagePullPolicy"]) == (image, policy)


def test_a_service_keeps_the_address_and_the_node_port_that_it_was_given(bench: Bench) -> None:
    ports = [{"name": "http", "port": 80, "target_port": 80}]
    bench.draw(a_node("svc", kind="service", type="NodePort", ports=ports, selector=LABELS))
    bench.applied()
    first = bench.get("v1", "Service", "svc")["spec"]
    bench.draw(a_node("svc", kind="service", type="NodePort", ports=ports, selector=LABELS, labels={"team": "shop"}))
    bench.applied()
    second = bench.get("v1", "Service", "svc")["spec"]
    assert second == first
    bench.draw(a_node("svc", kind="service", ports=ports, selector=LABELS))
    bench.applied()
    third = bench.get("v1", "Service", "svc")["spec"]
    assert (third["type"], third["clusterIP"]) == ("ClusterIP", first["clusterIP"])
    assert "nodePort" not in third["ports"][0]
    assert "externalTrafficPolicy" not in third


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet"])
@pytest.mark.parametrize("count", [5, 1, 0])
def test_the_number_of_pods_stays_when_it_is_left_to_an_autoscaler(bench: Bench, kind: str, count: int) -> None:
    scaler = a_manifest(
        "scale",
        apiVersion="autoscaling/v2",
        kind="HorizontalPodAutoscaler",
        spec={
            "minReplicas": 3,
            "maxReplicas": 10,
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": kind, "name": "web"},
        },
    )
    bench.draw(a_workload(kind, replicas=count))
    bench.applied()
    bench.draw(a_workload(kind), scaler)
    run = bench.until(bench.start(), "verifying", "succeeded")
    assert states(run)["scale"] == "done"
    assert not any(owner.is_ours for owner in owners(bench.get("apps/v1", kind, "web")).who(("f:spec", "f:replicas")))
    scaled = {count, max(count, 3)} if count else {0}  # as it was, or as the autoscaler has set it by now
    assert bench.get("apps/v1", kind, "web")["spec"]["replicas"] in scaled
    bench.see_all_healthy()
    bench.draw(a_workload(kind, image="nginx:1.28"), scaler)
    bench.applied()
    assert bench.get("apps/v1", kind, "web")["spec"]["replicas"] in scaled, "nor at any later run"


def test_a_joined_autoscaler_sets_the_number_and_is_not_disturbed(bench: Bench) -> None:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    scaler = a_node("scale", kind="hpa", min_replicas=3, max_replicas=10, cpu_utilization=70)
    requests = {"requests": {"cpu": "100m"}}
    edge = an_edge("scale", "web", "scales")
    bench.draw(a_node("web", replicas=5, resources=requests))
    bench.applied()
    bench.draw(a_node("web", replicas=5, resources=requests), scaler, edges=(edge,))
    bench.applied()
    live = bench.get("apps/v1", "Deployment", "web")
    assert live["spec"]["replicas"] == 5
    status, body = bench.plane.call(
        "PATCH",
        f"/apis/apps/v1/namespaces/{bench.namespace}/deployments/web/scale?fieldManager=kube-controller-manager",
        b'{"spec":{"replicas":4}}',
        content_type="application/merge-patch+json",
    )
    assert status == 200, (body, target)
    bench.draw(a_node("web", image="nginx:1.28", replicas=5, resources=requests), scaler, edges=(edge,))
    bench.applied()
    assert bench.get("apps/v1", "Deployment", "web")["spec"]["replicas"] == 4


def test_a_number_that_was_left_open_can_be_set_again(bench: Bench) -> None:
    for drawn, live in ((5, 5), (None, 5), (2, 2), (None, 2)):
        bench.draw(a_workload("Deployment", **({} if drawn is None else {"replicas": drawn})))
        bench.applied()
        assert bench.get("apps/v1", "Deployment", "web")["spec"]["replicas"] == live


def test_a_field_that_somebody_else_manages_is_neither_adopted_nor_removed(bench: Bench) -> None:
    bench.draw(a_workload("Deployment"))
    bench.applied()
    status, body = bench.plane.call(
        "PATCH",
        f"/apis/apps/v1/namespaces/{bench.namespace}/deployments/web?fieldManager=somebody",
        b'{"spec":{"strategy":{"rollingUpdate":{"maxSurge":3}},"minReadySeconds":7}}',
        content_type="application/merge-patch+json",
    )
    assert status == 200, body
    bench.draw(a_workload("Deployment", image="nginx:1.28"))
    bench.applied()
    live = bench.get("apps/v1", "Deployment", "web")
    assert live["spec"]["strategy"]["rollingUpdate"]["maxSurge"] == 3
    assert live["spec"]["minReadySeconds"] == 7
    bench.draw(a_workload("Deployment", strategy={"type": "Recreate"}))
    run = bench.until(bench.start(), "failed")
    assert "rollingUpdate" in run["error"]["detail"], "it is theirs, and the answer names it"


def test_where_no_trial_object_can_be_made_the_change_is_applied_all_the_same(bench: Bench) -> None:
    bench.draw(a_workload("Deployment"))
    bench.applied()
    quota = {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "one", "namespace": bench.namespace},
        "spec": {"hard": {"count/deployments.apps": "1"}},
    }
    bench.plane.apply(quota)
    until(lambda: bench.get("v1", "ResourceQuota", "one").get("status", {}).get("used"))
    bench.draw(a_workload("Deployment", image="nginx:1.28"))
    bench.applied()
    (container,) = bench.get("apps/v1", "Deployment", "web")["spec"]["template"]["spec"]["containers"]
    assert container["image"] == "nginx:1.28"


def test_nothing_is_left_of_the_trials_and_our_manager_has_one_entry(bench: Bench) -> None:
    bench.draw(a_workload("Deployment"), a_config_map("conf"))
    bench.applied()
    bench.draw(a_workload("Deployment", strategy={"type": "Recreate"}), a_config_map("conf", a="2"))
    bench.applied()
    assert [item["metadata"]["name"] for item in bench.plane.list("apps/v1", "Deployment", bench.namespace)] == ["web"]
    entries = bench.get("apps/v1", "Deployment", "web")["metadata"]["managedFields"]
    assert [entry["operation"] for entry in entries if entry["manager"] == "kubeorch"] == ["Apply"]
