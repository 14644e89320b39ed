"""Routes of builds."""

from __future__ import annotations

from builds.builds_urls import ROUTES as BUILDS
from builds.registries_urls import ROUTES as REGISTRIES

urlpatterns = [*BUILDS, *REGISTRIES]
