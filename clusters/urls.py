"""Routes of clusters."""

from __future__ import annotations

from django.urls import URLPattern, path

from clusters.uses import UsesOf
from clusters.views import clusters as views
from clusters.views import diagnosis, logs, resources


def routes(uses_of: UsesOf) -> list[URLPattern]:
    """`uses_of` says which environments are on a cluster: those keep it from being deleted."""
    return [
        path("clusters", views.ClustersView.as_view(), name="clusters"),
        path("clusters/<str:cluster_id>", views.ClusterView.as_view(uses_of=uses_of), name="cluster"),
        path("clusters/<str:cluster_id>/test", views.ClusterTestView.as_view(), name="cluster-test"),
        path("clusters/<str:cluster_id>/namespaces", views.NamespacesView.as_view(), name="cluster-namespaces"),
        path("clusters/<str:cluster_id>/kubeconfig", views.KubeconfigView.as_view(), name="cluster-kubeconfig"),
        *diagnosis_routes(),
        *resources_routes(),
        *streams_routes(),
    ]


def resources_routes() -> list[URLPattern]:
    """What looks inside a cluster."""
    cluster = "clusters/<str:cluster_id>"
    one = f"{cluster}/resources/<str:kind>/<str:namespace>/<str:name>"
    return [
        path(f"{cluster}/kinds", resources.KindsView.as_view(), name="cluster-kinds"),
        path(f"{cluster}/resources", resources.ResourcesView.as_view(), name="cluster-resources"),
        path(one, resources.ResourceView.as_view(), name="cluster-resource"),
    ]


def streams_routes() -> list[URLPattern]:
    """What containers say."""
    cluster = "clusters/<str:cluster_id>"
    of_pod = f"{cluster}/pods/<str:pod_namespace>/<str:pod>/logs"
    of_workload = f"{cluster}/workloads/<str:workload_kind>/<str:pod_namespace>/<str:workload>/logs"
    return [
        path(of_pod, logs.PodLogsView.as_view(), name="pod-logs"),
        path(of_workload, logs.WorkloadLogsView.as_view(), name="workload-logs"),
    ]


def diagnosis_routes() -> list[URLPattern]:
    return [path("clusters/<str:cluster_id>/diagnosis", diagnosis.ClusterDiagnosisView.as_view())]
