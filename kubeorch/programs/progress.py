"""How far getting and starting programs is, as shown in the terminal, the API and the page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Phase(StrEnum):
    FINDING = "finding"
    DOWNLOADING = "downloading"
    BUILDING = "building"
    STARTING = "starting"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Progress:
    """Step `step` of `steps` of a phase. `detail` is the reason and what to do; empty when there is nothing to do."""

    phase: Phase
    step: int
    steps: int
    message: str
    detail: str = ""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {"phase": str(self.phase)}

    def line(self) -> str:
        """One calm line for a terminal."""
        count = f" {self.step} of {self.steps}" if self.phase in (Phase.DOWNLOADING, Phase.BUILDING) else ""
        detail = f" ({self.detail})" if self.detail else ""
        return f"{self.phase}{count}: {self.message}{detail}"


Report = Callable[[Progress], None]
