"""How a kind is named in an address: `Deployment.apps` and `Pod`, as kubectl names resources."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kubeorch.base.errors import InvalidInput

_VERSION = re.compile(r"v[0-9]+(?:(?:alpha|beta)[0-9]+)?")
GIVING_RIGHTS = frozenset({"rbac.authorization.k8s.io", "authorization.openshift.io", "security.openshift.io"})
"""Every kind of these groups gives rights. Source: Kubernetes docs, "Using RBAC Authorization"; OpenShift API docs."""
_NAME = re.compile(r"(?:[a-z0-9.-]+/){0,2}[A-Za-z][A-Za-z0-9]{0,62}(?:\.[a-z0-9.-]+)?\Z")


class BadKindName(InvalidInput):
    """The text names no kind."""

    code = "kind.name"

    def __init__(self) -> None:
        super().__init__("name a kind as Kind.group, such as Deployment.apps or Pod", field="kind")


@dataclass(frozen=True, slots=True)
class KindName:
    """A kind of a group, in the version that was named; "" leaves that to the cluster."""

    group: str
    kind: str
    version: str = ""

    def __str__(self) -> str:
        return f"{self.kind}.{self.group}" if self.group else self.kind


def kind_name(text: str) -> KindName:
    """From `Deployment.apps`, `apps/Deployment`, `apps/v1/Deployment`, `v1/Pod` or `Pod`. Raises BadKindName."""
    if len(text) > 400 or not _NAME.match(text):
        raise BadKindName
    before, _, last = text.rpartition("/")
    if not before:
        kind, _, group = last.partition(".")
        return KindName(group, kind)
    if "." in last:
        raise BadKindName
    group, slash, version = before.partition("/")
    if not slash:
        return KindName("", last, group) if _VERSION.fullmatch(group) else KindName(group, last)
    return KindName(group, last, version)
