"""Requests to registries within bounds of bytes, time and count, to addresses that were judged.

A name is looked up at each connection, and only what was judged is connected to. Redirects of what only reads are
followed a few times, each judged anew; credentials do not go with them to another host. Connections are kept while one
of these is in use.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Self
from urllib.parse import SplitResult, urljoin, urlsplit

from builds.domain.registries import is_same_site
from builds.domain.repositories import Repository, Scheme
from builds.git.addresses import allowed_addresses
from builds.git.errors import GitAddressRefused, GitUnavailable
from builds.registries.errors import (
    NotARegistry,
    RegistryAddressRefused,
    RegistryRefused,
    RegistryTimeout,
    RegistryUnavailable,
    RegistryUnresolved,
    untrusted,
)
from clusters.domain.credentials import Credentials
from clusters.kube.allowance import Allowance
from clusters.kube.errors import AnswerTooLarge, ClusterTimeout, ClusterUnavailable, ClusterUntrusted, NotKubernetes
from clusters.kube.limits import LIMITS
from clusters.kube.resolving import Addresses, addresses_of
from clusters.kube.transport import Transport

WALL_S = 60.0
CONNECT_S = 8.0
REDIRECTS_MOST = 4
URL_MAX = 4_000
CONNECTIONS = 2
PLACES_MOST = 32
"""Hosts and ports that one of these is led to: each has connections of its own until it is closed."""
_REDIRECTS = (301, 302, 303, 307, 308)
_READING = ("GET", "HEAD")
_FOR_ANYBODY = ("Accept", "Range")
"""Headers that a redirect takes along to another host."""
Check = Callable[[], None]
Reach = Callable[[Scheme, str], Addresses]
"""Scheme and host → how its name is looked up."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered; the content is whole."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    content: bytes = field(repr=False)
    url: str = ""
    """Where it came from, after redirects."""


class Exchanges:
    """For several threads; close it."""

    def __init__(
        self,
        *,
        most_bytes: int,
        check: Check | None = None,
        authority: str = "",
        authority_host: str = "",
        stays: bool = False,
        own_host: str = "",
        reach: Reach | None = None,
    ) -> None:
        """`check` is called again and again; what it raises ends the request. `authority` (PEM) signs the certificates
        of `authority_host` and its site in the place of the authorities that everybody knows. One that `stays` follows
        no redirect to another host. `own_host` is our own: it is connected to wherever it is. `reach`
        judges the addresses of hosts, in the place of the rules for all."""
        self._most_bytes, self._check, self._stays = most_bytes, check, stays
        self._own_host, self._reach = own_host, reach or (lambda scheme, _: addresses_for(scheme))
        self._authority, self._authority_host = authority.encode("ascii"), authority_host
        self._open: dict[tuple[str, str], Transport] = {}
        self._opening = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for transport in self._open.values():
            transport.close()
        self._open.clear()

    def ask(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        wall_s: float = WALL_S,
    ) -> Answer:
        """One request, with the redirects of one that reads. Raises the errors of `builds.registries.errors`."""
        until = time.monotonic() + wall_s
        own = dict(headers or {})
        for _ in range(REDIRECTS_MOST + 1):
            parts = _judged(url)
            answer = self._once(method, url, parts, own, body, until - time.monotonic())
            if answer.status not in _REDIRECTS or method not in _READING:
                return answer
            target = joined(url, answer.headers.get("location", ""))
            if place_of_url(target) != place_of_url(url):
                if self._stays:
                    raise RegistryRefused(f"{parts.hostname} leads to another address; give the one that it leads to")
                own = {name: value for name, value in own.items() if name in _FOR_ANYBODY}
            if parts.scheme == "https" and parts_of(target).scheme != "https":
                raise RegistryRefused(f"{parts.hostname} leads to an address without TLS")
            url = target
        raise RegistryRefused(f"{parts.hostname} leads from one address to the next without end")

    def _once(
        self,
        method: str,
        url: str,
        parts: SplitResult,
        headers: Mapping[str, str],
        body: bytes | None,
        left_s: float,
    ) -> Answer:
        host = parts.hostname or ""
        if left_s <= 0:
            raise RegistryTimeout(host)
        try:
            status, found, content = self._transport(parts).exchange(
                method,
                f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}",
                headers={"Accept": "*/*", **headers},
                body=body,
                timeout_s=left_s,
            )
        except AnswerTooLarge as error:
            raise RegistryRefused(f"{host} sends more than {self._most_bytes:,} bytes") from error
        except ClusterUntrusted as error:
            raise untrusted(host, error) from error
        except ClusterTimeout as error:
            raise RegistryTimeout(host) from error
        except NotKubernetes as error:
            raise NotARegistry(host) from error
        except ClusterUnavailable as error:
            cause = error.detail.replace("the cluster's API server", "it").replace("the API server", "it")
            raise RegistryUnavailable(f"{host} does not answer: {cause}") from error
        return Answer(status, {name.lower(): value for name, value in found.items()}, content, url)

    def _transport(self, parts: SplitResult) -> Transport:
        with self._opening:
            transport = self._opened(parts)
        return transport if self._check is None else transport.while_alive(self._check)

    def _opened(self, parts: SplitResult) -> Transport:
        place = (parts.scheme, parts.netloc)
        transport = self._open.get(place)
        if transport is None:
            host = parts.hostname or ""
            if len(self._open) >= PLACES_MOST:
                raise RegistryRefused(f"what is asked for is at more than {PLACES_MOST} hosts")
            is_ours = self._authority and is_same_site(self._authority_host, host)
            transport = Transport(
                Credentials(server=f"{parts.scheme}://{parts.netloc}", ca_data=self._authority if is_ours else None),
                limits=replace(LIMITS, answer_bytes=self._most_bytes, connect_s=CONNECT_S),
                connections=CONNECTIONS,
                addresses=(
                    addresses_of
                    if host and host == self._own_host
                    else self._reach("https" if parts.scheme == "https" else "http", host)
                ),
            )
            self._open[place] = transport
        return transport


def addresses_for(scheme: Scheme) -> Callable[[str, int, Allowance], list[str]]:
    """Looks a name up and judges what it finds, at each connection."""

    def addresses(host: str, port: int, allowance: Allowance) -> list[str]:
        allowance.left_s()
        try:
            return allowed_addresses(Repository(scheme, host.strip("[]"), port, "/"))
        except GitAddressRefused as error:
            raise RegistryAddressRefused(is_plain=error.is_plain, is_never=error.is_never) from error
        except GitUnavailable as error:
            raise RegistryUnresolved(host) from error

    return addresses


def place_of_url(url: str) -> tuple[str, str]:
    parts = parts_of(url)
    return parts.scheme, parts.netloc


def parts_of(url: str) -> SplitResult:
    """Of an address that somebody else wrote. Raises RegistryRefused for what is none."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises for what is none
    except ValueError:
        raise RegistryRefused("this is not an address") from None
    return parts


def joined(base: str, target: str) -> str:
    """Where an address leads from another. Raises RegistryRefused for what is none."""
    try:
        return urljoin(base, target)
    except ValueError:
        raise RegistryRefused(f"what {parts_of(base).hostname} leads to is not an address") from None


def _judged(url: str) -> SplitResult:
    """Raises RegistryRefused for what is not an https address or http."""
    parts = parts_of(url)
    if parts.scheme not in ("https", "http") or not parts.hostname or len(url) > URL_MAX or parts.port == 0:
        raise RegistryRefused(f"{url[:100]} is not an https address")
    if parts.username is not None or parts.password is not None or not url.isascii() or not url.isprintable():
        raise RegistryRefused("the address has a name, a password or a character that no address has")
    return parts
