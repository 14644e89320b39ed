"""Addresses of sources: made, switched on and off, taken back."""

from __future__ import annotations

from typing import NamedTuple

from bson import ObjectId
from pymongo.client_session import ClientSession

from builds.pushes import store
from builds.pushes.store import NoPushAddress, PushAddress
from builds.running.actions import forget_builds
from builds.sources.actions import editable
from builds.sources.store import SourceRow
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.scope import require
from kubeorch.base import callbacks
from kubeorch.base.clock import now
from kubeorch.base.digests import code_digest
from kubeorch.mongo.transaction import run_in_transaction

TOKEN_PREFIX = "kop_"  # noqa: S105  (a public prefix)


class Made(NamedTuple):
    source: SourceRow
    address: PushAddress
    token: str
    """Never shown again."""
    signing_key: str
    """Of one whose calls are signed; never shown again."""


def make_address(principal: Principal, source_id: ObjectId, *, signed: bool) -> Made:
    """Build the source on push from now on, by a new address; an earlier one is no more.

    Raises SourceNotFound or Forbidden.
    """
    source = _mine(principal, source_id)
    token = callbacks.new_token(TOKEN_PREFIX)
    signing_key = callbacks.new_signing_key() if signed else ""
    address: PushAddress = {
        "_id": source_id,
        "team_id": source["team_id"],
        "enabled": True,
        "token_hash": code_digest(token),
        "made_at": now(),
        "made_by": ObjectId(principal.user_id),
        "made_by_name": principal.name or principal.email,
        "rev": 1,
    }
    if signing_key:
        address["signing_key"] = store.seal_key(source_id, signing_key)

    def work(session: ClientSession) -> None:
        store.put(address, session)

    run_in_transaction(work)
    return Made(source, address, token, signing_key)


def switch_address(principal: Principal, source_id: ObjectId, *, enabled: bool) -> tuple[SourceRow, PushAddress]:
    """From then on the rights of who switched it count. Raises SourceNotFound, NoPushAddress or Forbidden."""
    source = _mine(principal, source_id)
    whose = {"made_by": ObjectId(principal.user_id), "made_by_name": principal.name or principal.email}
    values = {"enabled": enabled, **whose}
    address = run_in_transaction(lambda session: store.change(source_id, values, session))
    if address is None:
        raise NoPushAddress
    return source, address


def remove_address(principal: Principal, source_id: ObjectId) -> SourceRow:
    """Take the address back. Raises SourceNotFound, NoPushAddress or Forbidden."""
    source = _mine(principal, source_id)
    if not run_in_transaction(lambda session: store.remove(source_id, session)):
        raise NoPushAddress
    return source


def forget_source(source_id: ObjectId, session: ClientSession) -> None:
    """What was built of it, and its address, in the transaction that removes it. Raises BuildRunning."""
    forget_builds(source_id, session)
    store.remove(source_id, session)


def _mine(principal: Principal, source_id: ObjectId) -> SourceRow:
    source = editable(principal, source_id)
    require(principal, "build.start", source["team_id"])
    return source
