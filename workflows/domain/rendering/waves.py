"""In which order objects are applied: a table by kind, and edges that force more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

FOUNDATION, CONFIG, WORKLOADS, SERVICES, INGRESS, AUTOSCALERS, POLICIES = range(7)
CUSTOM = WORKLOADS
"""Objects of kinds we do not know: after what they may mount, beside the workloads."""

_WAVES: Mapping[int, str] = {
    FOUNDATION: (
        "Namespace CustomResourceDefinition PriorityClass StorageClass RuntimeClass IngressClass "
        "VolumeAttributesClass ServiceAccount Role RoleBinding ClusterRole ClusterRoleBinding "
        "ResourceQuota LimitRange"
    ),
    CONFIG: "ConfigMap Secret PersistentVolume PersistentVolumeClaim",
    WORKLOADS: "Deployment StatefulSet DaemonSet ReplicaSet ReplicationController Job CronJob Pod",
    SERVICES: "Service Endpoints EndpointSlice APIService",
    INGRESS: "Ingress Gateway HTTPRoute GRPCRoute",
    AUTOSCALERS: "HorizontalPodAutoscaler VerticalPodAutoscaler PodDisruptionBudget ScaledObject",
    POLICIES: (
        "NetworkPolicy ValidatingWebhookConfiguration MutatingWebhookConfiguration "
        "ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding"
    ),
}
WAVE_OF: Mapping[str, int] = {kind: wave for wave, kinds in _WAVES.items() for kind in kinds.split()}


def wave_of(kind: str) -> int:
    """The wave of an object by its Kubernetes kind alone."""
    return WAVE_OF.get(kind, CUSTOM)


def raise_waves(base: Mapping[str, int], before: Iterable[tuple[str, str]]) -> dict[str, int]:
    """The wave of every node: at least its own, and after every node that must come before it.

    `before` holds (earlier, later) pairs. Pairs that close a loop are not followed round it; `check`
    has refused such graphs.
    """
    after: dict[str, list[str]] = {}
    waiting = dict.fromkeys(base, 0)
    for earlier, later in before:
        if earlier in waiting and later in waiting:
            after.setdefault(earlier, []).append(later)
            waiting[later] += 1
    waves = dict(base)
    ready = [node for node, count in waiting.items() if count == 0]
    while ready:
        node = ready.pop()
        for later in after.get(node, ()):
            waves[later] = max(waves[later], waves[node] + 1)
            waiting[later] -= 1
            if waiting[later] == 0:
                ready.append(later)
    return waves
