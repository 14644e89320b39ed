"""Whether a failed job is worth another try, and when."""

from __future__ import annotations

import random

from pymongo.errors import PyMongoError

from kubeorch.base.errors import KubeOrchError, Unavailable

FIRST_DELAY_S = 0.5
LONGEST_DELAY_S = 60.0


def is_worth_retrying(error: BaseException) -> bool:
    """Refusals stay refusals; what is unavailable, and what nobody foresaw, may pass."""
    return isinstance(error, (Unavailable, PyMongoError)) or not isinstance(error, KubeOrchError)


def delay_s(attempt: int, error: BaseException | None = None) -> float:
    """Doubling from half a second to a minute, with jitter; never sooner than the other side asked for."""
    asked_s = (error.retry_after_s or 0.0) if isinstance(error, Unavailable) else 0.0
    grown_s: float = min(FIRST_DELAY_S * 2.0 ** (attempt - 1), LONGEST_DELAY_S)
    return max(asked_s, grown_s * random.uniform(0.8, 1.2))  # noqa: S311  spreading, not secrecy
