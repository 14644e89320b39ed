"""Names in one file: each thing has one of its own, however alike they are written."""

from __future__ import annotations

from collections.abc import Hashable, Iterable


class FreeNames:
    """What is asked for by the same thing again has the same name again."""

    def __init__(self, reserved: Iterable[str] = ()) -> None:
        self._taken = set(reserved)
        self._of: dict[Hashable, str] = {}

    def of(self, thing: Hashable, wanted: str, between: str = "-") -> str:
        """The name wanted, or that name with the first number that is free."""
        if thing not in self._of:
            name, number = wanted, 1
            while name in self._taken:
                number += 1
                name = f"{wanted}{between}{number}"
            self._taken.add(name)
            self._of[thing] = name
        return self._of[thing]
