"""Builds of all teams are paused, as while what builds them is worked on: what waits goes on waiting."""

from __future__ import annotations

from bson import ObjectId
from pymongo.client_session import ClientSession

from builds.running import actions, dispatching, pause_store, store
from builds.running.pause_store import Pause
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.scope import require_instance_admin
from kubeorch.base.clock import now
from kubeorch.mongo.transaction import run_in_transaction


def pause(principal: Principal, reason: str, *, cancels: bool) -> Pause:
    """No build gets a place from now on. Those that have one go on, or are canceled. Raises Forbidden."""
    require_instance_admin(principal)
    name, user_id = principal.name or principal.email, ObjectId(principal.user_id)
    given: Pause = {"at": now(), "by": user_id, "name": name, "reason": reason}

    def work(session: ClientSession) -> None:
        pause_store.put(given, session)

    run_in_transaction(work)
    for build in store.open_builds({"slot": {"$ne": None}}) if cancels else ():
        actions.end_build(build["_id"], {"by": user_id, "name": f"{name}, who paused all builds"})
    return pause_store.find() or given


def resume(principal: Principal) -> None:
    """What waits gets places again, in turn. Raises Forbidden."""
    require_instance_admin(principal)
    run_in_transaction(pause_store.remove)
    dispatching.dispatch()
