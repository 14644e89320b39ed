"""Makes objects, and makes those anew that cannot change in place: the old one goes only after a trial has made the new
one, and comes back where the new one is refused after all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from clusters.domain.handover import applied_part
from clusters.domain.managers import OUR_MANAGERS
from clusters.kube.client import KubeClient, Manifest
from clusters.kube.errors import ApiAnswer, ApiConflict
from clusters.kube.removing import delete_object
from clusters.kube.trials import made_anew
from kubeorch.base.errors import Conflict, KubeOrchError, Unavailable

if TYPE_CHECKING:
    from clusters.domain.objects import Ref

OF_NO_OBJECT = "1"
"""A resourceVersion that no object has, since the store's first write gives a higher one.

An apply that names a resourceVersion fails with 409 where an object of another version exists, and still creates one
where none does. Found so on Kubernetes 1.36 for every kind that is built in, for custom objects and for APIServices,
also where the content is the same. Unlike POST it leaves the fields with our manager's Apply entry, so later applies
own them once and can remove them.
"""


class NotReplaced(Conflict):
    """The new object was refused after the old one was deleted; the old one is there again."""

    code = "object.not_replaced"


class NotRestored(Conflict):
    """The new object was refused after the old one was deleted, and so was the old one."""

    code = "object.not_restored"


@dataclass(slots=True)
class Replacing:
    """What had been applied of an object that is made anew: handed to `keep` before it is deleted, or kept already."""

    keep: Callable[[Manifest], None]
    kept: Manifest | None


def replaced(
    client: KubeClient,
    ref: Ref,
    manifest: Manifest,
    uid: str,
    replacing: Replacing,
    *,
    check: Callable[[Manifest], None],
    guard: Callable[[], None],
) -> Manifest:
    """Delete the very object `uid` and make the new one, which a trial has made before.

    Raises StillThere, and what `check` raises of the object that is to go.
    """
    _prove(client, ref, manifest)
    if replacing.kept is None:
        _keep_body(client, ref, uid, replacing)
    delete_object(client, ref, uid, check=check, guard=guard)
    return create_object(client, manifest, guard=guard)


def restored(
    client: KubeClient, ref: Ref, body: Manifest, error: KubeOrchError, *, guard: Callable[[], None]
) -> KubeOrchError:
    """Make again what was deleted for a new object that is refused; the error to raise, with what became of it."""
    name = f"{ref.kind} {ref.name}"
    try:
        create_object(client, body, guard=guard)
    except ApiConflict:
        return error  # an object is there: nothing was deleted, or somebody has made one since
    except Unavailable:
        raise
    except KubeOrchError as second:
        return NotRestored(f"{error.detail}. The former {name} was deleted and cannot be made again: {second.detail}")
    state = " suspended, so that what it did is not done twice" if ref.kind == "Job" else ""
    return NotReplaced(f"{error.detail}. The former {name} was made again{state}")


_NOT_TELLING = ("exceeded quota", "does not support dry run")
"""Refusals of a trial beside the old object that say nothing of what comes once it is gone."""


def _prove(client: KubeClient, ref: Ref, manifest: Manifest) -> None:
    """Raise what the API server says against the new object, as far as a trial under another name can tell."""
    try:
        made_anew(client, ref, manifest)
    except ApiAnswer as refused:
        if not any(words in refused.detail for words in _NOT_TELLING):
            raise


def _keep_body(client: KubeClient, ref: Ref, uid: str, replacing: Replacing) -> None:
    """Keep what we had applied of the very object `uid`, as it can be applied again."""
    whole = client.get(ref)
    if whole is None or whole["metadata"]["uid"] != uid:
        return
    body = applied_part(whole, OUR_MANAGERS)
    if ref.kind == "Job":
        body["spec"] = {**body.get("spec", {}), "suspend": True}
    replacing.keep(body)
    replacing.kept = body


def create_object(client: KubeClient, manifest: Manifest, *, guard: Callable[[], None] | None) -> Manifest:
    """Create the object by server-side apply, or without a `guard` try it; it is merged into no object that has the
    name already.

    Raises ApiConflict (or FieldConflict) when there is one, and API errors.
    """
    metadata = {**manifest["metadata"], "resourceVersion": OF_NO_OBJECT}
    return client.apply({**manifest, "metadata": metadata}, dry_run=guard is None, guard=guard).object
