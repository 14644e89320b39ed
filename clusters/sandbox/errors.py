"""Why a sandbox did not start, and what to do about it."""

from __future__ import annotations

from kubeorch.base.errors import Unavailable


class SandboxError(Unavailable):
    """The sandbox cannot run. `message` is what happened; `reason` is why, and what to do about it."""

    code = "sandbox.failed"

    def __init__(self, message: str, reason: str = "") -> None:
        super().__init__(f"{message}: {reason}" if reason else message)
        self.message = message
        self.reason = reason
