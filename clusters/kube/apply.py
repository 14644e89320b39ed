"""Makes one object in a cluster match its manifest, by server-side apply.

Fields that others manage raise FieldConflict, and are taken over only when a person asked for that; objects that
are not ours always raise ForeignObject. What the API server cannot change in place is replaced where that is
the kind's own way (a Job).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from clusters.domain.failed_ends import runs_to_an_end
from clusters.domain.labels import ENVIRONMENT_LABEL
from clusters.domain.ownership.adoption import Hand
from clusters.domain.ownership.touches import fingerprint_of
from clusters.kube.adoption import adopted_object
from clusters.kube.client import KubeClient, Manifest
from clusters.kube.errors import ApiConflict, ApiInvalid
from clusters.kube.handover import NOTHING_HANDED, Handed, hand_over, join_managers
from clusters.kube.immutable import ImmutableField, fields_refused, is_immutable
from clusters.kube.removing import check_gone
from clusters.kube.replacing import Replacing, create_object, replaced, restored
from clusters.kube.trials import Trials
from kubeorch.base.errors import Conflict, KubeOrchError, Unavailable

if TYPE_CHECKING:
    from clusters.domain.objects import Ref


def is_secret(ref: Ref) -> bool:
    return (ref.api_version, ref.kind) == ("v1", "Secret")


class ForeignObject(Conflict):
    """An object of this name exists and belongs to somebody else."""

    code = "object.foreign"

    def __init__(self, ref: Ref, environment_id: str, owner: str | None, *, is_there: bool = True) -> None:
        name = f"{ref.kind} {ref.name}"
        if owner and is_there:
            detail = f"{name} exists and belongs to another environment; it was not touched. Rename the node"
        elif owner:
            detail = (
                f"{name} exists with the label of an environment that is not there (any more), {owner[:63]}; it was "
                "not touched. Rename the node. If that was removed here, plan to take the object over (adopt); if "
                "nobody here knows of it, or another installation needs it no more, take off the label first"
            )
        else:
            detail = (
                f"{name} exists and belongs to somebody else; it was not touched. Rename the node, or plan to "
                f"take the object over (adopt); or label it {ENVIRONMENT_LABEL}={environment_id}"
            )
        super().__init__(detail)
        self.ref = ref
        self.owner = owner if is_there else None
        """Id of the environment that has it, if any."""


class NotForeseeable(Conflict):
    """A trial cannot take away what the API server had filled in, which the apply does first."""

    code = "object.not_foreseeable"

    def __init__(self, ref: Ref) -> None:
        super().__init__(
            f"{ref.kind} {ref.name} has fields that the API server had filled in and that go with this change; "
            "no dry run can foresee that"
        )


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


IsAnother = Callable[[str], bool]
"""Whether what a label names is an environment that is there."""


def anybody(_: str) -> bool:
    return True


def check_ours(
    live: Mapping[str, Any], ref: Ref, environment_id: str, known_uid: str | None, is_another: IsAnother = anybody
) -> None:
    """Raise ForeignObject unless the object carries our label, or nobody's and is the very one we made (by uid).

    An environment that labels it as its own has it from then on, also where we have made it. A label that names none
    is nobody's.
    """
    metadata = live["metadata"]
    owner = (metadata.get("labels") or {}).get(ENVIRONMENT_LABEL)
    if owner == environment_id:
        return
    is_there = bool(owner) and is_another(str(owner))
    if is_there or metadata.get("uid") != known_uid:
        raise ForeignObject(ref, environment_id, owner, is_there=is_there)


def apply_object(
    client: KubeClient,
    ref: Ref,
    manifest: Manifest,
    live: Manifest | None,
    *,
    environment_id: str,
    known_uid: str | None,
    changed: bool = True,
    failed: bool = False,
    take_over: bool = False,
    anew: Manifest | None = None,
    guard: Callable[[], None],
    keep: Callable[[Manifest], None] = lambda _: None,
    kept: Manifest | None = None,
    adopts: Collection[Hand] | None = None,
    is_another: IsAnother = anybody,
) -> tuple[Manifest, bool]:
    """Apply one object; (the object afterwards, whether it was replaced).

    `live` is its metadata as last seen, None when there was none; `changed` says whether the manifest differs from the
    one that was applied last; with `failed` it ran to a bad end, and is made anew to run once more; with `take_over`
    fields that others manage become ours; `anew` is what is applied instead of `manifest` where the object has to be
    made, or made anew; `guard` is called before every request that
    writes. One that has to be made anew is deleted only after a trial has made the new one; before that,
    `keep` is handed what we had applied. That comes back as `kept` when the step is done again, and is made again
    where the new object is refused after all. With `adopts` these managers, by whom the object was made, have nothing
    of it any more. `is_another` is asked about the label of an object. Raises ForeignObject, FieldConflict,
    ImmutableField, StillThere (call again later) and API errors.
    """
    whose = _Whose(environment_id, known_uid, is_another)
    replacing = Replacing(keep, kept)
    try:
        done = _carry_out(
            client,
            ref,
            manifest,
            live,
            whose,
            changed=changed,
            failed=failed,
            take_over=take_over,
            anew=anew or manifest,
            guard=guard,
            trials=Trials(),
            replacing=replacing,
            adopts=adopts,
        )
    except Unavailable:
        raise  # the step is done again
    except KubeOrchError as error:
        if replacing.kept is not None:
            raise restored(client, ref, replacing.kept, error, guard=guard) from error
        raise
    return done.after, done.replaced


def try_object(
    client: KubeClient,
    ref: Ref,
    manifest: Manifest,
    live: Manifest | None,
    *,
    environment_id: str,
    known_uid: str | None,
    changed: bool = True,
    failed: bool = False,
    take_over: bool = False,
    anew: Manifest | None = None,
    adopts: Collection[Hand] | None = None,
    trials: Trials,
    is_another: IsAnother = anybody,
) -> Tried:
    """What `apply_object` would make of the object, by the same requests as dry runs; nothing is changed.

    `live` is the whole object; the objects of one plan share `trials`. Raises as `apply_object` does.
    """
    whose = _Whose(environment_id, known_uid, is_another)
    return _carry_out(
        client,
        ref,
        manifest,
        live,
        whose,
        changed=changed,
        failed=failed,
        take_over=take_over,
        anew=anew or manifest,
        guard=None,
        trials=trials,
        adopts=adopts,
    )


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
    is_another: IsAnother

    def check(self, live: Mapping[str, Any], ref: Ref) -> None:
        check_ours(live, ref, self.environment_id, self.known_uid, self.is_another)


def _carry_out(
    client: KubeClient,
    ref: Ref,
    manifest: Manifest,
    live: Manifest | None,
    whose: _Whose,
    *,
    changed: bool,
    failed: bool,
    take_over: bool,
    anew: Manifest,
    guard: Callable[[], None] | None,
    trials: Trials,
    replacing: Replacing | None = None,
    adopts: Collection[Hand] | None = None,
) -> Tried:
    """Apply, or without a `guard` try: the same requests, as dry runs."""
    handed = NOTHING_HANDED
    failed_uid = live["metadata"]["uid"] if failed and live is not None else None
    for attempt in (1, 2, 3):
        if live is not None:
            whose.check(live, ref)
            if live["metadata"].get("deletionTimestamp"):
                check_gone(client, ref, live["metadata"]["uid"])
                live = None
        try:
            if live is None:
                return Tried(None, create_object(client, anew, guard=guard))
            uid = live["metadata"]["uid"]
            if uid == failed_uid:
                return _made_anew(client, ref, anew, live, whose, trials, replacing, guard=guard)
            if is_secret(ref):
                if guard is not None:  # who has the values of a Secret changes nothing about them
                    join_managers(client, ref, live, guard=guard)
            elif changed and not runs_to_an_end(ref):
                handed = hand_over(client, ref, manifest, live, guard=guard, trials=trials)
            sent = manifest if guard is not None else handed.written_into(manifest)
            if adopts is not None:
                return Tried(live, adopted_object(client, ref, sent, live, adopts, force=take_over, guard=guard))
            applied = client.apply(sent, uid=uid, force=take_over, dry_run=guard is None, guard=guard)
            return Tried(live, applied.object, handed=handed)
        except ApiConflict as conflict:
            unseen = live is None  # another object has taken the name: it may be ours, or anybody's
            if attempt == 3 or not (unseen or type(conflict) is ApiConflict):
                raise
            live = client.get(ref, metadata_only=guard is not None)
        except ApiInvalid as invalid:
            if not is_immutable(invalid, ref):
                if guard is None and not handed.can_be_tried:
                    raise NotForeseeable(ref) from invalid
                raise
            if not runs_to_an_end(ref) or live is None:
                raise ImmutableField(ref, fields_refused(invalid), invalid.detail) from invalid
            return _made_anew(client, ref, anew, live, whose, trials, replacing, guard=guard)
    raise AssertionError("unreachable")


def _made_anew(
    client: KubeClient,
    ref: Ref,
    anew: Manifest,
    live: Manifest,
    whose: _Whose,
    trials: Trials,
    replacing: Replacing | None,
    *,
    guard: Callable[[], None] | None,
) -> Tried:
    if guard is None or replacing is None:
        return Tried(live, trials.made_anew(client, ref, anew), replaced=True)

    def check(live: Manifest) -> None:
        whose.check(live, ref)

    made = replaced(client, ref, anew, live["metadata"]["uid"], replacing, check=check, guard=guard)
    return Tried(None, made, replaced=True)


def secret_data(client: KubeClient, ref: Ref) -> dict[str, str]:
    """The values of a Secret in the cluster, base64 by key; {} when there is none. Never log or store them."""
    live = client.get(ref)
    return dict((live or {}).get("data") or {})
