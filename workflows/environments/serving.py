"""Where a cluster serves the kinds of what is drawn, and whether an environment's namespace is there."""

from __future__ import annotations

from collections.abc import Sequence

from clusters.domain.objects import Ref
from clusters.kube.client import KubeClient
from clusters.kube.errors import ApiForbidden, UnknownKind
from workflows.domain.rendering.render import Rendered
from workflows.domain.rights.needs import Place
from workflows.environments.store import Environment


class Places:
    """Where kinds are served; each is asked for once."""

    def __init__(self, client: KubeClient) -> None:
        self._client = client
        self._known: dict[tuple[str, str], Place | None] = {}

    def of(self, ref: Ref) -> Place | None:
        kind = (ref.api_version, ref.kind)
        if kind not in self._known:
            try:
                found = self._client.resource(*kind)
                self._known[kind] = Place(found.plural, found.namespaced)
            except UnknownKind:
                self._known[kind] = None
        return self._known[kind]


def new_namespace(client: KubeClient, environment: Environment, items: Sequence[Rendered]) -> str:
    """The namespace that a run would make first; "" where it is there, or where the credentials may not say, since then
    a run goes on without."""
    name = environment["namespace"]
    ref = Ref("v1", "Namespace", "", name)
    if all(item.ref.namespace != name for item in items) or any(item.ref == ref for item in items):
        return ""
    try:
        return "" if client.get(ref, metadata_only=True) is not None else name
    except ApiForbidden:
        return ""
