"""What a web process does now and then. The table itself stands on the roof (`kubeorch/periodic.py`), found by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.module_loading import import_string

TABLE = "kubeorch.periodic.TASKS"


@dataclass(frozen=True, slots=True)
class Periodic:
    """Called in a thread, by every web process: it must be harmless when two do it at once."""

    run: Callable[[], None]
    every_s: float

    @property
    def name(self) -> str:
        return self.run.__name__


def periodic_tasks() -> tuple[Periodic, ...]:
    found: tuple[Periodic, ...] = import_string(TABLE)
    return found
