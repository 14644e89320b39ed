"""The address of an API server, as far as it can be judged without asking anybody."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from clusters.domain.credentials import KubeconfigInvalid

_HOST = re.compile(
    r"(?=.{1,253}\Z)[A-Za-z0-9](?:[-A-Za-z0-9]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[-A-Za-z0-9]{0,61}[A-Za-z0-9])?)*\.?\Z"
)
_PATH = re.compile(r"(?:/[A-Za-z0-9._~%:@!$&'()*+,;=-]*)*\Z")


def check_server(address: str, *, allow_http: bool = False) -> str:
    """The API server's address without a trailing slash. The caller checks what it resolves to.

    Raises KubeconfigInvalid unless it is https (http only with `allow_http`, on loopback), without user,
    query or fragment.
    """
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise KubeconfigInvalid("the server's address is not valid", code="kubeconfig.server") from None
    host = parts.hostname or ""
    problem = None
    if any(ord(character) <= 32 or ord(character) > 126 or character == "\\" for character in address):
        problem = "contains characters that are not allowed in an address"
    elif parts.scheme not in ("https", "http") or (parts.scheme == "http" and not (allow_http and _is_loopback(host))):
        problem = "must start with https://"
    elif parts.username is not None or parts.password is not None or "@" in parts.netloc:
        problem = "must not contain a user or password"
    elif parts.query or parts.fragment or "?" in address or "#" in address:
        problem = "must not contain a query or a fragment"
    elif not (_HOST.match(host) or _is_address(host)) or "%" in parts.netloc:
        problem = "does not have a valid host"
    elif port == 0:
        problem = "does not have a valid port"
    elif not _PATH.match(parts.path) or ".." in parts.path:
        problem = "does not have a valid path"
    elif len(address) > 500:
        problem = "is longer than 500 characters"
    if problem:
        raise KubeconfigInvalid(f"the server's address {problem}", code="kubeconfig.server")
    return address.rstrip("/")


def is_host_name(text: str) -> bool:
    return _HOST.match(text) is not None


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    return host == "localhost" or (_is_address(host) and ipaddress.ip_address(host).is_loopback)
