"""Why an import is not answered, fetched or applied as it is."""

from __future__ import annotations

from imports.outcomes import Refused
from imports.store import Import
from kubeorch.base.errors import Conflict, InvalidInput

FETCHES_MOST = 3
"""Of a team, that have not ended."""


class ImportChanged(Conflict):
    """Somebody else answered or applied it in between."""

    code = "import.changed"

    def __init__(self) -> None:
        super().__init__("this import was changed in the meantime; look at it again")


class ImportApplied(Conflict):
    """Its workflow exists."""

    code = "import.applied"

    def __init__(self, name: str) -> None:
        super().__init__(f"this import has made the workflow “{name}”; open that, or import the files again")


class ImportNotReady(Conflict):
    """Its files are not there yet, or will not come."""

    code = "import.not_ready"

    def __init__(self, row: Import) -> None:
        super().__init__(
            {
                "fetching": "this import is still being fetched; wait for it, or cancel it",
                "choosing": "choose first what is imported of what was found",
                "canceled": "this import was canceled; make a new one",
            }.get(row["state"], "the source of this import could not be read; make a new one")
        )


class TooManyFetches(Conflict):
    """The team has as many fetches as it may have at once."""

    code = "import.too_many_fetches"

    def __init__(self) -> None:
        super().__init__(f"your team is fetching {FETCHES_MOST} sources already; wait for one, or cancel one")


class ImportRefused(InvalidInput):
    """It cannot be applied, since its files could not be converted."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.detail, code=refused.code)
