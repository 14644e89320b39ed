"""What the objects that were brought name, and what is not among them: the cluster has to have it already."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from clusters.domain.objects import Identity, group_of
from clusters.domain.reading import mapping, text
from imports.domain.manifests.nodes import Drawn
from imports.domain.manifests.references import RBAC, Key, Objects, named
from kubeorch.base.errors import Problem

NEEDS_MOST = 200
"""What is named; further ones are counted."""
_EVERYWHERE = frozenset(
    {
        Key("", "ServiceAccount", "", "default"),
        Key("", "ConfigMap", "", "kube-root-ca.crt"),
        *(Key("scheduling.k8s.io", "PriorityClass", "", f"system-{what}-critical") for what in ("node", "cluster")),
        *(Key(RBAC, "ClusterRole", "", name) for name in ("cluster-admin", "admin", "edit", "view")),
    }
)
"""What each cluster has, in each namespace."""
_DEFINED = ("gateway.networking.k8s.io", "snapshot.storage.k8s.io")
"""Groups of Kubernetes' own projects whose kinds come with definitions."""


@dataclass(frozen=True, slots=True)
class Need:
    """Something that is not there, and the nodes that name it."""

    key: Key
    nodes: tuple[str, ...]
    by: str
    """The first object that names it, as `Deployment web`."""

    def as_problem(self) -> Problem:
        what = f"{self.key.kind} {self.key.name}"
        others = f" and {len(self.nodes) - 1} more" if len(self.nodes) > 1 else ""
        detail = f"{self.by}{others} needs the {what}, which is not among the objects; "
        cure = "bring it too, or see to it that the cluster has it"
        return Problem("import.not_brought", detail + cure, node_ids=self.nodes, severity="warning")


def needs_of(drawn: Iterable[Drawn], left_out: Iterable[Identity], home: str | None) -> list[Need]:
    """What is named and neither drawn nor left out, in the order of the files: objects, and definitions of kinds.

    What names no namespace is in that of `home`."""
    objects = list(drawn)
    known = Objects.of(objects, home or "")
    others = {Key(*identity) for identity in left_out}
    defined = {
        Key(text(spec.get("group")), text(mapping(spec.get("names")).get("kind")), "", "")
        for one in objects
        if one.wish.ref.kind == "CustomResourceDefinition"
        for spec in [mapping(one.wish.manifest.get("spec"))]
    }
    found: dict[Key, dict[str, str]] = {}
    for one in objects:
        wanted = [key for key in named(one, needed=True) if known.find(key) is None and key not in others]
        definition = _definition(one.wish.ref.api_version, one.wish.ref.kind, defined)
        for key in (*wanted, *definition):
            if key.name and key._replace(namespace="") not in _EVERYWHERE and not key.name.startswith("system:"):
                found.setdefault(key, {})[one.id] = f"{one.wish.ref.kind} {one.wish.ref.name}"
    return [Need(key, tuple(by), next(iter(by.values()))) for key, by in found.items()]


def _definition(api_version: str, kind: str, defined: set[Key]) -> Iterator[Key]:
    """The definition of a kind that Kubernetes does not have by itself and that nothing here defines."""
    group = group_of(api_version)
    is_own = "." not in group or (group.endswith(".k8s.io") and group not in _DEFINED)
    if not is_own and Key(group, kind, "", "") not in defined:
        yield Key("apiextensions.k8s.io", "CustomResourceDefinition", "", f"of {kind} in {group}")
