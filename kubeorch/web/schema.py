"""The OpenAPI document: every operation also answers problems, and says so."""

from __future__ import annotations

from typing import Any, Literal

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import inline_serializer
from rest_framework import serializers


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


class ProblemRowSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    detail = serializers.CharField()
    severity = serializers.ChoiceField(choices=["error", "warning"])
    field = serializers.CharField(allow_null=True)
    node_ids = serializers.ListField(child=serializers.CharField())
    edge_ids = serializers.ListField(child=serializers.CharField())


class ProblemDocumentSerializer(serializers.Serializer[Any]):
    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField()
    errors = ProblemRowSerializer(many=True)  # type: ignore[assignment]


class ProblemSchema(AutoSchema):
    """Adds one `default` answer to each operation: a problem document.

    A refusal that an operation documents with members of its own is a problem document too, and the
    same status may always come without those members.
    """

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        problem = self.resolve_serializer(ProblemDocumentSerializer(), direction).ref
        for status, body in bodies.items():
            content = body.get("content", {})
            if status.startswith(("4", "5")) and "application/json" in content:
                special = content.pop("application/json")["schema"]
                choices = special if special == problem else {"anyOf": [special, problem]}
                content["application/problem+json"] = {"schema": choices}
        bodies["default"] = {
            "content": {"application/problem+json": {"schema": problem}},
            "description": "Refused or failed: what is wrong and what to do.",
        }
        return bodies


def page_of(name: str, child: serializers.BaseSerializer[Any] | serializers.ListSerializer[Any]) -> Any:
    """Serializer of one cursor page, `{results, next}`, for annotations. `child` is declared `many=True`."""
    return inline_serializer(
        name=name,
        fields={"results": child, "next": serializers.CharField(allow_null=True, help_text="cursor of the next page")},
    )
