"""How far rendered objects reach: out of the namespace of their environment, to the whole cluster, or to rights.

A cluster that several teams use is safe only if the objects of one team stay where the team may write. This module
says which objects do not; whoever starts or carries out a run decides who may have them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from clusters.domain.objects import Manifest, Ref, is_cluster_scoped
from workflows.domain.rendering.plan import RenderedObject

Scope = Callable[[Ref], bool | None]
"""Whether objects of a kind live outside namespaces, as the cluster's discovery says; None when it does not know."""

_RBAC_GROUPS = frozenset({"rbac.authorization.k8s.io", "authorization.openshift.io", "security.openshift.io"})
"""Every kind of these groups gives rights. Source: Kubernetes docs, "Using RBAC Authorization"; OpenShift API docs."""
_CRD_GROUP = "apiextensions.k8s.io"


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


def reaching(rendered: Iterable[RenderedObject], namespace: str, *, scope: Scope | None = None) -> list[Reaching]:
    """The objects that reach beyond `namespace`, in the order given; those that stay inside it are left out.

    `rendered` is what `render_graph` returns for an environment in `namespace`. A kind is cluster-scoped when the
    cluster says so (`scope`), when the table of Kubernetes' own kinds does, or when the same graph draws its
    CustomResourceDefinition with `scope: Cluster`. Without `scope`, an unknown kind counts as namespaced, so whoever
    enforces rights should hand in what the cluster discovered. No cluster is asked here.

        reaching(render_graph(graph, catalog, namespace="shop"), "shop")
        → [Reaching("admin", Ref("rbac…/v1", "ClusterRoleBinding", "", "admin"), {CLUSTER, RBAC})]
    """
    objects = list(rendered)
    drawn = {kind for one in objects for kind in _drawn_cluster_kinds(one.ref, one.manifest)}
    found = ((one, _beyond(one.ref, namespace, drawn, scope)) for one in objects)
    return [Reaching(one.node_id, one.ref, beyond) for one, beyond in found if beyond]


def _beyond(ref: Ref, namespace: str, drawn: set[tuple[str, str]], scope: Scope | None) -> frozenset[Beyond]:
    beyond: set[Beyond] = set()
    said = scope(ref) if scope is not None else None
    is_global = is_cluster_scoped(ref.api_version, ref.kind) or (ref.group, ref.kind) in drawn or said is True
    if is_global or not ref.namespace:
        beyond.add(Beyond.CLUSTER)
    elif ref.namespace != namespace:
        beyond.add(Beyond.NAMESPACE)
    if ref.group in _RBAC_GROUPS:
        beyond.add(Beyond.RBAC)
    return frozenset(beyond)


def _drawn_cluster_kinds(ref: Ref, manifest: Manifest) -> Iterable[tuple[str, str]]:
    """(group, kind) of a rendered CustomResourceDefinition whose objects have no namespace."""
    if ref.group != _CRD_GROUP or ref.kind != "CustomResourceDefinition":
        return
    spec: Any = manifest.get("spec")
    names = spec.get("names") if isinstance(spec, dict) else None
    if isinstance(names, dict) and spec.get("scope") == "Cluster":
        yield str(spec.get("group")), str(names.get("kind"))
