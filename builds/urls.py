"""Routes of builds."""

from __future__ import annotations

from builds.registries_urls import ROUTES as REGISTRIES

urlpatterns = [*REGISTRIES]
