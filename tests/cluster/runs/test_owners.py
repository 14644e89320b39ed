"""Who owns which field of what was applied: runs for ours, and the others by the names people know."""

from __future__ import annotations

from typing import Any

from tests.cluster.runs.test_drift import by_hand
from tests.support.runs import Bench
from tests.support.wait import until
from tests.support.workflows import a_node


def the_owners(bench: Bench, query: str = "") -> dict[str, Any]:
    answer = bench.person.get(f"environments/{bench.environment['id']}/owners{query}")
    assert answer.status == 200, answer.body
    return dict(answer.body)


def test_each_field_has_its_owner_with_the_run_for_ours_and_autoscalers_and_people_by_name(bench: Bench) -> None:
    assert the_owners(bench) == {"results": [], "yielded": [], "left_out": 0, "complete": True}
    bench.draw(a_node("web", replicas=1), a_node("other", replicas=1))
    first = bench.applied()
    web = f"/apis/apps/v1/namespaces/{bench.namespace}/deployments/web"
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    scaler = {"scaleTargetRef": target, "minReplicas": 2, "maxReplicas": 3}
    head = {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler"}
    bench.plane.apply({**head, "metadata": {"name": "web", "namespace": bench.namespace}, "spec": scaler})
    until(lambda: bench.get("apps/v1", "Deployment", "web")["spec"]["replicas"] == 2, what="the autoscaler has scaled")
    by_hand(bench, web, {"metadata": {"labels": {"seen": "yes"}}})

    found = the_owners(bench, "?node=web")
    assert found["complete"]
    assert {row["node_id"] for row in found["results"]} == {"web"}
    rows = {(row["path"], row["manager"]): row for row in found["results"]}
    image = rows["spec.template.spec.containers[name=web].image", "kubeorch"]
    assert image["known"] == {"sort": "ours", "name": "KubeOrch"}
    assert (image["run"]["number"], image["run"]["version"]) == (first["number"], 1)
    assert image["run"]["by"]["id"] == bench.person.user_id
    assert image["at"]
    [replicas] = [row for row in found["results"] if row["path"] == "spec.replicas"]
    assert (replicas["known"]["sort"], replicas["run"]) == ("autoscaler", None)
    label = rows["metadata.labels.seen", "kubectl-edit"]
    assert (label["known"]["name"], label["operation"], label["run"]) == ("kubectl edit", "Update", None)

    bench.plane.delete("apps/v1", "Deployment", "other", bench.namespace)
    assert the_owners(bench, "?node=other") == {"results": [], "yielded": [], "left_out": 1, "complete": True}
