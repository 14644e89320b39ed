"""Which rights on a cluster a workflow needs: to be planned, run, watched, and taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from clusters.domain.objects import Manifest, Ref

RBAC = "rbac.authorization.k8s.io"
WATCHED = ("list", "watch")
OWNED = ("get", "list", "watch", "create", "patch", "delete")
"""An object is read, applied by server-side apply (which asks for both `create` and `patch`), watched, and deleted by
the run that takes this one back."""
LEFT = ("get", "list", "watch", "delete")
"""What is owned and not drawn any more is not applied."""

_SEEN_WITH: Mapping[tuple[str, str], tuple[tuple[str, str], ...]] = {
    ("apps", "Deployment"): (("apps", "replicasets"), ("", "pods"), ("", "events")),
    ("apps", "ReplicaSet"): (("", "pods"), ("", "events")),
    ("apps", "StatefulSet"): (("", "pods"), ("", "events")),
    ("apps", "DaemonSet"): (("", "pods"), ("", "events")),
    ("batch", "Job"): (("", "pods"), ("", "events")),
    ("batch", "CronJob"): (("batch", "jobs"), ("", "pods"), ("", "events")),
    ("", "Pod"): (("", "events"),),
    ("", "Service"): (("discovery.k8s.io", "endpointslices"),),
    ("networking.k8s.io", "Ingress"): (("discovery.k8s.io", "endpointslices"),),
}
"""What an object's health is judged by beside itself: what its controllers make of it."""


@dataclass(frozen=True, slots=True, order=True)
class Right:
    """One verb on one resource, in one namespace or, with "", in the whole cluster."""

    namespace: str
    group: str
    resource: str
    verb: str
    name: str = ""
    """Of the one object that it is about; "" for all."""

    def as_json(self) -> dict[str, str]:
        return {
            "verb": self.verb,
            "group": self.group,
            "resource": self.resource,
            "namespace": self.namespace,
            "name": self.name,
        }


class Drawn(Protocol):
    @property
    def node_id(self) -> str: ...
    @property
    def ref(self) -> Ref: ...
    @property
    def manifest(self) -> Manifest: ...


@dataclass(frozen=True, slots=True)
class Place:
    """Where a kind is served."""

    resource: str
    namespaced: bool


PlaceOf = Callable[[Ref], Place | None]
"""None for a kind that the cluster does not serve."""
Needs = dict[Right, list[str]]
"""The nodes that need a right; none for what the environment itself needs."""


def needs_of(
    drawn: Iterable[Drawn], leaving: Iterable[tuple[Ref, str]], place_of: PlaceOf, *, new_namespace: str = ""
) -> tuple[Needs, list[tuple[str, Ref]]]:
    """(the rights with their nodes, what is of kinds that the cluster does not serve).

    `leaving` are owned objects that a run deletes, with their nodes; `new_namespace` is one that the run makes first.
    """
    needs: Needs = {}
    unserved: list[tuple[str, Ref]] = []

    def add(right: Right, node_id: str) -> None:
        nodes = needs.setdefault(right, [])
        if node_id and node_id not in nodes:
            nodes.append(node_id)

    objects: Sequence[Drawn] = list(drawn)
    defined = drawn_places(one.manifest for one in objects)
    wanted = [(one.ref, one.node_id, OWNED) for one in objects] + [(ref, node_id, LEFT) for ref, node_id in leaving]
    for ref, node_id, verbs in wanted:
        place = defined.get((ref.group, ref.kind)) or place_of(ref)
        if place is None:
            unserved.append((node_id, ref))
            continue
        namespace = ref.namespace if place.namespaced else ""
        for verb in verbs:
            add(Right(namespace, ref.group, place.resource, verb), node_id)
        for group, resource in _SEEN_WITH.get((ref.group, ref.kind), ()):
            for verb in WATCHED:
                add(Right(namespace, group, resource, verb), node_id)
    if new_namespace:
        for verb in ("get", "create", "patch"):
            add(Right("", "", "namespaces", verb), "")
    return needs, unserved


def drawn_places(manifests: Iterable[Manifest]) -> dict[tuple[str, str], Place]:
    """Where the kinds will be served that drawn definitions define, by (group, kind)."""
    found: dict[tuple[str, str], Place] = {}
    for manifest in manifests:
        spec = manifest.get("spec")
        if manifest.get("kind") != "CustomResourceDefinition" or not isinstance(spec, dict):
            continue
        names = spec.get("names")
        if isinstance(names, dict) and names.get("plural"):
            place = Place(str(names["plural"]), spec.get("scope") != "Cluster")
            found[str(spec.get("group")), str(names.get("kind"))] = place
    return found
