"""Actions on an object: what somebody may do, by their role and by the cluster's word; and doing it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from clusters.domain.kind_names import KindName
from clusters.domain.object_actions import (
    ACTIONS,
    DELETE,
    RETRY,
    SCALE,
    SHELL,
    TRIGGER,
    ObjectAction,
    actions_of,
    job_again,
    job_of_cron_job,
    patch_of,
    why_not,
)
from clusters.domain.objects import GroupKind, Manifest
from clusters.domain.reading import mapping
from clusters.kube import editing
from clusters.kube.kinds import ServedKind
from clusters.pods import Simulated
from clusters.questions.asking import Place, Question, read_object
from clusters.resources.belonging import belonging, require_change, require_right
from clusters.resources.visible import may
from clusters.scope import require_on
from clusters.uses import Belonging, BelongingOf, why_protected
from kubeorch.accounts.principal import Principal
from kubeorch.base.clock import iso, now
from kubeorch.base.errors import Conflict, Forbidden, InvalidInput, NotFound

EDIT = ObjectAction("edit", "update", drifts=True)


class NoSuchAction(NotFound):
    """Nothing of that name can be done to such an object."""

    code = "action.unknown"

    def __init__(self, kind: ServedKind, name: str) -> None:
        words = ", ".join(action.name for action in _of(kind))
        super().__init__(f"{kind.kind} has no action '{name[:40]}'; it has {words}")


class NotNow(InvalidInput):
    """The object does not take it as it is now."""

    code = "action.not_now"


class AnotherObject(Conflict):
    """The object that was shown is gone, and another one has its name."""

    code = "object.replaced"

    def __init__(self, title: str) -> None:
        super().__init__(f"{title} is another object by now: the one you looked at is gone. Look at it again")


@dataclass(frozen=True, slots=True)
class Possible:
    action: ObjectAction
    allowed: bool
    reason: str
    """Why it is not possible now; "" where it is."""


@dataclass(frozen=True, slots=True)
class Chance:
    """What can be done to an object, and what it belongs to."""

    actions: list[Possible]
    belonging: Belonging | None
    replicas: int | None


@dataclass(frozen=True, slots=True)
class Done:
    object: Manifest | None
    """What the action made; None where it changed the object itself."""


def possible_actions(principal: Principal, question: Question, place: Place, belonging_of: BelongingOf) -> Chance:
    """Each action of the kind, with the reason where it is not possible. Raises what `read_object` raises."""
    kind, live = read_object(question, place)
    found = belonging(principal, question, kind, live, belonging_of)
    refusal = _refusal(question, kind, found)
    rows = []
    for action in (EDIT, *_of(kind)):
        reason = refusal or why_not(action, live) or _refused_by_cluster(question, place, kind, action)
        rows.append(Possible(action, not reason, reason))
    if (kind.group, kind.kind) == ("", "Pod"):
        reason = _why_no_shell(principal, question, place, live) or _refused_by_cluster(question, place, kind, SHELL)
        rows.append(Possible(SHELL, not reason, reason))
    replicas = mapping(live.get("spec")).get("replicas")
    return Chance(rows, found, replicas if isinstance(replicas, int) else None)


def act(
    principal: Principal,
    question: Question,
    place: Place,
    name: str,
    given: dict[str, Any],
    belonging_of: BelongingOf,
) -> Done:
    """Do it to the very object `given["uid"]`.

    Raises NoSuchAction, NotNow, AnotherObject, ProtectedObject, Forbidden, and what the cluster says.
    """
    kind, live = read_object(question, place)
    action = ACTIONS.get(name)
    if action is None or action not in _of(kind):
        raise NoSuchAction(kind, name)
    if live["metadata"]["uid"] != given["uid"]:
        raise AnotherObject(place.title())
    require_change(question, kind, belonging(principal, question, kind, live, belonging_of))
    if reason := why_not(action, live):
        raise NotNow(f"{place.title()}: {reason}")
    return _done(question, place, kind, live, action, given)


def _done(
    question: Question, place: Place, kind: ServedKind, live: Manifest, action: ObjectAction, given: dict[str, Any]
) -> Done:
    client, allowance, title = question.client, question.allowance, place.title()
    path = kind.resource.path(place.namespace or None, place.name)
    uid = live["metadata"]["uid"]
    if action is SCALE:
        if given.get("replicas") is None:
            raise InvalidInput("give the number of replicas", code="action.replicas", field="replicas")
        editing.set_replicas(client, path, uid, given["replicas"], allowance=allowance, name=title)
    elif action is DELETE:
        propagation = given.get("propagation") or "Background"
        editing.delete(client, path, uid, propagation=propagation, dry_run=False, allowance=allowance, name=title)
    elif action in (TRIGGER, RETRY):
        mark = f"{'manual' if action is TRIGGER else 'retry'}-{secrets.token_hex(3)}"
        job = job_of_cron_job(live, mark) if action is TRIGGER else job_again(live, mark)
        jobs = question.client.resource("batch/v1", "Job")
        return Done(editing.create(client, jobs, job, allowance=allowance, name=f"Job {job['metadata']['name']}"))
    else:
        change = patch_of(action, live, str(iso(now())))
        editing.merge(client, path, uid, change, allowance=allowance, name=title)
    return Done(None)


def _of(kind: ServedKind) -> list[ObjectAction]:
    found = actions_of(GroupKind(kind.group, kind.kind), scales="scale" in kind.subresources)
    return [action for action in found if action is not DELETE or "delete" in kind.verbs]


def _refusal(question: Question, kind: ServedKind, found: Belonging | None) -> str:
    """Why this person may change no such object; "" when they may."""
    try:
        require_right(question, kind)
    except Forbidden as error:
        return error.detail
    return why_protected(found)


def _why_no_shell(principal: Principal, question: Question, place: Place, live: Manifest) -> str:
    try:
        require_on(principal, "terminal.open", question.cluster, place.namespace)
    except Forbidden as error:
        return error.detail
    return Simulated().detail if question.cluster["is_sandbox"] else why_not(SHELL, live)


def _refused_by_cluster(question: Question, place: Place, kind: ServedKind, action: ObjectAction) -> str:
    asked, name = kind, place.name
    if action.creates is not None:
        asked, name = question.kind(KindName(*action.creates)), ""
    if may(question, asked, action.verb, place.namespace, name, action.subresource):
        return ""
    below = f"/{action.subresource}" if action.subresource else ""
    return f"the cluster's credentials may not {action.verb} {asked.plural}{below} here"
