"""What a trial of something outside has found: step by step, as far as it came."""

from __future__ import annotations

import time
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    state: str
    """`ok`, `warning` or `failed`."""
    detail: str
    took_ms: int
    code: str = ""


@dataclass(slots=True)
class Report:
    steps: list[Step] = field(default_factory=list)

    @property
    def failure(self) -> Step | None:
        return next((step for step in self.steps if step.state == "failed"), None)

    def note(self, name: str, state: str, detail: str, since: float, code: str = "") -> None:
        """Add a step that began at `since` on the steady clock."""
        self.steps.append(Step(name, state, detail, round((time.monotonic() - since) * 1000), code))
