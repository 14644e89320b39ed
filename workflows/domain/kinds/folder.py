"""A library that is a folder: k8s_templates, or a copy of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import CodeType
from typing import Any

from kubeorch.base.yaml import load_all_strict
from workflows.domain.kinds.compiling import code_of
from workflows.domain.kinds.parameters import DeclarationInvalid
from workflows.domain.kinds.templates import Source


class TemplateFolder:
    """Files as they are, compiled when they are used."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @property
    def names(self) -> Sequence[str]:
        return sorted(file.relative_to(self._root).as_posix() for file in self._root.rglob("*.yaml"))

    def documents(self, name: str) -> list[Any]:
        file = self._root / name
        if not file.is_file():
            raise DeclarationInvalid(name, "there is no such file")
        return load_all_strict(file.read_bytes())

    def code_of(self, source: Source) -> CodeType:
        return code_of(source)
