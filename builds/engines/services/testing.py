"""A BuildKit service tried a step at a time, before anything is stored: each failure says its cure.

Address, TCP, TLS, our certificate, version, platforms, whether a step may run a process, and what the place allows. For
the processes an image of one tiny program is built, and kept nowhere.
"""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from builds.domain.engines import Address
from builds.engines.command import Files
from builds.engines.orders import environment
from builds.engines.services import client
from builds.engines.services.material import Material
from builds.engines.services.steps import Report, Stop, step_of
from builds.engines.services.worker import WORKERS, look_at_worker, words_of
from clusters.domain.credentials import Credentials
from clusters.kube.allowance import Allowance
from clusters.kube.errors import ClusterTimeout, ClusterUnavailable, ClusterUntrusted
from clusters.kube.probing import Certificate, Connection, handshake, open_tcp, shown_by
from kubeorch.base.errors import KubeOrchError, Unavailable
from kubeorch.processes.bounded import Bounds, Finished, Overdue, TooTalkative, run_bounded
from kubeorch.processes.scratch import scratch_folder

WHOLE_S = 40.0
CONNECT_S = 5.0
BOUNDS = Bounds(
    wall_s=10, cpu_s=20, memory_bytes=2_000_000_000, file_bytes=1_000_000, output_bytes=1_000_000, reserves=True
)
_REFUSED = re.compile(
    r"tls: .*(?:certificate|unknown certificate authority|access denied)|certificate required"
    r"|write: broken pipe|connection reset by peer"
)
"""Or the connection ends right after TLS has let us in, before the refusal was read."""
_AUTHORITY = "give the authority that signed it"
_UNKNOWN = f"it is signed by an authority that is not known here; {_AUTHORITY}"
_NAMES = (
    "it is for other names; give one of those under its Subject Alternative Names as Server name, or have it made anew"
)
_UNTRUSTED = {
    9: "it is not valid yet; check the clocks of both machines",
    10: "it has expired; renew it",
    **dict.fromkeys((18, 19, 20, 21), _UNKNOWN),
    **dict.fromkeys((62, 64), _NAMES),
}
"""By OpenSSL's X509_V_ERR codes: what is wrong, and the cure."""
T = TypeVar("T")


class ServiceUntrusted(Unavailable):
    """Its certificate is not accepted."""

    code = "engine.untrusted"


class CertificateRefused(Unavailable):
    """It does not accept ours."""

    code = "engine.certificate_refused"


@dataclass(frozen=True, slots=True)
class Service:
    """Where a service is and what lets in."""

    address: Address
    server_name: str
    """"" for the host of the address."""
    material: Material

    @property
    def name(self) -> str:
        return self.server_name or self.address.host


def try_service(service: Service) -> Report:
    report = Report()
    allowance = Allowance(WHOLE_S, 0)
    try:
        address = _look_at_network(report, service, allowance)
        with scratch_folder("engine") as folder:
            _look_at_buildkit(report, service, address, folder, allowance)
    except Stop:
        pass
    return report


def reach(service: Service, allowance: Allowance) -> str:
    """The address that answers, with a certificate that is accepted. Raises EngineAddressRefused, EngineUnreachable and
    ServiceUntrusted."""
    ip = _connected(service, client.judged(service.address), allowance)
    _in_our_words(service, lambda: handshake(_open(service, [ip], allowance), _credentials(service), allowance))
    return client.url_of(ip, service.address.port)


def _look_at_network(report: Report, service: Service, allowance: Allowance) -> str:
    host, port = service.address.host, service.address.port
    addresses = step_of(
        report,
        "name",
        lambda: client.judged(service.address),
        lambda found: host if found == [host] else f"{host} is {', '.join(found)}",
    )
    ip = step_of(
        report,
        "tcp",
        lambda: _connected(service, addresses, allowance),
        lambda _: f"Port {port} takes connections",
    )

    def shake() -> Certificate | None:
        connection = _open(service, [ip], allowance)
        return _in_our_words(service, lambda: handshake(connection, _credentials(service), allowance))

    try:
        report.certificate = step_of(
            report, "tls", shake, lambda _: f"The certificate for {service.name} is signed by the given authority"
        )
    except Stop:
        if report.steps[-1].code == ServiceUntrusted.code:
            with contextlib.suppress(client.EngineUnreachable):
                report.certificate = shown_by(_open(service, [ip], allowance), _credentials(service), allowance)
        raise
    return client.url_of(ip, port)


def _look_at_buildkit(report: Report, service: Service, url: str, folder: Path, allowance: Allowance) -> None:
    files = Files(folder)
    files.home.mkdir()
    access = client.write_access(service.material, service.name, files)
    since = time.monotonic()
    try:
        path = str(client.buildctl())
    except KubeOrchError as error:
        report.note("certificate", "failed", error.detail, since, error.code)
        raise Stop from error

    env = environment(files, without_proxy=client.ip_of(url))

    def asked(options: list[str], *command: str, wall_s: float = BOUNDS.wall_s) -> Finished:
        bounds = replace(BOUNDS, wall_s=min(wall_s, allowance.left_s()))
        return run_bounded([path, "--addr", url, *options, *command], bounds, env=env, cwd=folder)

    said = step_of(report, "certificate", lambda: _said(asked(access, *WORKERS)), lambda _: "Ours is accepted")
    bare = client.write_access(Material(service.material.ca, "", ""), service.name, Files(folder / "bare"))
    try:
        is_open = asked(bare, *WORKERS).code == 0
        detail = "It lets in whoever reaches it, without a certificate: start buildkitd with --tlscacert"
    except (Overdue, TooTalkative, ClusterTimeout):
        is_open, detail = True, "Ours is accepted; whether it asks everybody for one was not found out in time"
    if is_open:
        report.steps.pop()
        report.note("certificate", "warning", detail, since, "engine.open")

    def at_service(*command: str, wall_s: float = BOUNDS.wall_s) -> Finished:
        return asked(access, *command, wall_s=wall_s)

    look_at_worker(report, said, at_service, folder)


def _said(finished: Finished) -> Finished:
    """Raises CertificateRefused and EngineUnreachable."""
    if finished.code == 0:
        return finished
    words = words_of(finished)
    if _REFUSED.search(finished.error):
        raise CertificateRefused(
            "BuildKit does not accept the client certificate; it must be signed by the authority that buildkitd was "
            f"started with (--tlscacert): {words}",
            field="certificate",
        )
    raise client.EngineUnreachable(f"what answers there does not speak to buildctl: {words}", field="address")


def _connected(service: Service, addresses: list[str], allowance: Allowance) -> str:
    """The first of the addresses that takes a connection. Raises EngineUnreachable."""
    for address in addresses[:-1]:
        try:
            _open(service, [address], allowance).close()
        except client.EngineUnreachable:
            continue
        return address
    _open(service, addresses[-1:], allowance).close()
    return addresses[-1]


def _open(service: Service, addresses: list[str], allowance: Allowance) -> Connection:
    return _in_our_words(service, lambda: open_tcp(addresses, service.address.port, allowance, most_s=CONNECT_S))


def _credentials(service: Service) -> Credentials:
    given = service.material
    return Credentials(
        server=f"https://{service.address}",
        ca_data=given.ca.strip().encode(),
        client_cert_data=given.certificate.strip().encode(),
        client_key_data=given.key.strip().encode(),
        tls_server_name=service.name,
    )


def why_untrusted(error: ClusterUntrusted) -> str:
    """What is wrong and the cure, by what the fields of an engine are called."""
    cause = error.__cause__
    code, words = getattr(cause, "verify_code", None), getattr(cause, "verify_message", "")
    if code is None:
        return error.detail
    return _UNTRUSTED.get(code, f"{words.rstrip('.')}; {_AUTHORITY}")


def _in_our_words(service: Service, work: Callable[[], T]) -> T:
    """What speaks to clusters calls everything a cluster."""
    try:
        return work()
    except ClusterUntrusted as error:
        raise ServiceUntrusted(
            f"the certificate at {service.address} is not accepted for {service.name}: {why_untrusted(error)}",
            field="ca",
        ) from error
    except ClusterTimeout as error:
        raise client.EngineUnreachable(f"{service.address} does not answer in time", field="address") from error
    except ClusterUnavailable as error:
        raise client.EngineUnreachable(
            f"{service.address} does not answer: {error.detail}; check host and port", field="address"
        ) from error
