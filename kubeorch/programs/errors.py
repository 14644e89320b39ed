"""Why a program could not be had, and what to do about it."""

from __future__ import annotations

from kubeorch.base.errors import Unavailable


class NoProgram(Unavailable):
    """A program is missing. `message` is what happened; `reason` is why, and what to do about it."""

    code = "program.missing"

    def __init__(self, message: str, reason: str = "") -> None:
        super().__init__(f"{message}: {reason}" if reason else message)
        self.message = message
        self.reason = reason
