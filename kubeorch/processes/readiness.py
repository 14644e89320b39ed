"""Whether a page of ours answers yet."""

from __future__ import annotations

import http.client
from urllib.parse import urlsplit


def answers(url: str, path: str, *, timeout_s: float) -> bool:
    """Whether `GET path` is answered with 200 there."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=timeout_s)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
