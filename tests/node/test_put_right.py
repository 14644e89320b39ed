"""What a test that fails leaves of the node does not keep the tests after it waiting."""

from __future__ import annotations

from tests.node.test_images import a_pod, runs
from tests.support.node.configuration import NODE
from tests.support.node.node import IMAGES
from tests.support.node.product import Product
from tests.support.wait import until


def test_a_node_whose_drain_was_left_half_done_takes_pods_again(product: Product) -> None:
    namespace = product.node.namespace("left")
    held = a_pod("held", namespace, IMAGES[0])
    held["metadata"]["labels"] = {"app": "held"}
    held["spec"]["containers"][0]["imagePullPolicy"] = "Never"
    budget = {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget"}
    selector = {"matchLabels": {"app": "held"}}
    spec = {"minAvailable": 1, "selector": selector}
    product.node.apply({**budget, "metadata": {"name": "held", "namespace": namespace}, "spec": spec})
    product.node.apply(held)
    runs(product, "held", namespace)
    path = f"clusters/{product.cluster}/nodes/{NODE}"
    started = product.person.post(f"{path}/drain", {"delete_data": True, "delete_unmanaged": True})
    assert started.status == 202, started.body
    try:
        until(
            lambda: [one for one in product.person.get(path).body["drain"]["pods"] if one["state"] == "blocked"],
            every_s=0.2,
            what="the budget holds the pod, and so the drain",
        )
        product.put_node_right()
        late = a_pod("late", namespace, IMAGES[0])
        late["spec"]["containers"][0]["imagePullPolicy"] = "Never"
        product.node.apply(late)
        runs(product, "late", namespace)
        assert product.person.get(path).body["drain"]["state"] == "canceled"
    finally:
        product.node.delete("v1", "Namespace", namespace)
