"""API server answers as our five families, keeping the API server's own reason.

An answer can repeat the values of a Secret ("Invalid value: …"), so for Secrets only reasons and field
names are passed on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from clusters.domain.reading import mapping, mappings, text
from kubeorch.base.errors import Conflict, Forbidden, InvalidInput, KubeOrchError, NotFound, Unavailable

MESSAGE_LIMIT = 2000
NOT_KUBERNETES = "what answers at this address is not a Kubernetes API server; check the address and the port"
NAME_LIMIT = 253
CAUSES_MOST = 200
_NOT_TYPED = "failed to create typed patch object"
_TOO_LARGE = ("etcdserver: request is too large", "trying to send message larger than max")
_MANAGER = re.compile(r'conflict with "([^"]+)"')


@dataclass(frozen=True, slots=True)
class Cause:
    """One row of an API Status' `details.causes`."""

    reason: str
    message: str
    field: str


class ApiAnswer(KubeOrchError):
    """Mixed into the families below: the API server's answer, in parts."""

    def __init__(
        self, detail: str, *, status: int = 0, reason: str = "", causes: tuple[Cause, ...] = (), **kwargs: Any
    ) -> None:
        super().__init__(detail, **kwargs)
        self.status = status
        self.reason = reason
        self.causes = causes


class ClusterUnavailable(ApiAnswer, Unavailable):
    """The API server cannot be reached, or cannot answer now."""

    code = "cluster.unavailable"


class ClusterUntrusted(ClusterUnavailable):
    """TLS fails: an unknown authority, a wrong name, an expired certificate."""

    code = "cluster.untrusted"


class ClusterTimeout(ClusterUnavailable):
    """No answer in time."""

    code = "cluster.timeout"

    def __init__(self, detail: str = "", **facts: Any) -> None:
        super().__init__(
            detail
            or "the cluster's API server does not answer in time; check that it is up and reachable from this server",
            **facts,
        )


class AddressUnknown(ClusterUnavailable):
    """The server's name does not resolve."""

    code = "cluster.unresolved"

    def __init__(self, host: str) -> None:
        super().__init__(f"the name {host} does not resolve; check the cluster's address")


class NotKubernetes(ClusterUnavailable):
    """Something answers, and not as an API server does. Nothing of what it says is shown."""

    code = "cluster.not_kubernetes"

    def __init__(self) -> None:
        super().__init__(NOT_KUBERNETES)


class AnswerTooLarge(ClusterUnavailable):
    """More bytes than any API server has reason to send."""

    code = "cluster.answer_too_large"

    def __init__(self, most_bytes: int) -> None:
        most = f"{most_bytes / 1_048_576:.0f} MB" if most_bytes >= 1_048_576 else f"{most_bytes} bytes"
        super().__init__(f"the API server's answer is larger than {most}")


class Unauthorized(ApiAnswer, Forbidden):
    """The cluster does not accept our credentials (any more)."""

    code = "cluster.unauthorized"


class ApiForbidden(ApiAnswer, Forbidden):
    """The cluster knows us and does not allow the request."""

    code = "cluster.forbidden"


class ApiInvalid(ApiAnswer, InvalidInput):
    """The API server refuses the object as it is."""

    code = "cluster.invalid"


class UnknownKind(ApiAnswer, InvalidInput):
    """The cluster serves no such kind."""

    code = "cluster.unknown_kind"

    def __init__(self, api_version: str, kind: str) -> None:
        super().__init__(
            f"this cluster has no kind {kind} in {api_version}; install its CRD, or correct apiVersion and kind"
        )


class ApiNotFound(ApiAnswer, NotFound):
    """No such object."""

    code = "object.not_found"


class NothingServed(ApiNotFound):
    """The API server knows no such path: no kind is served there."""


class ApiConflict(ApiAnswer, Conflict):
    """The object has changed, already exists, or is not the one expected (resourceVersion, uid)."""

    code = "cluster.conflict"


class Expired(ApiConflict):
    """410: the resourceVersion asked for is gone; list again."""

    code = "cluster.expired"


@dataclass(frozen=True, slots=True)
class OwnedField:
    """A field another manager holds with another value."""

    path: str
    manager: str


class FieldConflict(ApiConflict):
    """Server-side apply met fields that others manage."""

    code = "cluster.field_conflict"

    def __init__(self, name: str, fields: tuple[OwnedField, ...], **kwargs: Any) -> None:
        by_manager: dict[str, list[str]] = {}
        for field in fields:
            by_manager.setdefault(field.manager, []).append(field.path)
        self.owners = sorted(by_manager.items())
        """Managers with the paths of their fields."""
        owned = "; ".join(f"{manager} manages {', '.join(paths)}" for manager, paths in self.owners)[:MESSAGE_LIMIT]
        super().__init__(
            f"{name} conflicts with other field managers: {owned}. "
            "Leave those fields out of the node, or start a run that takes them over",
            **kwargs,
        )
        self.fields = fields


def error_from_status(
    status: int, body: Mapping[str, Any], *, name: str = "", secret: bool = False, retry_after_s: float | None = None
) -> KubeOrchError:
    """The error for an answer of 4xx or 5xx; `body` is its parsed Status, or {}.

    `name` names the object ("Deployment web"); `secret` removes what could repeat the values of a Secret.
    """
    reason = _clean(body.get("reason"), NAME_LIMIT)
    causes = tuple(
        Cause(
            _clean(row.get("reason"), NAME_LIMIT), _clean(row.get("message")), _clean(row.get("field"), 2 * NAME_LIMIT)
        )
        for row in mappings(mapping(body.get("details")).get("causes"))[:CAUSES_MOST]
    )
    fields = tuple(
        OwnedField(cause.field, manager.group(1) if (manager := _MANAGER.search(cause.message)) else "another manager")
        for cause in causes
        if cause.reason == "FieldManagerConflict"
    )
    message = _clean(body.get("message")) or f"the API server answered {status}"
    if secret and not _is_safe(status, message, bool(fields)):
        message = _without_values(name, status, reason, causes)
        causes = tuple(Cause(cause.reason, "", cause.field) for cause in causes)
    message = message[:MESSAGE_LIMIT]
    facts: dict[str, Any] = {"status": status, "reason": reason, "causes": causes}
    if fields:
        return FieldConflict(name or "the object", fields, **facts)
    if status == 401:
        return Unauthorized("the cluster does not accept these credentials; connect it again with valid ones", **facts)
    if status == 403:
        return ApiForbidden(message, **facts)
    if status == 404:
        return ApiNotFound(message, **facts)
    if status == 409:
        return ApiConflict(message, **facts)
    if status == 410:
        return Expired(message, **facts)
    if status == 422 and any(cause.field == "metadata.uid" for cause in causes):
        return ApiConflict(
            f"{name or 'the object'} is no longer the one expected: another object has its name", **facts
        )
    if status == 500 and _NOT_TYPED in message:
        return ApiInvalid(message, **facts)  # an unknown field or a wrong type; the API server says 500
    if status == 500 and any(words in message for words in _TOO_LARGE):
        detail = f"{name or 'the object'} is larger than the cluster's etcd takes (1.5 MB in its usual setting)"
        return ApiInvalid(f"{detail}; make it smaller, or split it. The API server says: {message}", **facts)
    if status in (429, 500, 502, 503, 504):
        return ClusterUnavailable(message, retry_after_s=retry_after_s, **facts)
    return ApiInvalid(message, **facts)


def _clean(value: Any, most: int = MESSAGE_LIMIT) -> str:
    """A text of the API server, or of whoever answers in its place, for people and logs: one line of bounded length.

    Of a longer one the end is kept as well: after a large value the API server says there what is wrong with it.
    """
    raw = text(value)
    if len(raw) > most:
        raw = f"{raw[: most - most // 4 - 3]} … {raw[-(most // 4) :]}"
    shown = (character if character.isprintable() else " " for character in raw)
    return " ".join("".join(shown).split())


def _is_safe(status: int, message: str, field_conflict: bool) -> bool:
    """Whether a message about a Secret is of a form that holds no values."""
    if field_conflict or status in (401, 404, 410):
        return True
    if status == 403:
        return message.startswith("secrets ") and " is forbidden: User " in message
    return status == 409 and ("the object has been modified" in message or "already exists" in message)


def _without_values(name: str, status: int, reason: str, causes: tuple[Cause, ...]) -> str:
    where = ", ".join(sorted({cause.field for cause in causes if cause.field}))
    why = reason or str(status)
    return f"the API server refuses {name or 'the Secret'}: {why}" + (f" at {where}" if where else "")
