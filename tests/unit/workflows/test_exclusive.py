"""What only one object can have, and in which order a run hands it on."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from tests.unit.workflows.test_plan import drawn, owned, told
from workflows.domain.rendering.exclusive import asked_by, exclusive_of
from workflows.domain.rendering.plan import make_plan

ROWS = """
- [Service, {ports: [{port: 80, nodePort: 30222}, {port: 81}]}, [port 30222 of the nodes]]
- [Service, {clusterIP: 10.0.0.9, clusterIPs: [10.0.0.9]}, [address 10.0.0.9 in the cluster]]
- [Service, {clusterIP: None, ports: [{port: 80}]}, []]
- [Service, {loadBalancerIP: 1.2.3.4}, [address 1.2.3.4 of the load balancer]]
- [Service, {healthCheckNodePort: 30001}, [port 30001 of the nodes]]
- [Ingress, {rules: [{host: a.test, http: {paths: [{path: /x}, {}]}}, {http: {paths: [{path: /}]}}]},
   [host a.test with path /x, host a.test with path /, host * with path /]]
- [PersistentVolume, {claimRef: {namespace: shop, name: data}}, [claim shop/data]]
- [HorizontalPodAutoscaler, {scaleTargetRef: {kind: Deployment, name: web}}, [scaling of Deployment shop/web]]
- [Deployment, {replicas: 1}, []]
- [Service, {ports: [1, x], clusterIPs: {}}, []]
- [Ingress, {rules: [1, {http: 1}, {http: {paths: 2}}]}, []]
- [Service, 5, []]
"""


@pytest.mark.parametrize(("kind", "spec", "expected"), yaml.safe_load(ROWS))
def test_what_an_object_has_to_itself(kind: str, spec: Any, expected: list[str]) -> None:
    manifest = {"kind": kind, "metadata": {"name": "x", "namespace": "shop"}, "spec": spec}
    assert exclusive_of(manifest) == set(expected)
    assert asked_by([manifest]) == ({kind: set(expected)} if expected else {})


def test_what_is_in_the_way_goes_before_everything_and_the_rest_after() -> None:
    inventory = [owned("Service", "front", 1), owned("ConfigMap", "old", 0)]
    plan = make_plan([drawn("ConfigMap", "conf", 0), drawn("Service", "shop", 3)], inventory, first={inventory[0].ref})
    assert told(plan) == [(0, "delete", "front"), (1, "apply", "conf"), (2, "apply", "shop"), (3, "delete", "old")]
    assert plan.waves == 4
    assert [step.index for step in plan.steps] == [0, 1, 2, 3]
