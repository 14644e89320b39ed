"""A Service whose EndpointSlices may not be read: it is there, and nobody says that it is healthy."""

from __future__ import annotations

from typing import Any

from tests.support.control_plane import ControlPlane
from tests.support.narrow import RBAC, a_narrow_cluster, an_account, grant
from tests.support.watching import a_deployment, an_environment, put, watching

READ = ["get", "list", "watch"]
ALL_BUT_SLICES = [
    {"apiGroups": [group], "resources": ["*"], "verbs": READ}
    for group in ("", "apps", "batch", "networking.k8s.io", "autoscaling", "storage.k8s.io", "policy")
]
SLICES = {"apiGroups": ["discovery.k8s.io"], "resources": ["endpointslices"], "verbs": READ}
SERVICE: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "svc"},
    "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]},
}


def test_a_service_whose_slices_may_not_be_listed_is_present_with_the_reason_until_they_may(
    mongo: Any, control_plane: ControlPlane
) -> None:
    from bson import ObjectId

    namespace = control_plane.namespace("unseen")
    kubeconfig = an_account(control_plane, namespace)
    metadata = {"name": f"all-but-slices-{namespace}"}
    role = {"apiVersion": f"{RBAC}/v1", "kind": "ClusterRole", "metadata": metadata, "rules": ALL_BUT_SLICES}
    grant(control_plane, [role], namespace)
    cluster_id = ObjectId(a_narrow_cluster(kubeconfig, "narrow"))
    environment = an_environment(cluster_id, namespace)
    with watching(cluster_id) as live:
        put(control_plane, environment, "web", a_deployment(environment, "web", replicas=1))
        put(control_plane, environment, "svc", SERVICE)
        live.until(environment, "web", health="healthy")
        found = live.until(environment, "svc", health="present")
        assert found["reason"].startswith("its EndpointSlices cannot be seen: "), found
        assert "endpoints_ready" not in found["facts"]
        control_plane.apply({**role, "rules": [*ALL_BUT_SLICES, SLICES]})
        live.until(environment, "svc", health="healthy", reason="1 of 1 endpoints ready")
