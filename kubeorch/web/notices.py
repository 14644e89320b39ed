"""What an administrator should know of how this process is run: said once in the log, and shown in the settings."""

from __future__ import annotations

import logging
from collections.abc import Mapping

log = logging.getLogger(__name__)

MOST = 20
_noted: dict[str, str] = {}


def note(code: str, detail: str) -> None:
    """Keep a notice; the first of its code is also logged."""
    if code not in _noted and len(_noted) < MOST:
        _noted[code] = detail
        log.warning("%s", detail)


def noted() -> Mapping[str, str]:
    """Detail by code, of this process since its start."""
    return dict(_noted)


def forget() -> None:
    _noted.clear()
