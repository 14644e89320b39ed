"""The Dockerfile of a plan, and what is kept out of its context: the same for the same plan, byte for byte."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from builds.domain.detection.plan import Language, Plan
from builds.domain.detection.writers import go, java, node, php, python, ruby, static
from builds.domain.detection.writers.lines import HEAD

_WRITERS: Mapping[Language, Callable[[Plan], list[str]]] = {
    "node": node.write,
    "python": python.write,
    "go": go.write,
    "java": java.write,
    "ruby": ruby.write,
    "php": php.write,
    "static": static.write,
}
_IGNORED = (
    *("**/.git", "**/.gitignore", ".github", ".gitlab-ci.yml", "**/.env.local", "**/.env.*.local", "**/.DS_Store"),
    *("**/Dockerfile*", "**/*.dockerignore", "**/compose*.y*ml", "**/docker-compose*.y*ml", "kubeorch.yaml"),
)
_ENVIRONMENTS = ("**/.env", "**/.env.*", "!**/.env.example")
"""Left out but for Node, whose builds read those that are committed."""
_IGNORED_OF: Mapping[Language, tuple[str, ...]] = {
    "node": ("**/node_modules", ".next", ".nuxt", "coverage"),
    "python": ("**/__pycache__", "**/*.pyc", ".venv", "venv", ".pytest_cache", ".mypy_cache", ".tox"),
    "go": ("bin",),
    "java": ("**/target", "**/build", ".gradle", ".mvn/wrapper/maven-wrapper.jar"),
    "ruby": (".bundle", "vendor/bundle", "log/*", "tmp/*", "node_modules"),
    "php": ("vendor", "node_modules", "storage/logs/*"),
    "static": ("node_modules", "README*", "LICENSE*", "paasdeploy.json"),
}


@dataclass(frozen=True, slots=True)
class Written:
    dockerfile: str
    dockerignore: str
    """For `Dockerfile.dockerignore` beside it; a repository's own .dockerignore goes before it."""


def written(plan: Plan) -> Written:
    lines = [HEAD, *_WRITERS[plan.language](plan)]
    environments = () if plan.language == "node" else _ENVIRONMENTS
    ignored = [*_IGNORED, *environments, *_IGNORED_OF[plan.language]]
    return Written("\n".join(lines) + "\n", "\n".join(ignored) + "\n")
