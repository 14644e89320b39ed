"""What a service waits for: an edge of order for each dependency, and a gate in the pods where that was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from imports.domain.convert.names import Names
from imports.domain.convert.units import text_of, unexpanded
from imports.domain.convert.work import Work, Workload
from kubeorch.base.names import label_from

GATE_IMAGE = "busybox:1.36"
_CHOICES = {
    "wait": "The pods wait until it answers (an init container)",
    "order": "It is applied first; pods may start at the same time",
    "none": "No order",
}


def ended_services(model: Mapping[str, Any]) -> set[str]:
    """Services that others wait for until they have completed."""
    return {
        target
        for spec in (model.get("services") or {}).values()
        for target, settings in (spec.get("depends_on") or {}).items()
        if text_of((settings or {}).get("condition")) == "service_completed_successfully"
    }


def convert_depends_on(workload: Workload, names: Names) -> None:
    """`depends_on` of a service, whose long form the model has. Source: Compose Specification, 05-services.md."""
    work = workload.work
    workload.converted("depends_on", whole=False)
    for service, settings in (workload.spec.get("depends_on") or {}).items():
        target, at = work.workloads.get(service), ("depends_on", service)
        if target is None:
            workload.converted(*at, why=f"{service} belongs to a profile that was not chosen")
            continue
        condition = text_of((settings or {}).get("condition")) or "service_started"
        port = next((number for number, protocol in target.ports if protocol == "TCP"), None)
        offered = [one for one in _CHOICES if one != "wait" or (port is not None and not target.is_job)]
        default = "wait" if condition == "service_healthy" and "wait" in offered else "order"
        question = f"{workload.service} depends on {service} ({condition}). How is that kept?"
        choices = [(one, _CHOICES[one]) for one in offered]
        id_ = f"depends/{workload.service}/{service}"
        how = work.ask(id_, "order", question, choices, default, [workload.path(*at)], possible=_CHOICES)
        _keep(workload, target, condition, how, names, port)
        if (settings or {}).get("restart"):
            why = "clients have to connect anew by themselves; only changes of what it reads restart a pod"
            workload.dropped(*at, "restart", why=why)


def _keep(workload: Workload, target: Workload, condition: str, how: str, names: Names, port: int | None) -> None:
    at = ("depends_on", target.service)
    if how == "none":
        workload.approximated(*at, why="no order, as you decided; pods that start too early are started again")
        return
    edge = workload.work.draft.connect(workload.node.id, target.node.id, "after")
    if how == "wait" and port is not None:
        _gate(workload, names.resolves[target.service], port)
        workload.converted(*at, to=(f"edges.{edge.id}", "init_containers"))
    elif condition == "service_started":
        workload.converted(*at, to=f"edges.{edge.id}", why="applied first")
    else:
        waiting = "has completed" if condition.endswith("successfully") else "is healthy"
        why = f"applied first; nothing waits until {target.service} {waiting}: pods that start too early start again"
        workload.approximated(*at, to=f"edges.{edge.id}", why=why)


def _gate(workload: Workload, service: str, port: int) -> None:
    """An init container that ends when the Service of the dependency answers: with a ready pod behind it."""
    script = f"until nc -z -w 2 {service} {port}; do sleep 1; done"
    name = label_from(f"wait-for-{service}")
    workload.add(
        "init_containers", {"name": name, "image": GATE_IMAGE, "command": ["/bin/sh", "-c", unexpanded(script)]}
    )


def convert_links(work: Work, workload: Workload) -> None:
    """`external_links` and `volumes_from`, whose targets are no services of the project, or were merged already."""
    for index, link in enumerate(workload.spec.get("external_links") or ()):
        name = text_of(link).partition(":")[0]
        why = f"{name} is not of this project; give it a Service of the type ExternalName"
        workload.dropped("external_links", index, why=why)
    workload.converted("external_links", whole=False)
