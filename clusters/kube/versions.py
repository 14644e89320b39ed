"""In which version of its group a kind is watched: an object is one thing, however many versions show it."""

from __future__ import annotations

from urllib.parse import quote

from clusters.kube.client import KubeClient
from clusters.kube.errors import ApiNotFound, UnknownKind
from clusters.kube.watched_kinds import KindOf


def served_version(client: KubeClient, kind: KindOf) -> str:
    """The apiVersion, of those that serve the kind, that the cluster prefers.

    Raises UnknownKind when none does, and what the request raises.
    """
    group = kind.group_kind.group
    if not group:
        return _serving(client, kind, [kind.api_version])
    try:
        answer = client.request("GET", f"/apis/{quote(group, safe='')}")[1]
    except ApiNotFound:
        raise UnknownKind(*kind) from None
    preferred = (answer.get("preferredVersion") or {}).get("groupVersion")
    rows = [row.get("groupVersion") for row in answer.get("versions") or () if isinstance(row, dict)]
    return _serving(client, kind, list(dict.fromkeys(str(row) for row in (preferred, *rows) if row)))


def _serving(client: KubeClient, kind: KindOf, versions: list[str]) -> str:
    for version in versions:
        try:
            client.resource(version, kind.kind)
        except UnknownKind:
            continue
        return version
    raise UnknownKind(*kind)
