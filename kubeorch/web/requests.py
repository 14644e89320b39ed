"""The body of a request, as checked values, through a serializer. Its query string is read by `kubeorch.base.query`.

Who is asking is answered by `kubeorch.accounts.authentication.me`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.serializers import CharField, IntegerField, Serializer

from kubeorch.base.errors import InvalidInput, Problem
from kubeorch.base.records import replace
from kubeorch.mongo.ids import ID_LENGTH

KEYS_NAMED = 20
"""At most this many unknown keys are named in one answer."""
KEY_SHOWN_MAX = 100


class Input(Serializer[Any]):
    """A request body, or an object inside one. Unknown keys are refused: a misspelt key must not pass in silence."""

    def to_internal_value(self, data: Any) -> Any:
        unknown = self._unknown_keys(data)
        try:
            values = super().to_internal_value(data)
        except ValidationError as error:
            if unknown and isinstance(error.detail, dict):
                raise ValidationError({**error.detail, **unknown}) from error
            raise
        if unknown:
            raise ValidationError(unknown)
        return values

    def _unknown_keys(self, data: Any) -> dict[str, list[ErrorDetail]]:
        keys = sorted(set(data) - set(self.fields)) if isinstance(data, dict) else []
        cure = f"the fields here are {', '.join(self.fields)}" if self.fields else "this request takes no fields"
        shown = [str(key)[:KEY_SHOWN_MAX] for key in keys[:KEYS_NAMED]]
        return {key: [ErrorDetail(f"unknown field '{key}'; {cure}", code="unknown")] for key in shown}


class NoInput(Input):
    """The body of a request that takes none: empty, or `{}`."""


class Text(CharField):
    """A text of JSON. The REST framework's field also takes numbers and writes them as text."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Id(Text):
    """An id as text; whether there is such a thing is for the view to find out."""

    def __init__(self, **more: Any) -> None:
        super().__init__(max_length=ID_LENGTH, **more)


class WholeNumber(IntegerField):
    """An integer of JSON. The REST framework's field also takes text with digits."""

    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("invalid")
        return super().to_internal_value(data)


def body(serializer: type[Input], request: Request, *, partial: bool = False) -> dict[str, Any]:
    """The validated body; with `partial`, fields may be missing and have no defaults.

    Raises the REST framework's ValidationError, which is answered with the path of every wrong field.
    """
    return validated(serializer, request.data, partial=partial)


def validated(serializer: type[Input], data: Any, *, partial: bool = False) -> dict[str, Any]:
    """As `body`, for data that does not come from the body alone."""
    parser = serializer(data=data, partial=partial)
    try:
        parser.is_valid(raise_exception=True)
        return dict(parser.validated_data)
    finally:
        parser.__dict__.clear()  # it and its fields refer to each other, and would hold the body until a collection


@contextmanager
def read_of(field: str) -> Iterator[None]:
    """What is refused inside was read from that field of the body: rows that name no other name it."""
    try:
        yield
    except InvalidInput as error:
        rows = error.problems or (Problem(error.code, error.detail),)
        error.problems = tuple(row if row.field else replace(row, field=field) for row in rows)
        raise
