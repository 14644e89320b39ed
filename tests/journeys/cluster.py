"""The sandbox's API server, asked by another client than ours: the oracle, and the hand from outside."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kubernetes import client, config
from kubernetes.client.exceptions import ApiException
from kubernetes.dynamic import DynamicClient

from tests.support.wait import until

RBAC = "rbac.authorization.k8s.io/v1"
GROUPS = {
    "ClusterRole": RBAC,
    "ClusterRoleBinding": RBAC,
    "Deployment": "apps/v1",
    "Ingress": "networking.k8s.io/v1",
    "HorizontalPodAutoscaler": "autoscaling/v2",
}


class Cluster:
    def __init__(self, kubeconfig: Path) -> None:
        self.api = config.new_client_from_config(str(kubeconfig))
        self._dynamic = DynamicClient(self.api)

    def _resource(self, kind: str) -> Any:
        return self._dynamic.resources.get(api_version=GROUPS.get(kind, "v1"), kind=kind)

    def read(self, kind: str, namespace: str, name: str) -> dict[str, Any]:
        return dict(self._resource(kind).get(name=name, namespace=namespace).to_dict())

    def exists(self, kind: str, namespace: str, name: str) -> bool:
        try:
            return "deletionTimestamp" not in self.read(kind, namespace, name)["metadata"]
        except ApiException as error:
            if error.status == 404:
                return False
            raise

    def until_gone(self, kind: str, namespace: str, name: str) -> None:
        until(lambda: not self.exists(kind, namespace, name), every_s=0.1, what=f"{kind} {name} is gone")

    def create(self, kind: str, namespace: str | None, manifest: dict[str, Any]) -> None:
        body = {"apiVersion": GROUPS.get(kind, "v1"), "kind": kind, **manifest}
        self._resource(kind).create(body=body, namespace=namespace)

    def patch(self, kind: str, namespace: str, name: str, body: dict[str, Any]) -> None:
        self._resource(kind).patch(
            name=name, namespace=namespace, body=body, content_type="application/merge-patch+json"
        )

    def delete(self, kind: str, namespace: str, name: str) -> None:
        self._resource(kind).delete(
            name=name, namespace=namespace, body=client.V1DeleteOptions(propagation_policy="Background").to_dict()
        )
