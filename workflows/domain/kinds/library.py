"""What a catalog is made from: the files of k8s_templates, and the code of their structures.

A library is a folder, or what was kept of one (`kept`), which needs no YAML and no compiler.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import CodeType
from typing import Any, Protocol

from workflows.domain.kinds.templates import Source


class Library(Protocol):
    """Files by their path below k8s_templates, and a compiler of what they hold."""

    @property
    def names(self) -> Sequence[str]:
        """The files of YAML, in order."""

    def documents(self, name: str) -> list[Any]:
        """The documents of a file. Raises DeclarationInvalid where there is none."""

    def code_of(self, source: Source) -> CodeType:
        """The code of a structure's function. Raises TemplateInvalid."""
