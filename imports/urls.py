"""Routes of imports, below /api/v1/."""

from django.urls import path

from imports import views

urlpatterns = [
    path("imports", views.ImportsView.as_view()),
    path("imports/<str:import_id>", views.ImportView.as_view()),
    path("imports/<str:import_id>/answers", views.AnswersView.as_view()),
    path("imports/<str:import_id>/apply", views.ApplyView.as_view()),
]
