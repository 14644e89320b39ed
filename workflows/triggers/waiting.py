"""What a call waits for before its trigger plans: the run in progress, builds, looks at registries, its last run."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings

from kubeorch.base.clock import iso, now
from workflows.environments import store as environment_store
from workflows.environments.store import Environment
from workflows.runs import store as run_store
from workflows.triggers import store as trigger_store
from workflows.triggers.firing import NAMED
from workflows.triggers.images import being_built
from workflows.triggers.store import Trigger
from workflows.versions.store import VersionNotFound

BUSY_S = 5.0
"""A call, and a slot of a schedule, waits for the run in progress; of several that wait only the latest fires."""
BUSY = "another run is in progress; a run is started after it"
BUILDING_MOST = timedelta(minutes=30)
"""How long builds of the other sources of a drawing are waited for, from the first build that has news."""
LOOKING_MOST = timedelta(minutes=3)
"""As long for looks at the other images of a trigger, from the first that has moved."""
RETURNS_MOST = 5
"""A tag that goes back and forth has twice that wait with each return, so often at most."""
CALM_S = 60.0
PASSING_S = 15.0
PASSING_MOST = timedelta(minutes=5)
"""How long a call is tried again that was held for what passes by itself: a plan that moved while it was made, or a run
that came between."""


class Wait(NamedTuple):
    reason: str
    again_s: float = BUSY_S
    """After which it is looked at again."""


def waits_for(trigger: Trigger, call: str) -> Wait | None:
    """Why the call has to wait; None where it need not."""
    if run_store.first_open(trigger["environment_id"]) is not None:
        return Wait(BUSY)
    if trigger["type"] == "image":
        return _for_looks(trigger, call) or _for_distance(trigger)
    return _for_builds(trigger, call) if trigger["type"] == "build" else None


def may_pass(trigger: Trigger, call: str) -> bool:
    """Whether a call that was held for what passes by itself is tried again; of images, later looks do that.

    It may have waited long before, for a run or builds: its time counts from when it was held first.
    """
    if trigger["type"] == "image":
        return False
    moment = now()
    since = trigger_store.held_since(trigger["_id"], call, moment)
    return since is not None and moment - since <= PASSING_MOST


def _for_builds(trigger: Trigger, call: str) -> Wait | None:
    if (here := environment_of(trigger)) is None or _is_over(trigger, call, BUILDING_MOST):
        return None
    names: list[str] = []
    with contextlib.suppress(VersionNotFound):  # planning says so
        names = being_built(trigger, here)
    return Wait(f"{_few(names)}: being built; a run is started after that") if names else None


def _for_looks(trigger: Trigger, call: str) -> Wait | None:
    """For the images that were pushed together with the one that has moved."""
    moment = now()
    names = [one["image"] for one in trigger["images"] if one["next_at"] <= moment]
    if not names or _is_over(trigger, call, LOOKING_MOST):
        return None
    whose = "its registry is" if len(names) == 1 else "their registries are"
    return Wait(f"{_few(names)}: {whose} asked, too; a run is started after that")


def _for_distance(trigger: Trigger) -> Wait | None:
    last, moment = trigger["last"], now()
    if last is None or last["outcome"] != "run":
        return None
    most = max(trigger["images"], key=lambda one: one.get("returns", 0))
    returns = min(most.get("returns", 0), RETURNS_MOST)
    # Whoever may move a public tag starts no more.
    apart = timedelta(minutes=settings.IMAGE_RUN_MINUTES)
    until = last["at"] + apart * 2**returns
    if until <= moment:
        return None
    many = "a minute" if settings.IMAGE_RUN_MINUTES == 1 else f"{settings.IMAGE_RUN_MINUTES} minutes"
    why = f"its last run was started less than {many} ago"
    if returns:
        why = f"{most['image']} goes back and forth between two images"
    return Wait(f"{why}; a run is started at {iso(until)}", min(CALM_S, (until - moment).total_seconds()))


def _is_over(trigger: Trigger, call: str, most: timedelta) -> bool:
    """Whether the calls of which nothing has come yet have waited so long."""
    last_at = trigger["last"] and trigger["last"]["at"]
    first: datetime | None = trigger_store.first_call_after(trigger["_id"], last_at)
    first = first or trigger_store.called_at(trigger["_id"], call)
    return first is None or now() - first > most


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")


def environment_of(trigger: Trigger) -> Environment | None:
    with contextlib.suppress(environment_store.EnvironmentNotFound):
        return environment_store.find(trigger["environment_id"], {})
    return None
