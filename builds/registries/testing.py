"""A registry tried a step at a time, before anything is stored: each failure says its cure.

Name, TCP, TLS, whether it is a registry, who one is, what may be pulled and pushed. To learn the last, an upload is
started and canceled; nothing is left of it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from builds import trials
from builds.domain.challenges import Challenge
from builds.domain.images import DOCKER_HUB
from builds.registries.accounts import Account, login_of
from builds.registries.distribution import Distribution
from builds.registries.errors import (
    CredentialsRefused,
    NothingThere,
    NotPermitted,
    RegistryTimeout,
    RegistryUnavailable,
    untrusted,
)
from builds.registries.exchanges import CONNECT_S, addresses_for
from clusters.domain.credentials import Credentials
from clusters.kube.allowance import Allowance
from clusters.kube.errors import ClusterTimeout, ClusterUnavailable, ClusterUntrusted
from clusters.kube.probing import Certificate, address_of, handshake, open_tcp, shown_by
from kubeorch.base.errors import KubeOrchError

WHOLE_S = 30.0
TRIED = "kubeorch-test"
"""The repository that is tried below a prefix. Nothing is ever in it."""
T = TypeVar("T")


@dataclass(slots=True)
class Report(trials.Report):
    """Steps are `name`, `tcp`, `tls`, `registry`, `login`, `pull` and `push`."""

    certificate: Certificate | None = None
    may_push: bool | None = None


class _Stop(Exception):
    """The steps after this one make no sense."""


def try_registry(account: Account, repository: str = "", *, pulls_only: bool = False) -> Report:
    """Try an account; `repository` is what is pulled and pushed, else one that nobody has, below its prefix. One that
    `pulls_only` is not tried further."""
    report = Report()
    allowance = Allowance(WHOLE_S, 0)
    try:
        _look_at_network(report, account, allowance)
        _look_at_registry(report, account, repository or tried_path(account), allowance, pulls_only=pulls_only)
    except _Stop:
        pass
    return report


def tried_path(account: Account) -> str:
    above = account.path_prefix or (account.username if account.host == DOCKER_HUB else "")
    return f"{above}/{TRIED}" if above else TRIED


def _look_at_network(report: Report, account: Account, allowance: Allowance) -> None:
    url = account.server.url
    host, port = address_of(url)

    def ours(work: Callable[[], T]) -> Callable[[], T]:
        return lambda: _in_our_words(host, work)

    addresses = _step(
        report,
        "name",
        ours(lambda: addresses_for("http" if account.plain_http else "https")(host, port, allowance)),
        lambda found: host if found == [host] else f"{host} is {', '.join(found)}",
    )
    connection = _step(
        report,
        "tcp",
        ours(lambda: open_tcp(addresses, port, allowance, most_s=CONNECT_S)),
        lambda _: f"Port {port} takes connections",
    )
    if account.plain_http:
        connection.close()
        report.note("tls", "warning", "Without TLS: passwords and images can be read on the way", time.monotonic())
        return
    credentials = Credentials(server=url, ca_data=account.ca.encode("ascii") or None)
    by = "the given certificate authority" if account.ca else "a certificate authority that this server knows"
    try:
        report.certificate = _step(
            report,
            "tls",
            ours(lambda: handshake(connection, credentials, allowance)),
            lambda _: f"The certificate is signed by {by}",
        )
    except _Stop:
        if report.steps[-1].code == "registry.untrusted":
            seen = open_tcp(addresses, port, allowance, most_s=CONNECT_S)
            report.certificate = shown_by(seen, credentials, allowance)
        raise


def _look_at_registry(report: Report, account: Account, path: str, allowance: Allowance, *, pulls_only: bool) -> None:
    def in_time() -> None:
        _in_our_words(account.host, allowance.left_s)

    login = _step(report, "login", lambda: login_of(account, fresh=True), lambda _: "")
    report.steps.pop()  # it is told below, once the registry was asked
    with Distribution(account.server, login, check=in_time) as registry:
        challenge = _step(report, "registry", registry.challenge, _asks)
        since = time.monotonic()
        if login is None:
            report.note("login", "ok", "Without credentials", since)
        elif challenge is None:
            report.note("login", "warning", "This registry asks nobody for a password; anyone may use it", since)
        else:
            _step(report, "login", registry.sign_in, lambda _: f"Signed in as {login.username}")
        _try_pull(report, registry, path)
        if not pulls_only:
            _try_push(report, registry, path)


def _try_pull(report: Report, registry: Distribution, path: str) -> None:
    since = time.monotonic()
    try:
        registry.tags(path, pages=1)
    except NothingThere:
        report.note("pull", "ok", f"May look for {path}, which is not there yet", since)
    except (NotPermitted, CredentialsRefused) as error:
        report.note("pull", "failed", f"May not pull {path}: {error.detail}", since, "registry.may_not_pull")
        raise _Stop from error
    except KubeOrchError as error:
        report.note("pull", "failed", error.detail, since, error.code)
        raise _Stop from error
    else:
        report.note("pull", "ok", f"May pull {path}", since)


def _try_push(report: Report, registry: Distribution, path: str) -> None:
    since = time.monotonic()
    try:
        registry.try_upload(path)
    except (NotPermitted, CredentialsRefused) as error:
        report.may_push = False
        detail = f"May pull, but not push to {path}: images can be run from here, not built. {error.detail}"
        report.note("push", "warning", detail, since, "registry.may_not_push")
    except NothingThere:
        report.may_push = False
        detail = f"There is no {path} to push to, and this registry makes none by itself; create it there first"
        report.note("push", "warning", detail, since, "registry.path_missing")
    except KubeOrchError as error:
        report.note("push", "failed", error.detail, since, error.code)
    else:
        report.may_push = True
        report.note("push", "ok", f"May push to {path}: an upload was started and canceled", since)


def _step(report: Report, name: str, work: Callable[[], T], said: Callable[[T], str]) -> T:
    since = time.monotonic()
    try:
        done = work()
    except KubeOrchError as error:
        report.note(name, "failed", error.detail, since, error.code)
        raise _Stop from error
    report.note(name, "ok", said(done), since)
    return done


def _asks(challenge: Challenge | None) -> str:
    if challenge is None:
        return "It is a registry, and open"
    asks = "a password" if challenge.scheme == "basic" else "a token that its token server gives"
    return f"It is a registry, and asks for {asks}"


def _in_our_words(host: str, work: Callable[[], T]) -> T:
    """What speaks to clusters calls everything a cluster."""
    try:
        return work()
    except ClusterUntrusted as error:
        raise untrusted(host, error) from error
    except ClusterTimeout as error:
        raise RegistryTimeout(host) from error
    except ClusterUnavailable as error:
        raise RegistryUnavailable(f"{host} does not answer: {error.detail}; check host and port") from error
