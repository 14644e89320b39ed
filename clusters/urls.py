"""Routes of clusters."""

from __future__ import annotations

from django.urls import URLPattern, path

from clusters.uses import BelongingOf, EnginesIn, KindsDrawn, UsesOf
from clusters.views import clusters as views
from clusters.views import connecting, deprecations, diagnosis, logs, managing, marks, metrics, nodes, resources
from clusters.views import resource_changes as changes


def routes(
    uses_of: UsesOf, engines_in: EnginesIn, belonging_of: BelongingOf, kinds_drawn: KindsDrawn
) -> list[URLPattern]:
    """`uses_of` says which environments are on a cluster, `engines_in` what builds there: both keep it from being
    deleted.

    `belonging_of` says to which of them an object belongs, `kinds_drawn` of which kinds they have objects.
    """
    return [
        *connecting_routes(),
        path("clusters", views.ClustersView.as_view(), name="clusters"),
        path(
            "clusters/<str:cluster_id>",
            views.ClusterView.as_view(uses_of=uses_of, engines_in=engines_in),
            name="cluster",
        ),
        path("clusters/<str:cluster_id>/test", views.ClusterTestView.as_view(), name="cluster-test"),
        path("clusters/<str:cluster_id>/namespaces", views.NamespacesView.as_view(), name="cluster-namespaces"),
        *managing_routes(),
        path("clusters/<str:cluster_id>/kubeconfig", views.KubeconfigView.as_view(), name="cluster-kubeconfig"),
        *diagnosis_routes(kinds_drawn),
        *nodes_routes(),
        *resources_routes(belonging_of),
        *streams_routes(),
        *marks_routes(),
    ]


def resources_routes(belonging_of: BelongingOf) -> list[URLPattern]:
    """What looks inside a cluster."""
    cluster = "clusters/<str:cluster_id>"
    one = f"{cluster}/resources/<str:kind>/<str:namespace>/<str:name>"
    return [
        path(f"{cluster}/kinds", resources.KindsView.as_view(), name="cluster-kinds"),
        path(f"{cluster}/resources", resources.ResourcesView.as_view(), name="cluster-resources"),
        path(f"{cluster}/resources/changes", resources.ResourceChangesView.as_view(), name="cluster-resource-changes"),
        path(f"{cluster}/namespaces/quotas", resources.SpacesView.as_view(), name="cluster-namespace-quotas"),
        path(one, resources.ResourceView.as_view(), name="cluster-resource"),
        path(f"{one}/events", resources.EventsView.as_view(), name="cluster-resource-events"),
        path(f"{one}/history", resources.ObjectHistoryView.as_view(), name="cluster-resource-history"),
        path(f"{one}/relations", resources.RelationsView.as_view(), name="cluster-resource-relations"),
        path(f"{one}/deletion", resources.WhyNotGoneView.as_view(), name="cluster-resource-deletion"),
        path(f"{one}/yaml", changes.YamlView.as_view(belonging_of=belonging_of), name="cluster-resource-yaml"),
        path(f"{one}/actions", changes.ActionsView.as_view(belonging_of=belonging_of), name="cluster-resource-actions"),
        path(
            f"{one}/actions/<str:action>",
            changes.ActionView.as_view(belonging_of=belonging_of),
            name="cluster-resource-action",
        ),
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


def diagnosis_routes(kinds_drawn: KindsDrawn) -> list[URLPattern]:
    """What is wrong, and what is used."""
    cluster = "clusters/<str:cluster_id>"
    return [
        path(f"{cluster}/diagnosis", diagnosis.ClusterDiagnosisView.as_view()),
        path(f"{cluster}/metrics", metrics.MetricsView.as_view()),
        path(f"{cluster}/metrics/nodes", metrics.NodesMetricsView.as_view()),
        path(f"{cluster}/prometheus", metrics.PrometheusView.as_view()),
        path(f"{cluster}/deprecations", deprecations.DeprecationsView.as_view(kinds_drawn=kinds_drawn)),
    ]


def marks_routes() -> list[URLPattern]:
    """What a person notes for themselves."""
    cluster = "clusters/<str:cluster_id>"
    one = f"{cluster}/marks/<str:kind>/<str:namespace>/<str:name>"
    return [
        path(f"{cluster}/namespace-sets", marks.NamespaceSetsView.as_view()),
        path(f"{cluster}/namespace-sets/<str:set_id>", marks.NamespaceSetView.as_view()),
        path(f"{cluster}/marks", marks.MarksView.as_view()),
        path(one, marks.MarkView.as_view()),
    ]


def connecting_routes() -> list[URLPattern]:
    return [
        path("clusters/tests", connecting.ConnectionTestsView.as_view(), name="cluster-tests"),
        path("clusters/ways", connecting.WaysView.as_view(), name="cluster-ways"),
        path("clusters/service-account", connecting.ServiceAccountView.as_view(), name="cluster-service-account"),
    ]


def managing_routes() -> list[URLPattern]:
    one = "clusters/<str:cluster_id>"
    return [
        path(f"{one}/refresh", managing.RefreshView.as_view(), name="cluster-refresh"),
        path(f"{one}/history", managing.HistoryView.as_view(), name="cluster-history"),
        path(f"{one}/log", managing.LogView.as_view(), name="cluster-log"),
        path(f"{one}/shares", managing.SharesView.as_view(), name="cluster-shares"),
        path(f"{one}/shares/<str:share_id>", managing.ShareView.as_view(), name="cluster-share"),
    ]


def nodes_routes() -> list[URLPattern]:
    """Nodes, and what is done with them."""
    cluster = "clusters/<str:cluster_id>"
    node = f"{cluster}/nodes/<str:node>"
    return [
        path(f"{cluster}/nodes", nodes.NodesView.as_view()),
        path(node, nodes.NodeView.as_view()),
        path(f"{node}/cordon", nodes.CordonView.as_view()),
        path(f"{node}/uncordon", nodes.UncordonView.as_view()),
        path(f"{node}/drain", nodes.DrainView.as_view()),
        path(f"{node}/drain/cancel", nodes.CancelDrainView.as_view()),
    ]
