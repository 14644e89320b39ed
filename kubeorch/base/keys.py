"""A key for an installation. Apart from `seal`, since `up` makes one without loading cryptography."""

from __future__ import annotations

import base64
import os


def new_key() -> str:
    """A fresh key as KUBEORCH_SECRET_KEY takes it: 32 random bytes in base64."""
    return base64.b64encode(os.urandom(32)).decode()
