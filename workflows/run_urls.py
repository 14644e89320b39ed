"""Routes of runs, below /api/v1/."""

from django.urls import path

from workflows.views import runs as views

urlpatterns = [
    path("workflows/<str:workflow_id>/runs", views.WorkflowRunsView.as_view()),
    path("runs", views.RunsView.as_view()),
    path("runs/<str:run_id>", views.RunView.as_view()),
    path("runs/<str:run_id>/cancel", views.CancelView.as_view()),
    path("runs/<str:run_id>/retry", views.RetryView.as_view()),
    path("runs/<str:run_id>/logs", views.LogsView.as_view()),
]
