"""Keys of SSH servers, as `type base64`, and the fingerprints by which people compare them."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re

from kubeorch.base.errors import InvalidInput

FINGERPRINT_MAX = 60
_FINGERPRINT = re.compile(r"SHA256:([A-Za-z0-9+/]{43})=?")


def fingerprint_of(host_key: str) -> str:
    """As OpenSSH shows it, `SHA256:…`. Raises ValueError for what is not a key."""
    try:
        blob = base64.b64decode(host_key.split(" ")[1], validate=True)
    except (binascii.Error, IndexError):
        raise ValueError("not a key") from None
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")


def fingerprint(text: str, *, field: str = "source.host_key") -> str:
    """A fingerprint that a person gave. Raises InvalidInput."""
    found = _FINGERPRINT.fullmatch(text.strip())
    if found is None:
        raise InvalidInput(
            "a fingerprint is SHA256: and 43 characters, as `ssh-keygen -lf` prints it",
            code="git.host_key",
            field=field,
        )
    return f"SHA256:{found[1]}"
