"""Asks a cluster whether whoever takes a finalizer away runs there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from clusters.domain import removers
from clusters.domain.finalizers import API_SERVER, CLOUD, CONTROLLER_MANAGER, PROVISIONER, Finalizer
from clusters.domain.objects import Manifest
from clusters.domain.removers import Known
from clusters.kube.errors import ApiAnswer, ApiNotFound, Unauthorized
from clusters.kube.gathering import Want, gather
from clusters.questions.asking import Question

WORKLOADS_MOST = 2_000
LEASES_MOST = 20
LEASES = "coordination.k8s.io/v1"


def whether_it_runs(question: Question, finalizer: Finalizer) -> Known:
    """Raises Unauthorized."""
    component = finalizer.removed_by
    if component == API_SERVER:
        return Known(True, "the API server answers")
    if not component:
        return Known(None, "no field manager is recorded for it, so nothing tells whose it is")
    if not finalizer.known and removers.is_nameless(component):
        return Known(
            None,
            f"it was written by {component}, a tool or library and no controller: nothing may take it away",
        )
    try:
        if component == CONTROLLER_MANAGER:
            return _leads(question, component) or Known(
                None, f"{component} has no lease in kube-system, so nothing tells whether it runs"
            )
        if question.namespaces is not None:
            return Known(None, "whether it runs is for the team that owns the cluster to see")
        if component == PROVISIONER:
            return _provisioner(question, finalizer.driver)
        lease = _leads(question, component) if component == CLOUD else None
        workloads, whole = _workloads(question)
        if component == CLOUD:
            return removers.of_cloud(component, lease, workloads, whole=whole)
        return removers.by_workloads(component, workloads, whole=whole)
    except Unauthorized:
        raise
    except ApiAnswer as error:
        return Known(None, f"it cannot be looked for: {error.detail}")


def _leads(question: Question, component: str) -> Known | None:
    path = f"/apis/{LEASES}/namespaces/kube-system/leases/{component}"
    try:
        lease = question.client.request("GET", path, allowance=question.allowance)[1]
    except ApiNotFound:
        return None
    return removers.by_lease(component, lease, question.client.clock.now())


def _provisioner(question: Question, driver: str) -> Known:
    if not driver:
        return removers.of_provisioner(driver, (), {}, question.client.clock.now())
    named = f"metadata.name={removers.lease_of_driver(driver)}"
    want = Want(LEASES, "Lease", fields=named, most=LEASES_MOST)
    found = gather(lambda _: question.client, [want], within_s=question.allowance.left_s())
    leases = found.objects.get("Lease", [])
    workloads = _workloads(question)[0] if leases else {}
    return removers.of_provisioner(driver, leases, workloads, question.client.clock.now())


def _workloads(question: Question) -> tuple[Mapping[str, Sequence[Manifest]], bool]:
    """By kind, and whether that is all."""
    wants = [Want("apps/v1", kind, most=WORKLOADS_MOST) for kind in ("Deployment", "StatefulSet", "DaemonSet")]
    found = gather(lambda _: question.client, wants, within_s=question.allowance.left_s())
    return found.objects, not (found.unread or found.partial)
