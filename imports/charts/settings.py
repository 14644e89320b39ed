"""How a chart is installed, as people give it: release, namespace, values."""

from __future__ import annotations

import re

from kubeorch.base.errors import InvalidInput
from kubeorch.base.names import label_from

RELEASE_MAX = 53
"""Source: Helm docs, "Helm Install": what templates add to the name must still fit into 63 characters."""
_RELEASE = re.compile(r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?\Z")


def release_name(text: str) -> str:
    """A name as Helm takes it, made of a text."""
    return label_from(text)[:RELEASE_MAX].rstrip("-")


def check_release(text: str, *, field: str) -> str:
    """Raises InvalidInput."""
    if len(text) > RELEASE_MAX or not _RELEASE.match(text):
        raise InvalidInput(
            f"{text[:60]!r} is not the name of a release; use lower-case letters, digits and -, at most {RELEASE_MAX}",
            code="import.release",
            field=field,
        )
    return text
