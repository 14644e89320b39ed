"""What Docker allows together and Kubernetes refuses, put right once all of a workload is known."""

from __future__ import annotations

from clusters.domain.quantity import parse_quantity
from imports.domain.convert.work import Workload


def settle(workload: Workload) -> None:
    """Take back what the API server would refuse, and say so."""
    parameters = workload.parameters
    if parameters.get("privileged") and parameters.get("allow_privilege_escalation") is False:
        del parameters["allow_privilege_escalation"]
        workload.approximated(
            "security_opt", why="a privileged container can always escalate its privileges", whole=False
        )
    requests = parameters.get("resources", {}).get("requests", {})
    limits = parameters.get("resources", {}).get("limits", {})
    for resource, amount in requests.items():
        if resource in limits and parse_quantity(amount) > parse_quantity(limits[resource]):
            requests[resource] = limits[resource]
            why = f"the request for {resource} is above its limit; the limit is requested"
            key = ("deploy", "resources", "reservations") if "deploy" in workload.spec else ("mem_reservation",)
            workload.approximated(*key, why=why, whole=False)
    probe = parameters.get("liveness_probe", {})
    if probe.get("type") == "http" and "port" not in probe and not workload.ports:
        del parameters["liveness_probe"]
        label = "kompose.service.healthcheck.liveness.http_get_path"
        workload.dropped(
            "labels", label, why="no port is known; give kompose.service.healthcheck.liveness.http_get_port"
        )
