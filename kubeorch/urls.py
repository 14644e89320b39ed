"""All routes. `/api/v1/…` belongs to the apps; every other path is the page."""

from django.urls import include, path, re_path

from builds.engines.services.store import names_in_cluster
from clusters import urls as clusters
from kubeorch import spa
from kubeorch.web import health
from workflows.environments.belonging import belonging_of
from workflows.environments.inventory_store import kinds_on
from workflows.environments.placement import uses_of_cluster

api = [
    path("", include("kubeorch.web.urls")),
    path("", include("kubeorch.accounts.urls")),
    path("", include("kubeorch.realtime.urls")),
    path("", include(clusters.routes(uses_of_cluster, names_in_cluster, belonging_of, kinds_on))),
    path("", include("workflows.urls")),
    path("", include("builds.urls")),
    path("", include("imports.urls")),
]

urlpatterns = [
    *(path(address.removeprefix("/"), view) for address, view in health.PROBES.items()),
    path("api/v1/", include(api)),
    re_path(r"^(?!api/|static/|ws/|health).*$", spa.index, name="page"),
]
handler404 = "kubeorch.web.problems.not_found"
handler500 = "kubeorch.web.problems.server_error"
handler400 = "kubeorch.web.problems.bad_request"
handler403 = "kubeorch.web.problems.permission_denied"
