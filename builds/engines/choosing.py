"""Which engines this installation has."""

from __future__ import annotations

from functools import cache

from django.conf import settings

from builds.engines.local.engine import LocalEngine
from builds.engines.local.place import place_in
from clusters.addresses import is_private_server


def may_share_network() -> bool:
    """Whether images are built here although steps have the network of this machine."""
    return settings.BUILD_LOCALLY or is_private_server()


@cache
def local_engine() -> LocalEngine:
    """The one of this process."""
    return LocalEngine(place_in(settings.DATA_DIR), may_share_network)
