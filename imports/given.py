"""What people give with an import: answers and variables, by name."""

from __future__ import annotations

from collections.abc import Mapping

from kubeorch.base.errors import InvalidInput

GIVEN_MAX = 2000
"""Answers, and variables, of an import."""
GIVEN_MOST_CHARACTERS = 1_000_000
"""Of all answers, and of all variables, together."""


def given_over(had: Mapping[str, str], given: Mapping[str, str | None], *, field: str) -> dict[str, str]:
    """Earlier values with new ones over them; None takes one back. Raises InvalidInput for too many or too much."""
    found = {key: value for key, value in {**had, **given}.items() if value is not None}
    if len(found) > GIVEN_MAX:
        raise InvalidInput(
            f"{field} takes {GIVEN_MAX:,} values at most; remove some", code="import.too_many", field=field
        )
    if sum(len(key) + len(value) for key, value in found.items()) > GIVEN_MOST_CHARACTERS:
        raise InvalidInput(
            f"the values in {field} have more than {GIVEN_MOST_CHARACTERS:,} characters together; shorten some",
            code="import.too_large",
            field=field,
        )
    return found
