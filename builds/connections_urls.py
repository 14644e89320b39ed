"""Routes of git connections."""

from __future__ import annotations

from django.urls import path

from builds.views import connections, git_looking, git_sign_ins

ROUTES = [
    path("git-connections", connections.GitConnectionsView.as_view()),
    path("git-connections/test", connections.GitConnectionTestsView.as_view()),
    path("git-connections/sign-in", git_sign_ins.GitSignInView.as_view()),
    path("git-connections/<str:connection_id>", connections.GitConnectionView.as_view()),
    path("git-connections/<str:connection_id>/test", connections.GitConnectionTestView.as_view()),
    path("git-connections/<str:connection_id>/sign-in", git_sign_ins.GitSignInBeginningView.as_view()),
    path("git-connections/<str:connection_id>/keys", connections.DeployKeysView.as_view()),
    path("git-connections/<str:connection_id>/keys/<str:key_id>", connections.DeployKeyView.as_view()),
    path("git-connections/<str:connection_id>/host-keys", connections.HostKeysView.as_view()),
    path("git-connections/<str:connection_id>/repositories", git_looking.GitRepositoriesView.as_view()),
    path("git-connections/<str:connection_id>/branches", git_looking.GitBranchesView.as_view()),
    path("git-connections/<str:connection_id>/tags", git_looking.GitTagsView.as_view()),
    path("git-connections/<str:connection_id>/commits", git_looking.GitCommitsView.as_view()),
    path("git-connections/<str:connection_id>/tree", git_looking.GitTreeView.as_view()),
    path("git-connections/<str:connection_id>/file", git_looking.GitFileView.as_view()),
]
