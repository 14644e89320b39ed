"""Triggers made, changed, removed; and the calls of webhooks let in."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NamedTuple

from bson import Binary, ObjectId
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from kubeorch.accounts.principal import Principal
from kubeorch.accounts.scope import require, team_filter
from kubeorch.accounts.throttle import count_source
from kubeorch.base import callbacks, seal
from kubeorch.base.clock import now
from kubeorch.base.digests import code_digest
from kubeorch.base.errors import Conflict, InvalidInput
from kubeorch.base.schedule import parse_schedule
from kubeorch.mongo.resealing import SealedField
from kubeorch.mongo.transaction import run_in_transaction
from kubeorch.web.refusals import TooManyAttempts
from workflows.environments import store as environment_store
from workflows.triggers import jobs, telling
from workflows.triggers import store as trigger_store
from workflows.triggers.store import Trigger, TriggerNotFound
from workflows.triggers.watching import watched

TRIGGERS_MAX = 20
"""Of an environment."""
CALLS_A_MINUTE = 10
CHANGED = ("name", "cron", "time_zone", "deploys", "may_delete", "enabled")
KEY_MAX = 200
TOKEN_PREFIX = "koh_"  # noqa: S105  (a public prefix)
FIELDS_OF = {"cron": "schedule", "time_zone": "schedule", "signed": "webhook", "images": "image"}
"""Fields that triggers of one type alone have."""


SEALED = (SealedField("triggers", "signing_key", lambda row: _aad(row["_id"])),)


class TooManyTriggers(Conflict):
    code = "trigger.too_many"

    def __init__(self) -> None:
        super().__init__(f"an environment has {TRIGGERS_MAX} triggers at most; remove one that is not needed")


class NotOfThisType(InvalidInput):
    code = "trigger.type"

    def __init__(self, field: str, of: str) -> None:
        super().__init__(f"only a trigger of the type {of} has {field}; leave it out", field=field)


class SignatureWrong(InvalidInput):
    code = "trigger.signature"

    def __init__(self) -> None:
        super().__init__(
            "this webhook takes signed calls alone: send X-KubeOrch-Signature: sha256=<HMAC-SHA256 of the body, in hex>"
        )


class Made(NamedTuple):
    trigger: Trigger
    token: str
    """Of a webhook; it is never shown again."""
    signing_key: str
    """Of a webhook whose calls are signed; never shown again."""


def make_trigger(principal: Principal, environment_id: ObjectId, given: Mapping[str, Any]) -> Made:
    """`given` has type, name, cron and time_zone for a schedule, signed for a webhook, the names of images for one that
    watches them, deploys, may_delete and enabled.

    Raises EnvironmentNotFound, Forbidden, CronInvalid, TimeZoneInvalid, NotOfThisType, TooManyTriggers, and what
    `watched` raises.
    """
    _check_fields(given["type"], given)
    token = callbacks.new_token(TOKEN_PREFIX) if given["type"] == "webhook" else ""
    signing_key = callbacks.new_signing_key() if given.get("signed") else ""
    moment = now()

    def work(session: ClientSession) -> Trigger:
        here = environment_store.find(environment_id, team_filter(principal), session=session)
        require(principal, "trigger.edit", here["team_id"])
        if trigger_store.count_in(environment_id, session) >= TRIGGERS_MAX:
            raise TooManyTriggers
        trigger: Trigger = {
            "_id": ObjectId(),
            "team_id": here["team_id"],
            "workflow_id": here["workflow_id"],
            "environment_id": environment_id,
            "type": given["type"],
            "name": given.get("name", ""),
            "enabled": given["enabled"],
            "deploys": given.get("deploys") or ("saved" if given["type"] == "webhook" else "deployed"),
            "may_delete": given.get("may_delete", False),
            "cron": "",
            "time_zone": "UTC",
            "next_at": None,
            "made_by": ObjectId(principal.user_id),
            "made_by_name": principal.name or principal.email,
            "created_at": moment,
            "last": None,
            "waiting": None,
            "rev": 1,
        }
        if token:
            trigger["token_hash"] = code_digest(token)
        if signing_key:
            trigger["signing_key"] = Binary(seal.seal(signing_key.encode(), aad=_aad(trigger["_id"])))
        if given["type"] == "schedule":
            schedule = parse_schedule(given["cron"], given["time_zone"])
            trigger |= {"cron": given["cron"], "time_zone": given["time_zone"]}
            trigger["next_at"] = schedule.next_after(moment) if given["enabled"] else None
        if given["type"] == "image":
            require(principal, "registry.use", here["team_id"])
            trigger["images"] = watched(trigger, given.get("images", ()), session)
        trigger_store.insert(trigger, session)
        telling.tell(trigger, session)
        if trigger["next_at"] is not None:
            jobs.keep_schedule(trigger, session)
        return trigger

    return Made(run_in_transaction(work), token, signing_key)


def change_trigger(principal: Principal, trigger_id: ObjectId, given: Mapping[str, Any]) -> Trigger:
    """Change the fields in CHANGED. From then on the rights of who changed it count.

    Raises TriggerNotFound, Forbidden, CronInvalid, TimeZoneInvalid, NotOfThisType, and what `watched` raises.
    """

    def work(session: ClientSession) -> Trigger:
        before = trigger_store.find(trigger_id, team_filter(principal), session=session)
        require(principal, "trigger.edit", before["team_id"])
        _check_fields(before["type"], given)
        change = {name: given[name] for name in CHANGED if name in given}
        change |= {"made_by": ObjectId(principal.user_id), "made_by_name": principal.name or principal.email}
        if before["type"] == "schedule":
            wanted = {**before, **change}
            schedule = parse_schedule(wanted["cron"], wanted["time_zone"])
            change["next_at"] = schedule.next_after(now()) if wanted["enabled"] else None
        begins = not before["enabled"] and bool(given.get("enabled"))
        if before["type"] == "image" and ("images" in given or begins):
            require(principal, "registry.use", before["team_id"])
            known = before.get("images", [])
            names = given.get("images", [one["image"] for one in known])
            change["images"] = watched(before, names, session, known, begins=begins)
        after = trigger_store.change(trigger_id, change, session)
        telling.tell(after, session)
        if after["next_at"] is not None:
            jobs.keep_schedule(after, session)
        return after

    return run_in_transaction(work)


def remove_trigger(principal: Principal, trigger_id: ObjectId) -> Trigger:
    """The trigger that is gone. Raises TriggerNotFound or Forbidden."""

    def work(session: ClientSession) -> Trigger:
        trigger = trigger_store.find(trigger_id, team_filter(principal), session=session)
        require(principal, "trigger.edit", trigger["team_id"])
        trigger_store.remove(trigger_id, session)
        telling.tell_removed(trigger, session)
        return trigger

    return run_in_transaction(work)


def call_webhook(token: str, body: bytes, *, source: str, signature: str = "", key: str = "") -> bool:
    """Let a call in; False when one with this key was let in before, which then is all there is to do.

    Raises TriggerNotFound for an unknown token or one that is disabled, SignatureWrong, and TooManyAttempts: for a
    source that tries tokens, and for a trigger that is called too often.
    """
    known = callbacks.may_be_token(token, TOKEN_PREFIX)
    trigger = trigger_store.with_token(code_digest(token)) if known else None
    if trigger is None:
        count_source("hook", source)
        raise TriggerNotFound
    if "signing_key" in trigger:
        own = seal.unseal(bytes(trigger["signing_key"]), aad=_aad(trigger["_id"]))
        if not callbacks.is_same(f"sha256={callbacks.signature_of(own, body)}", signature):
            count_source("hook", source)
            raise SignatureWrong
    moment = now()
    call = f"call:{code_digest(key)}" if key else f"call:{secrets.token_hex(16)}"

    def work(session: ClientSession) -> bool:
        if not trigger_store.claim_call(trigger["_id"], call, moment, session):
            return False
        jobs.enqueue_fire(trigger, call, session)
        telling.wait(trigger["_id"], {"call": call, "at": moment, "reason": ""}, session)
        return True

    if trigger_store.calls_since(trigger["_id"], moment - timedelta(minutes=1), CALLS_A_MINUTE) >= CALLS_A_MINUTE:
        if key and trigger_store.was_called(trigger["_id"], call):
            return False
        raise TooManyAttempts(
            f"this webhook is called more than {CALLS_A_MINUTE} times a minute; wait a minute", retry_after_s=60.0
        )
    try:
        return run_in_transaction(work)
    except DuplicateKeyError:
        return False  # the same call at the same moment


def _check_fields(of: str, given: Mapping[str, Any]) -> None:
    for field, type_ in FIELDS_OF.items():
        if type_ != of and given.get(field):
            raise NotOfThisType(field, type_)


def _aad(trigger_id: ObjectId) -> str:
    return f"triggers/{trigger_id}/signing_key"
