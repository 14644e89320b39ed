"""The five families of errors, and the problem rows an error may carry.

A concrete error is a small class beside the code that raises it. Only `kubeorch/web/problems.py`
(HTTP) and `kubeorch/jobs/worker.py` (retry or final) map families to outcomes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from kubeorch.base.records import record

Severity = Literal["error", "warning"]


@record
class Problem:
    """One thing that is wrong: a stable code, a sentence with the cure, and where it is.

    `field` is a path into the request body (`nodes.web.parameters.image`).
    """

    code: str
    detail: str
    field: str | None = None
    node_ids: tuple[str, ...] = ()
    edge_ids: tuple[str, ...] = ()
    severity: Severity = "error"

    def as_json(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "detail": self.detail,
            "severity": self.severity,
            "field": self.field,
            "node_ids": list(self.node_ids),
            "edge_ids": list(self.edge_ids),
        }


class KubeOrchError(Exception):
    """Base of all errors the product answers for. `code` is stable and tested."""

    code = "error"

    def __init__(
        self,
        detail: str,
        *,
        code: str | None = None,
        field: str | None = None,
        problems: Sequence[Problem] = (),
        extra: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        if code is not None:
            self.code = code
        self.problems: tuple[Problem, ...] = tuple(problems)
        if field is not None and not self.problems:
            self.problems = (Problem(self.code, detail, field),)
        self.extra = extra or {}
        """Further members of the problem document, as `current` of a stale save."""


class InvalidInput(KubeOrchError):
    """The input cannot be accepted as it is; the sender can correct it."""

    code = "invalid"


class NotFound(KubeOrchError):
    """There is no such thing, or the caller may not know of it."""

    code = "not_found"


class Forbidden(KubeOrchError):
    """The caller is known and may not do this."""

    code = "forbidden"


class Conflict(KubeOrchError):
    """The request does not fit the present state: something has changed, exists already, or is in use."""

    code = "conflict"


class Unavailable(KubeOrchError):
    """Something we depend on does not answer; trying again later may work."""

    code = "unavailable"

    def __init__(self, detail: str, *, retry_after_s: float | None = None, **kwargs: Any) -> None:
        super().__init__(detail, **kwargs)
        self.retry_after_s = retry_after_s
