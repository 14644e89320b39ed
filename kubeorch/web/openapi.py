"""The OpenAPI document: each operation with its answers, problems among them. Loaded when somebody asks for it."""

from __future__ import annotations

from threading import Lock
from typing import Any, Literal

from django.conf import settings
from drf_spectacular import plumbing, utils
from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiSerializerExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema

from kubeorch.web import schema
from kubeorch.web.requests import Input

_document: Any = None
_making = Lock()


def document() -> Any:
    """Made once a process: it takes a second, and anyone may ask."""
    global _document
    with _making:
        if _document is None:
            _document = Generator().get_schema(request=None, public=True)
        return _document


class Generator(SchemaGenerator):
    def get_schema(self, *args: Any, **kwargs: Any) -> Any:
        self._initialise_endpoints()  # loads the views, whose decorators fill `schema.said`
        while schema.said:
            view, words = schema.said.pop()
            utils.extend_schema(**words)(view)
        document = super().get_schema(*args, **kwargs)
        document["components"]["responses"] = {"Problem": _PROBLEM}
        return document


def bases_without_words() -> list[Any]:
    """Classes whose docstrings are for readers of the code: what derives from them does not repeat them."""
    return [*plumbing.get_lib_doc_excludes(), Input, schema.Shape]


class InputScheme(OpenApiSerializerExtension):
    """Request bodies take no fields beside those of their serializer, and the document says so."""

    target_class = "kubeorch.web.requests.Input"
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: Literal["request", "response"]) -> dict[str, Any]:
        shape: dict[str, Any] = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)  # noqa: SLF001  as its documentation does
        return {**shape, "additionalProperties": False} if direction == "request" else shape


class BearerScheme(OpenApiAuthenticationExtension):
    target_class = "kubeorch.accounts.authentication.BearerAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "description": "from POST /api/v1/auth/login or auth/tokens"}


class SessionScheme(OpenApiAuthenticationExtension):
    target_class = "kubeorch.accounts.authentication.BrowserSessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}


_PROBLEM = {
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}},
    "description": "Refused or failed: what is wrong and what to do.",
}


class ProblemSchema(AutoSchema):
    """Adds the answers that every operation may give, a problem document each: what is sent is wrong (400), one may not
    (403), what the path names is not there (404), and `default` for the rest. Conflicts (409) are those of the
    operation, so its view names them.

    A refusal that an operation documents with members of its own is a problem document too, and the
    same status may always come without those members.
    """

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        problem = self.resolve_serializer(schema.ProblemDocumentSerializer(), direction).ref
        for status, body in bodies.items():
            content = body.get("content", {})
            if status.startswith(("4", "5")) and "application/json" in content:
                special = content.pop("application/json")["schema"]
                choices = special if special == problem else {"anyOf": [special, problem]}
                content["application/problem+json"] = {"schema": choices}
        for status in ("400", "403", *(("404",) if "{" in self.path else ()), "default"):
            bodies.setdefault(status, {"$ref": "#/components/responses/Problem"})
        return bodies
