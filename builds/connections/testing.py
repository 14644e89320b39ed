"""A connection tried a step at a time, before anything is stored: each failure says its cure.

Name, connection, certificate, what answers, whose the token is; then, where a repository is named, whether git itself
may read it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from builds import trials
from builds.connections.client import GitApi
from builds.connections.errors import GitHostAddressRefused, GitHostNothing, GitHostOther
from builds.connections.oauth.grants import signed_out
from builds.connections.providers.protocol import Holder, Host
from builds.connections.providers.table import HOSTS, LABELS
from builds.connections.store import GitConnection
from builds.connections.talking import ask_refs, opened
from builds.domain.git_servers import GitProvider, address_of_url
from builds.domain.repositories import Repository
from builds.registries.errors import RegistryAddressRefused, RegistryUnavailable
from builds.registries.exchanges import CONNECT_S, addresses_for
from clusters.kube.allowance import Allowance
from clusters.kube.errors import ClusterTimeout, ClusterUnavailable
from clusters.kube.probing import open_tcp
from kubeorch.base.errors import KubeOrchError
from kubeorch.base.seal import Unsealable

STEPS = ("address", "connection", "certificate", "server", "sign_in", "repository")
WHOLE_S = 20.0
_UP_TO_SERVER = ("address", "connection", "certificate", "server")
_FAILED_AT = {
    "git_host.unresolved": "address",
    "git_host.address_refused": "address",
    "git_host.timeout": "connection",
    "git_host.unavailable": "connection",
    "git_host.untrusted": "certificate",
    "git_host.credential": "sign_in",
    "git_host.not_permitted": "sign_in",
    "git_connection.app": "sign_in",
    "git_connection.signed_out": "sign_in",
    "git_connection.sign_in": "sign_in",
}
"""By code; anything else is said of the server."""


@dataclass(slots=True)
class Report(trials.Report):
    """Steps are STEPS."""

    holder: Holder | None = None
    waits: bool = False
    """For somebody to sign in: what was found says little of it."""


def try_connection(row: GitConnection, repository: Repository | None) -> Report:
    """Try a connection, stored or not. Raises Unsealable."""
    report = Report()
    host = HOSTS.get(GitProvider(row["provider"]))
    if row.get("oauth") and not row.get("grant"):
        _try_reach(report, row)
        why = signed_out(row)
        if report.failure is None and why.has_ended:
            report.note("sign_in", "failed", why.detail, time.monotonic(), why.code)
        elif report.failure is None:
            report.waits = True
            report.note("sign_in", "warning", "nobody has signed in yet; that is the next step", time.monotonic())
        return report
    if host is not None:
        _try_interface(report, row, host)
    else:
        _try_reach(report, row)
    if report.failure is None:
        _try_repository(report, row, repository)
    return report


def _try_interface(report: Report, row: GitConnection, host: Host) -> None:
    address, since = address_of_url(row["address"]), time.monotonic()
    words = {
        "address": f"{address.host} may be connected to",
        "connection": "it takes connections",
        "certificate": _certificate_words(row),
        "server": f"it is {LABELS[GitProvider(row['provider'])]}",
    }
    try:
        with opened(row, host, keeps=False) as api:
            report.holder = _checked(host, api)
    except Unsealable:
        raise
    except KubeOrchError as error:
        at = _FAILED_AT.get(error.code, "server")
        for name in STEPS[: STEPS.index(at)]:
            _note_reached(report, row, name, words[name])
        report.note(at, "failed", error.detail, since, error.code)
        return
    for name in _UP_TO_SERVER:
        _note_reached(report, row, name, words[name])
    if not row["has_token"]:
        report.note("sign_in", "ok", "without a token: public repositories alone", since)
        return
    scopes = report.holder.scopes
    said = f"signed in as {report.holder.user}" if report.holder.user else "the token is accepted"
    report.note("sign_in", "ok", f"{said}; scopes: {', '.join(scopes)}" if scopes else said, since)


def _checked(host: Host, api: GitApi) -> Holder:
    """A server without the interface of its provider is another one."""
    try:
        return host.check(api)
    except GitHostNothing as error:
        raise GitHostOther(api.way.host, api.way.provider) from error


def _note_reached(report: Report, row: GitConnection, name: str, detail: str) -> None:
    """A step that lies behind an answer: its time is part of that of the last one."""
    is_plain = name == "certificate" and not address_of_url(row["address"]).has_tls
    report.note(name, "warning" if is_plain else "ok", detail, time.monotonic())


def _certificate_words(row: GitConnection) -> str:
    if not address_of_url(row["address"]).has_tls:
        return "without TLS: tokens and code can be read on the way"
    by = "the given certificate authority" if row["ca"] else "a certificate authority that this server knows"
    return f"it is signed by {by}"


def _try_reach(report: Report, row: GitConnection) -> None:
    """Of a server that speaks git alone: a name, and a port that takes connections."""
    address, allowance, since = address_of_url(row["address"]), Allowance(WHOLE_S, 0), time.monotonic()
    try:
        found = addresses_for(address.scheme)(address.host, address.port, allowance)
    except RegistryAddressRefused as error:
        refused = GitHostAddressRefused(is_plain=error.is_plain, is_never=error.is_never)
        report.note("address", "failed", refused.detail, since, refused.code)
        return
    except RegistryUnavailable as error:
        report.note("address", "failed", error.detail, since, "git_host.unresolved")
        return
    report.note("address", "ok", f"{address.host} may be connected to", since)
    since = time.monotonic()
    try:
        open_tcp(found, address.port, allowance, most_s=CONNECT_S).close()
    except ClusterTimeout:
        detail = f"{address.host} does not answer in time; check that it runs and that this server may reach it"
        report.note("connection", "failed", detail, since, "git_host.timeout")
    except ClusterUnavailable:
        detail = f"{address.host} takes no connections on port {address.port}; check host and port"
        report.note("connection", "failed", detail, since, "git_host.unavailable")
    else:
        report.note("connection", "ok", "it takes connections", since)


def _try_repository(report: Report, row: GitConnection, repository: Repository | None) -> None:
    since = time.monotonic()
    if repository is None:
        if GitProvider(row["provider"]) is GitProvider.GIT and (row["has_token"] or row["keys"]):
            report.note("repository", "warning", "name a repository to try the credential with it", since)
        elif row["keys"]:
            report.note("repository", "warning", "name a repository to try the deploy key with its SSH address", since)
        return
    try:
        refs = ask_refs(row, repository)
    except KubeOrchError as error:
        report.note("repository", "failed", error.detail, since, error.code)
        return
    count = len(refs.branches)
    branches = "one branch" if count == 1 else f"{count:,} branches"
    report.note("repository", "ok", f"git may read {repository.url}, which has {branches}", since)
