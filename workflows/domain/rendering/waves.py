"""The order in which objects are applied: a table by kind, and edges that ask for more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from workflows.domain.graphs.order import in_order

FOUNDATION, CONFIG, WORKLOADS, SERVICES, INGRESS, AUTOSCALERS, POLICIES = range(7)
CUSTOM = WORKLOADS
"""Objects of unknown kinds: after what they may mount, together with the workloads."""

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


def raise_waves(
    base: Mapping[str, int],
    before: Iterable[tuple[str, str]],
    waits: Mapping[str, Iterable[str]] = MappingProxyType({}),
) -> dict[str, int]:
    """The wave of every node: at least its own, and after every node that must come before it.

    `before` are pairs of (earlier, later). `waits` has, by node, those among them that must be healthy first: all that
    does not come after them is applied before the wait begins, since they may need it. Nodes in a loop keep their own
    wave; `check` refuses such graphs.
    """
    pairs = [pair for pair in before if pair[0] in base and pair[1] in base]
    if not waits and all(base[earlier] < base[later] for earlier, later in pairs):
        return dict(base)  # nearly every graph: the table alone puts its nodes in order
    after: dict[str, list[str]] = {}
    for earlier, later in pairs:
        after.setdefault(earlier, []).append(later)
    waves, stages = dict(base), dict.fromkeys(base, 0)
    for node in in_order(pairs):
        for later in after.get(node, ()):
            waves[later] = max(waves[later], waves[node] + 1)
            stages[later] = max(stages[later], stages[node] + (node in waits.get(later, ())))
    a_stage = max(waves.values(), default=0) + 1
    return {node: stages[node] * a_stage + wave for node, wave in waves.items()}
