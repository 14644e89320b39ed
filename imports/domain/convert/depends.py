"""What a service waits for: an edge of order for each dependency, and a gate in the pods where that was asked for.

A run keeps the order itself: it applies a service once its dependency is healthy, or once its Job has completed. That
needs neither an image nor rights in the cluster, and holds, as in Compose, when the application is brought up.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from imports.domain.convert.init_gates import let_see_jobs, wait_for_job, wait_for_port
from imports.domain.convert.names import Names
from imports.domain.convert.units import text_of
from imports.domain.convert.work import Work, Workload

STARTED, HEALTHY, COMPLETED = "service_started", "service_healthy", "service_completed_successfully"
_ANSWERS = ("order", "gate", "none")


def ended_services(model: Mapping[str, Any]) -> set[str]:
    """Services that others wait for until they have completed."""
    return {
        target
        for spec in (model.get("services") or {}).values()
        for target, settings in (spec.get("depends_on") or {}).items()
        if text_of((settings or {}).get("condition")) == COMPLETED
    }


def convert_depends_on(workload: Workload, names: Names) -> None:
    """`depends_on` of a service, whose long form the model has. Source: Compose Specification, 05-services.md."""
    work = workload.work
    workload.converted("depends_on", whole=False)
    jobs: list[str] = []
    for service, settings in (workload.spec.get("depends_on") or {}).items():
        target, at = work.workloads.get(service), ("depends_on", service)
        if target is None:
            is_provider = service in work.section("services")
            why = "another program provides it" if is_provider else "belongs to a profile that was not chosen"
            workload.converted(*at, why=f"{service} {why}")
            continue
        settings = settings or {}
        is_optional = text_of(settings.get("required")) == "false"
        condition = text_of(settings.get("condition")) or STARTED
        _keep(workload, target, condition, is_optional, names, jobs)
        if settings.get("restart"):
            why = f"a change of {service} starts no pods anew; its clients have to connect again by themselves"
            workload.dropped(*at, "restart", why=why)
    if jobs:
        let_see_jobs(workload, jobs)


def _keep(
    workload: Workload, target: Workload, condition: str, is_optional: bool, names: Names, jobs: list[str]
) -> None:
    """One dependency, by the answer of a person. `jobs` gets the Job that a gate has to see."""
    work, service = workload.work, target.service
    at = ("depends_on", service)
    port = next((number for number, protocol in target.ports if protocol == "TCP"), None)
    waits_for_end = condition == COMPLETED and target.kind == "job"
    relation, order = _order(target, condition, is_optional)
    choices = {"order": order}
    if waits_for_end:
        choices["gate"] = "Its pods wait each time they start: an init container that may see the Job"
    elif port is not None and not target.is_job:
        choices["gate"] = f"Its pods wait each time they start: an init container that asks port {port} of {service}"
    choices["none"] = "No order"
    question = f"{workload.service} depends on {service} ({condition}). How is that kept?"
    id_ = f"depends/{workload.service}/{service}"
    path = workload.path(*at)
    how = work.ask(id_, "order", question, choices.items(), "order", [path], possible=_ANSWERS)
    if how == "none":
        workload.approximated(*at, why="no order, as you decided; pods that start too early are started again")
    elif how == "order":
        edge = work.draft.connect(workload.node.id, target.node.id, relation)
        _say_order(workload, target, condition, is_optional, f"edges.{edge.id}")
    else:
        edge = work.draft.connect(workload.node.id, target.node.id, "after")
        to = (f"edges.{edge.id}", "init_containers")
        if waits_for_end:
            image = wait_for_job(workload, target.node.name, path)
            jobs.append(target.node.name)
            why = f"its pods wait for the Job, with the image {image} and the right to see just this Job"
        else:
            image = wait_for_port(workload, names.resolves[service], port or 0, path)
            why = f"its pods wait until {service} answers, with the image {image}"
        workload.converted(*at, to=to, why=why)


def _order(target: Workload, condition: str, is_optional: bool) -> tuple[str, str]:
    """The relation that says this dependency of a run, and in words what the run does."""
    service = target.service
    if condition == STARTED or is_optional or target.kind == "cronjob":
        return "after", f"A run applies it after {service}; its pods may start at the same time"
    if target.kind == "job":
        return "after_completion", f"A run applies it once {service} has completed, and stops if that fails"
    return "after_health", f"A run applies it once {service} is healthy, and stops if that fails"


def _say_order(workload: Workload, target: Workload, condition: str, is_optional: bool, to: str) -> None:
    at, service = ("depends_on", target.service), target.service
    if condition == STARTED:
        workload.converted(*at, to=to, why="a run applies it after that; pods may start at the same time")
    elif is_optional:
        why = f"a run applies it after {service}, and does not wait: `required` is false, so it may start without it"
        workload.approximated(*at, to=to, why=why)
    elif target.kind == "cronjob":
        why = f"a run applies it after {service}, and does not wait: a CronJob runs when its time comes"
        workload.approximated(*at, to=to, why=why)
    elif target.kind == "job":
        why = f"a run applies it once the Job {service} has completed, and stops if that fails"
        said = workload.converted if condition == COMPLETED else workload.approximated
        said(*at, to=to, why=why)
    elif condition == COMPLETED:
        why = f"{service} runs all the time, so it never completes; a run applies it once {service} is healthy"
        workload.approximated(*at, to=to, why=why)
    elif target.parameters.get("readiness_probe"):
        why = f"a run applies it once {service} is healthy, and stops if that fails"
        workload.converted(*at, to=to, why=why)
    else:
        why = f"a run applies it once the pods of {service} run: no healthcheck says when they are ready"
        workload.approximated(*at, to=to, why=why)


def convert_links(work: Work, workload: Workload) -> None:
    """`external_links` and `volumes_from`, whose targets are no services of the project, or were merged already."""
    for index, link in enumerate(workload.spec.get("external_links") or ()):
        name = text_of(link).partition(":")[0]
        why = f"{name} is not of this project; give it a Service of the type ExternalName"
        workload.dropped("external_links", index, why=why)
    workload.converted("external_links", whole=False)
