"""How much a team may have, so that no team fills the database or the workers alone. The numbers are settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings

from kubeorch.base.errors import Conflict


@dataclass(frozen=True, slots=True)
class Limit:
    """One number of the settings."""

    most: Callable[[], int]
    variable: str
    """Of the environment, which sets it."""
    code: str
    noun: str
    cure: str


WORKFLOWS = Limit(
    lambda: settings.MAX_WORKFLOWS, "KUBEORCH_MAX_WORKFLOWS", "workflow.too_many", "workflows", "delete some"
)
ENVIRONMENTS = Limit(
    lambda: settings.MAX_ENVIRONMENTS,
    "KUBEORCH_MAX_ENVIRONMENTS",
    "environment.too_many_in_team",
    "environments",
    "remove some",
)
OPEN_RUNS = Limit(
    lambda: settings.MAX_OPEN_RUNS,
    "KUBEORCH_MAX_OPEN_RUNS",
    "run.too_many",
    "runs that have not ended",
    "wait for some to end, or cancel them",
)


class LimitReached(Conflict):
    """The team has as many as it may have."""

    def __init__(self, limit: Limit, most: int) -> None:
        super().__init__(
            f"your team has {most:,} {limit.noun}, the most that it may have; {limit.cure}, or have an administrator "
            f"raise {limit.variable}",
            code=limit.code,
        )


def check_room(limit: Limit, have: int) -> None:
    """Raise LimitReached when the team can have no more. Two requests at the same moment may exceed it by one."""
    most = limit.most()
    if have >= most:
        raise LimitReached(limit, most)
