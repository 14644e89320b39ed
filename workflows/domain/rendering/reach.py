"""How far rendered objects reach: out of the namespace of their environment, to the whole cluster, or to rights.

A cluster that several teams use is safe only if the objects of one team stay where the team may write. This module
says which objects do not; whoever starts or carries out a run decides who may have them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from clusters.domain.kind_names import GIVING_RIGHTS
from clusters.domain.objects import Ref
from workflows.domain.rendering.identity import KindScope, drawn_cluster_kinds, has_no_namespace
from workflows.domain.rendering.plan import RenderedObject


class Beyond(StrEnum):
    """One way in which an object reaches further than the namespace of its environment."""

    NAMESPACE = "namespace"
    """It is in another namespace than the environment."""
    CLUSTER = "cluster"
    """It has no namespace, so everybody on the cluster has it."""
    RBAC = "rbac"
    """It gives rights, also when it is in the environment's namespace (a RoleBinding to a ClusterRole)."""


@dataclass(frozen=True, slots=True)
class Reaching:
    """An object that reaches beyond its environment. `beyond` has at least one member.

    With `Beyond.NAMESPACE`, `ref.namespace` is the other namespace.
    """

    node_id: str
    ref: Ref
    beyond: frozenset[Beyond]


def reaching(rendered: Iterable[RenderedObject], namespace: str, *, scope: KindScope | None = None) -> list[Reaching]:
    """The objects that reach beyond `namespace`, in the order given; those that stay inside it are left out.

    `rendered` is what `render_graph` returns for an environment in `namespace`. A kind is cluster-scoped when the
    cluster says so (`scope`), when the table of Kubernetes' own kinds does, or when the same graph draws its
    CustomResourceDefinition with `scope: Cluster`. Without `scope`, an unknown kind counts as namespaced, so whoever
    enforces rights should hand in what the cluster discovered. No cluster is asked here.

        reaching(render_graph(graph, catalog, namespace="shop"), "shop")
        → [Reaching("admin", Ref("rbac…/v1", "ClusterRoleBinding", "", "admin"), {CLUSTER, RBAC})]
    """
    objects = list(rendered)
    drawn = drawn_cluster_kinds(one.manifest for one in objects)
    found = ((one, _beyond(one.ref, namespace, drawn, scope)) for one in objects)
    return [Reaching(one.node_id, one.ref, beyond) for one, beyond in found if beyond]


def _beyond(ref: Ref, namespace: str, drawn: frozenset[tuple[str, str]], scope: KindScope | None) -> frozenset[Beyond]:
    beyond: set[Beyond] = set()
    if not ref.namespace or has_no_namespace(ref, drawn, scope):
        beyond.add(Beyond.CLUSTER)
    elif ref.namespace != namespace:
        beyond.add(Beyond.NAMESPACE)
    if ref.group in GIVING_RIGHTS:
        beyond.add(Beyond.RBAC)
    return frozenset(beyond)
