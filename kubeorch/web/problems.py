"""Every failed request answers with one kind of problem document (RFC 9457), whoever refused it.

`{type, title, status, code, detail, errors: [{code, detail, severity, field, node_ids, edge_ids}]}`.
Only this module maps error families to HTTP.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from math import ceil
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from pymongo.errors import ConnectionFailure, DocumentTooLarge, ExecutionTimeout, PyMongoError, WTimeoutError
from rest_framework import exceptions as drf

from kubeorch.base.errors import Conflict, Forbidden, InvalidInput, KubeOrchError, NotFound, Problem, Unavailable
from kubeorch.mongo.encoding import dumps
from kubeorch.web.refusals import NotSignedIn, TooManyAttempts

__all__ = ["NotSignedIn", "TooManyAttempts", "answer_for", "document", "exception_handler", "from_error", "response"]

log = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"
FULL_DISK_BYTES = 150_000_000
MAX_SAID = 300

STATUS: tuple[tuple[type[KubeOrchError], int], ...] = (
    (InvalidInput, 400),
    (Forbidden, 403),
    (NotFound, 404),
    (Conflict, 409),
    (Unavailable, 503),
)
PLAIN: dict[int, tuple[str, str]] = {
    400: ("invalid", "the request cannot be understood"),
    401: ("auth.required", "sign in, or send a bearer token"),
    403: ("forbidden", "you may not do this"),
    404: ("not_found", "nothing exists here, or you may not see it"),
    405: ("method_not_allowed", "this address does not support that method"),
    413: ("input.too_large", "the request is larger than this server accepts"),
    414: ("input.uri_too_long", "the address is longer than this server accepts"),
    415: ("input.media_type", "send application/json"),
    429: ("throttled", "too many attempts; wait and try again"),
    500: ("server_error", "something went wrong on our side; the log names the request by its id"),
    503: ("unavailable", "something we depend on does not answer; try again in a moment"),
}


def document(
    status: int,
    code: str | None = None,
    detail: str | None = None,
    errors: Sequence[Problem] = (),
    extra: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The problem document; what is not given is filled in by status."""
    plain_code, plain_detail = PLAIN.get(status, ("error", HTTPStatus(status).phrase.lower()))
    return {
        **(extra or {}),
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code or plain_code,
        "detail": detail or plain_detail,
        "errors": [problem.as_json() for problem in errors],
    }


def response(
    status: int,
    code: str | None = None,
    detail: str | None = None,
    errors: Sequence[Problem] = (),
    extra: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    body = dumps(document(status, code, detail, errors, extra))
    return HttpResponse(body, status=status, content_type=CONTENT_TYPE, headers=dict(headers or {}))


def status_of(error: KubeOrchError) -> int:
    given = getattr(error, "http_status", None)
    if isinstance(given, int):
        return given
    return next((status for family, status in STATUS if isinstance(error, family)), 500)


def from_error(error: KubeOrchError) -> HttpResponse:
    """One of our errors as its answer."""
    status = status_of(error)
    headers: dict[str, str] = {}
    retry_after_s = getattr(error, "retry_after_s", None)
    if retry_after_s is not None:
        headers["Retry-After"] = str(max(1, ceil(retry_after_s)))
    if status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="kubeorch"'
    problems = error.problems or ((Problem(error.code, error.detail),) if status == 400 else ())
    return response(status, error.code, error.detail, problems, error.extra, headers)


def exception_handler(exc: Exception, context: Mapping[str, Any]) -> HttpResponse | None:
    """The exception handler of REST framework; None for an unexpected error, which Django logs and answers with 500."""
    return answer_for(exc)


def answer_for(exc: BaseException) -> HttpResponse | None:
    """The answer to an exception that means a refusal or an outage; None for a defect of ours."""
    if isinstance(exc, KubeOrchError):
        return from_error(exc)
    if isinstance(exc, drf.APIException):
        return _from_framework(exc)
    if isinstance(exc, Http404):
        return response(404)
    if isinstance(exc, PermissionDenied):
        return response(403)
    if isinstance(exc, RequestDataTooBig):
        return response(413)
    if isinstance(exc, DjangoValidationError):
        problems = [Problem("invalid", message) for message in exc.messages]
        return response(400, "invalid", "some values are not accepted", problems)
    if isinstance(exc, (SuspiciousOperation, UnreadablePostError)):
        return response(400)
    return _from_database(exc)


def _from_framework(exc: drf.APIException) -> HttpResponse:
    if isinstance(exc, drf.ValidationError):
        problems = list(_flatten(exc.detail))
        first = problems[0] if problems else None
        many = f"{len(problems)} values are not accepted" if len(problems) > 1 else None
        detail = many or (
            f"{first.field}: {first.detail}" if first and first.field else first.detail if first else None
        )
        return response(400, "invalid", detail, problems)
    if isinstance(exc, (drf.NotAuthenticated, drf.AuthenticationFailed)):
        code = "auth.invalid" if isinstance(exc, drf.AuthenticationFailed) else "auth.required"
        detail = str(exc.detail) if code == "auth.invalid" else None
        return response(401, code, detail, headers={"WWW-Authenticate": 'Bearer realm="kubeorch"'})
    headers: dict[str, str] = {}
    if isinstance(exc, drf.MethodNotAllowed):
        return response(405)  # the view adds Allow
    wait_s = getattr(exc, "wait", None)  # of Throttled
    if wait_s:
        headers["Retry-After"] = str(ceil(wait_s))
    refusal_code: str | None = None
    refusal: str | None = None
    if isinstance(exc, drf.PermissionDenied) and isinstance(exc.detail, str):
        given = getattr(exc.detail, "code", None)
        refusal_code = None if given in (None, "permission_denied") else given
        refusal = str(exc.detail) if refusal_code else None
    return response(exc.status_code, refusal_code, refusal, headers=headers)


def _flatten(detail: Any, path: str = "") -> Iterator[Problem]:
    """The REST framework's nested error detail as rows with dotted paths."""
    if isinstance(detail, Mapping):
        for key, value in detail.items():
            inner = path if key == "non_field_errors" else f"{path}.{key}" if path else str(key)
            yield from _flatten(value, inner)
    elif isinstance(detail, (list, tuple)):
        for index, value in enumerate(detail):
            nested = isinstance(value, (Mapping, list, tuple))
            yield from _flatten(value, f"{path}.{index}" if nested and path else str(index) if nested else path)
    else:
        said = str(detail)  # which may quote what was sent
        said = said if len(said) <= MAX_SAID else f"{said[:MAX_SAID]}…"
        yield Problem(str(getattr(detail, "code", "invalid")), said, path[:MAX_SAID] or None)


def _from_database(exc: BaseException) -> HttpResponse | None:
    if isinstance(exc, DocumentTooLarge):
        return response(
            413, "input.too_large", "this is larger than the database stores in one document (16 MB); split it up"
        )
    cause: BaseException | None = exc
    while cause is not None and not isinstance(cause, PyMongoError):
        if not isinstance(cause, DatabaseError):
            return None
        cause = cause.__cause__
    if isinstance(cause, (ConnectionFailure, ExecutionTimeout, WTimeoutError)):
        log.warning("the database does not answer: %s", type(cause).__name__)
        return database_unavailable()
    if isinstance(cause, PyMongoError) and cause.has_error_label("TransientTransactionError"):
        return response(503, "database.busy", "the same data was changed by others at the same moment; try again")
    return None


def database_unavailable() -> HttpResponse:
    """503 with the cause where it is known: a full disk stops the embedded database."""
    if _is_disk_full():
        detail = "the disk of the database is full; free some space on it, and the database starts again by itself"
        return response(503, "database.disk_full", detail)
    return response(503, "database.unavailable", "the database does not answer; try again in a moment")


def _is_disk_full() -> bool:
    folder = settings.DATA_DIR / "mongodb"  # only there when the database is ours to start
    try:
        return folder.is_dir() and shutil.disk_usage(folder).free < FULL_DISK_BYTES
    except OSError:
        return False


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return (answer_for(exception) if exception is not None else None) or response(400)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return response(403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return response(404)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return response(403, "csrf.failed", "the request lacks the CSRF token of this browser; reload the page")


def server_error(request: HttpRequest) -> HttpResponse:
    return response(500)
