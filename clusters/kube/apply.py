"""Makes one object in a cluster match its manifest, by server-side apply.

Fields that others manage raise FieldConflict, and are taken over only when a person asked for that; objects that
are not ours always raise ForeignObject. What the API server cannot change in place is replaced where that is
the kind's own way (a Job).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from clusters.domain.labels import ENVIRONMENT_LABEL
from clusters.domain.managers import OUR_MANAGERS, SECRETS_MANAGER
from clusters.kube.client import KubeClient, Manifest
from clusters.kube.errors import ApiConflict, ApiInvalid, ApiNotFound, FieldConflict
from kubeorch.base.digests import content_digest
from kubeorch.base.errors import Conflict, Unavailable

if TYPE_CHECKING:
    from clusters.domain.objects import Ref

REPLACED_ON_CHANGE = frozenset({("batch/v1", "Job"), ("v1", "Pod")})
"""Kinds that run to an end: a changed one is a new one."""


class ForeignObject(Conflict):
    """An object of this name exists and belongs to somebody else."""

    code = "object.foreign"

    def __init__(self, ref: Ref, environment_id: str, owner: str | None) -> None:
        whose = "another environment" if owner else "somebody else"
        super().__init__(
            f"{ref.kind} {ref.name} exists and belongs to {whose}; it was not touched. Rename the node, or adopt "
            f"the object by labelling it {ENVIRONMENT_LABEL}={environment_id}"
        )


class ImmutableField(Conflict):
    """The change needs a new object, and replacing the old one would cost its data or traffic."""

    code = "object.immutable"

    def __init__(self, ref: Ref, fields: tuple[str, ...], answer: str) -> None:
        what = ", ".join(fields) or "some of its fields"
        super().__init__(
            f"{ref.kind} {ref.name} cannot change {what} once it exists. Undo that change, or rename the node, "
            f"so that a new object takes its place. The API server says: {answer}"
        )
        self.fields = fields


class StillThere(Unavailable):
    """The object is being deleted and is not gone yet."""

    code = "object.terminating"

    def __init__(self, ref: Ref, finalizers: tuple[str, ...]) -> None:
        because = f"; it waits for {', '.join(finalizers)}" if finalizers else ""
        super().__init__(f"{ref.kind} {ref.name} is still being deleted{because}")
        self.finalizers = finalizers


@dataclass(frozen=True, slots=True)
class ObjectState:
    """An object as it was when last applied or read."""

    uid: str
    resource_version: str
    generation: int
    fingerprint: str


def object_state_of(live: Manifest) -> ObjectState:
    metadata = live["metadata"]
    return ObjectState(
        uid=metadata["uid"],
        resource_version=str(metadata.get("resourceVersion") or ""),
        generation=int(metadata.get("generation") or 0),
        fingerprint=fingerprint_of(live),
    )


def fingerprint_of(live: Mapping[str, Any]) -> str:
    """Changes whenever a field that we applied may have changed, and not with status or others' fields.

    The API server takes a field out of our managed set as soon as somebody else changes its value, and stamps our
    entry when we do. So with an equal fingerprint, applying the same manifest again would change nothing.
    Source: Kubernetes docs, "Server-Side Apply", section "Field management".
    """
    ours = [
        (entry.get("manager"), entry.get("apiVersion"), entry.get("time"), entry.get("fieldsV1"))
        for entry in live["metadata"].get("managedFields") or ()
        if entry.get("operation") == "Apply" and entry.get("manager") in OUR_MANAGERS
    ]
    ours.sort(key=lambda entry: str(entry[0]))
    return content_digest(orjson.dumps(ours, option=orjson.OPT_SORT_KEYS))


def check_ours(live: Mapping[str, Any], ref: Ref, environment_id: str, known_uid: str | None) -> None:
    """Raise ForeignObject unless the object carries our label, or is the very one we made (by uid)."""
    metadata = live["metadata"]
    owner = (metadata.get("labels") or {}).get(ENVIRONMENT_LABEL)
    if owner != environment_id and metadata.get("uid") != known_uid:
        raise ForeignObject(ref, environment_id, owner)


def apply_object(
    client: KubeClient,
    ref: Ref,
    manifest: Manifest,
    live: Manifest | None,
    *,
    environment_id: str,
    known_uid: str | None,
    take_over: bool = False,
    guard: Callable[[], None],
) -> tuple[Manifest, bool]:
    """Apply one object; (the object afterwards, whether it was replaced).

    `live` is its metadata as last seen, None when there was none; with `take_over` fields that others manage become
    ours; `guard` is called before every request that writes. Raises ForeignObject, FieldConflict, ImmutableField,
    StillThere (call again later) and API errors.
    """
    for attempt in (1, 2, 3):
        if live is not None:
            check_ours(live, ref, environment_id, known_uid)
            if live["metadata"].get("deletionTimestamp"):
                _check_gone(client, ref, live["metadata"]["uid"])
                live = None
        try:
            applied = (
                client.apply(manifest, uid=live["metadata"]["uid"], force=take_over, guard=guard)
                if live is not None
                else client.apply(manifest, guard=guard)  # an object that was not seen may be anybody's
            )
        except ApiConflict as conflict:
            unseen = live is None and isinstance(conflict, FieldConflict)
            if attempt == 3 or not (unseen or type(conflict) is ApiConflict):
                raise
            live = client.get(ref, metadata_only=True)  # another object took or gave up the name
            continue
        except ApiInvalid as invalid:
            if not _is_immutable(invalid):
                raise
            if (ref.api_version, ref.kind) not in REPLACED_ON_CHANGE or live is None:
                raise ImmutableField(ref, _fields(invalid), invalid.detail) from invalid
            delete_object(client, ref, live["metadata"]["uid"], guard=guard)
            return client.apply(manifest, guard=guard).object, True
        return applied.object, False
    raise AssertionError("unreachable")


def delete_object(client: KubeClient, ref: Ref, uid: str, *, guard: Callable[[], None]) -> None:
    """Delete the very object `uid`. Gone already, or another object under its name, is as good.

    Raises StillThere while it waits for finalizers or its grace period; call again later.
    """
    try:
        if client.delete(ref, uid=uid, guard=guard):
            return
    except ApiConflict:
        return
    _check_gone(client, ref, uid)


def _check_gone(client: KubeClient, ref: Ref, uid: str) -> None:
    live = client.get(ref, metadata_only=True)
    if live is not None and live["metadata"]["uid"] == uid:
        raise StillThere(ref, tuple(live["metadata"].get("finalizers") or ()))


def apply_secret_values(
    client: KubeClient,
    ref: Ref,
    values: Mapping[str, str],
    *,
    uid: str,
    take_over: bool = False,
    guard: Callable[[], None],
) -> Manifest:
    """Set all values of a Secret under their own field manager, so that applying it without values keeps them.

    `values` are base64, as in a Secret's `data`, and must contain every key that is to stay.
    """
    manifest: Manifest = {
        "apiVersion": ref.api_version,
        "kind": ref.kind,
        "metadata": {"name": ref.name, "namespace": ref.namespace},
        "data": dict(values),
    }
    return client.apply(manifest, field_manager=SECRETS_MANAGER, uid=uid, force=take_over, guard=guard).object


def secret_data(client: KubeClient, ref: Ref) -> dict[str, str]:
    """The values of a Secret in the cluster, base64 by key; {} when there is none. Never log or store them."""
    try:
        _, live = client.request("GET", client.path_of(ref), name=f"{ref.kind} {ref.name}")
    except ApiNotFound:
        return {}
    return dict(live.get("data") or {})


def _is_immutable(error: ApiInvalid) -> bool:
    if error.status != 422:
        return False
    text = " ".join((error.detail, *(cause.message for cause in error.causes)))
    return any(words in text for words in _IMMUTABLE)


_IMMUTABLE = ("immutable", "may not change once set", "updates to statefulset spec", "pod updates may not change")


def _fields(error: ApiInvalid) -> tuple[str, ...]:
    return tuple(dict.fromkeys(cause.field for cause in error.causes if cause.field))
