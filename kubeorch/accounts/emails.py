"""E-mail addresses as accounts and invites accept them."""

from __future__ import annotations

import re
import unicodedata

from kubeorch.accounts.models import EMAIL_MAX
from kubeorch.base.errors import InvalidInput

_EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f\"(),:;<>\[\]\\]{1,64}@[^@\s\x00-\x1f\x7f.]+(?:\.[^@\s\x00-\x1f\x7f.]+)*\Z")


def clean_email(text: str, *, field: str = "email") -> str:
    """The address in lower case. Raises InvalidInput when it cannot be one."""
    email = text.strip().lower()
    hides = any(unicodedata.category(letter) == "Cf" for letter in email)
    if len(email) > EMAIL_MAX or not _EMAIL.match(email) or hides:
        raise InvalidInput("this is not an e-mail address", code="account.email", field=field)
    return email
