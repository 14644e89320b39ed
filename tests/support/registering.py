"""Registering over the API."""

from __future__ import annotations

from typing import Any

from tests.support.people import PASSWORD, Answer, call

ADA = {"email": "Ada@Example.test", "password": PASSWORD, "name": "Ada"}


def register(**changes: Any) -> Answer:
    """Ada registers, with these changes to what she enters."""
    return call("POST", "auth/register", {**ADA, **changes})
