"""Makes one object in a cluster match its manifest, by server-side apply.

Fields that others manage raise FieldConflict, and are taken over only when a person asked for that; objects that
are not ours always raise ForeignObject. What the API server cannot change in place is replaced where that is
the kind's own way (a Job).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from clusters.domain.handover import applied_part
from clusters.domain.labels import ENVIRONMENT_LABEL
from clusters.domain.managers import OUR_MANAGERS
from clusters.domain.ownership.touches import fingerprint_of
from clusters.kube.client import KubeClient, Manifest
from clusters.kube.discovery import KNOWN
from clusters.kube.errors import ApiAnswer, ApiConflict, ApiInvalid, ApiNotFound, UnknownKind
from clusters.kube.handover import NOTHING_HANDED, Handed, hand_over, join_managers, made_anew
from kubeorch.base.errors import Conflict, KubeOrchError, Unavailable

if TYPE_CHECKING:
    from clusters.domain.objects import Ref

REPLACED_ON_CHANGE = frozenset({("batch/v1", "Job"), ("v1", "Pod")})
"""Kinds that run to an end: a changed one is a new one."""


OF_NO_OBJECT = "1"
"""A resourceVersion that no object has, since the store's first write gives a higher one.

An apply that names a resourceVersion fails with 409 where an object of another version exists, and still creates one
where none does. Found so on Kubernetes 1.36 for every kind that is built in, for custom objects and for APIServices,
also where the content is the same. Unlike POST it leaves the fields with our manager's Apply entry, so later applies
own them once and can remove them.
"""


def is_secret(ref: Ref) -> bool:
    return (ref.api_version, ref.kind) == ("v1", "Secret")


class ForeignObject(Conflict):
    """An object of this name exists and belongs to somebody else."""

    code = "object.foreign"

    def __init__(self, ref: Ref, environment_id: str, owner: str | None) -> None:
        name = f"{ref.kind} {ref.name}"
        if owner:
            detail = f"{name} exists and belongs to another environment; it was not touched. Rename the node"
        else:
            detail = (
                f"{name} exists and belongs to somebody else; it was not touched. Rename the node, or adopt "
                f"the object by labelling it {ENVIRONMENT_LABEL}={environment_id}"
            )
        super().__init__(detail)
        self.ref = ref
        self.owner = owner
        """Id of the environment whose label it carries, if any."""


class ImmutableField(Conflict):
    """The change needs a new object, and replacing the old one would cost its data or traffic."""

    code = "object.immutable"

    def __init__(self, ref: Ref, fields: tuple[str, ...], answer: str) -> None:
        name = f"{ref.kind} {ref.name}"
        if is_secret(ref):
            what = "type" if "type" in fields else "values"
            super().__init__(
                f"the {what} of {name} cannot change once it exists. Rename the node, so that a new Secret takes its "
                "place and what uses it follows; or start the run again without the change"
            )
        else:
            what = ", ".join(fields) or "some of its fields"
            super().__init__(
                f"{name} cannot change {what} once it exists. Undo that change, or rename the node, "
                f"so that a new object takes its place. The API server says: {answer}"
            )
        self.fields = fields


class NotForeseeable(Conflict):
    """A trial cannot take away what the API server had filled in, which the apply does first."""

    code = "object.not_foreseeable"

    def __init__(self, ref: Ref) -> None:
        super().__init__(
            f"{ref.kind} {ref.name} has fields that the API server had filled in and that go with this change; "
            "no dry run can foresee that"
        )


class StillThere(Unavailable):
    """The object is being deleted and is not gone yet."""

    code = "object.terminating"

    def __init__(self, ref: Ref, finalizers: tuple[str, ...]) -> None:
        because = f"; it is waiting for finalizers: {', '.join(finalizers)}" if finalizers else ""
        super().__init__(f"{ref.kind} {ref.name} is still being deleted{because}")
        self.finalizers = finalizers


class NotReplaced(Conflict):
    """The new object was refused after the old one was deleted; the old one is there again."""

    code = "object.not_replaced"


class NotRestored(Conflict):
    """The new object was refused after the old one was deleted, and so was the old one."""

    code = "object.not_restored"


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
    changed: bool = True,
    take_over: bool = False,
    guard: Callable[[], None],
    keep: Callable[[Manifest], None] = lambda _: None,
    kept: Manifest | None = None,
) -> tuple[Manifest, bool]:
    """Apply one object; (the object afterwards, whether it was replaced).

    `live` is its metadata as last seen, None when there was none; `changed` says whether the manifest differs from the
    one that was applied last; with `take_over` fields that others manage become ours; `guard` is called before every
    request that writes. One that has to be made anew is deleted only after a trial has made the new one; before that,
    `keep` is handed what we had applied. That comes back as `kept` when the step is done again, and is made again
    where the new object is refused after all. Raises ForeignObject, FieldConflict, ImmutableField, StillThere (call
    again later) and API errors.
    """
    whose = _Whose(environment_id, known_uid)
    replacing = _Replacing(keep, kept)
    try:
        done = _carry_out(
            client, ref, manifest, live, whose, changed=changed, take_over=take_over, guard=guard, replacing=replacing
        )
    except Unavailable:
        raise  # the step is done again
    except KubeOrchError as error:
        if replacing.kept is not None:
            raise restored(client, ref, replacing.kept, error, guard=guard) from error
        raise
    return done.after, done.replaced


def restored(
    client: KubeClient, ref: Ref, body: Manifest, error: KubeOrchError, *, guard: Callable[[], None]
) -> KubeOrchError:
    """Make again what was deleted for a new object that is refused; the error to raise, with what became of it."""
    name = f"{ref.kind} {ref.name}"
    try:
        _create(client, body, guard)
    except ApiConflict:
        return error  # an object is there: nothing was deleted, or somebody has made one since
    except Unavailable:
        raise
    except KubeOrchError as second:
        return NotRestored(f"{error.detail}. The former {name} was deleted and cannot be made again: {second.detail}")
    state = " suspended, so that what it did is not done twice" if ref.kind == "Job" else ""
    return NotReplaced(f"{error.detail}. The former {name} was made again{state}")


def try_object(
    client: KubeClient,
    ref: Ref,
    manifest: Manifest,
    live: Manifest | None,
    *,
    environment_id: str,
    known_uid: str | None,
    changed: bool = True,
    take_over: bool = False,
) -> Tried:
    """What `apply_object` would make of the object, by the same requests as dry runs; nothing is changed.

    `live` is the whole object. Raises as `apply_object` does.
    """
    whose = _Whose(environment_id, known_uid)
    return _carry_out(client, ref, manifest, live, whose, changed=changed, take_over=take_over, guard=None)


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of an object, or would become of it."""

    before: Manifest | None
    """As it was seen last before the request that counted; None when it was made."""
    after: Manifest
    replaced: bool = False
    """It was, or would be, deleted and made again. A trial has made the new one under another name."""
    handed: Handed = NOTHING_HANDED


@dataclass(frozen=True, slots=True)
class _Whose:
    environment_id: str
    known_uid: str | None


@dataclass(slots=True)
class _Replacing:
    keep: Callable[[Manifest], None]
    kept: Manifest | None


def _carry_out(
    client: KubeClient,
    ref: Ref,
    manifest: Manifest,
    live: Manifest | None,
    whose: _Whose,
    *,
    changed: bool,
    take_over: bool,
    guard: Callable[[], None] | None,
    replacing: _Replacing | None = None,
) -> Tried:
    """Apply, or without a `guard` try: the same requests, as dry runs."""
    handed = NOTHING_HANDED
    for attempt in (1, 2, 3):
        if live is not None:
            check_ours(live, ref, whose.environment_id, whose.known_uid)
            if live["metadata"].get("deletionTimestamp"):
                check_gone(client, ref, live["metadata"]["uid"])
                live = None
        try:
            if live is None:
                return Tried(None, _create(client, manifest, guard))
            uid = live["metadata"]["uid"]
            if is_secret(ref):
                if guard is not None:  # who has the values of a Secret changes nothing about them
                    join_managers(client, ref, live, guard=guard)
            elif changed and (ref.api_version, ref.kind) not in REPLACED_ON_CHANGE:
                handed = hand_over(client, ref, manifest, live, guard=guard)
            sent = manifest if guard is not None else handed.written_into(manifest)
            applied = client.apply(sent, uid=uid, force=take_over, dry_run=guard is None, guard=guard)
            return Tried(live, applied.object, handed=handed)
        except ApiConflict as conflict:
            unseen = live is None  # another object has taken the name: it may be ours, or anybody's
            if attempt == 3 or not (unseen or type(conflict) is ApiConflict):
                raise
            live = client.get(ref, metadata_only=guard is not None)
        except ApiInvalid as invalid:
            if not _is_immutable(invalid, ref):
                if guard is None and not handed.can_be_tried:
                    raise NotForeseeable(ref) from invalid
                raise
            if (ref.api_version, ref.kind) not in REPLACED_ON_CHANGE or live is None:
                raise ImmutableField(ref, _fields(invalid), invalid.detail) from invalid
            if guard is None or replacing is None:
                return Tried(live, made_anew(client, ref, manifest), replaced=True)
            _prove(client, ref, manifest)
            if replacing.kept is None:
                _keep_body(client, ref, live["metadata"]["uid"], replacing)
            delete_object(client, ref, live["metadata"]["uid"], guard=guard)
            return Tried(None, create_object(client, manifest, guard=guard), replaced=True)
    raise AssertionError("unreachable")


_NOT_TELLING = ("exceeded quota", "does not support dry run")
"""Refusals of a trial beside the old object that say nothing of what comes once it is gone."""


def _prove(client: KubeClient, ref: Ref, manifest: Manifest) -> None:
    """Raise what the API server says against the new object, as far as a trial under another name can tell."""
    try:
        made_anew(client, ref, manifest)
    except ApiAnswer as refused:
        if not any(words in refused.detail for words in _NOT_TELLING):
            raise


def _keep_body(client: KubeClient, ref: Ref, uid: str, replacing: _Replacing) -> None:
    """Keep what we had applied of the very object `uid`, as it can be applied again."""
    whole = client.get(ref)
    if whole is None or whole["metadata"]["uid"] != uid:
        return
    body = applied_part(whole, OUR_MANAGERS)
    if ref.kind == "Job":
        body["spec"] = {**body.get("spec", {}), "suspend": True}
    replacing.keep(body)
    replacing.kept = body


def create_object(client: KubeClient, manifest: Manifest, *, guard: Callable[[], None]) -> Manifest:
    """Create the object by server-side apply; it is merged into no object that has the name already.

    Raises ApiConflict (or FieldConflict) when there is one, and API errors.
    """
    return _create(client, manifest, guard)


def _create(client: KubeClient, manifest: Manifest, guard: Callable[[], None] | None) -> Manifest:
    metadata = {**manifest["metadata"], "resourceVersion": OF_NO_OBJECT}
    return client.apply({**manifest, "metadata": metadata}, dry_run=guard is None, guard=guard).object


def delete_object(client: KubeClient, ref: Ref, uid: str, *, guard: Callable[[], None]) -> None:
    """Delete the very object `uid`. Gone already, or another object under its name, is as good.

    Raises StillThere while it waits for finalizers or its grace period; call again later.
    """
    try:
        if client.delete(ref, uid=uid, guard=guard):
            return
    except ApiConflict:
        return
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


def secret_data(client: KubeClient, ref: Ref) -> dict[str, str]:
    """The values of a Secret in the cluster, base64 by key; {} when there is none. Never log or store them."""
    live = client.get(ref)
    return dict((live or {}).get("data") or {})


def _is_immutable(error: ApiInvalid, ref: Ref) -> bool:
    if error.status != 422:
        return False
    if is_secret(ref):  # whose answers are passed on without their sentences
        return any((cause.reason, cause.field) in _IMMUTABLE_OF_SECRETS for cause in error.causes)
    text = " ".join((error.detail, *(cause.message for cause in error.causes)))
    return any(words in text for words in _IMMUTABLE)


_IMMUTABLE = ("immutable", "may not change once set", "updates to statefulset spec", "pod updates may not change")
_IMMUTABLE_OF_SECRETS = frozenset(
    {("FieldValueForbidden", "data"), ("FieldValueForbidden", "immutable"), ("FieldValueInvalid", "type")}
)


def _fields(error: ApiInvalid) -> tuple[str, ...]:
    return tuple(dict.fromkeys(cause.field for cause in error.causes if cause.field))
