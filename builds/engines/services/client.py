"""buildctl as the client of a service: got when it is first wanted, and given what lets it in by private files."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from builds.domain.engines import Address
from builds.domain.repositories import Repository
from builds.engines.command import Files
from builds.engines.local.programs import BUILDCTL
from builds.engines.services.material import Material
from builds.git.addresses import allowed_addresses
from builds.git.errors import NEVER_ALLOWED, GitAddressRefused, GitUnavailable
from kubeorch.base.backoff import Backoff
from kubeorch.base.errors import InvalidInput, Unavailable
from kubeorch.processes.files import write_private
from kubeorch.programs.errors import NoProgram
from kubeorch.programs.finding import find
from kubeorch.programs.obtaining import obtain
from kubeorch.programs.progress import Progress

log = logging.getLogger(__name__)
AGAIN = Backoff(first_s=30.0, most_s=1800.0)
"""Between two attempts to get the program."""


class EngineAddressRefused(InvalidInput):
    """Its address may not be connected to."""

    code = "engine.address"


class EngineUnreachable(Unavailable):
    """Nothing answers there, or not as it should."""

    code = "engine.unreachable"


class ClientComing(Unavailable):
    """buildctl is being downloaded or built."""

    code = "engine.client_coming"


class ClientMissing(Unavailable):
    """buildctl cannot be had here."""

    code = "engine.client_missing"


class _Client:
    """The program, found once; else got in the background by one thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._path: Path | None = None
        self._words = ""
        self._failures = 0
        self._again_at = 0.0
        self._getting: threading.Thread | None = None

    def path(self) -> Path:
        """Raises ClientComing and ClientMissing."""
        with self._lock:
            if self._path is None or not self._path.exists():
                found: Mapping[str, Path] = find((BUILDCTL,))[0]
                self._path = found.get(BUILDCTL.name)
            if self._path is not None:
                return self._path
            if self._failures and time.monotonic() < self._again_at:
                raise ClientMissing(f"buildctl, which speaks to BuildKit, cannot be had: {self._words}")
            if self._getting is None or not self._getting.is_alive():
                self._getting = threading.Thread(target=self._get, name="buildctl", daemon=True)
                self._getting.start()
            raise ClientComing(f"buildctl, which speaks to BuildKit, is being prepared: {self._words or 'looking'}")

    def _get(self) -> None:
        try:
            obtain((BUILDCTL,), report=self._tell)
        except NoProgram as error:
            log.warning("buildctl cannot be had: %s", error.message)
            with self._lock:
                self._words, self._failures = error.detail, self._failures + 1
                self._again_at = time.monotonic() + AGAIN.delay_s(self._failures)

    def _tell(self, progress: Progress) -> None:
        self._words = progress.message


_client = _Client()


def buildctl() -> Path:
    """Raises ClientComing and ClientMissing."""
    return _client.path()


def judged(address: Address) -> list[str]:
    """The IP addresses of a service; connections lead there alone, by the rules for git servers.

    Raises EngineAddressRefused and EngineUnreachable.
    """
    try:
        return allowed_addresses(Repository("https", address.host, address.port, ""))
    except GitAddressRefused as error:
        raise EngineAddressRefused(
            NEVER_ALLOWED
            if error.is_never
            else "this address is not allowed; an administrator can allow its network with KUBEORCH_GIT_NETWORKS",
            field="address",
        ) from None
    except GitUnavailable as error:
        raise EngineUnreachable(error.detail, field="address") from None


def write_access(material: Material, server_name: str, files: Files) -> list[str]:
    """The options of buildctl that let in; what is secret stands in files for this user alone."""
    folder = files.folder / "tls"
    options = [f"--tlsservername={server_name}"]
    for name, option, text in (
        ("ca.pem", "--tlscacert", material.ca),
        ("cert.pem", "--tlscert", material.certificate),
        ("key.pem", "--tlskey", material.key),
    ):
        if text:
            write_private(folder / name, text)
            options.append(f"{option}={folder / name}")
    return options


def url_of(ip: str, port: int) -> str:
    return f"tcp://[{ip}]:{port}" if ":" in ip else f"tcp://{ip}:{port}"


def ip_of(url: str) -> str:
    """Of a URL of `url_of`, as NO_PROXY takes it."""
    return urlsplit(url).hostname or ""
