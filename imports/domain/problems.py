"""What is wrong with what was brought in."""

from __future__ import annotations

from imports.domain.sources import Place
from kubeorch.base.errors import InvalidInput


class ImportInvalid(InvalidInput):
    """What was brought in cannot be read as it is. `place` is where; the detail names it first, and the cure."""

    code = "import.invalid"

    def __init__(self, why: str, place: Place | None = None, *, code: str | None = None) -> None:
        super().__init__(f"{place}: {why}" if place else why, code=code)
        self.why = why
        self.place = place
