"""Settings that are on or off, read alike wherever the environment is read."""

from __future__ import annotations

from collections.abc import Mapping

ON = ("1", "true", "yes", "on")
OFF = ("0", "false", "no", "off")


class BadFlag(ValueError):
    """The text says neither on nor off."""


def flag(environ: Mapping[str, str], name: str, default: bool) -> bool:
    """Whether the setting is on; `default` when it is missing or empty. Raises BadFlag."""
    text = environ.get(name, "").strip().lower()
    if not text:
        return default
    if text not in ON + OFF:
        raise BadFlag(f"{name} is {text[:100]!r}; it takes 1 or 0")
    return text in ON
