"""Routes of registries and images."""

from __future__ import annotations

from django.urls import path

from builds.views import embedded, images, registries

ROUTES = [
    path("registries", registries.RegistriesView.as_view(), name="registries"),
    path("registries/tests", registries.RegistryTestsView.as_view(), name="registry-tests"),
    path("registries/embedded", embedded.EmbeddedRegistryView.as_view(), name="embedded-registry"),
    path("registries/embedded/images", embedded.EmbeddedImagesView.as_view(), name="embedded-images"),
    path("registries/embedded/repositories", embedded.EmbeddedRepositoriesView.as_view()),
    path("registries/embedded/removals", embedded.EmbeddedRemovalsView.as_view()),
    path("registries/embedded/passwords", embedded.EmbeddedPasswordsView.as_view()),
    path("registries/embedded/logins", embedded.EmbeddedLoginsView.as_view()),
    path("registries/<str:registry_id>", registries.RegistryView.as_view(), name="registry"),
    path("registries/<str:registry_id>/test", registries.RegistryTestView.as_view(), name="registry-test"),
    path("registries/<str:registry_id>/repositories", images.RepositoriesView.as_view(), name="registry-repositories"),
    path("registries/<str:registry_id>/tags", images.RegistryTagsView.as_view(), name="registry-tags"),
    path("images", images.ImageView.as_view(), name="image"),
    path("images/tags", images.ImageTagsView.as_view(), name="image-tags"),
    path("images/choices", images.ImageChoicesView.as_view(), name="image-choices"),
    path("plans/<str:plan_id>/pulls", images.PlanPullsView.as_view(), name="plan-pulls"),
]
