"""Which engines this installation has."""

from __future__ import annotations

from functools import cache

from django.conf import settings

from builds.engines.local.engine import LocalEngine
from builds.engines.local.place import place_in


@cache
def local_engine() -> LocalEngine:
    """The one of this process."""
    return LocalEngine(place_in(settings.DATA_DIR))
