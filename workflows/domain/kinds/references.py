"""References to variables of an environment: `${NAME}` in a text."""

from __future__ import annotations

import re

REFERENCE = re.compile(r"\$(?:\$\{|\{([A-Za-z_][A-Za-z0-9_]{0,62})\})")
"""`${NAME}`, or the escape `$${` for the text `${`."""


def is_reference(text: str) -> bool:
    """Whether the whole text is one `${NAME}`, and so becomes the value of the variable with its type."""
    found = REFERENCE.match(text)
    return found is not None and found[1] is not None and found.end() == len(text)


def has_reference(text: str) -> bool:
    return "${" in text and any(found[1] is not None for found in REFERENCE.finditer(text))
