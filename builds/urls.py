"""Routes of builds."""

from __future__ import annotations

from builds.builds_urls import ROUTES as BUILDS
from builds.connections_urls import ROUTES as CONNECTIONS
from builds.detections_urls import ROUTES as DETECTIONS
from builds.registries_urls import ROUTES as REGISTRIES

urlpatterns = [*BUILDS, *CONNECTIONS, *DETECTIONS, *REGISTRIES]
