"""Refusals with a status of their own, beside the five families. Imports no framework: authentication raises them."""

from __future__ import annotations

from kubeorch.base.errors import Forbidden


class TooManyAttempts(Forbidden):
    """Answered with 429 and Retry-After."""

    code = "throttled"
    http_status = 429

    def __init__(self, detail: str, *, retry_after_s: float) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


class NotSignedIn(Forbidden):
    """Answered with 401: nobody is known to be asking, or the proof given is not accepted."""

    code = "auth.required"
    http_status = 401
