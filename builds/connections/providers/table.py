"""Which module speaks to which provider."""

from __future__ import annotations

from collections.abc import Mapping

from builds.connections.providers.bitbucket import Bitbucket
from builds.connections.providers.gitea import Gitea
from builds.connections.providers.github import GitHub
from builds.connections.providers.gitlab import GitLab
from builds.connections.providers.protocol import Host
from builds.domain.git_servers import GitProvider

HOSTS: Mapping[GitProvider, Host] = {
    GitProvider.GITEA: Gitea(),
    GitProvider.GITHUB: GitHub(),
    GitProvider.GITLAB: GitLab(),
    GitProvider.BITBUCKET: Bitbucket(),
}
"""GitProvider.GIT has no interface but git's own."""
LABELS: Mapping[GitProvider, str] = {
    GitProvider.GIT: "git server",
    GitProvider.GITEA: "Gitea or Forgejo",
    GitProvider.GITHUB: "GitHub",
    GitProvider.GITLAB: "GitLab",
    GitProvider.BITBUCKET: "Bitbucket Cloud",
}
