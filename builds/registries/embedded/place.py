"""Where the embedded registry keeps what, and under which address it answers.

Its role and those who use it are processes of one user on one machine: they tell each other things by files. The port
is part of the name of every image in it, so it is chosen once and kept.
"""

from __future__ import annotations

import contextlib
import ipaddress
import json
import re
import secrets
import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from kubeorch.processes import lock, ports
from kubeorch.processes.files import write_private

REGISTRY, TOKENS = "registry", "tokens"
LOOPBACK = "127.0.0.1"
_KEY = re.compile(r"[0-9a-f]{64}\Z")
LOCK_WAIT_S = 10.0


@dataclass(frozen=True, slots=True)
class Address:
    """Where the registry answers, and where tokens for it are given."""

    host: str
    """Name or IP address by which it is reached, without a port; IPv6 in brackets."""
    port: int
    token_port: int

    @property
    def name(self) -> str:
        """What the names of its images begin with."""
        return f"{self.host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        return self.host in (LOOPBACK, "localhost", "[::1]")

    @property
    def has_tls(self) -> bool:
        """On loopback nobody listens in, and container engines expect none."""
        return not self.is_loopback

    @property
    def listens_on(self) -> str:
        """The interface: that of the address, all of them for a name."""
        if self.host == "localhost":
            return LOOPBACK
        try:
            return str(ipaddress.ip_address(self.host.strip("[]")))
        except ValueError:
            return "0.0.0.0"  # noqa: S104  (with TLS and passwords; a name does not say which interface is its own)

    @property
    def realm(self) -> str:
        return f"{'https' if self.has_tls else 'http'}://{self.host}:{self.token_port}/token"


@dataclass(frozen=True, slots=True)
class Status:
    """How far the role is, and what is stored."""

    phase: str
    """Of `kubeorch.programs.progress.Phase`."""
    message: str
    detail: str = ""
    size_bytes: int = 0
    most_bytes: int = 0
    repositories: int = 0
    images: int = 0
    teams: Mapping[str, int] = field(default_factory=dict)
    """Bytes that each team stores, by its id; what two share counts for both."""
    team_most_bytes: int = 0

    def is_full_for(self, team: str) -> bool:
        return 0 < self.team_most_bytes <= self.teams.get(team, 0)


@dataclass(frozen=True, slots=True)
class EmbeddedPlace:
    root: Path

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def config(self) -> Path:
        return self.root / "config.yml"

    @property
    def log(self) -> Path:
        return self.root / "registry.log"

    @property
    def lock(self) -> Path:
        return self.root / "lock"

    @property
    def wanted(self) -> Path:
        """There as soon as an image was to go into it."""
        return self.root / "wanted"

    @property
    def status(self) -> Path:
        return self.root / "status.json"

    @property
    def tokens_key(self) -> Path:
        return self.root / "tokens.key"

    @property
    def tokens_certificate(self) -> Path:
        return self.root / "tokens.crt"

    @property
    def tls_key(self) -> Path:
        return self.root / "tls.key"

    @property
    def tls_certificate(self) -> Path:
        return self.root / "tls.crt"

    @property
    def _access_key(self) -> Path:
        return self.root / "access.key"

    @property
    def _generations(self) -> Path:
        return self.root / "generations.json"

    @property
    def _logins(self) -> Path:
        return self.root / "logins.json"

    @property
    def _ports(self) -> Path:
        return self.root / "ports.json"

    def want(self) -> None:
        """Have the role get and start the registry, if it has not yet."""
        if not self.wanted.exists():
            write_private(self.wanted, "")

    def address(self, given: str = "") -> Address:
        """`given` is `host:port` of a setting; else a port of loopback, chosen when it is first asked for."""
        if given:
            host, _, port = given.rpartition(":")
            return Address(host, int(port), int(port) + 1)
        known = self.known_address()
        if known is None:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            with _waited_for(self.root / "ports.lock"):
                known = self.known_address() or _address(ports.claim_ports(self._ports, [REGISTRY, TOKENS]))
        return known

    def known_address(self, given: str = "") -> Address | None:
        """As `address`; None where none was chosen yet."""
        if given:
            return self.address(given)
        chosen = ports.remembered(self._ports)
        return _address(chosen) if {REGISTRY, TOKENS} <= chosen.keys() else None

    def key(self) -> str:
        """What all passwords follow from, made when there is none; readable by this account alone."""
        try:
            found = self._access_key.read_text().strip()
        except (FileNotFoundError, UnicodeDecodeError):
            found = ""
        if _KEY.match(found):
            return found
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _waited_for(self.root / "key.lock"):
            if self._access_key.exists() and _KEY.match(made := self._access_key.read_text().strip()):
                return made  # by another process, just now
            key = secrets.token_hex(32)
            write_private(self._access_key, key + "\n")
            return key

    def generations(self) -> Mapping[str, int]:
        """How often each team was given new passwords, by its id; teams that never were are left out."""
        return _read(self._generations)

    def begin_generation(self, team: str) -> int:
        """From now on all passwords of the team are others; the number of their generation."""
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _waited_for(self.root / "generations.lock"):
            found = self.generations()
            number = found.get(team, 0) + 1
            write_private(self._generations, json.dumps({**found, team: number}))
        return number

    def logins(self) -> Mapping[str, int]:
        """Until when people pull, in seconds since 1970, by team and person (`accounts.Entry.login`)."""
        return _read(self._logins)

    def note_login(self, login: str, until_s: int) -> None:
        """The person pulls until then, or until that is ended."""
        with _waited_for(self.root / "logins.lock"):
            found = {name: until for name, until in self.logins().items() if until > time.time()}
            write_private(self._logins, json.dumps({**found, login: max(until_s, found.get(login, 0))}))

    def end_logins(self, ended: Collection[str]) -> None:
        """None of these lets anybody in any more."""
        with _waited_for(self.root / "logins.lock"):
            found = {name: until for name, until in self.logins().items() if name not in ended}
            write_private(self._logins, json.dumps(found))

    def authority(self) -> str:
        """PEM that its certificate is trusted by; "" while it has none."""
        try:
            return self.tls_certificate.read_text()
        except FileNotFoundError:
            return ""

    def read_status(self) -> Status | None:
        """None where no role has written one."""
        try:
            return Status(**json.loads(self.status.read_text()))
        except FileNotFoundError:
            return None

    def write_status(self, status: Status) -> None:
        write_private(self.status, json.dumps(asdict(status)))


def embedded_in(data_dir: Path) -> EmbeddedPlace:
    return EmbeddedPlace(data_dir / "registry")


def _read(path: Path) -> dict[str, int]:
    try:
        return dict(json.loads(path.read_text()))
    except FileNotFoundError:
        return {}


def _address(chosen: dict[str, int]) -> Address:
    return Address(LOOPBACK, chosen[REGISTRY], chosen[TOKENS])


@contextlib.contextmanager
def _waited_for(path: Path) -> Iterator[None]:
    """Hold the file, which others hold for moments. Raises AlreadyHeld after LOCK_WAIT_S."""
    until = time.monotonic() + LOCK_WAIT_S
    with contextlib.ExitStack() as stack:
        while True:
            try:
                stack.enter_context(lock.hold(path))
                break
            except lock.AlreadyHeld:
                if time.monotonic() > until:
                    raise
                time.sleep(0.02)
        yield
