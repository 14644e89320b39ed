"""Whether a failed job is worth another try, and when."""

from __future__ import annotations

from pymongo.errors import PyMongoError

from kubeorch.base.backoff import Backoff
from kubeorch.base.errors import KubeOrchError, Unavailable

BACKOFF = Backoff(first_s=0.5, most_s=60.0, jitter=0.25)


def is_worth_retrying(error: BaseException) -> bool:
    """A refusal stays a refusal; an outage or an unexpected error may pass."""
    return isinstance(error, (Unavailable, PyMongoError)) or not isinstance(error, KubeOrchError)


def delay_s(attempt: int, error: BaseException | None = None) -> float:
    """Doubling from half a second to a minute, with jitter; never sooner than the server asked for."""
    asked_s = (error.retry_after_s or 0.0) if isinstance(error, Unavailable) else 0.0
    return max(asked_s, BACKOFF.delay_s(attempt))
