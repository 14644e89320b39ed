"""Routes of workflows, versions, environments, the catalog and runs, below /api/v1/."""

from django.urls import include, path

from workflows.views import (
    catalog,
    drift,
    environments,
    graphs,
    lifecycle,
    parse,
    plans,
    runs,
    secrets,
    versions,
    workflows,
)

workflow = [
    path("", workflows.WorkflowView.as_view()),
    path("/graph", graphs.GraphView.as_view()),
    path("/validate", graphs.ValidateView.as_view()),
    path("/manifests", graphs.ManifestsView.as_view()),
    path("/clone", workflows.CloneView.as_view()),
    path("/export", workflows.ExportView.as_view()),
    path("/archive", lifecycle.ArchiveView.as_view()),
    path("/unarchive", lifecycle.UnarchiveView.as_view()),
    path("/versions", versions.VersionsView.as_view()),
    path("/versions/compare", versions.CompareView.as_view()),
    path("/versions/<int:number>", versions.VersionView.as_view()),
    path("/versions/<int:number>/restore", versions.RestoreView.as_view()),
    path("/environments", environments.EnvironmentsView.as_view()),
    path("/secrets", secrets.SecretsView.as_view()),
    path("/plans", plans.WorkflowPlansView.as_view()),
    path("/runs", runs.WorkflowRunsView.as_view()),
]
urlpatterns = [
    path("catalog", catalog.CatalogView.as_view()),
    path("catalog/<str:digest>", catalog.KeptCatalogView.as_view()),
    path("workflows", workflows.WorkflowsView.as_view()),
    path("workflows/import", workflows.ImportView.as_view()),
    path("workflows/parse", parse.ParseView.as_view()),
    path("workflows/<str:workflow_id>", include(workflow)),
    path("environments/<str:environment_id>", environments.EnvironmentView.as_view()),
    path("environments/<str:environment_id>/inventory", environments.InventoryView.as_view()),
    path("environments/<str:environment_id>/status", environments.StatusView.as_view()),
    path("environments/<str:environment_id>/drift", drift.DriftView.as_view()),
    path("environments/<str:environment_id>/drift/history", drift.DriftHistoryView.as_view()),
    path("drift", drift.DriftInboxView.as_view()),
    path("plans/<str:plan_id>", plans.PlanView.as_view()),
    path("runs", runs.RunsView.as_view()),
    path("runs/<str:run_id>", runs.RunView.as_view()),
    path("runs/<str:run_id>/cancel", runs.CancelView.as_view()),
    path("runs/<str:run_id>/retry", runs.RetryView.as_view()),
    path("runs/<str:run_id>/logs", runs.LogsView.as_view()),
]
