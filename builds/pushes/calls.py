"""Calls of the address of a source: let in, judged, and answered with a build or the reason for none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from bson import ObjectId
from pymongo.client_session import ClientSession

from builds.domain.pushes import TOKEN_HEADER, Change, Push, Verdict, delivery_in, judge, read_push, signatures_in
from builds.domain.states import BuildState
from builds.pushes import store
from builds.pushes.actions import TOKEN_PREFIX
from builds.pushes.store import NoPushAddress, Outcome, PushAddress, PushCall
from builds.running import dispatching, telling
from builds.running import store as build_store
from builds.running.actions import cancel_build, queue_build
from builds.running.rows import PushRow
from builds.running.store import Build
from builds.sources import store as source_store
from builds.sources.store import SourceRow
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.scope import team_filter
from kubeorch.accounts.store import principal_of_user
from kubeorch.accounts.throttle import count_source
from kubeorch.base import callbacks
from kubeorch.base.clock import now
from kubeorch.base.digests import code_digest
from kubeorch.base.errors import Conflict, InvalidInput, KubeOrchError
from kubeorch.mongo.transaction import run_in_transaction
from kubeorch.web.refusals import TooManyAttempts

CALLS_A_MINUTE = 30
REASON_MAX = 300


class SignatureWrong(InvalidInput):
    code = "push.signature"

    def __init__(self) -> None:
        super().__init__(
            "calls of this address are signed, and this one is not, or with another secret: give the git host the "
            "secret that was shown with the address, or make a new address"
        )


class PushHeld(Conflict):
    """Whose rights the address uses may not build any more."""

    code = "push.held"

    def __init__(self) -> None:
        super().__init__(
            "whoever made this address may no longer start builds here; somebody who may has to switch it on anew"
        )


class Called(NamedTuple):
    """What came of a call."""

    outcome: Outcome
    reason: str
    build: Build | None = None
    is_new: bool = False
    """The build was started by this call."""


def call_source(token: str, headers: Mapping[str, str], body: bytes, *, source: str) -> tuple[PushAddress, Called]:
    """`source` is where the call comes from. What is refused is kept for who looks at the source, too.

    Raises NoPushAddress for an unknown token or one that is switched off, SignatureWrong, TooManyAttempts, PushHeld,
    and what `queue_build` raises.
    """
    known = callbacks.may_be_token(token, TOKEN_PREFIX)
    address = store.with_token(code_digest(token)) if known else None
    if address is None:
        count_source("hook", source)
        raise NoPushAddress
    push = Push("other", "")
    try:
        if not _is_signed(address, headers, body):
            count_source("hook", source)
            raise SignatureWrong
        if store.count_call(address["_id"], now()) > CALLS_A_MINUTE:
            raise TooManyAttempts(
                f"this address is called more than {CALLS_A_MINUTE} times a minute; wait a minute", retry_after_s=60.0
            )
        push = read_push(headers, body)
        return address, _answer(address, push, delivery_in(headers))
    except KubeOrchError as error:
        if not isinstance(error, NoPushAddress):
            store.note(_call(address, push, None, "refused", error.detail))
        raise


def _is_signed(address: PushAddress, headers: Mapping[str, str], body: bytes) -> bool:
    key = store.key_of(address)
    if key is None:
        return True
    if (token := headers.get(TOKEN_HEADER)) and callbacks.is_same(key, token):
        return True
    expected = callbacks.signature_of(key, body)
    return any(callbacks.is_same(expected, said) for said in signatures_in(headers))


def _answer(address: PushAddress, push: Push, delivery: str) -> Called:
    principal = principal_of_user(address["made_by"])
    if principal is None or not principal.may("build.start", address["team_id"]):
        raise PushHeld
    digest = code_digest(delivery) if delivery else ""
    stale: list[Build] = []

    def work(session: ClientSession) -> Called:
        stale.clear()
        if not store.touch(address, session):
            raise NoPushAddress  # taken back, made anew or switched off meanwhile
        if digest and (before := store.with_delivery(address["_id"], digest, session)) is not None:
            return Called(before["outcome"], before["reason"])
        source = source_store.find(address["_id"], team_filter(principal), session=session)
        verdict = judge(push, source["ref"])
        called = _build(principal, source, push, verdict, stale, session) if verdict.builds else _ignored(verdict)
        store.note(_call(address, push, verdict.change, called.outcome, called.reason, called.build, digest), session)
        return called

    called = run_in_transaction(work)
    if called.is_new:
        dispatching.dispatch()
    for build in stale:
        cancel_build(principal, build["_id"], by="a newer push")
    return called


def _ignored(verdict: Verdict) -> Called:
    return Called("ignored", verdict.why)


def _build(
    principal: Principal, source: SourceRow, push: Push, verdict: Verdict, stale: list[Build], session: ClientSession
) -> Called:
    """The build that waits already, which takes the newest commit at its turn, or a new one. Builds of earlier pushes
    that wait and were asked for before the source was changed are `stale`."""
    row = _row(push, verdict.change)
    waits = {"state": BuildState.QUEUED.value, "cancel_asked": None}
    for build in build_store.open_builds({"source_id": source["_id"], "of_source": True, **waits}, session=session):
        if build["created_at"] < source["updated_at"]:
            stale += [build] if build["triggered_by"] == "push" else []
            continue
        noted = build_store.set_fields({"_id": build["_id"], **waits}, {"push": row}, session=session)
        if noted is not None:
            telling.tell(noted, session)
            return Called("build", f"build #{noted['number']} waits for its turn, and takes the newest commit", noted)
    build = queue_build(principal, source["_id"], session, by="push", push=row)
    return Called("build", f"build #{build['number']} was started", build, is_new=True)


def _call(
    address: PushAddress,
    push: Push,
    change: Change | None,
    outcome: Outcome,
    reason: str,
    build: Build | None = None,
    delivery: str = "",
) -> PushCall:
    return {
        "_id": ObjectId(),
        "source_id": address["_id"],
        "at": now(),
        "count": 1,
        "outcome": outcome,
        "reason": reason[:REASON_MAX],
        "build": {"id": build["_id"], "number": build["number"]} if build is not None else None,
        "push": _row(push, change),
        "delivery": delivery,
    }


def _row(push: Push, change: Change | None) -> PushRow:
    said = change or next(iter(push.changes), Change("", ""))
    return {"host": push.host, "by": push.by, "ref": said.ref, "commit": said.commit}
