"""A connection tried a step at a time before anything is stored: each failure with its cure.

Name, TCP, TLS, who one is, version, rights. Where causes are withheld (clusters/kube/telling.py) the first three are
one step that says no more than a connection does.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from bson import ObjectId

from clusters import checks, store
from clusters.addresses import AddressRefused, tells_causes
from clusters.connecting.rights import Allowed, Right, may_impersonate, rights_of, who_am_i
from clusters.connections import asking, new_client
from clusters.domain.credentials import Credentials
from clusters.identity import known_as, uid_of, why_another
from clusters.kube.allowance import Allowance
from clusters.kube.client import KubeClient
from clusters.kube.errors import ClusterUntrusted
from clusters.kube.limits import LIMITS
from clusters.kube.probing import Certificate, address_of, handshake, open_tcp, shown_by
from clusters.reaching import allowed_addresses
from kubeorch.accounts.principal import Principal
from kubeorch.base.errors import KubeOrchError

T = TypeVar("T")
CURES = {
    "cluster.unresolved": "Check the name in the address; the DNS that this server asks has to know it.",
    "cluster.address": "An administrator of this server can allow the network with KUBEORCH_CLUSTER_NETWORKS.",
    "cluster.timeout": "Check that a firewall lets this server through to that address and port.",
    "cluster.unavailable": "Check address and port, and that the API server runs.",
    "cluster.untrusted": "Compare the certificate with the cluster's own. If it is the right one, give its certificate "
    "authority (certificate-authority-data), or the name it is for (tls-server-name).",
    "cluster.not_kubernetes": "Check the port: API servers mostly listen on 6443 or 443.",
    "cluster.unauthorized": "Get new credentials: a token may have expired, or belong to another cluster.",
    "cluster.forbidden": "Let an administrator of the cluster grant these credentials a Role.",
    "cluster.unreachable": "Check address, port and certificate authority.",
    "cluster.another": "Connect it as a cluster of its own.",
    "cluster.known": "Use that one: two entries of a cluster manage the same objects, and neither knows of the other.",
    "oidc.signed_out": "Sign in at the identity provider again, and enter the new refresh token.",
}


@dataclass(frozen=True, slots=True)
class Step:
    """`name`, `tcp`, `tls`, `reach`, `auth`, `version` or `rights`."""

    name: str
    state: str
    """`ok`, `warning` or `failed`."""
    detail: str
    took_ms: int
    code: str = ""
    cure: str = ""


@dataclass(slots=True)
class Report:
    """What a test has found, as far as it came."""

    steps: list[Step] = field(default_factory=list)
    certificate: Certificate | None = None
    version: str = ""
    user: str = ""
    groups: list[str] = field(default_factory=list)
    rights: list[tuple[Right, Allowed]] = field(default_factory=list)
    impersonates: bool = False

    @property
    def ok(self) -> bool:
        return bool(self.steps) and all(step.state != "failed" for step in self.steps)

    def note(self, name: str, state: str, detail: str, since: float, **more: Any) -> None:
        self.steps.append(Step(name, state, detail, round((time.monotonic() - since) * 1000), **more))


class _Stop(Exception):
    """The steps after this one make no sense."""


def try_connection(
    credentials: Credentials, team_id: ObjectId, principal: Principal, cluster: store.Cluster | None = None
) -> Report:
    """Try credentials for a new cluster of somebody, or new ones of `cluster`; nothing is stored.

    Raises ClusterBusy, and InvalidInput for certificates and keys that cannot be read.
    """
    report = Report()
    with asking(cluster["_id"] if cluster else ObjectId(), team_id):
        client = new_client(credentials)
        try:
            if tells_causes():
                _look_at_network(report, credentials)
            _look_at_server(report, client, credentials, principal, cluster)
        except _Stop:
            pass
        finally:
            client.close()
    return report


def _look_at_network(report: Report, credentials: Credentials) -> None:
    host, port = address_of(credentials.server)
    allowance = Allowance(LIMITS.question_s, 0)

    def connect(addresses: list[str]) -> Any:
        return open_tcp(addresses, port, allowance, most_s=LIMITS.connect_s)

    addresses = _step(report, "name", lambda: allowed_addresses(host, port, allowance), "{}".format)
    report.steps[-1] = _said(report.steps[-1], f"{host} is {', '.join(addresses)}" if addresses != [host] else host)
    connection = _step(report, "tcp", lambda: connect(addresses), lambda _: f"Port {port} takes connections")
    try:
        report.certificate = _step(
            report, "tls", lambda: handshake(connection, credentials, allowance), lambda found: _trusted(credentials)
        )
    except _Stop:
        if report.steps[-1].code == ClusterUntrusted.code:
            allowance.grant(LIMITS.connect_s, 0)
            report.certificate = shown_by(connect(addresses), credentials, allowance)
        raise


def _look_at_server(
    report: Report,
    client: KubeClient,
    credentials: Credentials,
    principal: Principal,
    cluster: store.Cluster | None,
) -> None:
    is_told = bool(report.steps)
    if not is_told:
        with checks.evenly(client):
            _step(report, "reach", lambda: client.version(timeout_s=client.limits.question_s), lambda _: "It answers")
    since = time.monotonic()
    report.user, report.groups = _step(report, "auth", lambda: who_am_i(client), lambda found: _named(found[0]))
    if report.user == "system:anonymous":
        report.steps.pop()
        cure = CURES["cluster.unauthorized"]
        report.note("auth", "failed", "The API server takes these credentials for nobody's", since, cure=cure)
        raise _Stop
    version, uid = _step(report, "version", lambda: _version_and_uid(client), lambda found: found[0])
    report.version = version
    since = time.monotonic()
    if cluster is not None and (why := why_another(cluster, uid, credentials)):
        report.steps.pop()
        report.note("version", "failed", why, since, code="cluster.another", cure=CURES["cluster.another"])
        raise _Stop
    if cluster is None and (name := known_as(uid, principal)):
        report.steps.pop()
        said = f"{version}; this is the cluster {name}, which is connected already"
        report.note("version", "warning", said, since, code="cluster.known", cure=CURES["cluster.known"])
    since = time.monotonic()
    namespace = credentials.namespace or "default"
    try:
        report.rights = rights_of(client, namespace)
        report.impersonates = may_impersonate(client)
    except KubeOrchError as error:
        report.note("rights", "failed", error.detail, since, code=error.code, cure=CURES.get(error.code, ""))
        raise _Stop from error
    _note_rights(report, namespace, since)


def _version_and_uid(client: KubeClient) -> tuple[str, str]:
    return client.version(timeout_s=client.limits.question_s), uid_of(client)


def _note_rights(report: Report, namespace: str, since: float) -> None:
    missing = [right.label for right, allowed in report.rights if allowed is Allowed.NO]
    narrow = any(allowed is Allowed.NAMESPACE for _, allowed in report.rights)
    where = f" (in namespace {namespace})" if narrow else ""
    if not missing:
        report.note("rights", "ok", f"These credentials may do all that KubeOrch offers{where}", since)
        return
    report.note(
        "rights",
        "warning",
        f"These credentials may not: {', '.join(word.lower() for word in missing)}{where}",
        since,
        cure=CURES["cluster.forbidden"],
    )


def _step(report: Report, name: str, work: Callable[[], T], said: Callable[[T], str]) -> T:
    since = time.monotonic()
    try:
        done = work()
    except (KubeOrchError, AddressRefused) as error:
        report.note(name, "failed", error.detail, since, code=error.code, cure=CURES.get(error.code, ""))
        raise _Stop from error
    report.note(name, "ok", said(done), since)
    return done


def _said(step: Step, detail: str) -> Step:
    return Step(step.name, step.state, detail, step.took_ms)


def _trusted(credentials: Credentials) -> str:
    if credentials.insecure:
        return "The certificate is not checked: whoever stands between could take over the cluster"
    by = "the given certificate authority" if credentials.ca_data else "a certificate authority that this server knows"
    return f"The certificate is signed by {by}"


def _named(user: str) -> str:
    return f"Signed in as {user}" if user else "The credentials are accepted"
