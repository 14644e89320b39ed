"""Puts back by itself what others change, where an environment asks for it: one object at a time, later and later, and
not for ever.

Nothing is done about a contested field, a Secret, or while a run is open. Why it waits or has stopped stands with the
drift.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from clusters.domain.failed_ends import runs_to_an_end
from clusters.domain.objects import ref_from_json
from clusters.kube.apply import is_secret
from kubeorch.accounts.store import principal_of_user
from kubeorch.base.clock import now
from kubeorch.base.errors import KubeOrchError, Unavailable
from workflows.domain.run_options import RunOptions
from workflows.drift import store
from workflows.drift.recording import note_healing
from workflows.drift.store import DriftRow, Healing
from workflows.environments import store as environment_store
from workflows.environments.store import Environment
from workflows.runs import history_store
from workflows.runs import store as run_store
from workflows.runs.actions import start_run

FIRST_REST = timedelta(minutes=5)
LONGEST_REST = timedelta(hours=1)
WITHIN = timedelta(hours=24)
TIMES_MOST = 5
"""An object that is put back so often in WITHIN is left to people."""
LOOK_AGAIN_S = 60.0
"""After a refusal, as of a version that is held back: it goes on by itself once that is over."""
BEFORE = "it was so before self-heal was turned on; revert it, and it is put back from then on"
BUSY_S = 5.0
"""After which it is looked whether the open run is over."""


def heal(row: DriftRow) -> float | None:
    """Start the run that puts the object back, if the environment wants that and it is time.

    The seconds after which the object should be looked at again; None when nothing more is to come by itself.
    """
    environment = environment_store.find_if_there(row["environment_id"])
    if environment is None or not environment.get("self_heal") or row["problem"] or not _differs(row):
        if environment is not None:
            note_healing(row, None)
        return None
    at = now()
    ref = ref_from_json(row["ref"])
    if environment.get("removing"):
        return _stop(row, "the removal of the environment was asked for; start a run to go on with it")
    if contested := row.get("contested"):
        first, second = (name or "somebody" for name in contested["managers"])
        return _stop(row, f"{first} and {second} overwrite each other; decide who has {contested['path']}")
    if is_secret(ref):
        return _stop(row, "Secrets are put back by people alone")
    if row.get("missing") and runs_to_an_end(ref):
        return _stop(row, f"made again, a {ref.kind} would do its work once more; a person has to ask for that")
    healed = history_store.healed(row["environment_id"], ref, at - WITHIN)
    if len(healed) >= TIMES_MOST:
        return _stop(row, f"it was put back {len(healed)} times in {WITHIN.total_seconds() / 3600:.0f} hours")
    due = next_at(healed)
    if due is not None and due > at:
        note_healing(row, Healing(state="waits", reason="it was put back a short while ago", at=due))
        return (due - at).total_seconds()
    if environment["active_run_id"] is not None:
        return BUSY_S
    return _start(environment, row)


def note_switched(environment: Environment) -> None:
    """Say of what has drifted already that it is left to people, once self-heal is turned on: nobody has asked to put
    it back. What was said of it ends with self-heal."""
    is_on = environment.get("self_heal", False)
    for row in store.of_node(environment["_id"], None).values():
        if not is_on:
            note_healing(row, None)
        elif row.get("healing") is None and not row["problem"]:
            note_healing(row, Healing(state="stopped", reason=BEFORE, at=now()))


def _differs(row: DriftRow) -> bool:
    return bool(row["fields"] or row.get("missing"))


def next_at(healed: list[datetime]) -> datetime | None:
    """When an object may be put back again that was put back at these times, latest last; None: now."""
    if not healed:
        return None
    return healed[-1] + min(LONGEST_REST, FIRST_REST * 2 ** (len(healed) - 1))


def _start(environment: Environment, row: DriftRow) -> float | None:
    """In the name of whoever started what is deployed: what they may not do any more is not done for them."""
    deployed = environment["deployed"]
    person = None
    if deployed is not None:
        started = run_store.by_ids({deployed["run_id"]}).get(deployed["run_id"])
        person = principal_of_user(started["created_by"]) if started is not None else None
    if person is None:
        return _stop(row, "nobody is known who may run here; start a run")
    try:
        start_run(
            person,
            environment["workflow_id"],
            str(environment["_id"]),
            options=RunOptions(take_over=True, only=(ref_from_json(row["ref"]),)),
            when_busy="refuse",
            triggered_by="self_heal",
        )
    except Unavailable:
        raise
    except KubeOrchError as error:
        _stop(row, error.detail)
        return LOOK_AGAIN_S
    note_healing(row, None)
    return None


def _stop(row: DriftRow, reason: str) -> float | None:
    note_healing(row, Healing(state="stopped", reason=reason, at=now()))
    return None
