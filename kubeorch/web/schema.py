"""What views declare for the OpenAPI document.

It is only noted here. `openapi.py`, which makes the document of it, takes a fifth of a second to load, and few ask for
the document.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from drf_spectacular.utils import OpenApiResponse, inline_serializer
from rest_framework import serializers

View = TypeVar("View", bound=Callable[..., Any])

NO_CONTENT = {204: OpenApiResponse(description="done")}
"""The answers of a request that succeeds without a body."""

said: list[tuple[Callable[..., Any], dict[str, Any]]] = []
"""Views with their declarations, until the document is made."""


def extend_schema(**words: Any) -> Callable[[View], View]:
    """drf-spectacular's decorator of the same name, applied once somebody asks for the document."""

    def note(view: View) -> View:
        said.append((view, words))
        return view

    return note


class Shape(serializers.Serializer[Any]):
    """An answer, or an object inside one. It is never run: it describes what the views write."""


class ProblemRowSerializer(Shape):
    code = serializers.CharField()
    detail = serializers.CharField()
    severity = serializers.ChoiceField(choices=["error", "warning"])
    field = serializers.CharField(allow_null=True)
    node_ids = serializers.ListField(child=serializers.CharField())
    edge_ids = serializers.ListField(child=serializers.CharField())


class ProblemDocumentSerializer(Shape):
    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField()
    errors = ProblemRowSerializer(many=True)  # type: ignore[assignment]


def conflict(words: str) -> OpenApiResponse:
    """A 409 without members of its own; `words` name its codes."""
    return OpenApiResponse(ProblemDocumentSerializer, words)


def page_of(name: str, child: serializers.BaseSerializer[Any] | serializers.ListSerializer[Any]) -> Any:
    """Serializer of one cursor page, `{results, next}`, for annotations. `child` is declared `many=True`."""
    return inline_serializer(
        name=name,
        fields={"results": child, "next": serializers.CharField(allow_null=True, help_text="cursor of the next page")},
    )
