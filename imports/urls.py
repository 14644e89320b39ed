"""Routes of imports, below /api/v1/."""

from django.urls import path

from imports import views
from imports.comparing.views import ComparisonsView
from imports.exports.views import FilesView
from imports.trials.views import TrialsView
from imports.values.views import ValuesView

urlpatterns = [
    path("workflows/<str:workflow_id>/files", FilesView.as_view()),
    path("imports", views.ImportsView.as_view()),
    path("imports/<str:import_id>", views.ImportView.as_view()),
    path("imports/<str:import_id>/cancel", views.CancelView.as_view()),
    path("imports/<str:import_id>/choice", views.ChoiceView.as_view()),
    path("imports/<str:import_id>/answers", views.AnswersView.as_view()),
    path("imports/<str:import_id>/values", ValuesView.as_view()),
    path("imports/<str:import_id>/trials", TrialsView.as_view()),
    path("imports/<str:import_id>/comparisons", ComparisonsView.as_view()),
    path("imports/<str:import_id>/merge", views.MergeView.as_view()),
    path("imports/<str:import_id>/apply", views.ApplyView.as_view()),
]
