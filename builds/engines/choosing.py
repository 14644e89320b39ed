"""Which engines this installation has."""

from __future__ import annotations

from functools import cache

from django.conf import settings

from builds.engines.local.engine import LocalEngine
from builds.engines.local.place import place_in
from clusters.addresses import is_private_server

SHARED = (
    "images are not built beside a KubeOrch that others reach over the network: the steps of a Dockerfile would have "
    "the network of this machine, its loopback and cloud metadata with it; where everybody who may build is trusted "
    "with that, an administrator can set KUBEORCH_BUILD_LOCALLY=1"
)


def why_not_here() -> str:
    """Why the local engine is not to build; "" where it may. Its steps have no network of their own yet."""
    return "" if settings.BUILD_LOCALLY or is_private_server() else SHARED


@cache
def local_engine() -> LocalEngine:
    """The one of this process."""
    return LocalEngine(place_in(settings.DATA_DIR), why_not_here)
