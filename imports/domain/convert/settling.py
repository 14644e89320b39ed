"""What Docker allows together and Kubernetes refuses, put right once all of a workload is known."""

from __future__ import annotations

from typing import Any

from clusters.domain.quantity import parse_quantity
from imports.domain.convert.units import verbatim
from imports.domain.convert.work import Workload
from imports.domain.drafts import Draft

_WRITTEN = frozenset(
    {
        *("env", "command", "args", "data", "readiness_probe", "liveness_probe", "startup_probe", "pre_stop"),
        *("init_containers", "env_refs", "post_start"),
    }
)
"""Parameters whose texts are written for KubeOrch where they are made, as some are for Kubernetes as well."""


def keep_texts(draft: Draft) -> None:
    """Write `${`, which begins a variable of the environment, as `$${` in all that came from the files."""
    for node in draft.nodes.values():
        for name, value in node.parameters.items():
            if name not in _WRITTEN:
                node.parameters[name] = _kept(value)
        node.patch = _kept(node.patch)
    for edge in draft.edges:
        edge.parameters = _kept(edge.parameters)


def _kept(value: Any) -> Any:
    if isinstance(value, str):
        return verbatim(value)
    if isinstance(value, dict):
        return {key: _kept(item) for key, item in value.items()}
    return [_kept(item) for item in value] if isinstance(value, list) else value


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
