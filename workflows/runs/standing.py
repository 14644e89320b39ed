"""What the end of a run makes of its environment: whole again, or partly what a run applied that did not succeed.

It is judged by which run wrote each object last, once, in the transaction that ends the run: lists only read it.
"""

from __future__ import annotations

from pymongo.client_session import ClientSession

from workflows.domain.images import images_digest
from workflows.domain.run_options import RunOptions
from workflows.environments import quarantine_store as quarantine
from workflows.environments import standing_store
from workflows.environments import store as environment_store
from workflows.environments.inventory_store import turn_of
from workflows.environments.store import Environment, Partly
from workflows.runs import history_store, step_store
from workflows.runs import store as run_store
from workflows.runs.run import Run, RunNotFound
from workflows.runs.states import RunState


def note(ended: Run, session: ClientSession) -> None:
    """Note how the environment stands after a run that has just ended. Runs of some objects change nothing of that."""
    if RunOptions.of(ended).only:
        return
    environment = environment_store.find_if_there(ended["environment_id"], session=session)
    if environment is None:
        return
    if ended["state"] != RunState.SUCCEEDED:
        standing_store.set_partly(environment["_id"], partly_of(environment, session), session)
    elif ended["kind"] != "destroy":
        standing_store.set_partly(environment["_id"], None, session)
        images = images_digest(ended.get("images"))
        quarantine.release_proven(environment["_id"], ended["version"], ended.get("content", ""), images, session)


def partly_of(environment: Environment, session: ClientSession) -> Partly | None:
    """What runs that did not succeed changed since the environment was whole. Index: `runs.environment_turn`."""
    runs = broken_since_whole(environment, session)
    if not runs:
        return None
    changed = [run for run in runs if run["counts"].get("changed") or run["counts"].get("deleted")]
    if not changed:
        return None
    last = changed[0]
    named = {"id": last["_id"], **{name: last[name] for name in ("number", "version", "state", "kind")}}
    return {"run": named, "objects": step_store.changed_objects([run["_id"] for run in changed], session)}


def broken_since_whole(environment: Environment, session: ClientSession | None = None) -> list[Run]:
    """The runs that did not succeed since the environment was whole, the last ones first."""
    return history_store.unsuccessful_since(environment["_id"], _whole_at(environment, session), session)


def _whole_at(environment: Environment, session: ClientSession | None) -> int:
    """The turn of the run that applied, or deleted, everything last; 0 where none ever did."""
    turn = environment["undeployed"]["turn"] if "undeployed" in environment else 0
    if environment["deployed"] is None:
        return turn
    try:
        return turn_of(run_store.find(environment["deployed"]["run_id"], {}, session=session))
    except RunNotFound:
        return turn
