"""Takes objects away, and tells whether they are gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from clusters.kube.client import KubeClient
from clusters.kube.discovery import KNOWN
from clusters.kube.errors import ApiConflict, ApiNotFound, UnknownKind
from kubeorch.base.errors import Unavailable
from kubeorch.base.records import replace

if TYPE_CHECKING:
    from clusters.domain.objects import Manifest, Ref

DELETES_MOST = 20
"""How often an object is asked to go that changes between the look at it and its deletion."""


class StillThere(Unavailable):
    """The object is being deleted and is not gone yet."""

    code = "object.terminating"

    def __init__(self, ref: Ref, finalizers: tuple[str, ...]) -> None:
        because = f"; it is waiting for finalizers: {', '.join(finalizers)}" if finalizers else ""
        super().__init__(f"{ref.kind} {ref.name} is still being deleted{because}")
        self.finalizers = finalizers


def delete_object(
    client: KubeClient,
    ref: Ref,
    uid: str,
    *,
    check: Callable[[Manifest], None],
    seen: Manifest | None = None,
    guard: Callable[[], None],
) -> None:
    """Delete the very object `uid`. Gone already, or another object under its name, is as good.

    `check` is handed its metadata and raises what keeps it from going: what is deleted is the object as it was then
    (resourceVersion), so nobody's claim to it is overlooked. With `seen`, metadata read lately, it is asked for only if
    it has changed since. Raises what `check` raises, StillThere while it waits for finalizers or its grace period (call
    again later), ApiConflict when it changes all the time, and API errors.
    """
    live = seen if seen is not None else client.get(ref, metadata_only=True)
    for left in reversed(range(DELETES_MOST)):
        if live is None or live["metadata"]["uid"] != uid:
            return
        check(live)
        try:
            if client.delete(ref, uid=uid, version=str(live["metadata"]["resourceVersion"]), guard=guard):
                return
            break
        except ApiConflict:
            if not left:
                raise
            live = client.get(ref, metadata_only=True)
    check_gone(client, ref, uid)


def check_gone(client: KubeClient, ref: Ref, uid: str) -> None:
    """Raise StillThere while the very object `uid` is there."""
    try:
        live = client.get(ref, metadata_only=True)
    except UnknownKind:
        return  # and its objects went with its definition
    if live is not None and live["metadata"]["uid"] == uid:
        raise StillThere(ref, tuple(live["metadata"].get("finalizers") or ()))


def served(client: KubeClient, ref: Ref) -> Ref | None:
    """The object's ref in a version that the cluster serves now; None when it serves the kind in no version.

    Without its kind an object does not exist. The cluster is asked anew, since what a client remembers of kinds may
    be older than the end of one. Raises API errors: a kind that one may not ask about is not gone.
    """
    if (ref.api_version, ref.kind) in KNOWN:
        return ref
    for version in (ref.api_version, *_other_versions(client, ref)):
        path = f"/apis/{version}" if "/" in version else f"/api/{version}"
        rows = _rows(client, path, "resources")
        if any(row.get("kind") == ref.kind and "/" not in str(row.get("name")) for row in rows):
            return replace(ref, api_version=version)
    return None


def _other_versions(client: KubeClient, ref: Ref) -> Iterator[str]:
    if ref.group:
        found = [str(row.get("groupVersion")) for row in _rows(client, f"/apis/{ref.group}", "versions")]
        yield from (version for version in found if version != ref.api_version)


def _rows(client: KubeClient, path: str, name: str) -> list[Mapping[str, Any]]:
    try:
        answer = client.request("GET", path)[1]
    except ApiNotFound:
        return []
    return [row for row in answer.get(name) or () if isinstance(row, Mapping)]
