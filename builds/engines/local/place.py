"""Where the local engine keeps what, and how its role and those who build with it tell each other things: by files.

They are processes of one user on one machine, and the role runs without a database.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from kubeorch.processes.files import write_private

SOCKET_MOST = 100
"""Of the path of a socket. Source: unix(7), 108 bytes with the end."""


@dataclass(frozen=True, slots=True)
class Trust:
    """How one registry is spoken to, where that is not TLS by an authority that everybody knows."""

    plain_http: bool = False
    ca: str = ""
    """PEM"""


@dataclass(frozen=True, slots=True)
class Reached:
    """A registry at addresses that are not public, and were judged: BuildKit alone reaches it there."""

    host: str
    port: int
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Status:
    """How far the role is."""

    phase: str
    """Of `kubeorch.programs.progress.Phase`."""
    message: str
    detail: str = ""
    trusted: str = ""
    """Digest of the registries that the daemon which runs was told of."""
    version: str = ""
    programs: Mapping[str, str] | None = None
    """Paths by name, once they are there."""
    reached: str = ""
    """Digest of the registries at private addresses that the daemon reaches."""
    entry: Sequence[str] = ()
    """What stands before a command that runs in the daemon's network; () where that is the machine's."""
    shares: str = ""
    """Why steps have the network of the machine; "" where they have one of their own."""
    bounds: str = ""
    """What steps may use, in words."""
    step_bytes: int = 0
    """Memory that one step may use; 0 for no bound."""


@dataclass(frozen=True, slots=True)
class Place:
    root: Path

    @property
    def state(self) -> Path:
        return self.root / "state"

    @property
    def config(self) -> Path:
        return self.root / "buildkitd.toml"

    @property
    def log(self) -> Path:
        return self.root / "buildkitd.log"

    @property
    def lock(self) -> Path:
        return self.root / "lock"

    @property
    def in_use(self) -> Path:
        """Held, shared, by whoever has an order at the daemon."""
        return self.root / "in-use"

    @property
    def wanted(self) -> Path:
        """There as soon as somebody has wanted to build."""
        return self.root / "wanted"

    @property
    def trust(self) -> Path:
        """A file for each registry that has a word to be said about it."""
        return self.root / "registries"

    def authority_of(self, host: str) -> Path:
        """Of a registry whose certificate is signed by an authority of its own, as PEM, once the daemon was told."""
        return self.trust / f"{host.replace(':', '_')}.crt"

    @property
    def reached_folder(self) -> Path:
        """A file for each registry that is at a private address."""
        return self.root / "reached"

    @property
    def status(self) -> Path:
        return self.root / "status.json"

    @property
    def socket(self) -> Path:
        own = self.root / "buildkitd.sock"
        if len(os.fsencode(own)) <= SOCKET_MOST:
            return own
        digest = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"kubeorch-builds-{os.getuid()}-{digest}" / "buildkitd.sock"

    @property
    def address(self) -> str:
        return f"unix://{self.socket}"

    def want(self) -> None:
        """Have the role get and start BuildKit, if it has not yet."""
        if not self.wanted.exists():
            write_private(self.wanted, "")

    def read_status(self) -> Status | None:
        """None where no role has written one."""
        try:
            found = json.loads(self.status.read_text())
            return Status(**{**found, "entry": tuple(found.get("entry", ()))})
        except FileNotFoundError:
            return None

    def write_status(self, status: Status) -> None:
        write_private(self.status, json.dumps(asdict(status)))

    def tell(self, trusts: Mapping[str, Trust]) -> None:
        """Have the daemon know of these registries from its next start on, in place of what it knew of them."""
        for host, trust in trusts.items():
            path = self.trust / f"{hashlib.sha256(host.encode()).hexdigest()[:32]}.json"
            if trust == Trust():  # what it does by itself
                path.unlink(missing_ok=True)
                continue
            content = json.dumps({"host": host, **asdict(trust)}, sort_keys=True)
            if not path.exists() or path.read_text() != content:
                write_private(path, content)

    def reach(self, one: Reached) -> None:
        """Have the daemon reach this registry, in place of what was said of that host and port before."""
        path = self.reached_folder / f"{hashlib.sha256(f'{one.host}:{one.port}'.encode()).hexdigest()[:32]}.json"
        if not one.addresses:
            path.unlink(missing_ok=True)
            return
        content = json.dumps(asdict(one), sort_keys=True)
        if not path.exists() or path.read_text() != content:
            write_private(path, content)

    def reached(self) -> list[Reached]:
        rows = [json.loads(path.read_text()) for path in sorted(self.reached_folder.glob("*.json"))]
        return [Reached(row["host"], row["port"], tuple(row["addresses"])) for row in rows]

    def told(self) -> dict[str, Trust]:
        found = {}
        for path in sorted(self.trust.glob("*.json")):
            row = json.loads(path.read_text())
            found[row["host"]] = Trust(row["plain_http"], row["ca"])
        return found


def digest_of(trusts: Mapping[str, Trust]) -> str:
    rows = [[host, asdict(trust)] for host, trust in sorted(trusts.items())]
    return hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()


def digest_of_reached(reached: Sequence[Reached]) -> str:
    return hashlib.sha256(json.dumps([asdict(one) for one in reached], sort_keys=True).encode()).hexdigest()


def place_in(data_dir: Path) -> Place:
    return Place(data_dir / "builds")
