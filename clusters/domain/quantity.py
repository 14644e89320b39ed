"""Kubernetes quantities: `250m`, `1.5Gi`, `2e3`.

Source: Kubernetes API reference, "Quantity": a signed decimal number followed by a binary suffix
(Ki to Ei), a decimal suffix (n, u, m, none, k, M, G, T, P, E) or a decimal exponent.
"""

from __future__ import annotations

import re
from decimal import Decimal

from kubeorch.base.errors import InvalidInput

_QUANTITY = re.compile(
    r"(?P<number>[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+))"
    r"(?:(?P<suffix>[KMGTPE]i|[numkMGTPE])|[eE](?P<exponent>[+-]?[0-9]{1,3}))?\Z",
    re.ASCII,
)
_SUFFIXES: dict[str, Decimal] = {
    "n": Decimal("1e-9"),
    "u": Decimal("1e-6"),
    "m": Decimal("1e-3"),
    "k": Decimal("1e3"),
    "M": Decimal("1e6"),
    "G": Decimal("1e9"),
    "T": Decimal("1e12"),
    "P": Decimal("1e15"),
    "E": Decimal("1e18"),
    "Ki": Decimal(2**10),
    "Mi": Decimal(2**20),
    "Gi": Decimal(2**30),
    "Ti": Decimal(2**40),
    "Pi": Decimal(2**50),
    "Ei": Decimal(2**60),
}
_LARGEST = Decimal(2**63 - 1)


class QuantityInvalid(InvalidInput):
    """The text is not a Kubernetes quantity."""

    code = "quantity.invalid"

    def __init__(self, text: str) -> None:
        super().__init__(f"{text[:40]!r} is not a quantity; write a number with a unit, such as 250m, 2, 512Mi or 10Gi")


def is_quantity(text: str) -> bool:
    return len(text) <= 64 and _QUANTITY.match(text) is not None


def parse_quantity(text: str | int | float) -> Decimal:
    """The exact value in base units (cores, bytes). Raises QuantityInvalid.

    The API server caps values at 2^63-1; so does this.
    """
    if isinstance(text, bool):
        raise QuantityInvalid(str(text))
    found = _QUANTITY.match(str(text)) if len(str(text)) <= 64 else None
    if found is None:
        raise QuantityInvalid(str(text))
    value = Decimal(found["number"])
    if found["suffix"]:
        value *= _SUFFIXES[found["suffix"]]
    elif found["exponent"]:
        value = value.scaleb(int(found["exponent"]))
    return max(min(value, _LARGEST), -_LARGEST)
