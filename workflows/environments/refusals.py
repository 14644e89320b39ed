"""What stops somebody who takes an environment away: objects that it owns, and a run in progress."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from kubeorch.base.errors import Conflict
from workflows.environments.store import Environment

Objects = Literal["keep", "destroy"] | None
"""What becomes of owned objects; None: nobody has chosen yet."""


class OwnsObjects(Conflict):
    """Objects exist in a cluster because of this; a person has to choose what becomes of them."""

    def __init__(self, what: str, owned: Sequence[Mapping[str, Any]]) -> None:
        noun = "object" if len(owned) == 1 else "objects"
        super().__init__(
            f"this {what} owns {len(owned)} {noun} in its cluster; choose objects=keep to leave them there, "
            "or objects=destroy to delete them",
            code=f"{what}.owns_objects",
            extra={"owned": list(owned)},
        )


class EnvironmentBusy(Conflict):
    """A run is in progress in the environment."""

    code = "environment.busy"

    def __init__(self, name: str) -> None:
        super().__init__(f"a run is in progress in “{name}”; wait for it to end, or cancel it")


class BeingRemoved(Conflict):
    """A run is deleting what the environment owns, and then removes it."""

    code = "environment.being_removed"

    def __init__(self, name: str) -> None:
        super().__init__(f"“{name}” is being removed; cancel the run that removes it first, or wait until it has ended")


def check_idle(environment: Environment) -> None:
    """Raise EnvironmentBusy while a run of the environment has not ended."""
    if environment["active_run_id"] is not None:
        raise EnvironmentBusy(environment["name"])
