"""An installation of `manage.py up`: its folder, address and key, and what must hold before anything starts.

Nothing here sets Django up or loads a driver: `up` starts within milliseconds.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from kubeorch.base.flags import BadFlag, flag
from kubeorch.base.keys import new_key
from kubeorch.mongo import embedded_access
from kubeorch.processes import lock, ports
from kubeorch.processes.files import write_private

ROOT = Path(__file__).resolve().parent.parent
LEAST_FREE_BYTES = 300_000_000


class CannotStart(Exception):
    """Why nothing was started, and what to do about it."""


@dataclass(frozen=True, slots=True)
class Installation:
    """Where `up` keeps its data and listens."""

    data_dir: Path
    host: str
    port: int

    @property
    def url(self) -> str:
        """Where a browser on this machine finds it."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104  (compared, not bound)
        return f"http://{f'[{host}]' if ':' in host and not host.startswith('[') else host}:{self.port}"

    @property
    def pulses(self) -> Path:
        return self.data_dir / "pulses"

    @property
    def logs(self) -> Path:
        return self.data_dir / "logs"


def read_environment(environ: Mapping[str, str]) -> Installation:
    """From DATA_DIR, HOST and PORT. Raises CannotStart when the port is not one."""
    text = environ.get("PORT") or "8000"
    if not (text.isascii() and text.isdigit() and len(text) < 9) or not 0 < int(text) < 65536:
        raise CannotStart(f"PORT is {text!r}; it takes a number from 1 to 65535")
    data_dir = Path(environ.get("DATA_DIR") or ".data").absolute()
    return Installation(data_dir, environ.get("HOST") or "127.0.0.1", int(text))


def role_environment(environ: Mapping[str, str], installation: Installation) -> dict[str, str]:
    """The environment of every role; makes the installation's secret key on the first start. Raises CannotStart."""
    return {
        **environ,
        "DATA_DIR": str(installation.data_dir),
        "HOST": installation.host,
        "PORT": str(installation.port),
        "KUBEORCH_SANDBOX": "1" if _wants(environ, "KUBEORCH_SANDBOX") else "0",
        "KUBEORCH_EMBEDDED_REGISTRY": "1" if _wants(environ, "KUBEORCH_EMBEDDED_REGISTRY") else "0",
        "KUBEORCH_SECRET_KEY": environ.get("KUBEORCH_SECRET_KEY") or secret_key(installation.data_dir),
    }


def check_settings(environ: Mapping[str, str]) -> None:
    """Raises CannotStart for a variable that means nothing, as every role would, one after the other and again."""
    os.environ.update(environ)
    try:
        import_module("kubeorch.settings")
    except ImproperlyConfigured as error:
        raise CannotStart(str(error)) from None


def _wants(environ: Mapping[str, str], name: str) -> bool:
    try:
        return flag(environ, name, True)
    except BadFlag as error:
        raise CannotStart(str(error)) from None


def environment_by_hand(environ: Mapping[str, str]) -> dict[str, str]:
    """What a command that a person starts lacks of the environment of a role, from the installation in DATA_DIR."""
    data_dir = read_environment(environ).data_dir
    lacking = {}
    if not environ.get("KUBEORCH_SECRET_KEY") and _key_file(data_dir).exists():
        lacking["KUBEORCH_SECRET_KEY"] = secret_key(data_dir)
    port = ports.remembered(data_dir / "ports.json").get("mongodb")
    if not environ.get("MONGODB_URI") and port:
        lacking["MONGODB_URI"] = embedded_access.uri_of(data_dir / "mongodb", port)
    return lacking


def secret_key(data_dir: Path) -> str:
    """The key kept in DATA_DIR, made when there is none. Without it sealed values cannot be read again."""
    path = _key_file(data_dir)
    if not path.exists():
        write_private(path, new_key() + "\n")
    return path.read_text().strip()


def _key_file(data_dir: Path) -> Path:
    return data_dir / "keys" / "secret.key"


def check_port(host: str, port: int) -> None:
    """Raises CannotStart when the address cannot be listened on."""
    try:
        addresses = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    except socket.gaierror:
        raise CannotStart(f"HOST is {host!r}, which is not an address of this machine") from None
    family, kind, protocol, _, address = addresses[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise CannotStart(
                    f"port {port} on {host} is in use; stop what listens there or take another: PORT={port + 1}"
                ) from None
            raise CannotStart(f"cannot listen on {host}:{port}: {error.strerror}") from None


@contextlib.contextmanager
def only_one(installation: Installation) -> Iterator[None]:
    """Hold DATA_DIR for this process. Raises CannotStart when it cannot be used or another process holds it."""
    data_dir = installation.data_dir
    with contextlib.ExitStack() as stack:
        try:
            data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            installation.logs.mkdir(exist_ok=True)
            installation.pulses.mkdir(exist_ok=True)
            stack.enter_context(lock.hold(data_dir / "up.lock"))
        except lock.AlreadyHeld as held:
            raise CannotStart(
                f"it already runs on {data_dir} (process {held.holder}); stop that one, or give this one another"
                " DATA_DIR and PORT"
            ) from None
        except OSError as error:
            raise CannotStart(
                f"DATA_DIR {data_dir} cannot be written ({error.strerror}); make it writable or choose another"
            ) from None
        check_space(data_dir, shutil.disk_usage(data_dir).free)
        yield


def check_space(data_dir: Path, free_bytes: int) -> None:
    """Raises CannotStart when the database would have no room."""
    if free_bytes < LEAST_FREE_BYTES:
        raise CannotStart(
            f"the disk of DATA_DIR {data_dir} is full ({free_bytes // 1_000_000} MB free,"
            f" {LEAST_FREE_BYTES // 1_000_000} MB needed); free some space or choose another"
        )


def schema_hash() -> str:
    """Changes with every migration and index, so that an unchanged database needs no preparing."""
    digest = hashlib.sha256()
    migrations = [*ROOT.glob("*/migrations/*.py"), *ROOT.glob("kubeorch/**/*migrations/**/*.py")]
    for path in sorted({*migrations, ROOT / "kubeorch" / "mongo" / "indexes.py", ROOT / "requirements.lock"}):
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0")
        digest.update(path.read_bytes() if path.exists() else b"")
    return digest.hexdigest()
