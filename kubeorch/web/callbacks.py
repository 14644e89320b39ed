"""The body of a call by another program: bytes, bounded, of whatever type it says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any, ClassVar

from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from kubeorch.base.errors import InvalidInput


class CalledBody(BaseParser):
    """Whatever a caller sends. Subclasses say how much of it, and under which code more is refused."""

    media_type = "*/*"
    most: ClassVar[int]
    code: ClassVar[str]

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, bytes]:
        content = stream.read(self.most + 1)
        if len(content) > self.most:
            raise InvalidInput(f"the body of a webhook has {self.most // 1024} KB at most", code=self.code)
        return {"content": content}


def called_with(request: Request) -> bytes:
    """What was sent to a view that parses with a `CalledBody`."""
    return request.data["content"] if isinstance(request.data, dict) and request.data else b""


def source_of(request: Request) -> str:
    """Where the call comes from."""
    return str(getattr(request._request, "source", "") or "")
