"""Routes of clusters."""

from __future__ import annotations

from django.urls import URLPattern, path

from clusters.uses import UsesOf
from clusters.views import clusters as views


def routes(uses_of: UsesOf) -> list[URLPattern]:
    """`uses_of` says which environments are on a cluster: those keep it from being deleted."""
    return [
        path("clusters", views.ClustersView.as_view(), name="clusters"),
        path("clusters/<str:cluster_id>", views.ClusterView.as_view(uses_of=uses_of), name="cluster"),
        path("clusters/<str:cluster_id>/test", views.ClusterTestView.as_view(), name="cluster-test"),
        path("clusters/<str:cluster_id>/namespaces", views.NamespacesView.as_view(), name="cluster-namespaces"),
        path("clusters/<str:cluster_id>/kubeconfig", views.KubeconfigView.as_view(), name="cluster-kubeconfig"),
    ]
