"""Routes of detections."""

from __future__ import annotations

from django.urls import path

from builds.views import detections

ROUTES = [
    path("detections", detections.DetectionsView.as_view()),
    path("detections/<str:detection_id>", detections.DetectionView.as_view()),
    path("detections/<str:detection_id>/cancel", detections.CancelDetectionView.as_view()),
    path("detections/<str:detection_id>/dockerfile", detections.WrittenDockerfileView.as_view()),
    path("detections/<str:detection_id>/workflow", detections.DetectionWorkflowView.as_view()),
]
