"""What a plan says of an object that no trial answers for: none was possible yet, or the API server refused."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from clusters.domain.objects import Manifest, Ref
from clusters.kube.apply import ForeignObject, NotForeseeable, is_secret
from clusters.kube.errors import ClusterTimeout, ClusterUnavailable, FieldConflict, OwnedField
from clusters.kube.immutable import ImmutableField
from clusters.kube.removing import StillThere
from kubeorch.base.errors import KubeOrchError, Unavailable
from workflows.domain.planning.basis import Outcome, local_outcome
from workflows.domain.planning.classify import local_changes
from workflows.domain.planning.effects import Effect, FieldOwner, PlannedObject
from workflows.domain.rendering.render import Rendered
from workflows.plans.context import PlanContext
from workflows.plans.judged import TAKEN_AWAY, Judged, basis_seen, uid_in

_NO_DRY_RUN = "does not support dry run"
"""How an API server refuses a dry run when a webhook has side effects."""
OF_A_WEBHOOK = "failed calling webhook"
TOO_BUSY = 429
_NOT_THERE = re.compile(r"not found|was found|not exist")
_WORD = re.compile(r"[a-z0-9]+(?:[-.][a-z0-9]+)*")


def untried(context: PlanContext, item: Rendered, live: Manifest | None, reason: str) -> Judged:
    """What is known without the API server: drawn values and owners against those that are there."""
    secret = is_secret(item.ref)
    seen = None if live is None else context.without_values(item.ref, live)
    fields, counts = local_changes(seen, item.manifest, secret=secret)
    found = Outcome(Effect.CREATE)
    if seen is not None:
        found = local_outcome(seen, item.manifest, force=context.options.take_over)
        if secret and found.effect is Effect.UNCHANGED:
            found = replace(found, effect=Effect.UPDATE)  # its values may be others
    owners = tuple(FieldOwner(path, manager) for path, manager in found.conflicts)
    error = _conflict_error(item.ref, owners) if owners else None
    planned = PlannedObject(
        item.ref,
        item.node_id,
        found.effect,
        "at_apply",
        reason,
        error=error,
        fields=fields,
        counts=counts,
        conflicts=owners,
    )
    drawn = context.without_values(item.ref, item.manifest) if found.effect is Effect.CREATE else None
    return Judged(planned, found, basis_seen(live), after=drawn)


def _conflict_error(ref: Ref, owners: Sequence[FieldOwner]) -> dict[str, Any]:
    conflict = FieldConflict(f"{ref.kind} {ref.name}", tuple(OwnedField(one.path, one.manager) for one in owners))
    return {"code": conflict.code, "detail": conflict.detail}


def refused(context: PlanContext, item: Rendered, live: Manifest | None, error: KubeOrchError) -> Judged:
    """The run would fail at this object, wait for it, or only it can tell."""
    ref, uid = item.ref, uid_in(live)
    if isinstance(error, StillThere):
        planned = PlannedObject(ref, item.node_id, Effect.CREATE, "at_apply", f"it is made once it is gone: {error}")
        return Judged(planned, Outcome(Effect.CREATE), basis_seen(live))
    if isinstance(error, Unavailable) and not _is_its_own(context, error):
        raise error
    if isinstance(error, NotForeseeable):
        return untried(context, item, live, TAKEN_AWAY)
    if _NO_DRY_RUN in error.detail:
        return untried(context, item, live, f"the cluster cannot try it: {error.detail}")
    if _waits_for(context, item, error):
        return untried(context, item, live, f"it needs an object of this plan: {error.detail}")
    shown = {"code": error.code, "detail": error.detail}
    effect = Effect.UPDATE if live is not None else Effect.CREATE
    conflicts: tuple[FieldOwner, ...] = ()
    if isinstance(error, ForeignObject):
        effect, conflicts = Effect.CONFLICT, (FieldOwner("", last_manager(live)),)
    elif isinstance(error, ImmutableField):
        effect = Effect.RECREATE
    planned = PlannedObject(ref, item.node_id, effect, reason=error.detail, error=shown, conflicts=conflicts)
    seen = None if live is None or conflicts else context.without_values(ref, live)
    after = item.manifest if effect is Effect.RECREATE else None
    return Judged(planned, Outcome(effect, error.code, uid), basis_seen(live), before=seen, after=after)


def _is_its_own(context: PlanContext, error: Unavailable) -> bool:
    """Whether the API server fails at just this object: it breaks off what it cannot carry out, or says what fails,
    and is ready otherwise. One that is too busy for the request says nothing of its object.
    """
    if not isinstance(error, ClusterUnavailable) or isinstance(error, ClusterTimeout) or error.status == TOO_BUSY:
        return False
    return OF_A_WEBHOOK in error.detail or context.client.is_ready()


def _waits_for(context: PlanContext, item: Rendered, error: KubeOrchError) -> bool:
    """Whether the API server misses something by a name that an earlier wave of this plan makes."""
    if not _NOT_THERE.search(error.detail):
        return False
    words = set(_WORD.findall(error.detail))
    return any(one.wave < item.wave and one.ref.name in words for one in context.rendered.values())


def last_manager(live: Manifest | None) -> str:
    entries = (live or {}).get("metadata", {}).get("managedFields") or ()
    rows = [(str(one.get("time") or ""), str(one.get("manager") or "")) for one in entries]
    return max(rows, default=("", ""))[1] or "somebody else"
