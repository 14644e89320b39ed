"""What waits for the first user: called with the first team once it exists."""

from __future__ import annotations

from collections.abc import Callable

from workflows.welcome import sample_workflow

ON_FIRST_TEAM: list[Callable[..., None]] = [sample_workflow]
