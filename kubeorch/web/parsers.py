"""The parser of every API request body."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.parsers import BaseParser

from kubeorch.web import bounded_json


class BoundedJSONParser(BaseParser):
    """application/json within bounds (kubeorch.web.bounded_json); the whole must be an object."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        charset = (media_type or "").lower().partition("charset=")[2].split(";")[0].strip(' "')
        if charset not in ("", "utf-8", "utf8"):
            raise UnsupportedMediaType(media_type or "", detail="send the body as UTF-8")
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body = stream.read(limit + 1)
        if len(body) > limit:
            raise RequestDataTooBig
        value = bounded_json.parse(body)
        if not isinstance(value, dict):
            raise bounded_json.BadJSON("the body must be a JSON object", code="input.json")
        return value
