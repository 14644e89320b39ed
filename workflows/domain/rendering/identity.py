"""Which refs name the same object of a cluster, and which kinds have a namespace."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from clusters.domain.objects import Manifest, Ref, is_cluster_scoped

KindScope = Callable[[Ref], bool | None]
"""Whether objects of a kind live outside namespaces, as the cluster's discovery says; None when it does not know."""
_CRD_GROUP = "apiextensions.k8s.io"


def drawn_cluster_kinds(manifests: Iterable[Manifest]) -> frozenset[tuple[str, str]]:
    """(group, kind) of the drawn CustomResourceDefinitions whose objects have no namespace."""
    found: set[tuple[str, str]] = set()
    for manifest in manifests:
        group = str(manifest.get("apiVersion")).partition("/")[0]
        if manifest.get("kind") != "CustomResourceDefinition" or group != _CRD_GROUP:
            continue
        spec: Any = manifest.get("spec")
        names = spec.get("names") if isinstance(spec, dict) else None
        if isinstance(names, dict) and spec.get("scope") == "Cluster":
            found.add((str(spec.get("group")), str(names.get("kind"))))
    return frozenset(found)


def has_no_namespace(ref: Ref, drawn: frozenset[tuple[str, str]], scope: KindScope | None) -> bool:
    """Whether an object belongs to the whole cluster: as the cluster says, else the drawing, else Kubernetes' table."""
    said = scope(ref) if scope is not None else None
    if said is not None:
        return said
    return (ref.group, ref.kind) in drawn or is_cluster_scoped(ref.api_version, ref.kind)


def with_subjects(manifest: Manifest, namespace: str) -> Manifest:
    """A binding whose ServiceAccounts of the environment are named with its namespace, so that a drawing says the same
    in every environment: those whose namespace is the empty text, and in a ClusterRoleBinding also those without one.

    A RoleBinding may leave the namespace out, and then means its own. Source: Kubernetes API, validation of subjects.
    """
    subjects, kind = manifest.get("subjects"), manifest.get("kind")
    if kind not in ("RoleBinding", "ClusterRoleBinding") or not isinstance(subjects, list):
        return manifest
    unsaid = None if kind == "RoleBinding" else ""
    rows = [
        {**one, "namespace": namespace}
        if isinstance(one, dict) and one.get("kind") == "ServiceAccount" and one.get("namespace", unsaid) == ""
        else one
        for one in subjects
    ]
    return {**manifest, "subjects": rows}


def finder(refs: Iterable[Ref]) -> Callable[[Ref], Ref | None]:
    """Finds among `refs` the one that names the same object.

    An object has one name in every version of its API group. A kind has a namespace or it has not, so where one of two
    refs has none, that of the other was a guess made before the cluster was asked.
    """
    exact: dict[tuple[str, str, str, str], Ref] = {}
    by_name: dict[tuple[str, str, str], Ref] = {}
    for ref in refs:
        exact[ref.group, ref.kind, ref.namespace, ref.name] = ref
        by_name[ref.group, ref.kind, ref.name] = ref

    def find(ref: Ref) -> Ref | None:
        found = exact.get((ref.group, ref.kind, ref.namespace, ref.name))
        if found is not None:
            return found
        other = by_name.get((ref.group, ref.kind, ref.name))
        return other if other is not None and not (other.namespace and ref.namespace) else None

    return find
