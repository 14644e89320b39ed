"""Files that are known by their name, and by a first look at their text. Pure, and the one place for these rules."""

from __future__ import annotations

import re

KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")
"""Source: kustomize, `api/konfig/general.go`, RecognizedKustomizationFileNames."""
CHART = "Chart.yaml"
LOOKED_AT_CHARACTERS = 65_536
PASSED_OVER = frozenset({"node_modules", "vendor", ".git", ".github", ".gitlab", ".circleci"})
"""Folders that have the files of others, or what only a host of git reads."""

_COMPOSE = re.compile(r"(?:docker-)?compose(?:[.-][\w.-]+)?\.ya?ml", re.ASCII)
_SERVICES = re.compile(r"^(?:services|include)[ \t]*:", re.MULTILINE)
_OBJECT = re.compile(r"""^[ \t{\[-]*["']?apiVersion["']?[ \t]*:""", re.MULTILINE)
_KIND = re.compile(r"""["']?\bkind["']?[ \t]*:""")
_DOCKERFILE = re.compile(r"(?:Dockerfile|Containerfile)(?:\.[\w.-]+)?|[\w.-]+\.[Dd]ockerfile", re.ASCII)


def is_compose_name(name: str) -> bool:
    return _COMPOSE.fullmatch(name) is not None


def is_dockerfile_name(name: str) -> bool:
    return _DOCKERFILE.fullmatch(name) is not None and not name.endswith(".dockerignore")


def may_have_objects(name: str) -> bool:
    """Whether a file with this name may hold objects of Kubernetes."""
    return name.lower().endswith((".yaml", ".yml", ".json")) and name not in KUSTOMIZATIONS


def has_services(text: str) -> bool:
    return _SERVICES.search(text) is not None


def has_objects(text: str) -> bool:
    return _OBJECT.search(text) is not None and _KIND.search(text) is not None
