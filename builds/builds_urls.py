"""Routes of sources and builds."""

from __future__ import annotations

from django.urls import path

from builds.views import builds, cluster_engines, engines, pausing, pushes, sources

ROUTES = [
    path("sources", sources.SourcesView.as_view()),
    path("sources/<str:source_id>", sources.SourceView.as_view()),
    path("sources/<str:source_id>/builds", sources.SourceBuildsView.as_view()),
    path("sources/<str:source_id>/image-removals", sources.OldImagesView.as_view()),
    path("sources/<str:source_id>/pushes", pushes.SourcePushesView.as_view()),
    path("pushes/<str:push_token>", pushes.PushView.as_view()),
    path("builds", builds.BuildsView.as_view()),
    path("builds/<str:build_id>", builds.BuildView.as_view()),
    path("builds/<str:build_id>/workflows", builds.BuildWorkflowsView.as_view()),
    path("builds/<str:build_id>/cancel", builds.CancelBuildView.as_view()),
    path("builds/<str:build_id>/logs", builds.BuildLogsView.as_view()),
    path("build-pause", pausing.BuildPauseView.as_view()),
    path("build-engines", engines.EnginesView.as_view()),
    path("build-engines/tests", engines.EngineTestsView.as_view()),
    path("build-engines/in-clusters", cluster_engines.ClusterEnginesView.as_view()),
    path("build-engines/in-clusters/tests", cluster_engines.ClusterEngineTestsView.as_view()),
    path("build-engines/<str:engine_id>", engines.EngineView.as_view()),
    path("build-engines/<str:engine_id>/test", engines.EngineTestView.as_view()),
]
