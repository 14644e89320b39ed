"""A library as bytes: the files of k8s_templates as values, and everything compiled.

It is read in a few milliseconds, without YAML and the compiler. Like what Python keeps of its modules it is for the
Python that wrote it, and holds code: whoever may write it may write our modules.
"""

from __future__ import annotations

import marshal
from collections.abc import Mapping, Sequence
from types import CodeType
from typing import Any

from workflows.domain.kinds.catalog import make_catalog
from workflows.domain.kinds.library import Library
from workflows.domain.kinds.templates import Source


def library_bytes(library: Library) -> bytes:
    """What is kept of a library. Raises DeclarationInvalid or TemplateInvalid: then our own data is wrong."""
    sources = [structure.source for structure in make_catalog(library).structures()]
    code = {source.where: marshal.dumps(library.code_of(source)) for source in sources}
    return marshal.dumps(({name: library.documents(name) for name in library.names}, code))


class Kept:
    """What `library_bytes` kept. Code is read when it is used."""

    def __init__(self, kept: bytes | memoryview) -> None:
        self._files: Mapping[str, list[Any]]
        self._code: Mapping[str, bytes]
        self._files, self._code = marshal.loads(kept)  # noqa: S302 - as Python's own compiled modules

    @property
    def names(self) -> Sequence[str]:
        return list(self._files)

    def documents(self, name: str) -> list[Any]:
        return self._files[name]

    def code_of(self, source: Source) -> CodeType:
        code: CodeType = marshal.loads(self._code[source.where])  # noqa: S302
        return code
