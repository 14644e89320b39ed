"""What a pod has once, however many services share it: its autoscaler and its identity."""

from __future__ import annotations

from imports.domain.convert.work import Work, Workload
from imports.domain.drafts import DraftEdge

_SCALES = "scales"
_LABEL = "kompose.hpa."
SCALABLE = ("deployment", "statefulset")
"""Kinds with a number of replicas."""


def identity_of(workload: Workload) -> tuple[Workload, str]:
    """Whose pods a service runs in, and the account that they have by a label of any service in them, or by a gate;
    "" for none yet."""
    work, pod = workload.work, workload.work.pod_of(workload.service)
    inside = (pod, *(work.workloads[guest] for guest, host in work.hosts.items() if host == pod.service))
    named = (one.parameters.get("service_account") for one in inside)
    return pod, next(filter(None, named), "") or work.identities.get(pod.service, "")


def scaled_once(work: Work) -> None:
    """Leave a pod the autoscaler of its host, else of the first guest that has one."""
    services = {workload.node.id: workload for workload in work.workloads.values()}
    guests = {work.workloads[name].node.id for name in work.hosts}
    found = [edge for edge in work.draft.edges if edge.relation == _SCALES]
    first: dict[str, Workload] = {}
    for edge in sorted(found, key=lambda one: one.target in guests):
        workload = services[edge.target]
        pod = work.pod_of(workload.service)
        if pod.kind not in SCALABLE:
            why = f"it is a container in the pods of {pod.service}, and a {pod.kind} is not scaled by this"
            _leave_out(work, edge, workload, why)
        elif (kept := first.setdefault(pod.service, workload)) is not workload:
            why = f"{kept.service} scales the pod that both are in, and a pod has one autoscaler"
            _leave_out(work, edge, workload, why)


def _leave_out(work: Work, edge: DraftEdge, workload: Workload, why: str) -> None:
    work.draft.edges.remove(edge)
    del work.draft.nodes[edge.source]
    for key in workload.spec.get("labels") or {}:
        if key.startswith(_LABEL):
            workload.dropped("labels", key, why=why)
