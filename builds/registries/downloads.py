"""Downloads within bounds, from addresses that were judged: a name is looked up once, and only those are connected to.

Redirects are followed a few times, each judged anew; credentials do not go with them to another host.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

import urllib3
from urllib3.exceptions import HTTPError

from builds.domain.repositories import Repository, Scheme
from builds.git.addresses import allowed_addresses
from kubeorch.base.errors import InvalidInput, Unavailable

WALL_S = 60.0
STEP_S = 10.0
REDIRECTS_MOST = 4
URL_MAX = 4_000
_CHUNK = 65_536
_REDIRECTS = (301, 302, 303, 307, 308)
Check = Callable[[], None]


class DownloadRefused(InvalidInput):
    """What is at an address is not there, is too large, or may not be read."""

    code = "registry.refused"


class DownloadUnavailable(Unavailable):
    """The server does not answer, or broke off."""

    code = "registry.unavailable"


@dataclass(frozen=True, slots=True)
class Download:
    """What a server answered; the content is whole."""

    status: int
    headers: Mapping[str, str]
    content: bytes = field(repr=False)


def downloaded(url: str, *, most_bytes: int, check: Check, headers: Mapping[str, str] | None = None) -> Download:
    """GET it. `check` is called again and again; what it raises ends the download.

    Raises DownloadRefused, GitAddressRefused for an address that may not be read, Unavailable, and what `check` raises.
    """
    deadline = time.monotonic() + WALL_S
    own = dict(headers or {})
    for _ in range(REDIRECTS_MOST + 1):
        answer = _get(url, own, most_bytes, check, deadline)
        if answer.status not in _REDIRECTS:
            return answer
        target = urljoin(url, answer.headers.get("location", ""))
        if _place(target) != _place(url):
            own.pop("Authorization", None)
        if urlsplit(url).scheme == "https" and urlsplit(target).scheme != "https":
            raise DownloadRefused(f"{_host(url)} leads to an address without TLS")
        url = target
    raise DownloadRefused(f"{_host(url)} leads from one address to the next without end")


def _place(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def _host(url: str) -> str:
    return urlsplit(url).hostname or "the server"


def _get(url: str, headers: Mapping[str, str], most_bytes: int, check: Check, deadline: float) -> Download:
    repository = _judged(url)
    address = allowed_addresses(repository)[0]
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    sent = {"Host": parts.netloc.rpartition("@")[2], "User-Agent": "kubeorch", **headers}
    timeout = urllib3.Timeout(connect=STEP_S, read=STEP_S)
    pool: urllib3.HTTPConnectionPool
    if parts.scheme == "https":
        pool = urllib3.HTTPSConnectionPool(
            address, repository.port, server_hostname=repository.host, assert_hostname=repository.host, timeout=timeout
        )
    else:
        pool = urllib3.HTTPConnectionPool(address, repository.port, timeout=timeout)
    try:
        check()
        answer = pool.request(
            "GET", target, headers=sent, redirect=False, retries=False, preload_content=False, decode_content=False
        )
        found = {name.lower(): value for name, value in answer.headers.items()}
        content = bytearray()
        while chunk := answer.read(_CHUNK):
            check()
            content += chunk
            if len(content) > most_bytes:
                raise DownloadRefused(f"{repository.host} sends more than {most_bytes:,} bytes")
            if time.monotonic() > deadline:
                raise DownloadUnavailable(f"{repository.host} took longer than {WALL_S:.0f} s")
        return Download(answer.status, found, bytes(content))
    except HTTPError as error:
        raise DownloadUnavailable(f"{repository.host} does not answer: {type(error).__name__}") from error
    finally:
        pool.close()


def _judged(url: str) -> Repository:
    """Raises DownloadRefused for what is no address over https or http."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise DownloadRefused("this is no address") from None
    if parts.scheme not in ("https", "http") or not parts.hostname or len(url) > URL_MAX:
        raise DownloadRefused(f"{url[:100]} is no address over https")
    if parts.username is not None or parts.password is not None or not url.isascii() or not url.isprintable():
        raise DownloadRefused("the address has a name, a password or a character that no address has")
    scheme: Scheme = "https" if parts.scheme == "https" else "http"
    return Repository(scheme, parts.hostname, port or (443 if scheme == "https" else 80), parts.path or "/")
