"""Loads Compose files written in a test."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import dedent
from typing import Any

from imports.domain.compose.load import Project, load
from imports.domain.sources import Files


def tree_of(files: Mapping[str, str | bytes]) -> Files:
    return Files({name: text if isinstance(text, bytes) else dedent(text).encode() for name, text in files.items()})


def loaded(files: Mapping[str, str | bytes] | str, *names: str, **options: Any) -> Project:
    """The project of these files, the first of them unless names say which."""
    if isinstance(files, str):
        files = {"compose.yaml": files}
    return load(tree_of(files), names or ("compose.yaml",), **options)


def web(files: Mapping[str, str | bytes] | str, *names: str, **options: Any) -> dict[str, Any]:
    """The service `web` of these files."""
    service: dict[str, Any] = loaded(files, *names, **options).model["services"]["web"]
    return service
