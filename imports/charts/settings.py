"""How a chart is installed, as people give it."""

from __future__ import annotations

from kubeorch.base.names import label_from

RELEASE_MAX = 53
"""Source: Helm docs, "Helm Install": what templates add to the name must still fit into 63 characters."""


def release_name(text: str) -> str:
    """The name of a release, as Helm takes it, that is made of a text."""
    return label_from(text)[:RELEASE_MAX].rstrip("-")
